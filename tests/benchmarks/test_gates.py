"""The benchmark of gates on a short book: honest nights pass, what is put into them is found."""

from pathlib import Path

import duckdb
import pytest

from benchmarks import gate_markets, gate_nights
from benchmarks.gate_markets import Nights
from benchmarks.gates import upper_limit

pytestmark = pytest.mark.slow


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nights:
    monkeypatch.setattr(gate_markets, "DAYS", 64)
    [market] = gate_markets.markets([], None, 1, tmp_path)
    return market


def test_honest_nights_pass_and_those_in_cents_are_found(book: Nights) -> None:
    found = gate_nights.evaluate(book)
    assert found.nights == 64
    assert found.hard == {}
    assert len(found.cents) == 9
    assert all(is_found for _, sales, is_found in found.cents if sales >= 20)


def test_a_night_in_cents_is_a_stop_of_that_night(book: Nights) -> None:
    with duckdb.connect(book.path) as connection:
        [(night,)] = connection.execute("select max(arrived_on) - 4 from raw.nights").fetchall()
        connection.execute("update raw.payments set amount = amount * 100 where arrived_on = ?", [night])
    found = gate_nights.evaluate(book)
    assert {night for nights in found.hard.values() for night in nights} == {night}


def test_the_limit_is_that_of_the_rule_of_three() -> None:
    assert upper_limit(0, 400) == pytest.approx(3 / 400, rel=0.01)
    assert upper_limit(1, 400) > 1 / 400
