"""A marketplace's orders out of PostgreSQL, MariaDB and SQLite: read alone, landed at first, landed by night.

A million orders of ten columns are made in each. They are read as an extract does, into a DuckDB file; then `tradeline
source land` lands them in a home of its own, each state on its own day, and again once one order in a hundred has
changed. The seconds of the processor are the command's, without the server's.

    python -m benchmarks.sources --orders 1000000 --read-only
"""

import argparse
import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks import servers
from benchmarks.measure import measure
from benchmarks.runs import PROGRAM
from ingest.sources.names import read_source
from ingest.sources.readers.reader import Window, open_reader
from tradeline.database import connect
from tradeline.settings import Settings

FIRST_NIGHT, NEXT_NIGHT = "2025-07-03", "2025-07-05"
COLUMNS = """
    'delivered' as status, at as ordered_at, at + interval '1' hour as paid_at, at + interval '1' day as shipped_at,
    at + interval '3' day as delivered_at, cast(1 + i % 100000 / 100.0 as decimal(12, 2)) as amount,
    at + interval '3' day as updated_at
"""
IDS = "concat('o', i) as order_id, concat('s', i % 1000) as seller_id, concat('b', i % 50000) as buyer_id"
ORDERS = {
    "postgres": f"""
        create table orders as select {IDS}, {COLUMNS} from (
            select i, timestamp '2025-01-01 00:00:00' + i % 180 * interval '1 day' + i % 80000 * interval '1 s' as at
            from generate_series(1, {{orders}}) as i
        ) as numbered
    """,
    "mysql": f"""
        create table orders as select {IDS}, {COLUMNS} from (
            select
                seq as i,
                timestamp '2025-01-01 00:00:00' + interval seq % 180 day + interval seq % 80000 second as at
            from seq_1_to_{{orders}}
        ) as numbered
    """,
    "sqlite": """
        create table orders as
        with recursive numbered(i) as (select 1 union all select i + 1 from numbered where i < {orders}),
        placed as (
            select i, unixepoch('2025-01-01') + i % 180 * 86400 + i % 80000 as at from numbered
        )
        select
            'o' || i as order_id, 's' || (i % 1000) as seller_id, 'b' || (i % 50000) as buyer_id, 'delivered' as status,
            datetime(at, 'unixepoch') as ordered_at, datetime(at + 3600, 'unixepoch') as paid_at,
            datetime(at + 86400, 'unixepoch') as shipped_at, datetime(at + 259200, 'unixepoch') as delivered_at,
            1 + i % 100000 / 100.0 as amount, datetime(at + 259200, 'unixepoch') as updated_at
        from placed
    """,
}
SELLERS = "create table sellers as select distinct seller_id from orders"
CHANGE = f"update orders set amount = amount + 1, updated_at = '{NEXT_NIGHT} 12:00:00' where order_id like '%00'"
MAPPING = """
kind: {kind}
url: "{url}"
read:
  orders: {{table: orders, updated_at: updated_at}}
tables:
  sellers:
    query: select seller_id, 'business' as seller_type, timestamp '2024-12-31' as registered_at from sellers
  orders:
    of: orders
    columns:
      {{order_id: order_id, seller_id: seller_id, buyer_id: buyer_id, status: status, ordered_at: ordered_at,
        paid_at: paid_at, shipped_at: shipped_at, delivered_at: delivered_at, amount: amount}}
"""
Execute = Callable[[str], object]


def main() -> None:
    """Measure the kinds of database that are installed here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--kinds", nargs="+", choices=OPENERS, default=[*OPENERS])
    parser.add_argument("--read-only", action="store_true", help="do not land what is read")
    parser.add_argument("--read", metavar="SOURCE", help="read this source of the home: one of the measured commands")
    asked = parser.parse_args()
    if asked.read:
        read_orders(Settings(), asked.read)
        return
    print(f"{asked.orders:,} orders of 10 columns\n{'':<40} {'seconds':>8} {'of processor':>12} {'peak MB':>8}")
    for kind in asked.kinds:
        try:
            with tempfile.TemporaryDirectory(prefix="tradeline-bench-") as folder:
                compare(kind, asked.orders, Path(folder), is_landed=not asked.read_only)
        except servers.NotInstalled as absent:
            print(f"{kind}: {absent}")


def compare(kind: str, orders: int, folder: Path, *, is_landed: bool) -> None:
    """Print a line for reading and, if they land, for each landing."""
    with OPENERS[kind](folder) as (url, execute):
        make(kind, orders, execute)
        home = mapped(folder / "home", kind, url).home
        _measured(f"{kind}: read", home, [sys.executable, "-m", "benchmarks.sources", "--read", "shop"])
        if not is_landed:
            return
        land = [PROGRAM, "source", "land", "shop", "--as-of"]
        _measured(f"{kind}: landed at first, by state and day", home, [*land, FIRST_NIGHT])
        execute(CHANGE)
        _measured(f"{kind}: landed once 1% has changed", home, [*land, NEXT_NIGHT])


def make(kind: str, orders: int, execute: Execute) -> None:
    """Make the tables orders and sellers."""
    execute(ORDERS[kind].format(orders=orders))
    execute(SELLERS)


def mapped(home: Path, kind: str, url: str) -> Settings:
    """A home whose source ``shop`` is the database."""
    settings = Settings(home=home)
    settings.sources.mkdir(parents=True)
    (settings.sources / "shop.yml").write_text(MAPPING.format(kind=kind, url=url))
    return settings


def read_orders(settings: Settings, name: str) -> None:
    """Read the orders of a source into a DuckDB file, as an extract does."""
    source = read_source(settings, name)
    with (
        tempfile.TemporaryDirectory(dir=settings.home) as folder,
        connect(settings, Path(folder) / "read.duckdb") as connection,
        open_reader(settings, name, source) as reader,
    ):
        loaded = reader.load(connection, "orders", source.read["orders"], Window())
        print(f"{loaded.rows:,} rows, {loaded.bytes or 0:,} bytes")


@contextmanager
def _postgres(folder: Path) -> Iterator[tuple[str, Execute]]:
    with servers.postgres() as server, psycopg.connect(server.format("postgres"), autocommit=True) as connection:
        yield server.format("postgres"), lambda statement: connection.execute(statement.encode())


@contextmanager
def _mysql(folder: Path) -> Iterator[tuple[str, Execute]]:
    with servers.mariadb() as server, servers.mariadb_client(Path(server.partition("unix_socket=")[2])) as cursor:
        cursor.execute("create database shop character set utf8mb4")
        cursor.execute("use shop")
        cursor.execute("set autocommit = 1")
        yield server.format("shop"), cursor.execute


@contextmanager
def _sqlite(folder: Path) -> Iterator[tuple[str, Execute]]:
    connection = sqlite3.connect(folder / "shop.db", isolation_level=None)
    yield str(folder / "shop.db"), connection.execute
    connection.close()


OPENERS = {"postgres": _postgres, "mysql": _mysql, "sqlite": _sqlite}


def _measured(title: str, home: Path, command: list[str]) -> None:
    before = os.times()
    cost = measure(command, os.environ | {"TRADELINE_HOME": str(home)}, home / "log")
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    print(f"{title:<40} {cost.seconds:>8.1f} {spent:>12.1f} {cost.peak_mb:>8,.0f}", flush=True)


if __name__ == "__main__":
    main()
