"""Amounts on nights as real books have them: honest ones pass, another unit is found as soon as the rows prove it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from expectations.amounts import (
    expect_sellers_amounts_to_be_within_times,
    expect_typical_amount_to_be_within_times,
)
from expectations.evidence import MACROS

pytestmark = pytest.mark.slow


TONIGHT = date(2026, 6, 30)
BEFORE = [TONIGHT - timedelta(days=days) for days in range(28, 0, -1)]
QUERIES = {
    "typical": expect_typical_amount_to_be_within_times("payments", [], times=20, sale="payment_id"),
    "sellers": expect_sellers_amounts_to_be_within_times("payments", [], times=20, share=0.02, sale="payment_id"),
}
Night = tuple[date, Sequence[str], Sequence[float]]


def book(seed: int, nights: Sequence[date], payments: int = 20, spread: float = 2.0, sellers: int = 350) -> list[Night]:
    """Payments whose logarithms scatter by ``spread``, two thirds of that between sellers."""
    random = np.random.default_rng(seed)
    level = random.normal(6, spread * 0.75, sellers)
    found: list[Night] = []
    for night in nights:
        who = random.integers(0, sellers, random.poisson(payments))
        amounts = np.exp(random.normal(level[who], spread * 0.66)).round(2)
        found.append((night, [f"s{i}" for i in who], amounts.tolist()))
    return found


def times(night: Night, factor: float) -> Night:
    """The night with its amounts times ``factor``."""
    return night[0], night[1], [round(amount * factor, 2) for amount in night[2]]


def found(before: Sequence[Night], tonight: Sequence[Night]) -> dict[str, list[dict[str, Any]]]:
    """What each query finds; those that find nothing are left out."""
    with duckdb.connect() as connection:
        for statement in (*MACROS, "create schema gated", "create schema previous"):
            connection.execute(statement)
        for schema, nights in (("previous", before), ("gated", tonight)):
            rows = pd.DataFrame(
                [
                    (night, who, float(amount))
                    for night, sellers, amounts in nights
                    for who, amount in zip(sellers, amounts, strict=True)
                ],
                columns=["arrived_on", "seller_id", "amount"],
            )
            connection.register("rows", rows)
            connection.execute(
                f"create table {schema}.payments as select arrived_on::date as arrived_on, "
                "seller_id::varchar as seller_id, row_number() over () as payment_id, "
                "amount::decimal(18, 2) as amount from rows"
            )
            connection.execute(
                f"create table {schema}.nights as select unnest(?::date[]) as arrived_on", [[n[0] for n in nights]]
            )
        results = {}
        for name, query in QUERIES.items():
            cursor = connection.execute(f"with batch as (from gated.payments) from ({query})")
            columns = [column[0] for column in cursor.description or []]
            if rows_at_fault := cursor.fetchall():
                results[name] = [dict(zip(columns, row, strict=True)) for row in rows_at_fault]
        return results


def test_no_night_of_a_thin_book_with_heavy_tails_is_refused() -> None:
    nights = [TONIGHT - timedelta(days=days) for days in range(400, 0, -1)]
    for seed in range(3):
        assert found([], book(seed, nights, spread=2.2)) == {}


@pytest.mark.parametrize("factor", [100, 0.01])
def test_cents_are_found_in_thirty_rows_of_such_a_book(factor: float) -> None:
    missed = 0
    for seed in range(60):
        *before, tonight = book(seed, [*BEFORE, TONIGHT], payments=34)
        missed += not found(before, [times(tonight, factor)])
    assert missed == 0


def test_the_sample_is_told() -> None:
    *before, tonight = book(1, [*BEFORE, TONIGHT])
    [fault] = found(before, [times(tonight, 100)])["typical"]
    assert fault["row_count"] == len(tonight[1])
    assert fault["earlier_rows"] == sum(len(sellers) for _, sellers, _ in before)
    assert 1 < fault["times_low"] < fault["times"] < fault["times_high"]
    assert fault["median_amount"] / fault["usual_amount"] == pytest.approx(fault["times"], rel=0.01)


def test_a_few_rows_prove_nothing() -> None:
    before = book(2, BEFORE)
    assert found(before, [(TONIGHT, ["s1", "s2", "s3"], [1e6, 1e6, 1e6])]) == {}
    assert found(before[:1], [times(book(3, [TONIGHT])[0], 100)]) == {}, "one night before"


def test_a_huge_seller_who_stays_away_changes_nothing() -> None:
    """Nine in ten rows at 9.99, and all others at 800: on Sunday only the others sell."""
    others = [f"o{i}" for i in range(5)]
    before = [(night, ["huge"] * 90 + others * 2, [9.99] * 90 + [800.0] * 10) for night in BEFORE]
    assert found(before, [(TONIGHT, others * 4, [800.0] * 20)]) == {}
    assert found(before, [(TONIGHT, ["huge"] * 90, [9.99] * 90)]) == {}


def test_one_price_for_all_is_no_lack_of_proof() -> None:
    before = [(night, [f"s{i}" for i in range(8)], [9.99] * 8) for night in BEFORE]
    assert found(before, [(TONIGHT, before[0][1], [9.99] * 8)]) == {}
    assert set(found(before, [(TONIGHT, before[0][1], [999.0] * 8)])) == {"typical", "sellers"}


def test_amounts_of_nothing_are_an_amount() -> None:
    *before, tonight = book(4, [*BEFORE, TONIGHT], spread=1)
    assert "typical" in found(before, [times(tonight, 0)])
    free = [(night, [f"s{i}" for i in range(20)], [0.0, 30.0] * 10) for night in [*BEFORE, TONIGHT]]
    assert found(free[:-1], free[-1:]) == {}


@pytest.mark.parametrize("payments", [20, 200])
def test_a_step_that_a_person_let_pass_is_usual_the_next_night(payments: int) -> None:
    nights = book(5, [*BEFORE, *(TONIGHT + timedelta(days=days) for days in range(35))], payments=payments, spread=1)
    known, later = nights[:28], nights[29:]
    stepped = [times(night, 100) for night in nights[28:]]
    assert found(known, stepped[:1])
    for at, night in enumerate(stepped[1:], start=1):
        assert found([*known, *stepped[:at]][-28:], [night]) == {}
    assert found([*known[1:], stepped[0]], later[:1]) == {}, "what was usual before still is"


def test_one_seller_in_cents_is_found_by_their_own_amounts() -> None:
    *before, tonight = book(6, [*BEFORE, TONIGHT], payments=100, spread=1, sellers=12)
    _, sellers, amounts = tonight
    spoilt = [amount * (100 if who == "s3" else 1) for who, amount in zip(sellers, amounts, strict=True)]
    [fault] = found(before, [(TONIGHT, sellers, spoilt)])["sellers"]
    assert (fault["seller_id"], fault["unusual_sellers"]) == ("s3", 1)
    assert fault["times_low"] < fault["times"] < fault["times_high"]


def test_many_sellers_with_a_row_each_prove_it_together() -> None:
    """A third of 120 sellers; none of them alone has enough rows."""
    before = book(7, BEFORE, payments=60, spread=1, sellers=120)
    _, sellers, amounts = book(7, [TONIGHT], payments=60, spread=1, sellers=120)[0]
    spoilt = [amount * (100 if int(who[1:]) % 3 == 0 else 1) for who, amount in zip(sellers, amounts, strict=True)]
    assert set(found(before, [(TONIGHT, sellers, spoilt)])) == {"sellers"}


def test_a_group_with_other_prices_may_join() -> None:
    """A third of the night's sellers are new and sell for a hundredth."""
    before = book(8, BEFORE, payments=60, spread=1)
    _, sellers, amounts = book(8, [TONIGHT], payments=60, spread=1)[0]
    tonight = (TONIGHT, [*sellers, *(f"new{i}" for i in range(25))], [*amounts, *([4.0] * 25)])
    assert found(before, [tonight]) == {}


def test_nights_of_a_pass_are_judged_as_they_would_be_alone() -> None:
    nights = book(9, [*BEFORE, *(TONIGHT + timedelta(days=days) for days in range(28))], spread=1)
    nights[35] = times(nights[35], 100)
    nights[50] = times(nights[50], 0.01)
    told = found(nights[:28], nights[28:])
    for name in QUERIES:
        alone = [fault for at in range(28, 56) for fault in found(nights[at - 28 : at], [nights[at]]).get(name, [])]
        assert told.get(name, []) == alone[::-1]
    assert [fault["arrived_on"] for fault in told["typical"]] == [nights[50][0], nights[35][0]]
