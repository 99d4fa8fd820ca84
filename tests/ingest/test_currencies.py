"""Amounts in other currencies are converted by the rate of the row's day that is known by its night, or wait for it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.ingest.extract import LATER, NIGHT, Row, admitted, ask, build, land, path_of, row
from tradeline.contracts.raw import NIGHT_AMOUNT_MAX, RATE_AGE_DAYS_MAX
from tradeline.errors import BadInput
from tradeline.settings import Settings

NAMES = ("part-0.csv", "part-0.parquet")


def rate(rate: Any, rate_on: date = NIGHT, currency: str = "EUR") -> Row:
    return {"currency": currency, "rate_on": str(rate_on), "rate": str(rate)}


def order(order_id: str, currency: str | None, **changes: Any) -> Row:
    return row("orders", order_id=order_id, currency=currency or "", **changes)


@pytest.fixture
def market(settings: Settings) -> Settings:
    """A home with a seller, and an order in the home's own currency."""
    land(settings, "sellers")
    return settings


def refusal(settings: Settings) -> str:
    with pytest.raises(BadInput) as caught:
        admitted(settings)
    return str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_mixture_is_converted_row_by_row(market: Settings, name: str, caplog: pytest.LogCaptureFixture) -> None:
    land(market, "fx_rates", rate(7.5), rate("6.4321", currency="usd"), rate(1, currency="CNY"), name=name)
    orders = [order("o1", None, amount="10.01"), order("o2", "CNY", amount="10.01")]
    orders += [order("o3", " eur", amount="10.01", freight="0.33"), order("o4", "USD", amount="10.01", freight="1")]
    land(market, "orders", *[{"freight": ""} | each for each in orders], name=name)
    build(market)
    assert ask(market.warehouse, "select order_id, amount, freight, currency from raw.orders order by 1") == [
        ("o1", Decimal("10.01"), None, None),
        ("o2", Decimal("10.01"), None, "CNY"),
        ("o3", Decimal("75.08"), Decimal("2.48"), "EUR"),  # 75.075 and 2.475: half a cent goes up
        ("o4", Decimal("64.39"), Decimal("6.43"), "USD"),
    ]
    kept = (
        "select unnest(converted), converted is null from raw.orders where order_id in ('o2', 'o4') order by order_id"
    )
    assert ask(market.warehouse, kept) == [
        (None, None, None, None, True),
        (Decimal("10.01"), Decimal(1), Decimal("6.4321"), NIGHT, False),
    ]
    told = "orders: 2 rows converted to CNY (EUR 1, USD 1), the oldest rate 0 days before its row's day"
    assert told in caplog.messages


def test_every_table_with_amounts_is_converted_by_the_rate_of_its_own_day(market: Settings) -> None:
    at = {number: f"2018-05-0{number} 08:00:00" for number in range(1, 8)}
    arrived = date(2018, 5, 8)
    land(market, "fx_rates", *[rate(number, date(2018, 5, number)) for number in range(1, 9)], night=arrived)
    euros: dict[str, list[Row]] = {
        "orders": [row("orders", ordered_at=at[1], paid_at=at[2], freight="2.00")],
        "payments": [row("payments", occurred_at=at[3], balance_after="-100.01")],
        "refunds": [row("refunds", requested_at=at[4], completed_at=at[5])],
        "loans": [
            row("loans", applied_at=at[5], principal="100.00"),
            row("loans", loan_id="l2", applied_at=at[5], disbursed_at=at[6], status="disbursed", principal="100.00"),
        ],
        "repayments": [
            row("repayments", loan_id="l2", due_on="2018-05-07", paid_at=at[6], amount_paid="50.00"),
            # A day to come: what is due is worth what the night knows.
            row("repayments", loan_id="l2", installment_no="2", due_on="2018-06-07", paid_at="", amount_paid=""),
        ],
    }
    for table, rows in euros.items():
        names = dict.fromkeys(name for each in rows for name in each)
        land(market, table, *[dict.fromkeys(names, "") | each | {"currency": "EUR"} for each in rows], night=arrived)
    build(market, arrived)
    amounts: dict[str, tuple[str, list[tuple[str | None, ...]]]] = {
        "orders": ("amount, freight", [("12.50", "2.00")]),
        "payments": ("amount, balance_after", [("37.50", "-300.03")]),
        "refunds": ("amount", [("8.00",)]),
        "loans": ("principal", [("500.00",), ("600.00",)]),
        "repayments": ("amount_due, amount_paid", [("700.00", "350.00"), ("800.00", None)]),
    }
    for table, (names_, expected) in amounts.items():
        found = ask(market.warehouse, f"select {names_} from raw.{table} order by all")
        assert found == [tuple(None if each is None else Decimal(each) for each in values) for values in expected]


