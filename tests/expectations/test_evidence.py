"""Evidence is never larger than the odds against chance, counted exactly; and intervals are those of the textbooks."""

from collections.abc import Iterator
from math import exp, log
from typing import Any

import duckdb
import pytest
from scipy.stats import binom, chi2, hypergeom, norm, poisson

from expectations.evidence import HARD_ODDS, MACROS

SIZES = (1, 3, 10, 55, 200, 3000)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        for macro in MACROS:
            opened.execute(macro)
        yield opened


def values(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


@pytest.mark.parametrize("bound", [0.001, 0.02, 0.3, 0.9])
def test_a_share_above_a_bound_is_at_most_as_likely_as_said(
    connection: duckdb.DuckDBPyConnection, bound: float
) -> None:
    query = (
        f"select n, k, bound_evidence(k, n, {bound}) from (select unnest({list(SIZES)}) as n), range(0, 3001) as r(k)"
    )
    rows = values(connection, f"from ({query}) where k <= n")
    assert all(binom.sf(k - 1, n, bound) <= exp(-evidence) + 1e-12 for n, k, evidence in rows)
    assert any(evidence > log(HARD_ODDS) for _, _, evidence in rows)
    assert all(evidence == 0 for n, k, evidence in rows if k <= bound * n)


@pytest.mark.parametrize(("found_before", "total_before"), [(0, 30), (0, 3000), (60, 3000), (900, 3000)])
def test_a_share_above_another_is_about_as_likely_as_said(
    connection: duckdb.DuckDBPyConnection, found_before: int, total_before: int
) -> None:
    """Against Fisher's exact test; twenty times its odds at most, at one in ten thousand and before."""
    samples = f"(select unnest({list(SIZES)}) as n), range(0, 3001) as r(k) where k <= n"
    query = f"select n, k, share_evidence(k, n, {found_before}, {total_before}) as evidence from {samples}"
    rows = values(connection, f"from ({query}) where evidence < 9.3")
    assert rows
    for n, k, evidence in rows:
        exact = hypergeom.sf(k - 1, n + total_before, k + found_before, n)
        assert exact <= 20 * exp(-evidence)
    assert values(connection, f"select share_evidence(1, 3, {found_before}, {total_before})")[0][0] < log(HARD_ODDS)


@pytest.mark.parametrize("expected", [1, 5, 20, 400])
def test_a_number_of_rows_is_at_most_as_likely_as_said(connection: duckdb.DuckDBPyConnection, expected: int) -> None:
    for seen, evidence in values(connection, f"select k, count_evidence(k, {expected}) from range(0, 1000) as r(k)"):
        tail = poisson.cdf(seen, expected) if seen < expected else poisson.sf(seen - 1, expected)
        assert tail <= exp(-evidence) + 1e-12
    assert values(connection, f"select count_evidence(0, {expected})") == [(expected,)]


def test_a_shift_is_at_most_as_likely_as_said(connection: duckdb.DuckDBPyConnection) -> None:
    for times, evidence in values(
        connection, "select k / 10, shift_evidence(k / 10 * 0.7, 0.7) from range(0, 60) as r(k)"
    ):
        assert norm.sf(times) <= exp(-evidence)
    [(error,)] = values(connection, "select shift_error(2, 16, 16)")
    assert error == pytest.approx(2 * (2 / 16) ** 0.5)


def test_one_seller_alone_proves_nothing_and_a_dozen_do(connection: duckdb.DuckDBPyConnection) -> None:
    query = "select change_evidence(sum(change), sum(change * change)) from (select unnest({}::double[]) as change)"
    [(huge,)] = values(connection, query.format([-1e9, *[1.0] * 50]))
    [(dozen,)] = values(connection, query.format([-3.0] * 12))
    [(both_ways,)] = values(connection, query.format([3.0, -3.0] * 500))
    assert huge == pytest.approx(0.5, abs=1e-6)
    assert dozen == pytest.approx(6)
    assert both_ways == 0


@pytest.mark.parametrize("freedom", [1, 4, 10, 60])
@pytest.mark.parametrize("evidence", [2.0, 4.6, 9.2])
def test_chi_squared_is_exceeded_at_most_as_often_as_said(
    connection: duckdb.DuckDBPyConnection, freedom: int, evidence: float
) -> None:
    [(value,)] = values(connection, f"select chi_squared_at({evidence}, {freedom})")
    assert exp(-evidence) / 100 <= chi2.sf(value, freedom) <= exp(-evidence)


@pytest.mark.parametrize(("found", "total"), [(0, 20), (5, 55), (50, 100), (20, 20)])
def test_the_interval_of_a_share_holds_it_and_is_wilsons(
    connection: duckdb.DuckDBPyConnection, found: int, total: int
) -> None:
    [(low, high)] = values(connection, f"select share_low({found}, {total}), share_high({found}, {total})")
    share, z = found / total, (2 * log(HARD_ODDS)) ** 0.5
    assert -1e-12 <= low <= share <= high <= 1 + 1e-12
    for end in (low, high):
        assert abs(share - end) == pytest.approx(z * (end * (1 - end) / total) ** 0.5, abs=1e-9)


def test_choices_are_counted(connection: duckdb.DuckDBPyConnection) -> None:
    [(choices,)] = values(connection, "select exp(ln_choices(10, 3))")
    assert choices == pytest.approx(120)
