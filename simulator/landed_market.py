"""What has landed, as tables of one DuckDB: the latest version of every row, and what statistics and plots share."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from ingest.landing import scan
from ingest.validate.days import local_time
from simulator.expand import MARKET_TABLES
from tradeline.contracts import raw as contract
from tradeline.database import connect, scalar
from tradeline.errors import BadInput
from tradeline.settings import Settings
from tradeline.sql import literal, plain_path

Connection = duckdb.DuckDBPyConnection
SHARED = Path(__file__).parent / "sql" / "landed_market.sql"
SAMPLED_SELLERS = 20_000
# What a row says once and for all: where a later version says otherwise, it is a correction.
FIXED = {
    "orders": ("buyer_id", "ordered_at", "amount", "freight", "category"),
    "payments": ("kind", "amount", "occurred_at"),
    "refunds": ("amount", "requested_at"),
    "reviews": ("rating", "reviewed_at"),
}


@contextmanager
def landed_market(settings: Settings, truth: Path | None = None) -> Iterator[Connection]:
    """A scratch DuckDB of the landed market, removed afterwards; memory and threads are the deployment's.

    Tables of the contract hold the latest version of every row and the night it arrived on; tables that have not
    landed are empty. Of more than ``SAMPLED_SELLERS`` sellers about so many are drawn, by hash, with all that is
    theirs. Times are those of the business time zone. ``fakes`` are the fake orders in the folder ``truth``, if it is
    given.

    Raises:
        BadInput: no sellers, or neither orders nor payments, have landed as Parquet.
    """
    files: dict[str, list[str]] = {table.name: [] for table in contract.TABLES}
    for file in scan(settings.landing).files:
        if file.name.endswith(".parquet"):
            files[file.table].append(plain_path(file.path))
    if not files["sellers"] or not (files["orders"] or files["payments"]):
        raise BadInput(
            f"{settings.landing}: no Parquet of sellers, and of orders or payments, has landed; nothing to measure"
        )
    with (
        tempfile.TemporaryDirectory(prefix=".statistics-", dir=settings.home) as scratch,
        connect(settings, Path(scratch) / "market.duckdb") as connection,
    ):
        connection.execute("set preserve_insertion_order = false")
        for table in MARKET_TABLES:
            _read(connection, table, files[table.name], settings.timezone)
        connection.execute(f"create table fakes as {_fakes(truth)}")
        connection.execute(f"create table arrival_faults as {' union all '.join(map(_faults, FIXED))}")
        connection.execute(f"create table arrival_days as {' union all '.join(map(_days_late, FIXED))}")
        connection.execute(SHARED.read_text(encoding="utf-8"))
        yield connection


def columns(connection: Connection, query: str) -> list[Any]:
    """The query's columns as arrays, all of one length; an empty list where it has no rows."""
    rows = connection.execute(query).fetchall()
    return [np.array(column) for column in zip(*rows, strict=True)]


def _read(connection: Connection, table: contract.Table, files: list[str], zone: str) -> None:
    """Make the view ``<table>_arrivals`` of all versions and the table of the latest ones."""
    connection.execute(f"create view {table.name}_landed as {_landed(connection, table, files, zone)}")
    drawn = "seller_id in (select seller_id from sellers)"
    if table.name == "sellers":
        sellers = scalar(connection, "select count(distinct seller_id) from sellers_landed")
        connection.execute(
            f"create table landed as select {sellers} as sellers, {sellers > SAMPLED_SELLERS} as is_drawn"
        )
        drawn = f"hash(seller_id) % {sellers} < {SAMPLED_SELLERS}"
    elif table.references_loan:
        drawn = "loan_id in (select loan_id from loans)"
    connection.execute(f"create view {table.name}_arrivals as from {table.name}_landed where {drawn}")
    connection.execute(
        f"""
        create table {table.name} as from {table.name}_arrivals
        qualify row_number() over (partition by {", ".join(table.key)} order by arrived_on desc) = 1
        """
    )


def _landed(connection: Connection, table: contract.Table, files: list[str], zone: str) -> str:
    """A query of all that has landed of a table; columns that are optional and absent are null.

    Times are what clocks in the business time zone showed.
    """
    present: set[str] = set()
    source = "(select null::date as arrived_on where false)"
    if files:
        names = ", ".join(map(literal, files))
        source = f"read_parquet([{names}], union_by_name = true, hive_partitioning = true)"
        present = {row[0] for row in connection.execute(f"describe from {source}").fetchall()}
    typed = {
        column.name: f"{column.name if column.name in present else 'null'}::{contract.SQL_TYPES[column.type]}"
        for column in table.columns
    }
    selected = (
        f"{local_time(typed[column.name], zone) if column.type == 'timestamp' else typed[column.name]} as {column.name}"
        for column in table.columns
    )
    return f"select {', '.join(selected)}, arrived_on::date as arrived_on from {source}"


def _fakes(truth: Path | None) -> str:
    files = sorted(truth.rglob("fake_orders/**/*.parquet")) + sorted(truth.glob("fake_orders.parquet")) if truth else []
    if not files:
        return "select null::varchar as order_id, null::varchar as seller_id where false"
    names = ", ".join(literal(plain_path(file)) for file in files)
    return (
        f"select distinct order_id, seller_id from read_parquet([{names}]) "
        "where seller_id in (select seller_id from sellers)"
    )


def _faults(name: str) -> str:
    """How many versions of the table's rows repeat an earlier one, and how many correct one."""
    table = contract.BY_NAME[name]
    everything = ", ".join(column.name for column in table.columns)
    return f"""
        select
            '{name}' as table_name, sum(versions) as rows, sum(versions - distinct_versions) as duplicates,
            sum(distinct_facts - 1) as corrections
        from (
            select
                count(*) as versions, count(distinct hash({everything})) as distinct_versions,
                count(distinct hash({", ".join(FIXED[name])})) as distinct_facts
            from {name}_arrivals group by {", ".join(table.key)}
        )
    """


def _days_late(name: str) -> str:
    """How many rows arrived how many days after the last event that they speak of."""
    events = ", ".join(column.name for column in contract.BY_NAME[name].columns if column.is_event)
    return f"""
        select '{name}' as table_name, arrived_on - greatest({events})::date as days_late, count(*) as rows
        from {name}_arrivals group by all
    """
