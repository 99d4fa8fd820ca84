"""What Spark has made, as views in the warehouse's DuckDB file: gates, scoring and publication read it there."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from tradeline.database import connect, scalar
from tradeline.errors import Damaged
from tradeline.settings import Settings
from tradeline.sql import identifier, literal, plain_path


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
    """Make a view of each table.

    Raises:
        Damaged: DuckDB has a table of that name, so the warehouse is not Spark's.
    """
    with connect(settings, settings.warehouse) as connection:
        connection.execute("begin")
        for table in tables:
            _show(connection, table)
        connection.execute("commit")


def _show(connection: duckdb.DuckDBPyConnection, table: ShownTable) -> None:
    name = f"{identifier(table.schema)}.{identifier(table.name)}"
    is_table = "select 1 from duckdb_tables() where (schema_name, table_name) = (?, ?)"
    if scalar(connection, is_table, [table.schema, table.name]):
        raise Damaged(f"the warehouse has a table {name} of DuckDB's own: a home on Spark is one of its own")
    columns = ", ".join(identifier(column) for column in table.columns)
    connection.execute(f"create schema if not exists {identifier(table.schema)}")
    connection.execute(f"create or replace view {name} as select {columns} from ({_rows(table)})")


def _rows(table: ShownTable) -> str:
    """The table's rows; its empty file says which columns and types there are, whatever files have."""
    empty = f"from read_parquet({literal(plain_path(Path(table.empty)))}, hive_partitioning = false)"
    # What lies deeper is of a statement that has not ended.
    depth = [f"{name}=*" for name, _ in table.partitions]
    if not any(Path(table.folder).glob("/".join([*depth, "*.parquet"]))):
        return empty
    files = literal("/".join([plain_path(Path(table.folder)), *depth, "*.parquet"]))
    types = ", ".join(f"{literal(name)}: {kind}" for name, kind in table.partitions)
    by = f"true, hive_types = {{{types}}}" if types else "false"
    return f"{empty} union all by name from read_parquet({files}, union_by_name = true, hive_partitioning = {by})"
