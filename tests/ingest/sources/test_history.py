"""The first landing of rows that only know their last state: each version by hand, and what holds for all of them."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sources.history import STATES, versions
from tests.ingest.sources.deployment import Row, at, typed_table
from tradeline.contracts.raw import BY_NAME
from tradeline.database import Limits, connect

NIGHT, TODAY = date(2024, 3, 20), date(2024, 3, 21)
ORDER: Row = {"order_id": "o1", "seller_id": "s1", "buyer_id": "b1", "amount": 5}
LOAN: Row = {"loan_id": "l1", "seller_id": "s1", "applied_at": at("03-01 10:00")}
TERMS: Row = {"principal": 100, "term_days": 30, "annual_rate": 0.1}


def told(
    table: str, rows: list[Row], zone: str = "UTC", night: date = NIGHT, loans: list[Row] | None = None
) -> list[Row]:
    """The versions of rows, by arrival day."""
    with connect(Limits(1)) as connection:
        typed_table(connection, f"out_{table}", rows)
        if loans is not None:
            typed_table(connection, "out_loans", loans)
        query = versions(connection, table, f"out_{table}", night, TODAY, zone)
        found = connection.execute(f"from ({query}) order by arrived_on, {', '.join(BY_NAME[table].key)}")
        names = [column for column, *_ in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def days(rows: list[Row], *columns: str) -> list[tuple[Any, ...]]:
    """Of each version the day of March and some columns."""
    return [(row["arrived_on"].day, *(row[column] for column in columns)) for row in rows]


@pytest.mark.parametrize(
    ("times", "status", "expected"),
    [
        ({}, "created", [(1, "created")]),
        ({"paid_at": 2}, "paid", [(1, "created"), (2, "paid")]),
        ({"paid_at": 1}, "paid", [(1, "paid")]),
        ({"paid_at": 2, "shipped_at": 4}, "shipped", [(1, "created"), (2, "paid"), (4, "shipped")]),
        ({"shipped_at": 4}, "shipped", [(1, "created"), (4, "shipped")]),
        (
            {"paid_at": 2, "shipped_at": 4, "delivered_at": 9},
            "delivered",
            [(1, "created"), (2, "paid"), (4, "shipped"), (9, "delivered")],
        ),
        ({"paid_at": 2, "cancelled_at": 3}, "cancelled", [(1, "created"), (2, "paid"), (3, "cancelled")]),
        # Without a time of its own, a status is known on the night of the landing alone.
        ({"paid_at": 2}, "cancelled", [(1, "created"), (2, "paid"), (20, "cancelled")]),
        ({}, "delivered", [(1, "created"), (20, "delivered")]),
        ({"paid_at": 2, "changed_at": 5}, "cancelled", [(1, "created"), (2, "paid"), (5, "cancelled")]),
        ({"paid_at": 6, "changed_at": 5}, "cancelled", [(1, "created"), (6, "cancelled")]),
        # Times out of order: no version before the order, and each column on its own day.
        ({"paid_at": 9, "shipped_at": 4}, "shipped", [(1, "created"), (4, "shipped"), (9, "shipped")]),
        # What is still to come is no state of this night.
        ({"paid_at": 2, "shipped_at": 21}, "shipped", [(1, "created"), (2, "paid")]),
    ],
)
def test_an_order_arrives_in_each_of_its_states(
    times: dict[str, int], status: str, expected: list[tuple[int, str]]
) -> None:
    moments = {column: at(f"03-{day:02} 12:00") for column, day in times.items()}
    found = told("orders", [ORDER | {"status": status, "ordered_at": at("03-01 09:00")} | moments])
    assert days(found, "status") == expected


def test_columns_of_later_states_are_empty_until_then() -> None:
    row = ORDER | {
        "status": "delivered",
        "ordered_at": at("03-01 09:00"),
        "paid_at": at("03-02 09:00"),
        "shipped_at": at("03-02 18:00"),
        "delivered_at": at("03-05 09:00"),
        "promised_at": at("03-30 09:00"),
    }
    found = told("orders", [row])
    assert days(found, "paid_at", "shipped_at", "delivered_at") == [
        (1, None, None, None),
        (2, row["paid_at"], row["shipped_at"], None),
        (5, row["paid_at"], row["shipped_at"], row["delivered_at"]),
    ]
    assert [each["promised_at"] for each in found] == [row["promised_at"]] * 3


def test_an_earlier_time_than_the_orders_own_arrives_with_the_order() -> None:
    row = ORDER | {"status": "paid", "ordered_at": at("03-05 09:00"), "paid_at": at("03-02 09:00")}
    assert days(told("orders", [row]), "status", "paid_at") == [(5, "paid", row["paid_at"])]


def test_a_slip_arrives_on_the_night_for_validation_to_name_it() -> None:
    slip = datetime(2099, 1, 1)
    paid = ORDER | {"status": "paid", "ordered_at": at("03-05 09:00"), "paid_at": slip}
    assert days(told("orders", [paid]), "status", "paid_at") == [(5, "created", None), (20, "paid", slip)]
    whole = ORDER | {"status": "created", "ordered_at": slip}
    assert days(told("orders", [whole]), "ordered_at") == [(20, slip)]


def test_without_any_time_a_row_arrives_on_the_night() -> None:
    assert days(told("orders", [ORDER | {"status": "created", "ordered_at": None}]), "status") == [(20, "created")]
    assert days(told("payments", [{"payment_id": "p1", "seller_id": "s1", "occurred_at": None}])) == [(20,)]


def test_a_row_that_says_when_it_arrives_is_one_version_then_or_when_all_of_it_is_known() -> None:
    row = ORDER | {"status": "paid", "ordered_at": at("03-01 09:00"), "paid_at": at("03-02 09:00")}
    assert days(told("orders", [row | {"arrived_on": date(2024, 3, 4)}]), "status") == [(4, "paid")]
    assert days(told("orders", [row | {"arrived_on": date(2024, 3, 1)}]), "status", "paid_at") == [
        (2, "paid", row["paid_at"])
    ]
    assert told("orders", [row | {"arrived_on": TODAY}]) == []  # waits for its day


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", [(8, "created"), (9, "paid"), (10, "delivered")]),
        ("Asia/Shanghai", [(9, "created"), (10, "paid"), (11, "delivered")]),
        # New York goes from five hours behind to four in the night to the tenth.
        ("America/New_York", [(8, "created"), (9, "paid"), (10, "delivered")]),
    ],
)
def test_a_day_is_one_of_the_business_time_zone(zone: str, expected: list[tuple[int, str]]) -> None:
    times = {"ordered_at": at("03-08 20:00"), "paid_at": at("03-09 20:00"), "delivered_at": at("03-10 20:00")}
    assert days(told("orders", [ORDER | {"status": "delivered"} | times], zone), "status") == expected


@pytest.mark.parametrize(
    ("moment", "day"),
    [("03-10 04:59", 9), ("03-10 05:00", 10), ("03-11 03:59", 10), ("03-11 04:00", 11)],
)
def test_the_day_on_which_clocks_change_has_23_hours(moment: str, day: int) -> None:
    row = {"payment_id": "p1", "seller_id": "s1", "occurred_at": at(moment)}
    assert days(told("payments", [row], "America/New_York")) == [(day,)]


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        ("2024-03-09", "UTC", 9),
        ("2024-03-09", "America/New_York", 9),  # a day alone is that day, wherever it is
        ("2024-03-09", "Asia/Shanghai", 9),
        ("2024-03-09 23:00:00", "America/New_York", 9),
        ("2024-03-09 23:00:00-05:00", "UTC", 10),
        ("2024-03-09T01:00:00+08:00", "UTC", 8),
        ("2024-03-09T01:00:00+08:00", "Asia/Shanghai", 9),
        ("2024-03-09 23:00:00 -0500", "UTC", 10),
        ("nonsense", "UTC", 20),
    ],
)
def test_a_time_that_is_still_a_text_has_the_day_that_admission_reads(text: str, zone: str, day: int) -> None:
    with connect(Limits(1)) as connection:
        connection.execute(f"create table out_payments as select 'p1' as payment_id, '{text}' as occurred_at")
        query = versions(connection, "payments", "out_payments", NIGHT, TODAY, zone)
        assert connection.execute(f"select day(arrived_on) from ({query})").fetchall() == [(day,)]


@pytest.mark.parametrize("kind", ["timestamptz", "timestamptz_ns", "timestamp_ns", "timestamp_s", "timestamp"])
def test_times_of_every_type_have_their_day(kind: str) -> None:
    with connect(Limits(1)) as connection:
        moment = f"'2024-03-08 20:00:00'::{kind}"
        connection.execute(f"create table out_payments as select 'p1' as payment_id, {moment} as occurred_at")
        query = versions(connection, "payments", "out_payments", NIGHT, TODAY, "Asia/Shanghai")
        assert connection.execute(f"select day(arrived_on) from ({query})").fetchall() == [(9,)]


def test_a_refund_is_completed_later() -> None:
    row = {"refund_id": "f1", "order_id": "o1", "seller_id": "s1", "amount": 2, "requested_at": at("03-02 10:00")}
    done = at("03-06 10:00")
    assert days(told("refunds", [row | {"completed_at": done}]), "completed_at") == [(2, None), (6, done)]
    assert days(told("refunds", [row | {"completed_at": None}]), "completed_at") == [(2, None)]
    assert days(told("refunds", [row])) == [(2,)]


def test_a_review_is_one_version() -> None:
    row = {"review_id": "r1", "order_id": "o1", "seller_id": "s1", "rating": 5, "reviewed_at": at("03-02 23:59")}
    assert days(told("reviews", [row]), "rating") == [(2, 5)]


@pytest.mark.parametrize(
    ("status", "changed", "expected"),
    [
        ("active", None, [(1, "active")]),
        ("suspended", None, [(1, "active"), (20, "suspended")]),
        ("closed", at("03-07 10:00"), [(1, "active"), (7, "closed")]),
        (None, None, [(1, None)]),  # nobody knows, so nobody says active
    ],
)
def test_a_seller_was_active_when_he_registered(
    status: str | None, changed: datetime | None, expected: list[tuple[int, str | None]]
) -> None:
    row = {"seller_id": "s1", "registered_at": at("03-01 10:00"), "status": status, "changed_at": changed}
    assert days(told("sellers", [row]), "status") == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": "applied"}, [(1, "applied", 100)]),  # the principal that was asked for
        ({"status": "declined", "decided_at": 3}, [(1, "applied", None), (3, "declined", 100)]),
        ({"status": "declined"}, [(1, "applied", None), (20, "declined", 100)]),
        (
            {"status": "disbursed", "decided_at": 3, "disbursed_at": 5},
            [(1, "applied", None), (3, "applied", 100), (5, "disbursed", 100)],
        ),
        ({"status": "disbursed", "disbursed_at": 5}, [(1, "applied", None), (5, "disbursed", 100)]),
        (
            {"status": "repaid", "decided_at": 3, "disbursed_at": 5},
            [(1, "applied", None), (3, "applied", 100), (5, "disbursed", 100), (20, "repaid", 100)],
        ),
        (
            {"status": "written_off", "disbursed_at": 5, "changed_at": 9},
            [(1, "applied", None), (5, "disbursed", 100), (9, "written_off", 100)],
        ),
    ],
)
def test_a_loan_by_its_status(changes: Row, expected: list[tuple[Any, ...]]) -> None:
    row = {key: at(f"03-{each:02} 12:00") if isinstance(each, int) else each for key, each in changes.items()}
    for absent in ({}, {"decided_at": None, "disbursed_at": None}):  # the column is missing, or empty
        assert days(told("loans", [LOAN | TERMS | absent | row]), "status", "principal") == expected


REPAYMENT: Row = {"loan_id": "l1", "installment_no": 1, "due_on": date(2024, 3, 10), "amount_due": 50}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [(5, None)]),
        ({"paid_at": at("03-11 10:00"), "amount_paid": 50}, [(5, None), (11, 50)]),
        ({"paid_at": None, "amount_paid": 50}, [(5, None), (20, 50)]),
        ({"amount_paid": 50}, [(5, None), (20, 50)]),  # no column says when
        ({"amount_paid": 50, "changed_at": at("03-12 10:00")}, [(5, None), (12, 50)]),
        ({"paid_at": at("03-11 10:00")}, [(5, None), (11, None)]),
    ],
)
def test_an_installment_is_known_since_its_loan_was_paid_out(changes: Row, expected: list[tuple[Any, ...]]) -> None:
    loan = LOAN | {"status": "disbursed", "disbursed_at": at("03-05 10:00")}
    found = told("repayments", [REPAYMENT | changes], loans=[loan])
    assert [(row["arrived_on"].day, row.get("amount_paid")) for row in found] == expected


def test_an_installment_without_its_loan_is_known_since_it_was_due() -> None:
    assert days(told("repayments", [REPAYMENT])) == [(10,)]
    assert days(told("repayments", [REPAYMENT], loans=[LOAN | {"loan_id": "l2", "disbursed_at": None}])) == [(10,)]
    assert days(told("repayments", [REPAYMENT | {"due_on": date(2030, 1, 1)}])) == [(20,)]


def test_an_installment_of_a_loan_that_is_paid_out_only_today_is_not_lost() -> None:
    loan = LOAN | {"status": "disbursed", "disbursed_at": at("03-21 01:00")}
    assert days(told("repayments", [REPAYMENT | {"due_on": date(2024, 4, 20)}], loans=[loan])) == [(20,)]


# What holds for every row.

MOMENTS = st.one_of(
    st.none(),
    st.datetimes(datetime(2024, 3, 1), datetime(2024, 3, 20, 12)).map(lambda each: each.replace(microsecond=0)),
)
ZONES = st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"])


@st.composite
def any_row(draw: st.DrawFn) -> tuple[str, Row]:
    table = draw(st.sampled_from(["orders", "loans", "refunds", "sellers"]))
    columns = BY_NAME[table].columns
    row: Row = {column.name: column.name for column in columns if column.is_id}
    row |= {state.reached_at: draw(MOMENTS) for state in STATES[table]}
    row[STATES[table][0].reached_at] = draw(MOMENTS.filter(bool))
    row |= {"changed_at": draw(MOMENTS)} | (TERMS if table == "loans" else {})
    status = next((column for column in columns if column.name == "status"), None)
    return table, row | ({"status": draw(st.sampled_from(status.allowed))} if status else {})


def day_of(moment: datetime, zone: str) -> date:
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).date()


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(any_row(), ZONES)
def test_no_version_tells_what_was_not_known_and_the_last_is_the_row(drawn: tuple[str, Row], zone: str) -> None:
    table, row = drawn
    found = told(table, [row], zone, TODAY)
    last = {column: each for column, each in row.items() if column != "changed_at"}
    assert {column: found[-1][column] for column in last} == last
    assert len({version["arrived_on"] for version in found}) == len(found)
    for version in found:
        times = [version[state.reached_at] for state in STATES[table] if version[state.reached_at]]
        assert all(day_of(time, zone) <= version["arrived_on"] for time in times)


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(any_row(), ZONES, st.integers(0, 20))
def test_what_comes_later_changes_nothing_of_what_was_known(drawn: tuple[str, Row], zone: str, shift: int) -> None:
    """The versions up to a day are those of a row of which all that is later is blank."""
    table, row = drawn
    day = date(2024, 3, 1) + timedelta(days=shift)
    known = [version for version in told(table, [row], zone, TODAY) if version["arrived_on"] <= day]
    if not known:
        return
    times = {state.reached_at: row[state.reached_at] for state in STATES[table]}
    blank = {column: None for column, time in times.items() if time and day_of(time, zone) > day}
    blank |= {"changed_at": None} if row["changed_at"] and day_of(row["changed_at"], zone) > day else {}
    blank |= {
        column: known[-1][column] for column in ("status", "principal", "term_days", "annual_rate") if column in row
    }
    assert told(table, [row | blank], zone, day)[: len(known)] == known
