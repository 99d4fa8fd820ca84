"""A home of many sellers out of one of few: the market several times over, each copy under names of its own.

What the last night will read is copied: partials, versions of raw rows that it can look up, the marts, scores and
offers of the night before, and the landed files of the night itself. Landed files of earlier nights are the few
sellers' own, linked; of raw orders, payments, refunds and reviews the latest ``RAW_NIGHTS`` are kept, and whatever the
last night's rows look up beyond them.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from ingest.landing import LandedFile, scan
from serving.publish import publish
from tradeline.contracts.raw import TABLES
from tradeline.database import connect
from tradeline.errors import BadInput
from tradeline.lock import warehouse_lock
from tradeline.progress import track
from tradeline.settings import SETTINGS_FILE, Settings
from tradeline.sql import identifier, literal

IDS = frozenset(column.name for table in TABLES for column in table.columns if column.name.endswith("_id"))
# Raw tables that grow with every night: the gate of raw rows reads 28 nights back, fast reviews 30, and money that went
# back to its payer is looked for in payments of 90 days.
RAW_NIGHTS = {"orders": 35, "payments": 95, "refunds": 35, "reviews": 35}
# Of these the columns by which the night's rows look up earlier ones.
LOOKED_UP = {
    "orders": "order_id, seller_id",
    "payments": "payment_id, seller_id, occurred_at::date as occurred_on",
    "refunds": "refund_id",
    "reviews": "review_id, order_id, seller_id",
}
# Tables of the whole market, whose counts and amounts are those of all copies together.
TOTALS = frozenset({"int_industry_days", "arrivals"})
# Made anew by whoever needs them.
REMADE_SCHEMAS = frozenset({"features", "training"})
BLOCK_BYTES = 2**18
# The night's own tables and what it spills take as much again as what is copied.
ROOM_SHARE = 2


@dataclass(frozen=True)
class Part:
    """A table of the warehouse: its columns with their types, and which of its rows are copied."""

    schema: str
    name: str
    columns: dict[str, str]
    kept: str = "true"

    @property
    def full_name(self) -> str:
        """As SQL has it."""
        return f"{identifier(self.schema)}.{identifier(self.name)}"

    @property
    def is_of_sellers(self) -> bool:
        """Whether its rows are about somebody, so that each copy of the market has its own."""
        return bool(IDS & self.columns.keys())

    def select(self, copy: str, copies: int) -> str:
        """The columns of a copy, whose prefix is the SQL expression ``copy``."""
        return ", ".join(self._column(name, type_, copy, copies) for name, type_ in self.columns.items())

    def _column(self, name: str, type_: str, copy: str, copies: int) -> str:
        column = identifier(name)
        if name in IDS and type_ == "VARCHAR":
            return f"{copy} || {column} as {column}"
        if self.name in TOTALS and (type_ == "BIGINT" or type_.startswith("DECIMAL")):
            return f"{column} * {copies} as {column}"
        return column


def copied_home(few: Settings, many: Settings, copies: int, night: date) -> None:
    """Make ``many``, an empty home, of the sellers of ``few``, ``copies`` times: every night before ``night`` is built.

    ``night`` is the last to have landed in ``few``; whether it is built there too makes no difference.

    Raises:
        BadInput: the night has not landed as Parquet.
    """
    landed = scan(few.landing)
    arrived = landed.on(night)
    if not arrived or any(file.path.suffix != ".parquet" for file in arrived):
        raise BadInput(f"the night of {night} is not in {few.landing} as Parquet: land it there, or leave --home away")
    _copy_settings(few, many)
    many = Settings(home=many.home)
    for file in landed.files:
        if file.arrived_on < night:
            _link(file.path, many.landing / file.path.relative_to(few.landing))
    many.warehouse.parent.mkdir(parents=True)
    with warehouse_lock(few), _both(few, many) as connection:
        connection.execute("create schema night")
        for table, looked_up in LOOKED_UP.items():
            connection.execute(f"create table night.{table} as select {looked_up} from few.raw.{table} limit 0")
        for file in arrived:
            _copy_landed(connection, file, many.landing / file.path.relative_to(few.landing), copies)
        connection.execute("copy from database few to many (schema)")
        parts = list(_parts(connection, night))
        for part in track(parts, "copying", len(parts)):
            _copy_table(connection, part, copies)
    _publish_again(many)


def needed_bytes(settings: Settings, copies: int, night: date) -> int:
    """About what a home of ``copies`` times the sellers takes on disk, with room for the night to spill."""
    blocks = "select count(distinct block_id) from pragma_storage_info({})"
    with warehouse_lock(settings), connect(settings, settings.warehouse, read_only=True) as connection:
        total = 0.0
        for part in _parts(connection, night, catalog=settings.warehouse.stem):
            if part.is_of_sellers:
                [(count,)] = connection.execute(blocks.format(literal(part.full_name))).fetchall()
                total += count * (BLOCK_BYTES * _kept_share(connection, part, night))
    return int(total * copies * ROOM_SHARE)


def prefixes(copies: int) -> list[str]:
    """What each copy's names begin with; the first keeps its own."""
    return ["", *(f"{copy}-" for copy in range(1, copies))]


