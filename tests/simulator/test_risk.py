"""The true probability of default: right by simulation, and what really happens in the market."""

from datetime import date

import duckdb
import numpy as np
import pytest

from simulator.days import Days
from simulator.levels import LEVELS
from simulator.risk import TrueDefault, failing, repaying_early


@pytest.mark.parametrize("log_odds", [-6.0, -4.0, -2.0])
@pytest.mark.parametrize("condition", [-1.5, 0.0, 1.2])
def test_the_recursion_gives_what_many_tries_give(log_odds: float, condition: float) -> None:
    random, tries = np.random.default_rng(3), 200_000
    states, is_running, defaults = np.full(tries, condition), np.ones(tries, bool), np.zeros(tries, bool)
    for days in (25, 30, 30):
        memory = LEVELS.demand_memory_daily**days
        spread = LEVELS.condition_spread * (1 - memory**2) ** 0.5
        states = memory * states + random.normal(0, spread, tries)
        fails = is_running & (random.random(tries) < failing(LEVELS, np.array(log_odds), states))
        defaults |= fails
        is_running &= ~fails & (random.random(tries) >= repaying_early(LEVELS, states))
    error = 4 * np.sqrt(defaults.mean() / tries)
    assert TrueDefault(LEVELS)(np.array([log_odds]), np.array([condition]))[0] == pytest.approx(
        defaults.mean(), abs=error
    )


def test_a_better_condition_and_lower_odds_never_raise_it() -> None:
    grid = np.linspace(-3, 3, 50)
    odds, condition = (values.ravel() for values in np.meshgrid(grid * 2 - 3, grid, indexing="ij"))
    found = TrueDefault(LEVELS)(odds, condition).reshape(50, 50)
    assert (np.diff(found, axis=1) <= 0).all() and (np.diff(found, axis=0) >= 0).all()


@pytest.fixture(scope="module")
def loans() -> duckdb.DuckDBPyConnection:
    """Loans that have matured in a market of 8,000 sellers, with their true pd and whether they defaulted."""
    block = Days(LEVELS, 8_000, 400, 5, date(2025, 5, 27)).block(0, 399)
    connection = duckdb.connect()
    for name in ("true_loans", "loan_changes", "repayment_changes"):
        connection.register(name, block.tables[name])
    connection.execute(
        """
        create table loans as
        with late as (
            select loan, max(coalesce(paid_second // 86400, 400) - due_day) as days_late
            from (select loan, installment, min(due_day) as due_day,
                max(paid_second) filter (paid_cents >= due_cents) as paid_second
                from repayment_changes group by all)
            group by loan
        )
        select loan, true_pd, days_late >= 90 as is_default from true_loans join late using (loan) where day < 210
        """
    )
    return connection


def test_loans_default_as_often_as_the_truth_says(loans: duckdb.DuckDBPyConnection) -> None:
    groups = loans.execute(
        """
        with ranked as (select *, ntile(8) over (order by true_pd) as eighth from loans)
        select count(*), sum(true_pd), sum(true_pd * (1 - true_pd)), sum(is_default::integer)
        from ranked group by eighth
        """
    ).fetchall()
    assert sum(count for count, *_ in groups) > 4_000
    for _, expected, variance, defaults in groups:
        assert abs(defaults - expected) < 4 * variance**0.5
    expected, variance, defaults = (sum(values) for values in list(zip(*groups, strict=True))[1:])
    assert abs(defaults - expected) < 3 * variance**0.5


def test_the_truth_ranks_loans_well_but_not_perfectly(loans: duckdb.DuckDBPyConnection) -> None:
    [(auc,)] = loans.execute(
        """
        with ranked as (select is_default, rank() over (order by true_pd) as place from loans)
        select (sum(place) filter (is_default) - count_if(is_default) * (count_if(is_default) + 1) / 2)
            / (count_if(is_default) * count_if(not is_default)) from ranked
        """
    ).fetchall()
    assert 0.72 < auc < 0.9
