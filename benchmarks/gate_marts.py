"""The gates of features, scores and offers on nights of a simulated market, each against the night before it.

The marts of all nights are built in one pass, scored by a model trained on the market's own loans where there are
enough (it serves from the night on as of which it is trained), and decided on. The gates check the structure of all
nights at once; then the suites' own comparisons check each night against the night before.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import get_args

from benchmarks.gate_markets import DAYS, Nights
from benchmarks.gate_nights import Found
from expectations.checks import build_checks
from expectations.evidence import MACROS
from expectations.suite import load_suite
from pipeline import steps
from simulator.market import UNTIL
from tradeline.database import Limits, connect
from tradeline.errors import GateFailed
from tradeline.settings import Settings
from tradeline.sql import literal

TRAINED_AT = 0.8
GATES: tuple[steps.WarehouseGate, ...] = get_args(steps.WarehouseGate)
RUN = "gates"


def evaluate(market: Nights) -> dict[steps.WarehouseGate, Found]:
    """What each gate finds; a gate that stops on the structure of all nights is a stop of the last one."""
    settings = Settings(home=market.home)
    as_ofs = [UNTIL - timedelta(days=days) for days in reversed(range(DAYS))]
    nights = as_ofs[1:]
    stopped = _make(settings, as_ofs)
    found: dict[steps.WarehouseGate, Found] = {gate: Found(len(nights)) for gate in GATES}
    for gate in stopped:
        found[gate].hard["structure"].append(max(nights))
    for gate, severity, expectation, night in _compared(settings, nights):
        (found[gate].hard if severity == "hard" else found[gate].soft)[expectation].append(night)
    return found


def _make(settings: Settings, as_ofs: list[date]) -> list[steps.WarehouseGate]:
    """Build, score and decide, and return the gates that would have stopped."""
    steps.build_marts(settings, RUN, as_ofs)
    trained_on = as_ofs[int(len(as_ofs) * TRAINED_AT)]
    training_set = steps.build_training_set(settings, RUN, trained_on)
    if version := steps.train(settings, RUN, trained_on, training_set):
        steps.promote(settings, RUN, trained_on, version, is_forced=True)
    steps.score(settings, RUN, as_ofs)
    steps.decide(settings, RUN, as_ofs)
    return [gate for gate in GATES if not _passes(settings, gate, as_ofs)]


def _passes(settings: Settings, gate: steps.WarehouseGate, as_ofs: list[date]) -> bool:
    try:
        steps.gate(settings, RUN, gate, as_ofs)
    except GateFailed:
        return False
    return True


def _compared(settings: Settings, nights: list[date]) -> Iterator[tuple[steps.WarehouseGate, str, str, date]]:
    with connect(Limits(threads=1)) as connection:
        for statement in (*MACROS, "create schema gated", "create schema previous"):
            connection.execute(statement)
        connection.execute(f"attach {literal(settings.warehouse)} as warehouse (read_only)")
        connection.execute("create view gated.as_ofs as select getvariable('night') as as_of")
        suites = [(gate, suite) for gate in GATES for suite in load_suite(gate)]
        for _, suite in suites:
            rows = f"from warehouse.{suite.table} where as_of"
            connection.execute(f"create view gated.{suite.name} as {rows} = getvariable('night')")
            connection.execute(
                f"create view previous.{suite.name} as select *, getvariable('night') as compared_as_of "
                f"{rows} = getvariable('night') - 1"
            )
        for gate, suite in suites:
            columns = [row[0] for row in connection.execute(f"describe gated.{suite.name}").fetchall()]
            checks = [check for check in build_checks(suite, columns) if check.needs_previous]
            for night in nights:
                connection.execute(f"set variable night = date '{night}'")
                for check in checks:
                    query = f"with batch as (from gated.{suite.name}) from ({check.query}) limit 1"
                    if connection.execute(query).fetchone():
                        yield gate, check.placed.entry.severity, f"{suite.name}: {check.expected}", night
