"""Window features by rings against one FILTER per window and measure, on the same rows: same values, ratio of times.

The rings are the project's own macro, compiled by dbt; the filters are what one would write by hand. The partials are
those of a built home, repeated under other seller names to reach the asked number of seller-days.

    python -m benchmarks.windows --home .tradeline --copies 100
"""

import argparse
import contextlib
import io
import tempfile
import time
from pathlib import Path

import duckdb

from tradeline.dbt import run_dbt
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings

WINDOWS = (7, 30, 60, 90, 180, 365)
MEASURES = (
    "orders_placed", "orders_paid", "paid_amount", "orders_shipped", "ship_seconds", "orders_delivered",
    "orders_promised", "orders_delivered_late", "delivery_seconds", "orders_cancelled", "cancelled_amount",
)  # fmt: skip
ROUNDS = 3


def main() -> None:
    """Compile, check that both give the same rows, time both by turns and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True, help="a home whose marts are built")
    parser.add_argument("--copies", type=int, default=100, help="how often the partials are repeated")
    arguments = parser.parse_args()
    compare(Settings(home=arguments.home), arguments.copies)


def compare(settings: Settings, copies: int) -> None:
    """Print seconds of both ways and their ratio."""
    rings = compiled_rings(settings)
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(f"{folder}/windows.duckdb") as connection:
        connection.execute(f"set threads = {settings.threads}")
        with warehouse_lock(settings):
            connection.execute(f"attach '{settings.warehouse}' as warehouse (read_only)")
            rows, sellers = _make_inputs(connection, copies)
            connection.execute("detach warehouse")
        print(f"windows: {rows:,} seller-days of {sellers:,} sellers, {len(MEASURES)} measures, {len(WINDOWS)} windows")
        ways = {"rings": rings, "filters": filters()}
        if _differs(connection, *ways.values()):
            raise SystemExit("rings and filters give different rows")
        best = {name: float("inf") for name in ways}
        for _ in range(ROUNDS):  # by turns, so that both meet the same machine
            for name, query in ways.items():
                best[name] = min(best[name], _seconds(connection, query))
    for name, seconds in best.items():
        print(f"  {name:<8} {seconds:6.2f} s, best of {ROUNDS}")
    print(f"  same rows; filters take {best['filters'] / best['rings']:.1f} times as long as rings")


def compiled_rings(settings: Settings) -> str:
    """The SQL that dbt makes of the macro ``window_sums`` over the tables ``spine``, ``presence`` and ``days``."""
    names = ", ".join(f'"{name}"' for name in MEASURES)
    call = f'{{{{ window_sums("spine", "presence", "days", [{names}], "has_orders") }}}}'
    with warehouse_lock(settings), contextlib.redirect_stdout(io.StringIO()):  # dbt prints what it compiled
        report = run_dbt(settings, "benchmark", ["compile", "--inline", call], {})
    return next(report.target.glob("compiled/**/inline_query")).read_text()


def filters() -> str:
    """One aggregate with a FILTER for each window and measure."""
    columns = ",\n".join(
        f"coalesce(sum({measure}) filter (where age < {window}), 0) as {measure}_{window}d"
        for measure in MEASURES
        for window in WINDOWS
    )
    return f"""
        select spine.seller_id, spine.as_of, {columns}
        from spine
        left join (
            select *, date_diff('day', event_on, (select max(as_of) from spine)) as age from days
        ) as days
            on days.seller_id = spine.seller_id and days.arrived_on <= spine.as_of and age between 0 and 364
        group by spine.seller_id, spine.as_of
    """


def _make_inputs(connection: duckdb.DuckDBPyConnection, copies: int) -> tuple[int, int]:
    connection.execute(f"""
        create table days as
        select days.* replace (days.seller_id || '-' || copy as seller_id)
        from warehouse.intermediate.int_order_days as days, range({copies}) as copies(copy);
        create table spine as
        select distinct seller_id, (select max(as_of) from warehouse.marts.seller_features) as as_of from days;
        create table presence as select distinct as_of, true as has_orders from spine;
    """)
    found = connection.execute("select count(*), (select count(*) from spine) from days").fetchone()
    if not found or not found[0]:
        raise SystemExit("the home holds no order partials: land and run something first")
    return found[0], found[1]


def _differs(connection: duckdb.DuckDBPyConnection, first: str, second: str) -> bool:
    query = f"select 1 from ((from ({first}) except from ({second})) union all (from ({second}) except from ({first})))"
    return connection.execute(f"{query} limit 1").fetchone() is not None


def _seconds(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    started = time.perf_counter()
    connection.execute(f"create or replace temp table result as {query}")
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
