from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from simulator import landed_market
from simulator.levels import LEVELS
from simulator.levels_page import PAGE, page
from simulator.statistics import Statistic, definitions
from tests.simulator.landed import FIRST_ON, LAST_ON, SINGLES_DAY, land_small_market, market_statistics
from tradeline.errors import BadInput
from tradeline.settings import Settings

MONDAY = 0


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Statistic]:
    home = tmp_path_factory.mktemp("market")
    truth = land_small_market(home)
    return {one.name: one for one in market_statistics(Settings(home=home), truth)}


def _days(first_on: date, last_on: date) -> Iterator[date]:
    return (first_on + timedelta(days=n) for n in range((last_on - first_on).days + 1))


def _orders(days: Iterator[date]) -> int:
    """Orders of one seller on these days, before the last weeks."""
    return sum(6 if day == SINGLES_DAY else 1 + (day.weekday() == MONDAY) for day in days)


FIRST_WEEKS = _orders(_days(FIRST_ON, FIRST_ON + timedelta(days=27)))
AROUND_SINGLES_DAY = _orders(_days(SINGLES_DAY - timedelta(days=37), SINGLES_DAY + timedelta(days=37)))
LAST_WEEKS = 2 * _orders(_days(LAST_ON - timedelta(days=27), LAST_ON))
ORDERS = 100 * (FIRST_WEEKS + AROUND_SINGLES_DAY + LAST_WEEKS)
HARMONIC = sum(1 / r for r in range(1, 101))
MONTHLY_SALES = sum(AROUND_SINGLES_DAY * 10_000 / r / 3 for r in range(1, 41) if r % 10)
# Orders, refunds of 10 sellers and one correction, reviews of 40 sellers, 7 rows of 100 accounts.
ROWS = ORDERS + ORDERS // 10 + 1 + 40 * (FIRST_WEEKS + AROUND_SINGLES_DAY) + 700


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("orders_per_seller_day", ORDERS / (100 * 392)),
        ("order_mean_amount", 10_000 * HARMONIC / 100),
        ("singles_day_ratio", 6),
        ("weekday_ratio", 2),
        ("yearly_growth", 1),
        ("top_percent_sales_share", 1 / sum(1 / r for r in range(1, 101) if r % 10)),
        ("exit_yearly_rate", 10 / (100 * 392 / 365)),
        ("cancelled_rate", 0.1),
        ("refund_rate", 10 / 90),
        ("late_rate", 10 / 90),
        ("review_share", 40 / 90),
        ("rating_mean", 3.5),
        ("rating_spread", (50 / 39) ** 0.5),
        ("rating_refund_correlation", -0.375 / (1.25 * 0.1875) ** 0.5),
        ("returning_buyer_share", 2 / 3),
        ("faking_seller_share", 0.17),
        ("fake_order_share", 17 / ORDERS),
        ("balances_add_up", 499 / 500),
        ("fee_share", 5 / 200),
        ("payout_days", 14),
        ("purchase_share", 60 / 200),
        ("approval_rate", 40 / 60),
        ("loan_months_of_sales", 36_000 / MONTHLY_SALES),
        ("loan_annual_rate", 0.18),
        ("default_rate", 5 / 40),
        ("loss_rate", 4_650 / 40_000),
        ("first_payment_default_rate", 4 / 40),
        ("early_repayment_share", 4 / 40),
        ("late_installment_share", 12 / 120),
        ("late_arrival_share", 201 / ROWS),
        ("corrected_share", 1 / ROWS),
        ("duplicate_share", 100 / ROWS),
    ],
)
def test_each_statistic_is_what_one_works_out_by_hand(measured: dict[str, Statistic], name: str, value: float) -> None:
    assert measured[name].value == pytest.approx(value, rel=1e-4)


def test_sizes_that_fall_with_the_rank_have_slope_minus_one(measured: dict[str, Statistic]) -> None:
    # Sellers 1 to 11 without 10, which cancels all, are the ten largest.
    assert measured["zipf_slope"].value == pytest.approx(-1.0, abs=0.02)


def test_every_statistic_is_measured(measured: dict[str, Statistic]) -> None:
    assert list(measured) == [one.name for group in definitions().groups for one in group.statistics]
    assert all(one.value is not None for one in measured.values())


def test_a_value_is_held_to_its_range(measured: dict[str, Statistic]) -> None:
    assert measured["singles_day_ratio"].is_met
    assert measured["balances_add_up"].is_met is False
    assert measured["default_rate"].is_met is False


def test_what_has_not_landed_is_not_measured(settings: Settings) -> None:
    land_small_market(settings.home, ["sellers", "orders"], without="promised_at")
    measured = {one.name: one.value for one in market_statistics(settings)}
    assert {name for name, value in measured.items() if value is not None} == {
        "orders_per_seller_day", "order_mean_amount", "singles_day_ratio", "weekday_ratio", "yearly_growth",
        "top_percent_sales_share", "zipf_slope", "exit_yearly_rate", "cancelled_rate", "returning_buyer_share",
        "late_arrival_share", "corrected_share", "duplicate_share",
    }  # fmt: skip


def test_sellers_are_drawn_from_a_large_market(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landed_market, "SAMPLED_SELLERS", 40)
    land_small_market(settings.home)
    with landed_market.landed_market(settings) as connection:
        counts = connection.execute(
            "select (select count(*) from sellers), (select count(distinct seller_id) from orders), "
            "(select count(distinct loan_id) from repayments) = (select count(disbursed_at) from loans)"
        ).fetchone()
    assert counts is not None
    assert 20 < counts[0] < 60
    assert counts[1:] == (counts[0], True)


def test_nothing_landed_is_said_so(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no Parquet of sellers, and of orders or payments"):
        market_statistics(settings)


def test_levels_behind_statistics_exist() -> None:
    named = {level for group in definitions().groups for one in group.statistics for level in one.set_by}
    assert named
    assert not {level for level in named if not hasattr(LEVELS, level)}


def test_page_says_what_the_levels_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m simulator.levels_page`"