def test_the_day_is_that_of_the_business_zone(settings: Settings) -> None:
    there = settings.model_copy(update={"timezone": "Asia/Shanghai", "currency": "USD"})
    land(there, "sellers")
    land(there, "fx_rates", rate("0.15", currency="CNY"), rate("0.16", LATER, "CNY"), night=LATER)
    moments = {"o1": "2018-05-01 15:59:59", "o2": "2018-05-01 16:00:00"}
    orders = [order(name, "CNY", ordered_at=moment, paid_at="", amount="100") for name, moment in moments.items()]
    land(there, "orders", *orders, night=LATER)
    build(there, LATER)
    assert ask(there.warehouse, "select amount from raw.orders order by order_id") == [(Decimal(15),), (Decimal(16),)]


@pytest.mark.parametrize(
    ("age", "is_converted"), [(1, True), (RATE_AGE_DAYS_MAX, True), (RATE_AGE_DAYS_MAX + 1, False)]
)
def test_over_a_holiday_the_last_rate_counts_for_some_days(market: Settings, age: int, is_converted: bool) -> None:
    land(market, "fx_rates", rate(3, NIGHT - timedelta(30)), rate(7.5, NIGHT - timedelta(age)))
    land(market, "orders", order("o1", "EUR"))
    build(market)
    assert ask(market.warehouse, "select amount from raw.orders") == [(Decimal("93.75"),)] * is_converted
    waits = ask(market.warehouse, "select column_name, value, waits_for, hint from raw.set_aside")
    told = ("currency", "EUR", "fx_rates", f"a rate of EUR is needed for {NIGHT}")
    assert waits == [told] * (not is_converted)


def test_a_row_waits_until_the_rate_of_its_day_is_known(market: Settings, caplog: pytest.LogCaptureFixture) -> None:
    land(market, "fx_rates", rate(6, currency="USD"))
    land(market, "orders", order("o1", "EUR"), order("o2", "EUR", seller_id="s2"), order("o3", "USD"))
    build(market)
    assert ask(market.warehouse, "select order_id, amount from raw.orders") == [("o3", Decimal(75))]
    assert "orders: 0 rows taken up whose seller or rate has arrived, 2 wait for it" in caplog.messages
    land(market, "fx_rates", rate(8, LATER), rate(7), night=LATER)
    build(market, LATER)
    assert ask(market.warehouse, "select order_id, amount, arrived_on from raw.orders order by 1") == [
        ("o1", Decimal("87.50"), LATER),
        ("o3", Decimal(75), NIGHT),
    ]
    last = LATER + timedelta(1)
    land(market, "sellers", row("sellers", seller_id="s2"), night=last)
    build(market, last)
    taken_up = "select order_id, amount, arrived_on, converted.rate_on from raw.orders where order_id = 'o2'"
    assert ask(market.warehouse, taken_up) == [("o2", Decimal("87.50"), last, NIGHT)]


