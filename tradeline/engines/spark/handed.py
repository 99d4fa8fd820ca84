"""What Spark reads: dbt's sources, out of the warehouse's DuckDB file and into Parquet files."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from tradeline.contracts.raw import TABLES
from tradeline.database import connect
from tradeline.settings import Settings
from tradeline.sql import identifier, literal

# Which nights Spark has, and when each was loaded: a night that was loaded again is handed over again.
HANDED = """
create schema if not exists spark;
create table if not exists spark.nights (table_name varchar, arrived_on date, loaded_at timestamp)
"""
WHOLE = (("policy", "reason_codes"), ("contracts", "label"), ("raw", "arrivals"))
# What an amount was converted from is for people.
LEFT_OUT = "converted"


@dataclass(frozen=True)
class HandedTable:
    """A table of Parquet files in ``folder``; ``columns``: names and Spark's types.

    ``nights`` are those of a table by ``arrived_on`` whose files are new, others than before, or gone; None of a table
    that is written whole.
    """

    name: str
    folder: str
    columns: tuple[tuple[str, str], ...]
    nights: tuple[str, ...] | None = None


def hand_over(settings: Settings, folder: Path, variables: Mapping[str, Any]) -> list[HandedTable]:
    """Bring the Parquet files in ``folder`` up to date with the warehouse; a night that is there already stays.

    Of scores, those of the run's nights alone: a model that reads them reads no others. What was handed over is written
    down by ``keep_handed``, once Spark knows of it.
    """
    with connect(settings, settings.warehouse) as connection:
        connection.execute(HANDED)
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
    return _handed(f"{schema}.{table}", place, columns)


def _by_nights(
    connection: duckdb.DuckDBPyConnection, folder: Path, table: str, columns: list[tuple[str, str]]
) -> HandedTable:
    place = folder / "handed" / f"raw.{table}"
    place.mkdir(parents=True, exist_ok=True)
    there, known = _nights(connection), _known(connection, table)
    changed = sorted(night for night in known.keys() | there.keys() if known.get(night) != there.get(night))
    for night in changed:
        shutil.rmtree(place / f"arrived_on={night}", ignore_errors=True)
    nights = ", ".join(f"{literal(night.isoformat())}::date" for night in changed)
    if nights:
        connection.execute(
            f"copy (select {_names(columns)} from raw.{table} where arrived_on in ({nights})) to {literal(str(place))} "
            "(format parquet, partition_by (arrived_on), overwrite_or_ignore true)"
        )
    return _handed(f"raw.{table}", place, columns, tuple(night.isoformat() for night in changed))


def keep_handed(settings: Settings, tables: list[HandedTable]) -> None:
    """Write down which nights Spark has of each table."""
    with connect(settings, settings.warehouse) as connection:
        connection.execute("begin")
        for table in (table.name.removeprefix("raw.") for table in tables if table.nights):
            connection.execute("delete from spark.nights where table_name = ?", [table])
            connection.execute("insert into spark.nights select ?, arrived_on, loaded_at from raw.nights", [table])
        connection.execute("commit")


def _nights(connection: duckdb.DuckDBPyConnection) -> dict[date, Any]:
    return dict(connection.execute("select arrived_on, loaded_at from raw.nights").fetchall())


def _known(connection: duckdb.DuckDBPyConnection, table: str) -> dict[date, Any]:
    rows = connection.execute("select arrived_on, loaded_at from spark.nights where table_name = ?", [table])
    return dict(rows.fetchall())


def _names(columns: list[tuple[str, str]]) -> str:
    return ", ".join(identifier(name) for name, _ in columns)


def _handed(
    name: str, place: Path, columns: list[tuple[str, str]], nights: tuple[str, ...] | None = None
) -> HandedTable:
    return HandedTable(name, str(place), tuple((column, _spark_type(kind)) for column, kind in columns), nights)


def _spark_type(kind: str) -> str:
    """Spark's name of a type of DuckDB's; lists of texts and rows are those of ``ml.scores``."""
    simple = {"VARCHAR": "string", "TIMESTAMP": "timestamp_ntz", "INTEGER": "int", "BIGINT": "bigint"}
    if kind.endswith("[]"):
        return f"array<{_spark_type(kind.removesuffix('[]'))}>"
    if kind.startswith("STRUCT("):
        fields = (field.rsplit(" ", 1) for field in kind.removeprefix("STRUCT(").removesuffix(")").split(", "))
        return f"struct<{', '.join(f'{name.strip(chr(34))}: {_spark_type(of)}' for name, of in fields)}>"
    return simple.get(kind, kind.lower())
