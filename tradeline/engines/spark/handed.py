"""What Spark reads: dbt's sources, out of the warehouse's DuckDB file and into Parquet files."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from tradeline.contracts.raw import TABLES
from tradeline.database import connect
from tradeline.files import write_whole
from tradeline.settings import Settings
from tradeline.sql import identifier, literal

WHOLE = (("policy", "reason_codes"), ("contracts", "label"), ("raw", "arrivals"))
# What an amount was converted from is for people.
LEFT_OUT = "converted"


@dataclass(frozen=True)
class HandedTable:
    """A table of Parquet files in ``folder``; ``columns``: names and Spark's types.

    ``is_by_night``: each night is a folder ``arrived_on=YYYY-MM-DD``; else the table was written whole.
    """

    name: str
    folder: str
    columns: tuple[tuple[str, str], ...]
    is_by_night: bool


def hand_over(settings: Settings, folder: Path, variables: Mapping[str, Any]) -> list[HandedTable]:
    """Bring the Parquet files in ``folder`` up to date with the warehouse; a night that is there already stays.

    Of scores, those of the run's nights alone: a model that reads them reads no others.
    """
    with connect(settings, settings.warehouse) as connection:
        return list(_tables(connection, folder, variables.get("as_ofs") or []))


def _tables(connection: duckdb.DuckDBPyConnection, folder: Path, as_ofs: Sequence[str]) -> Iterator[HandedTable]:
    for schema, table in WHOLE:
        if columns := _columns(connection, schema, table):
            yield _whole(connection, folder, schema, table, columns)
    for table in (each.name for each in TABLES):
        if columns := _columns(connection, "raw", table):
            yield _by_nights(connection, folder, table, columns)
    if columns := _columns(connection, "ml", "scores"):
        nights = ", ".join(f"{literal(as_of)}::date" for as_of in as_ofs) or "null"
        yield _whole(connection, folder, "ml", "scores", columns, f"where as_of in ({nights})")


def _columns(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> list[tuple[str, str]]:
    """Names and DuckDB's types; none where the table is not there."""
    rows = connection.execute(
        "select column_name, data_type from duckdb_columns() where (schema_name, table_name) = (?, ?) "
        "and column_name <> ? order by column_index",
        [schema, table, LEFT_OUT],
    )
    return [(name, kind) for name, kind in rows.fetchall()]


def _whole(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    schema: str,
    table: str,
    columns: list[tuple[str, str]],
    condition: str = "",
) -> HandedTable:
    place = folder / "handed" / f"{schema}.{table}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    rows = f"select {_names(columns)} from {schema}.{table} {condition}"
    connection.execute(f"copy ({rows}) to {literal(str(place / 'rows.parquet'))} (format parquet)")
    return HandedTable(f"{schema}.{table}", str(place), _spark_columns(columns), is_by_night=False)


def _by_nights(
    connection: duckdb.DuckDBPyConnection, folder: Path, table: str, columns: list[tuple[str, str]]
) -> HandedTable:
    """Files of the nights that were loaded since the last time, which is written down once they are there."""
    place = folder / "handed" / f"raw.{table}"
    place.mkdir(parents=True, exist_ok=True)
    ledger = folder / "handed" / f"raw.{table}.json"  # when each night that is there was loaded
    query = "select arrived_on::varchar, loaded_at::varchar from raw.nights"
    loaded = dict(connection.execute(query).fetchall())
    known = json.loads(ledger.read_text("utf-8")) if ledger.exists() else {}
    fresh = [night for night, loaded_at in loaded.items() if known.get(night) != loaded_at]
    for night in place.glob("arrived_on=*"):
        if loaded.get(night.name.partition("=")[2]) != known.get(night.name.partition("=")[2], "never"):
            shutil.rmtree(night)
    if fresh:
        nights = ", ".join(f"{literal(night)}::date" for night in fresh)
        connection.execute(
            f"copy (select {_names(columns)} from raw.{table} where arrived_on in ({nights})) to {literal(str(place))} "
            "(format parquet, partition_by (arrived_on), overwrite_or_ignore true)"
        )
    write_whole(ledger, json.dumps(loaded))
    return HandedTable(f"raw.{table}", str(place), _spark_columns(columns), is_by_night=True)


def _names(columns: list[tuple[str, str]]) -> str:
    return ", ".join(identifier(name) for name, _ in columns)


def _spark_columns(columns: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((column, _spark_type(kind)) for column, kind in columns)


def _spark_type(kind: str) -> str:
    """Spark's name of a type of DuckDB's; lists of texts and rows are those of ``ml.scores``."""
    simple = {"VARCHAR": "string", "TIMESTAMP": "timestamp_ntz", "INTEGER": "int", "BIGINT": "bigint"}
    if kind.endswith("[]"):
        return f"array<{_spark_type(kind.removesuffix('[]'))}>"
    if kind.startswith("STRUCT("):
        fields = (field.rsplit(" ", 1) for field in kind.removeprefix("STRUCT(").removesuffix(")").split(", "))
        return f"struct<{','.join(f'{name.strip(chr(34))}:{_spark_type(of)}' for name, of in fields)}>"
    return simple.get(kind, kind.lower())
