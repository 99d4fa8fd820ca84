"""What Spark has made, as views in the warehouse's DuckDB file: gates, scoring and publication read it there."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from tradeline.database import connect, scalar
from tradeline.settings import Settings
from tradeline.sql import identifier, literal


@dataclass(frozen=True)
class ShownTable:
    """A table of Spark's: where its Parquet files are, its columns in order, and the types of those that partition it.

    ``empty``: a Parquet file with the table's columns and no rows.
    """

    schema: str
    name: str
    folder: str
    columns: tuple[str, ...]
    partitions: tuple[tuple[str, str], ...]
    empty: str


def show(settings: Settings, tables: list[ShownTable]) -> None:
    """Make a view of each table, in the place of what went by its name."""
    with connect(settings, settings.warehouse) as connection:
        connection.execute("begin")
        for table in tables:
            _show(connection, table)
        connection.execute("commit")


def _show(connection: duckdb.DuckDBPyConnection, table: ShownTable) -> None:
    name = f"{identifier(table.schema)}.{identifier(table.name)}"
    connection.execute(f"create schema if not exists {identifier(table.schema)}")
    is_table = "select 1 from duckdb_tables() where (schema_name, table_name) = (?, ?)"
    if scalar(connection, is_table, [table.schema, table.name]):
        connection.execute(f"drop table {name}")
    columns = ", ".join(identifier(column) for column in table.columns)
    connection.execute(f"create or replace view {name} as select {columns} from {_rows(table)}")


def _rows(table: ShownTable) -> str:
    if not any(Path(table.folder).rglob("*.parquet")):
        return f"read_parquet({literal(table.empty)})"
    files = literal(str(Path(table.folder) / "**" / "*.parquet"))
    if not table.partitions:
        return f"read_parquet({files})"
    types = ", ".join(f"{literal(name)}: {kind}" for name, kind in table.partitions)
    return f"read_parquet({files}, union_by_name = true, hive_partitioning = true, hive_types = {{{types}}})"