def test_a_later_version_in_the_home_s_currency_replaces_one_that_waits(market: Settings) -> None:
    land(market, "fx_rates", rate(6, currency="USD"))
    land(market, "orders", order("o1", "EUR"))
    land(market, "orders", order("o1", "CNY"), night=LATER)
    last = LATER + timedelta(1)
    land(market, "fx_rates", rate(7), night=last)
    build(market, last)
    assert ask(market.warehouse, "select arrived_on, amount from raw.orders") == [(LATER, Decimal("12.50"))]
    assert ask(market.warehouse, "select taken_up_on, replaced_on from raw.set_aside") == [(None, LATER)]


@pytest.mark.parametrize("in_one_pass", [True, False])
def test_a_corrected_rate_holds_for_rows_that_arrive_from_then_on(market: Settings, in_one_pass: bool) -> None:
    land(market, "fx_rates", rate(7))
    land(market, "orders", order("o1", "EUR"))
    if not in_one_pass:
        build(market)
    land(market, "fx_rates", rate(8), night=LATER)
    land(market, "orders", order("o1", "EUR", status="shipped"), order("o2", "EUR"), night=LATER)
    build(market, LATER)
    assert ask(market.warehouse, "select arrived_on, order_id, amount from raw.orders order by all") == [
        (NIGHT, "o1", Decimal("87.50")),
        (LATER, "o1", Decimal(100)),
        (LATER, "o2", Decimal(100)),
    ]


def test_payments_alone_may_be_in_other_currencies(market: Settings) -> None:
    land(market, "fx_rates")
    land(market, "payments", row("payments", currency="EUR"))
    build(market)
    assert ask(market.warehouse, "select amount, currency from raw.payments") == [(Decimal("93.75"), "EUR")]


@pytest.mark.parametrize("name", NAMES)
def test_without_rates_another_currency_is_refused_with_both_remedies(market: Settings, name: str) -> None:
    land(market, "orders", order("o1", "CNY"), order("o2", "usd"), order("o3", "EUR"), name=name)
    message = refusal(market)
    assert f"{name} row 2, column currency: 'usd' is not CNY, the currency of this deployment" in message
    assert "convert them to CNY and write CNY there, or land daily rates of it as the table fx_rates" in message
    assert "(also row 3 'EUR')" in message
    assert ask_nothing(market)
    land(market, "orders", order("o2", "usd"), name=name)
    land(market, "fx_rates", rate(6, currency="USD"))
    build(market)
    assert ask(market.warehouse, "select amount from raw.orders") == [(Decimal(75),)]


def ask_nothing(settings: Settings) -> bool:
    return not settings.warehouse.exists()


@pytest.mark.parametrize("value", ["US$", "EURO", "978", "€"])
def test_what_is_no_currency_is_refused(market: Settings, value: str) -> None:
    land(market, "fx_rates")
    land(market, "orders", order("o1", value))
    assert f"column currency: '{value}' is not a currency (such as EUR): write its three letters" in refusal(market)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"rate": "0"}, "'0' is below 0.00000001, the least there can be: write how many units"),
        ({"rate": "-7.5"}, "'-7.5' is below 0.00000001"),
        ({"rate": "1e9"}, "'1e9' is above 100,000,000, the most there can be"),
        ({"rate": "7,5"}, "'7,5' is not a rate (such as 7.1234): write digits with a decimal point"),
        ({"rate_on": str(LATER)}, f"column rate_on: '{LATER}' is after the day on which the file arrived"),
        ({"currency": ""}, "column currency: has no value but is part of the key"),
        ({"currency": "CNY"}, "column rate: '7.5' is not 1, though it is the rate of the deployment's own currency"),
        ({"base_currency": "USD"}, "column base_currency: 'USD' is not CNY"),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_a_bad_rate_is_refused(market: Settings, changes: Row, problem: str, name: str) -> None:
    land(market, "orders")
    land(market, "fx_rates", row("fx_rates", **changes), name=name)
    assert problem in refusal(market)


def test_two_rates_of_one_day_are_refused(market: Settings) -> None:
    land(market, "orders")
    land(market, "fx_rates", rate("7.5"), rate("7.6"))
    assert "several different rows for currency, rate_on = EUR, 2018-05-01" in refusal(market)


