"""Each fault of a value or a column stops the night, and the error says file, row, column, value and remedy."""

from datetime import datetime
from typing import Any

import pytest

from tests.ingest.extract import LATER, NIGHT, Row, admitted, ask, build, land, path_of, row
from tradeline.contracts.raw import BY_NAME
from tradeline.errors import BadInput
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


def refusal(settings: Settings) -> str:
    with pytest.raises(BadInput) as refused:
        admitted(settings)
    return str(refused.value)


@pytest.mark.parametrize(
    ("table", "column", "value", "problem"),
    [
        ("orders", "amount", "-3.50", "is negative"),
        ("orders", "amount", "twelve", "is not an amount"),
        ("orders", "amount", "1,50", "is not an amount"),
        (
            "orders",
            "amount",
            "3.505",
            "is not an amount (such as 1234.50): its point may be before decimals or before thousands",
        ),
        ("orders", "amount", "99999999999999999999.00", "is not an amount"),
        ("orders", "status", "lost", "is none of created, paid, shipped, delivered, cancelled"),
        ("orders", "status", "Paid", "is none of"),
        ("orders", "ordered_at", "01/05/2018", "is not a time"),
        ("orders", "ordered_at", "infinity", "is not a time"),
        ("orders", "delivered_at", "2018-05-02 00:00:00", "is after the day on which the file arrived"),
        ("payments", "kind", "gift", "is none of"),
        ("payments", "amount", "inf", "is not an amount"),
        ("payments", "amount", "1000000000000.01", "is above 1,000,000,000,000"),
        ("payments", "balance_after", "1000000000000.01", "is above 1,000,000,000,000"),
        ("orders", "promised_at", "2023-05-01 00:00:00", "is more than 5 years after the day"),
        ("orders", "paid_at", "1970-01-01 00:00:00", "is not a time (such as 2018-05-01 13:45:00): times are from"),
        ("loans", "term_days", "11001", "is above 11,000"),
        ("loans", "annual_rate", "12", "is above 3"),
        ("loans", "annual_rate", "12%", "is not a number (such as 0.12): it is a percentage"),
        ("repayments", "due_on", "2068-05-01", "is more than 50 years after the day"),
        ("repayments", "due_on", "2018-06-01 10:00:00", "is not a day (such as 2018-05-01): it is not midnight"),
        ("reviews", "rating", "6", "is above 5"),
        ("reviews", "rating", "0", "is below 1"),
        ("reviews", "rating", "4.5", "is not a whole number"),
        ("loans", "annual_rate", "inf", "is not a number"),
        ("loans", "term_days", "0", "is below 1"),
        ("repayments", "due_on", "2018-02-30", "is not a day"),
    ],
)
def test_a_bad_value_is_named_with_its_place(
    settings: Settings, table: str, column: str, value: str, problem: str
) -> None:
    for name in ("sellers", "orders", "loans"):
        land(settings, name)
    key = BY_NAME[table].key[-1]
    good, bad = row(table, **{key: "7"}), row(table, **{key: "8", column: value})
    land(settings, table, *({column: ""} | each for each in (good, bad)))
    message = refusal(settings)
    assert f"landing/{table}/arrived_on={NIGHT}/part-0.csv row 2, column {column}: '{value}' {problem}" in message
    assert "correct the row" in message
    assert "land the file again" in message


@pytest.mark.parametrize(
    ("table", "changes", "problem"),
    [
        ("orders", {"amount": -3.5}, "row 1, column amount: '-3.5' is negative"),
        ("orders", {"amount": 3.505}, "'3.505' has more than 2 decimals"),
        ("orders", {"amount": float("inf")}, "'inf' is not an amount"),
        ("orders", {"amount": [1]}, r"column amount: holds BIGINT[], not an amount"),
        ("orders", {"ordered_at": 1525161600}, "column ordered_at: holds BIGINT, not a time"),
        ("orders", {"buyer_id": 17.5}, "column buyer_id: '17.5' is a floating-point number"),
        ("orders", {"paid_at": datetime(2018, 5, 2)}, "is after the day"),
        ("orders", {"order_id": ""}, "column order_id: has no value but is part of the key"),
    ],
)
def test_parquet_values_are_checked_alike(settings: Settings, table: str, changes: Row, problem: str) -> None:
    land(settings, "sellers")
    land(settings, table, row(table, amount=12.5) | changes, name="part-0.parquet")
    assert problem in refusal(settings)


def test_a_missing_required_column_is_named(settings: Settings) -> None:
    land(settings, "sellers")
    land(settings, "orders", {name: value for name, value in row("orders").items() if name != "amount"})
    message = refusal(settings)
    assert "part-0.csv, column amount: is required but missing; the file has order_id, seller_id" in message


