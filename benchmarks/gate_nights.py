"""Every night of a market checked by ``raw_in``, each against the 28 nights before it.

The suite's own queries check as many nights in one pass as a catch-up does, 28; those that pool the rows of a pass,
one night in ten alone. Where all amounts of a night are times 100, one night in four is checked, alone too.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

import duckdb

from benchmarks.gate_markets import Nights
from expectations.checks import Check, build_checks
from expectations.database import COUNTED_ARRIVALS, EARLIER_NIGHTS
from expectations.evidence import MACROS
from expectations.suite import load_suite
from tradeline.database import Limits, connect
from tradeline.settings import Settings
from tradeline.sql import literal

CENTS = 100
WITH_AMOUNTS = ("orders", "payments", "refunds")
POOLED_EVERY, CENTS_EVERY = 10, 4


@dataclass
class Found:
    """What raw_in finds in a market: how many ``nights`` there are, and nights by expectation, hard or soft.

    ``alone``: how many nights were checked by the expectations that pool a pass. ``cents``: nights in cents with their
    sales (orders or sale payments, whichever are more) and whether a run would stop.
    """

    nights: int
    hard: dict[str, list[date]] = field(default_factory=lambda: defaultdict(list))
    soft: dict[str, list[date]] = field(default_factory=lambda: defaultdict(list))
    alone: int = 0
    cents: list[tuple[date, int, bool]] = field(default_factory=list)

    @property
    def stops(self) -> int:
        """In how many nights a run would stop."""
        return len(set().union(*self.hard.values()))


def evaluate(market: Nights) -> Found:
    """All nights of a market; those without any before them have nothing to be compared with."""
    with connect(Limits(threads=1)) as connection:
        for macro in MACROS:
            connection.execute(macro)
        connection.execute(f"attach {literal(market.path)} as nights (read_only)")
        _make_views(connection)
        checks = _checks(connection)
        by_night = [check for check in checks if _tells_nights(connection, check)]
        pooled = [check for check in checks if check not in by_night]
        amounts = [check for check in by_night if "amount" in check.expected]
        nights = [
            night for (night,) in connection.execute("select arrived_on from nights.raw.nights order by 1").fetchall()
        ]
        found = Found(len(nights))
        for first in range(0, len(nights), EARLIER_NIGHTS):
            _choose(connection, nights, first, first + EARLIER_NIGHTS)
            _note(connection, found, by_night)
        for number in range(POOLED_EVERY, len(nights), POOLED_EVERY):
            _choose(connection, nights, number, number + 1)
            _note(connection, found, pooled)
            found.alone += 1
        for number in range(EARLIER_NIGHTS, len(nights), CENTS_EVERY):
            _choose(connection, nights, number, number + 1, CENTS)
            is_found = any(_faults(connection, check) for check in amounts)
            found.cents.append((nights[number], _sales(connection), is_found))
    return found


def _make_views(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create schema gated; create schema previous")
    connection.execute(f"create view gated.settings as select {Settings().set_aside_share_max} as set_aside_share_max")
    tables = "select table_name from duckdb_tables() where database_name = 'nights' and schema_name = 'raw'"
    for (table,) in connection.execute(tables).fetchall():
        replaced = (
            "replace ((amount * getvariable('factor'))::decimal(18, 2) as amount)" if table in WITH_AMOUNTS else ""
        )
        connection.execute(
            f"create view gated.{table} as select * {replaced} from nights.raw.{table} "
            "where arrived_on between getvariable('gated_from') and getvariable('gated_to')"
        )
        connection.execute(
            f"create view previous.{table} as from nights.raw.{table} "
            "where arrived_on between getvariable('earlier_from') and getvariable('earlier_to')"
        )
    connection.execute(f"create view gated.counted_arrivals as {COUNTED_ARRIVALS}")


def _checks(connection: duckdb.DuckDBPyConnection) -> list[Check]:
    checks = []
    for suite in load_suite("raw_in"):
        if suite.name == "nearly_same":  # no comparison of nights, and of an admission file alone
            continue
        columns = [row[0] for row in connection.execute(f"describe gated.{suite.name}").fetchall()]
        checks += [check for check in build_checks(suite, columns) if check.query]
    return checks


def _choose(connection: duckdb.DuckDBPyConnection, nights: list[date], start: int, end: int, factor: int = 1) -> None:
    """Let the nights from ``start`` to ``end``, itself not included, be checked, their amounts times ``factor``."""
    gated, earlier = nights[start:end], nights[max(0, start - EARLIER_NIGHTS) : start] or [date.min]
    chosen = {"gated_from": gated[0], "gated_to": gated[-1], "earlier_from": earlier[0], "earlier_to": earlier[-1]}
    for name, night in chosen.items():
        connection.execute(f"set variable {name} = date '{night}'")
    connection.execute(f"set variable factor = {factor}")


def _note(connection: duckdb.DuckDBPyConnection, found: Found, checks: list[Check]) -> None:
    for check in checks:
        by_expectation = found.hard if check.placed.entry.severity == "hard" else found.soft
        if nights := _faults(connection, check):
            by_expectation[f"{check.table_name}: {check.expected}"] += sorted(nights)


def _faults(connection: duckdb.DuckDBPyConnection, check: Check) -> set[date]:
    """The nights at fault; for a check that does not name nights, the first one checked."""
    night = "arrived_on" if _tells_nights(connection, check) else "getvariable('gated_from')"
    return {row[0] for row in connection.execute(f"select distinct {night} from ({_query(check)})").fetchall()}


def _tells_nights(connection: duckdb.DuckDBPyConnection, check: Check) -> bool:
    columns = connection.execute(f"select column_name from (describe {_query(check)})").fetchall()
    return ("arrived_on",) in columns


def _query(check: Check) -> str:
    return f"with batch as (from gated.{check.table_name}) from ({check.query})"


def _sales(connection: duckdb.DuckDBPyConnection) -> int:
    sales = "select count(*) from gated.orders union all select count(*) from gated.payments where kind = 'sale'"
    return max(int(count) for (count,) in connection.execute(sales).fetchall())