def _copy_settings(few: Settings, many: Settings) -> None:
    for name in (SETTINGS_FILE, "policy", "models"):
        source, target = few.home / name, many.home / name
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.exists():
            shutil.copy2(source, target)


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)  # with its time, by which a night is known


@contextmanager
def _both(few: Settings, many: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(many) as connection:
        connection.execute(f"attach {literal(few.warehouse)} as few (read_only)")
        connection.execute(f"attach {literal(many.warehouse)} as many")
        yield connection


def _copy_landed(connection: duckdb.DuckDBPyConnection, file: LandedFile, target: Path, copies: int) -> None:
    """Write one landed file with the rows of all copies, and add what its rows look up to ``night.<table>``."""
    rows = f"read_parquet({literal(file.path)}, hive_partitioning = false)"
    if looked_up := LOOKED_UP.get(file.table):
        connection.execute(f"insert into night.{file.table} select {looked_up} from {rows}")
    columns = {name: type_ for name, type_, *_ in connection.execute(f"describe from {rows}").fetchall()}
    select = Part("landing", file.table, columns).select("prefix", copies)
    target.parent.mkdir(parents=True, exist_ok=True)
    listed = ", ".join(literal(prefix) for prefix in prefixes(copies))
    connection.execute(
        f"copy (select {select} from {rows} cross join (select unnest([{listed}]) as prefix)) "
        f"to {literal(target)} (format parquet)"
    )


def _parts(connection: duckdb.DuckDBPyConnection, night: date, catalog: str = "few") -> Iterator[Part]:
    found = connection.execute(
        """
        select schema_name, table_name, list(column_name order by column_index), list(data_type order by column_index)
        from duckdb_tables() join duckdb_columns() using (database_name, schema_name, table_name)
        where database_name = ? group by all order by all
        """,
        [catalog],
    ).fetchall()
    for schema, name, columns, types in found:
        if schema not in REMADE_SCHEMAS:
            part = Part(schema, name, dict(zip(columns, types, strict=True)))
            yield Part(schema, name, part.columns, _kept(part, night))


def _kept(part: Part, night: date) -> str:
    """Which rows of a table the last night can read."""
    before = f"< date '{night}'"
    if part.schema in ("marts", "ml") and "as_of" in part.columns:
        if not part.is_of_sellers:
            return f"as_of {before}"
        return f"as_of = (select max(as_of) from few.{part.full_name} where as_of {before})"
    if "arrived_on" not in part.columns:
        return "true"
    return f"arrived_on {before} and ({_looked_up(part, night)})"


def _looked_up(part: Part, night: date) -> str:
    """Which rows of earlier nights it can read."""
    if part.schema != "raw" or part.name not in LOOKED_UP:
        return "true"
    is_late = f"arrived_on >= date '{night - timedelta(days=RAW_NIGHTS[part.name])}'"
    if part.name != "payments":
        key = LOOKED_UP[part.name]
        return f"{is_late} or ({key}) in (select {key} from night.{part.name})"
    # The balance at the close of a day is that of any payment of the day, in whatever time zone days are.
    return f"""
        {is_late} or payment_id in (select payment_id from night.payments)
        or (seller_id, occurred_at::date) in (
            select seller_id, unnest([occurred_on - 1, occurred_on, occurred_on + 1]) from night.payments
            union all
            select seller_id, unnest([occurred_at::date - 1, occurred_at::date, occurred_at::date + 1])
            from few.raw.payments where payment_id in (select payment_id from night.payments)
        )
    """


def _kept_share(connection: duckdb.DuckDBPyConnection, part: Part, night: date) -> float:
    if part.schema != "raw" or part.name not in LOOKED_UP:
        return 1.0
    since = night - timedelta(days=RAW_NIGHTS[part.name])
    [(share,)] = connection.execute(
        f"select avg((arrived_on >= date '{since}')::integer) from {part.full_name}"
    ).fetchall()
    return float(share or 0)


def _copy_table(connection: duckdb.DuckDBPyConnection, part: Part, copies: int) -> None:
    """Copy after copy, so that the rows of a seller lie together as they did."""
    source = f"few.{part.full_name}"
    if part.name in LOOKED_UP:  # what is costly to find is found once
        connection.execute(f"create temp table kept as from {source} where {part.kept}")
        source = "kept"
    for prefix in prefixes(copies) if part.is_of_sellers else [""]:
        connection.execute(
            f"insert into many.{part.full_name} by name select {part.select(literal(prefix), copies)} from {source} "
            f"where {'true' if source == 'kept' else part.kept}"
        )
    connection.execute("drop table if exists kept")


def _publish_again(many: Settings) -> None:
    """Let readers see the night before, of all sellers, by the run that decided it; gates compare with it."""
    with warehouse_lock(many):
        with connect(many, many.warehouse, read_only=True) as connection:
            decided = connection.execute("select distinct as_of, run_id from marts.loan_eligibility").fetchall()
        for as_of, run_id in decided:
            publish(many, [as_of], run_id)