@pytest.mark.parametrize("name", ["part-0.csv", "part-0.parquet"])
@pytest.mark.parametrize(
    ("column", "alias"),
    [
        ("paid_at", "Paid at"),
        ("paid_at", "paidAt"),
        ("paid_at", " paid_at "),
        ("paid_at", "PAID_AT"),
        ("amount", "Amount"),
    ],
)
def test_a_column_that_is_the_contracts_but_for_its_spelling_is_not_ignored(
    settings: Settings, column: str, alias: str, name: str
) -> None:
    land(settings, "sellers")
    landed = {alias if each == column else each: value for each, value in row("orders").items()}
    land(settings, "orders", landed, name=name)
    message = refusal(settings)
    assert f"{name}, column {alias}: is not {column} to the letter, and would be ignored: name it {column}" in message
    assert "required but missing" not in message


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_a_file_without_the_contracts_header_is_told_how_to_begin(settings: Settings, sign: str) -> None:
    land(settings, "sellers")
    path = land(settings, "orders")
    path.write_text(path.read_text().replace(",", sign))
    message = refusal(settings)
    assert "1 fault(s)" in message
    assert f"part-0.csv: the first line names no column of orders; it is 'order_id{sign}seller_id" in message
    assert "separated by commas" in message


def test_a_key_without_a_value_is_hard(settings: Settings) -> None:
    land(settings, "sellers")
    land(settings, "orders", row("orders"), row("orders", order_id=""))
    assert "row 2, column order_id: has no value but is part of the key" in refusal(settings)


def test_two_different_rows_with_one_key_in_a_night_are_hard_across_files(settings: Settings) -> None:
    land(settings, "sellers")
    land(settings, "orders", row("orders", order_id="o0"), row("orders"))
    land(settings, "orders", row("orders", amount="99.00"), name="part-1.csv")
    message = refusal(settings)
    assert "part-0.csv row 2: the night has several different rows for order_id, seller_id = o1, s1" in message
    assert "part-1.csv row 1: the night has several different rows" in message
    assert "o1, s1: keep one row of them, the newest version or, of lines of one order, their sum; " in message


def test_the_same_key_on_two_nights_is_a_new_version(settings: Settings) -> None:
    land(settings, "sellers")
    land(settings, "orders")
    land(settings, "orders", row("orders", status="shipped"), night=LATER)
    build(settings, LATER)
    assert ask(settings.warehouse, "select status from raw.orders order by arrived_on") == [("paid",), ("shipped",)]


def test_one_value_is_reported_once_with_the_other_rows(settings: Settings) -> None:
    land(settings, "sellers")
    land(settings, "orders", *(row("orders", order_id=f"o{i}", amount="-1") for i in range(15)))
    message = refusal(settings)
    assert "1 fault(s) in 1 file(s)" in message
    assert "row 1, column amount: '-1' is negative" in message
    assert "(also rows 2 '-1', 3 '-1' and 12 more)" in message


def test_all_faults_of_all_files_are_reported_together_and_bounded(settings: Settings) -> None:
    land(settings, "sellers", row("sellers", seller_type="robot"))
    land(settings, "orders", row("orders", amount="x", status="y"))
    for number in range(30):
        land(settings, "payments", row("payments", payment_id=f"p{number}", kind="z"), name=f"part-{number}.csv")
    lines = refusal(settings).splitlines()
    assert lines[0].startswith("33 fault(s) in 32 file(s)")
    assert lines[-1] == "and 13 more"
    assert len(lines) == 22
    assert {"orders", "payments"} <= {line.split("/")[1] for line in lines[1:-1]}


def test_the_warehouse_is_not_touched(settings: Settings) -> None:
    land(settings, "sellers")
    land(settings, "orders", row("orders", amount="-1"))
    refusal(settings)
    assert not settings.warehouse.exists()
    assert not list((settings.warehouse.parent / "admission").iterdir())


@pytest.mark.parametrize(
    ("value", "admitted_value"),
    [(0.1 + 0.2, "0.30"), (12, "12.00"), (58.9, "58.90"), (12345678.91, "12345678.91")],
)
def test_amounts_that_hold_cents_are_admitted_exactly(settings: Settings, value: Any, admitted_value: str) -> None:
    land(settings, "sellers")
    land(settings, "orders", row("orders", amount=value), name="part-0.parquet")
    assert ask(admitted(settings), "select amount::varchar from raw.orders") == [(admitted_value,)]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2018-05-01T01:30:00+03:00", datetime(2018, 4, 30, 22, 30)),
        ("2018-05-01T01:30:00Z", datetime(2018, 5, 1, 1, 30)),
        ("2018-05-01", datetime(2018, 5, 1)),
    ],
)
@pytest.mark.parametrize("name", ["part-0.csv", "part-0.parquet"])
def test_times_are_brought_to_utc(settings: Settings, text: str, utc: datetime, name: str) -> None:
    land(settings, "sellers")
    land(settings, "orders", row("orders", ordered_at=text, amount="1"), name=name)
    assert ask(admitted(settings), "select ordered_at from raw.orders") == [(utc,)]


def test_row_numbers_are_those_of_the_file_whatever_else_lands(settings: Settings) -> None:
    land(settings, "sellers")
    for number in range(3):
        rows = [row("orders", order_id=f"{number}-{i}") for i in range(4)]
        land(settings, "orders", *rows, name=f"a{number}.csv")
        land(
            settings,
            "orders",
            *({**each, "order_id": "q" + each["order_id"]} for each in rows),
            name=f"b{number}.parquet",
        )
    bad = [row("orders", order_id=f"z{i}", amount="-5.00" if i == 2 else "1") for i in range(4)]
    land(settings, "orders", *bad, name="b1.parquet")
    message = refusal(settings)
    assert "b1.parquet row 3, column amount: '-5.00' is negative" in message
    assert not path_of(settings, "orders", name="b1.parquet").exists()
    assert path_of(settings, "orders", name="b0.parquet").exists()