def test_a_rate_is_exact_in_csv_and_parquet(market: Settings) -> None:
    land(market, "orders")
    exact: dict[str, Any] = {"EUR": 7.1, "USD": 6000.123, "JPY": 1e-7, "KRW": Decimal("0.123456789012345678")}
    typed = [{"currency": currency, "rate_on": NIGHT, "rate": float(each)} for currency, each in exact.items()]
    land(market, "fx_rates", *typed[:3], name="part-0.parquet")
    land(market, "fx_rates", rate(exact["KRW"], currency="KRW"))
    build(market)
    assert ask(market.warehouse, "select rate from raw.fx_rates order by currency") == [
        (Decimal("7.1"),),
        (Decimal("0.0000001"),),
        (Decimal("0.123456789012346"),),
        (Decimal("6000.123"),),
    ]


def test_bounds_hold_for_what_comes_of_the_conversion(market: Settings) -> None:
    land(market, "fx_rates", rate("1e8"))
    land(market, "orders", order("o1", "EUR", amount="10000.01"))
    message = refusal(market)
    assert "row 1, column amount: '10000.01' is beyond 1,000,000,000,000, the most there can be, once it is" in message
    assert "the rate of its day in fx_rates" in message
    count = int(NIGHT_AMOUNT_MAX / 1e12)
    land(market, "orders", *[order(f"o{each}", "EUR", amount="10000") for each in range(count + 1)])
    assert "to a night that comes to 11,000,000,000,000.00 in orders" in refusal(market)
    land(market, "orders", *[order(f"o{each}", "EUR", amount="10000") for each in range(count)])
    build(market)
    assert ask(market.warehouse, "select sum(amount) from raw.orders") == [(Decimal(NIGHT_AMOUNT_MAX),)]


def test_an_absurd_rate_takes_nothing_up(market: Settings) -> None:
    land(market, "fx_rates", rate(6, currency="USD"))
    land(market, "orders", order("o1", "EUR", amount="10000.01"), order("o2", "EUR", amount="1000000000000"))
    build(market)
    land(market, "fx_rates", rate("1e8"), night=LATER)
    with pytest.raises(
        BadInput, match=r"fx_rates: the rate of EUR on 2018-05-01 is 100000000, by which the rows of ord"
    ):
        admitted(market, LATER)
    land(market, "fx_rates", rate("0.1"), night=LATER)
    build(market, LATER)
    assert ask(market.warehouse, "select sum(amount) from raw.orders") == [(Decimal("100000001000.00"),)]


def test_rows_that_wait_go_on_waiting_where_the_rates_have_vanished(market: Settings) -> None:
    path = land(market, "fx_rates", rate(6, currency="USD"), night=LATER)
    land(market, "orders", order("o1", "EUR"))
    build(market, NIGHT)
    path.unlink()
    path.parent.rmdir()
    land(market, "orders", order("o2", "CNY"), night=LATER)
    build(market, LATER)
    assert ask(market.warehouse, "select order_id from raw.orders") == [("o2",)]
    land(market, "fx_rates", rate(7), night=LATER)
    build(market, LATER)
    assert ask(
        market.warehouse, "select order_id, amount from raw.orders where arrived_on = '2018-05-02' order by 1"
    ) == [
        ("o1", Decimal("87.50")),
        ("o2", Decimal("12.50")),
    ]


def test_a_row_without_amounts_needs_no_rate(market: Settings) -> None:
    land(market, "orders")
    land(market, "fx_rates", rate(6, currency="USD"))
    land(market, "loans", row("loans", currency="EUR"))
    build(market)
    assert ask(market.warehouse, "select loan_id, principal, converted from raw.loans") == [("l1", None, None)]


def test_without_currencies_nothing_is_joined(market: Settings) -> None:
    land(market, "orders")
    assert path_of(market, "orders").exists()
    views = ask(admitted(market), "select sql from duckdb_views() where view_name = 'orders'")
    assert len(views) == 1 and "fx" not in views[0][0]
