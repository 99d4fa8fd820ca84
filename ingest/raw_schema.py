"""The ``raw`` schema, derived from the contract: the warehouse's tables, and an admission's ledgers and views."""

import logging

import duckdb

from ingest.validate.currencies import converted_type
from tradeline.columns import take_up_columns
from tradeline.contracts.raw import SQL_TYPES, TABLES, Column, Table
from tradeline.database import scalar
from tradeline.sql import identifier

log = logging.getLogger(__name__)

ARRIVAL_TYPES = {"arrived_on": "date", "source_file": "varchar"}
ARRIVAL_COLUMNS = ", ".join(f"{name} {type_} not null" for name, type_ in ARRIVAL_TYPES.items())
# DuckDB's own choice for text is a dictionary; where hardly a value repeats, that takes a quarter of a load's time.
NEARLY_UNIQUE = frozenset({"order_id", "payment_id", "refund_id", "review_id", "buyer_id", "counterparty_id"})
LEDGERS = {
    "nights": (
        "arrived_on date primary key, fingerprint varchar not null, stat_fingerprint varchar not null, "
        "definitions_fingerprint varchar not null, "
        "loaded_at timestamp not null, built_at timestamp"
    ),
    "arrivals": (
        "arrived_on date not null, table_name varchar not null, file_count integer not null, "
        "row_count bigint not null, set_aside_row_count bigint not null"
    ),
    "set_aside": (
        "arrived_on date not null, table_name varchar not null, source_file varchar not null, "
        "row_number bigint not null, column_name varchar not null, value varchar, reason varchar not null, "
        "row_json varchar not null"
    ),
}
# Columns that a warehouse of an earlier release lacks.
ADDED = {"set_aside": ("waits_for varchar", "taken_up_on date", "replaced_on date", "hint varchar")}


def ensure_raw_schema(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the schema ``raw``, the contract's tables and the ledgers where they are not there yet; a table that an
    earlier contract made takes up the columns of today's, which are null in the rows that it has.

    ``raw.arrivals`` counts by night and table: ``row_count`` is what landed, ``set_aside_row_count`` those of them
    that are in ``raw.set_aside`` instead of the table. Those of them that ``waits_for`` something (``sellers``,
    ``loans`` or ``fx_rates``) enter the table on night ``taken_up_on``, unless a newer version came first, on
    ``replaced_on``. ``converted`` says from what and by which rate amounts were converted; null where they were not.
    """
    connection.execute("create schema if not exists raw")
    for table in TABLES:
        types = {column.name: SQL_TYPES[column.type] for column in table.columns} | ARRIVAL_TYPES
        definitions = [columns_sql(table), ARRIVAL_COLUMNS]
        if table.rate_days:
            types["converted"] = converted_type(table)
            definitions.append(f"converted {types['converted']}")
        connection.execute(f"create table if not exists raw.{table.name} ({', '.join(definitions)})")
        if told := take_up_columns(connection, f"raw.{table.name}", types):
            log.info("%s", told)
    for name, columns in LEDGERS.items():
        connection.execute(f"create table if not exists raw.{name} ({columns})")
    for name, added in ADDED.items():
        for column in added:
            connection.execute(f"alter table raw.{name} add column if not exists {column}")


def create_admission_schema(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what an admission file has: ``raw`` and, of its own, the range of nights and ids that look alike.

    Schema ``text`` is for rows of CSV files, ``late`` for rows of earlier nights that are taken up, ``fx`` for rates.
    """
    ensure_raw_schema(connection)
    connection.execute("create schema text")
    connection.execute("create schema late")
    connection.execute("create schema fx")
    connection.execute("create table raw.admission (arrived_from date, arrived_to date, run_id varchar)")
    connection.execute(
        "create table raw.nearly_same (arrived_on date, column_name varchar, id varchar, known_id varchar,"
        " difference varchar)"
    )


def has_raw_table(connection: duckdb.DuckDBPyConnection, database: str, name: str) -> bool:
    """Whether an attached database has ``raw.<name>``; a new warehouse does not."""
    query = "select 1 from duckdb_tables() where (database_name, schema_name, table_name) = (?, 'raw', ?)"
    return scalar(connection, query, [database, name]) is not None


def columns_sql(table: Table) -> str:
    """The contract's columns as SQL column definitions."""
    return ", ".join(_column_sql(column) for column in table.columns)


def _column_sql(column: Column) -> str:
    compression = " using compression zstd" if column.name in NEARLY_UNIQUE else ""
    return f"{identifier(column.name)} {SQL_TYPES[column.type]}{compression}"
