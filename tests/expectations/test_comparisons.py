"""Comparisons with the previous publication: what chance or one seller does is no fault, what many sellers do is."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pytest

from expectations.comparisons import (
    expect_drift_from_previous_to_be_at_most,
    expect_null_share_rise_to_be_at_most,
    expect_ratio_to_previous_to_be_between,
)
from expectations.evidence import HARD_ODDS, MACROS

pytestmark = pytest.mark.slow


AS_OF, EVE = date(2026, 6, 30), date(2026, 6, 29)
Values = Sequence[float | None]


def found(query: str, before: Values, now: Values) -> list[tuple[Any, ...]]:
    """What the query finds in one value ``x`` for each seller; sellers are numbered."""
    with duckdb.connect() as connection:
        for statement in (*MACROS, "create schema previous"):
            connection.execute(statement)
        for table, as_of, values in (("previous.t", EVE, before), ("batch", AS_OF, now)):
            connection.execute(
                f"create table {table} as select date '{as_of}' as as_of, date '{AS_OF}' as compared_as_of, "
                "unnest(range(len($1))) as seller_id, unnest($1::double[]) as x",
                [list(values)],
            )
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("value", ["sum(x)", "avg(x)"])
def test_many_sellers_who_sell_half_are_a_fault_and_a_huge_one_alone_is_none(value: str) -> None:
    query = expect_ratio_to_previous_to_be_between("t", [], value, min_value=0.75)
    assert found(query, [100.0] * 12, [50.0] * 12)
    assert found(query, [100.0] * 3, [50.0] * 3) == []
    assert found(query, [1e9, *[100.0] * 50], [1.0, *[100.0] * 50]) == []


def test_sellers_who_change_either_way_are_no_fault() -> None:
    """A mean of wide changes leaves the bounds often by chance; no more than one in a hundred is told."""
    query = expect_ratio_to_previous_to_be_between("t", [], "sum(x)", min_value=0.9, max_value=1.1)
    random = np.random.default_rng(1)
    draws = [random.lognormal(0, 2, (2, 60)) for _ in range(300)]
    ratios = [now.sum() / before.sum() for before, now in draws]
    assert sum(not 0.9 < ratio < 1.1 for ratio in ratios) > 200
    assert sum(bool(found(query, before.tolist(), now.tolist())) for before, now in draws) <= 3


@pytest.mark.parametrize(("before", "now", "is_found"), [(30, 12, True), (6, 2, False), (450, 200, True)])
def test_half_of_the_rows_gone_takes_rows_to_be_proven(before: int, now: int, is_found: bool) -> None:
    query = expect_ratio_to_previous_to_be_between("t", [], "count(*)", min_value=0.5)
    assert bool(found(query, [1.0] * before, [1.0] * now)) is is_found


def test_a_hard_ratio_takes_more_proof() -> None:
    query = expect_ratio_to_previous_to_be_between("t", [], "count(*)", min_value=0.5, odds=HARD_ODDS)
    assert found(query, [1.0] * 30, [1.0] * 14) == []
    assert found(query, [1.0] * 40, [1.0] * 15)


def test_an_aggregate_without_parts_is_refused() -> None:
    with pytest.raises(TypeError, match=r"median\(x\) is none of count"):
        expect_ratio_to_previous_to_be_between("t", [], "median(x)")


@pytest.mark.parametrize("rows", [5, 20, 50, 400])
def test_two_samples_of_one_population_have_not_drifted(rows: int) -> None:
    query = expect_drift_from_previous_to_be_at_most("t", ["x"], max_psi=0.25)
    random = np.random.default_rng(rows)
    for _ in range(100):
        before, now = random.normal(size=(2, rows))
        assert found(query, before.tolist(), now.tolist()) == []


def test_drift_is_found_in_fifty_rows() -> None:
    query = expect_drift_from_previous_to_be_at_most("t", ["x"], max_psi=0.25)
    before = np.random.default_rng(1).normal(size=50)
    [(column, as_of, psi, rows, previous_rows, by_chance)] = found(query, before.tolist(), (before + 3).tolist())
    assert (column, as_of, rows, previous_rows) == ("x", AS_OF, 50, 50)
    assert psi > by_chance > 0.25


@pytest.mark.parametrize(("rows", "is_found"), [(2, False), (40, True)])
def test_nulls_take_rows_to_be_proven(rows: int, is_found: bool) -> None:
    """A fifth is usual; tonight all."""
    query = expect_null_share_rise_to_be_at_most("t", ["x"], max_rise=0.3)
    assert bool(found(query, [None, 1.0, 1.0, 1.0, 1.0] * 100, [None] * rows)) is is_found


def test_no_rows_at_all_are_no_fault() -> None:
    for query in (
        expect_null_share_rise_to_be_at_most("t", ["x"], max_rise=0.3),
        expect_drift_from_previous_to_be_at_most("t", ["x"], max_psi=0.25),
        expect_ratio_to_previous_to_be_between("t", [], "avg(x)", min_value=0.5),
    ):
        assert found(query, [None] * 50, [None] * 50) == []
        assert found(query, [], [1.0] * 50) == []
