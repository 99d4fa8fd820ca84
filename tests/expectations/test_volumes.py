"""Rows of a night, set-aside rows and gaps on sources of every rhythm, all nights of them judged in one pass."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import duckdb
import numpy as np
import pytest

from expectations.database import COUNTED_ARRIVALS
from expectations.evidence import MACROS
from expectations.suite import load_suite

FIRST = date(2025, 9, 1)  # a Monday
NIGHTS = 200
Rows = dict[int, tuple[int, int]]


def poisson(rate: Callable[[int], float]) -> Rows:
    """Rows that arrive at a rate, night by night; none where it is 0."""
    random = np.random.default_rng(1)
    return {night: (int(random.poisson(rate(night))), 0) for night in range(NIGHTS) if rate(night)}


def found(description: str, arrivals: Rows, nights: Sequence[int] = range(NIGHTS)) -> list[int]:
    """The nights that the expectation of that description finds, counted from the first."""
    queries = [
        placed.entry.arguments["unexpected_rows_query"]
        for suite in load_suite("raw_in")
        for placed in suite.entries
        if placed.entry.arguments.get("description", "").startswith(description)
    ]
    table = "nights" if description.startswith("no longer") else "arrivals"
    with duckdb.connect() as connection:
        for statement in (*MACROS, "create schema gated", "create schema previous"):
            connection.execute(statement)
        connection.execute(
            "create table gated.arrivals "
            "(arrived_on date, table_name text, row_count bigint, set_aside_row_count bigint)"
        )
        for night, (rows, aside) in arrivals.items():
            connection.execute("insert into gated.arrivals values (?, 'orders', ?, ?)", [on(night), rows, aside])
        connection.execute(
            "create table gated.nights as select unnest(?::date[]) as arrived_on", [[on(n) for n in nights]]
        )
        connection.execute("create table gated.settings as select 0.02 as set_aside_share_max")
        connection.execute(
            "create table gated.set_aside "
            "(arrived_on date, table_name text, source_file text, row_number bigint, column_name text, reason text, "
            "hint text, waits_for text, taken_up_on date, replaced_on date)"
        )
        for empty in ("nights", "arrivals", "set_aside"):
            connection.execute(f"create table previous.{empty} as from gated.{empty} where false")
        connection.execute(f"create view gated.counted_arrivals as {COUNTED_ARRIVALS}")
        [query] = queries
        result = connection.execute(f"with batch as (from gated.{table}) select arrived_on from ({query}) order by 1")
        return [(night - FIRST).days for (night,) in result.fetchall()]


def on(night: int) -> date:
    return FIRST + timedelta(days=night)


VOLUME = "a night's rows of a table to be usual"
ASIDE = "at most TRADELINE_SET_ASIDE_SHARE_MAX of a night's rows"
GAP = "no longer a gap before a night"


@pytest.mark.parametrize(
    "rate",
    [
        lambda night: 3,
        lambda night: 100,
        lambda night: 300 if night % 7 == 0 else 0,
        lambda night: 300 if night % 30 == 0 else 0,
        lambda night: 5 if night % 7 > 4 else 200,
        lambda night: 50 * 3 ** min(1, max(0, (night - 60) / 30)),
        lambda night: 10 if night < 4 else 0,
    ],
    ids=["few", "daily", "weekly", "monthly", "quiet weekends", "threefold in a month", "ended at once"],
)
def test_volumes_of_any_rhythm_are_usual(rate: Callable[[int], float]) -> None:
    assert len(found(VOLUME, poisson(rate))) <= 1


@pytest.mark.parametrize(("usual", "rows"), [(12, 1), (50, 16), (1000, 600), (100_000, 60_000)])
def test_a_night_cut_short_is_noticed_as_soon_as_its_rows_prove_it(usual: int, rows: int) -> None:
    arrivals = poisson(lambda night: usual)
    others = found(VOLUME, arrivals)
    assert len(others) <= 2
    assert found(VOLUME, arrivals | {150: (rows, 0)}) == sorted([*others, 150])


def test_a_night_without_a_file_is_noticed() -> None:
    daily = poisson(lambda night: 0 if night == 150 else 200)
    assert found(VOLUME, daily) == [150]


def test_a_restless_table_is_given_more_room() -> None:
    random = np.random.default_rng(2)
    restless = {night: (int(random.lognormal(4, 1)), 0) for night in range(NIGHTS)}
    median = np.median([rows for rows, _ in restless.values()])
    outside = [night for night, (rows, _) in restless.items() if not 0.65 * median <= rows <= 3 * median]
    assert 4 * len(found(VOLUME, restless)) < len(outside)


@pytest.mark.parametrize(
    ("usual_share", "is_found"), [(0.0, True), (0.001, True), (0.015, False)], ids=["never", "hardly ever", "steadily"]
)
def test_a_night_above_the_bound_is_refused_where_it_is_not_usual(usual_share: float, is_found: bool) -> None:
    arrivals = {night: (1000, round(1000 * usual_share)) for night in range(NIGHTS)}
    arrivals[150] = (1000, 25)
    assert found(ASIDE, arrivals) == ([150] if is_found else [])


def test_no_night_of_a_source_just_below_the_bound_is_refused() -> None:
    random = np.random.default_rng(3)
    for rows in (20, 200, 5000):
        assert found(ASIDE, {night: (rows, int(random.binomial(rows, 0.018))) for night in range(NIGHTS)}) == []


def test_the_first_night_is_held_against_the_bound_alone() -> None:
    assert found(ASIDE, {0: (55, 5)}) == []
    assert found(ASIDE, {0: (400, 40)}) == [0]


@pytest.mark.parametrize("earlier", [8, 9, 27])
def test_a_gap_is_noticed_once_there_are_nine_to_compare_with(earlier: int) -> None:
    """One night before the first gap, and the night after the lost one."""
    nights = [*range(earlier + 1), earlier + 2]
    assert found(GAP, {}, nights) == ([earlier + 2] if earlier >= 9 else [])


def test_a_source_that_rests_at_weekends_has_no_gaps() -> None:
    working = [night for night in range(NIGHTS) if night % 7 < 5]
    assert found(GAP, {}, working) == []
