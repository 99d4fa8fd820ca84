"""Answers as tables, CSV and JSON."""

import csv
import io
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rich.console import Console

from cli.screens.formats import ROWS_SHOWN, to_csv, to_json, to_table
from serving.query import Result

SEEN_AT = datetime(2018, 9, 1, 2, 3)
ANSWER = Result(
    ("seller_id", "as_of", "limit_amount", "pd", "reason_codes", "is_eligible", "seen_at"),
    ("VARCHAR", "DATE", "DECIMAL(18,2)", "DOUBLE", "VARCHAR[]", "BOOLEAN", "TIMESTAMP"),
    [
        ("a,\"b\"", date(2018, 8, 31), Decimal("1234567890123456.70"), 0.1, ["X", "Y"], True, SEEN_AT),
        ("[bold]ß", None, Decimal("0.10"), float("nan"), [], False, None),
    ],
)  # fmt: skip


def shown(result: Result, width: int) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(to_table(result, width))
    return console.export_text()


def test_csv_is_exact_and_read_back_by_any_reader() -> None:
    rows = list(csv.reader(io.StringIO(to_csv(ANSWER))))
    assert rows == [
        list(ANSWER.columns),
        ['a,"b"', "2018-08-31", "1234567890123456.70", "0.1", '["X", "Y"]', "true", "2018-09-01T02:03:00"],
        ["[bold]ß", "", "0.10", "null", "[]", "false", ""],
    ]


def test_json_keeps_every_digit() -> None:
    first, second = json.loads(to_json(ANSWER), parse_float=Decimal)
    assert first == {
        "seller_id": 'a,"b"',
        "as_of": "2018-08-31",
        "limit_amount": Decimal("1234567890123456.70"),
        "pd": Decimal("0.1"),
        "reason_codes": ["X", "Y"],
        "is_eligible": True,
        "seen_at": "2018-09-01T02:03:00",
    }
    assert (second["seller_id"], second["as_of"], second["pd"]) == ("[bold]ß", None, None)
    assert json.loads(to_json(Result(("a",), ("INTEGER",), []))) == []


def test_nested_values_are_json_too() -> None:
    value: dict[str, Any] = {"amount": Decimal("1.50"), "days": [date(2018, 1, 1)]}
    answer = Result(("terms",), ("STRUCT(...)",), [(value,)])
    assert json.loads(to_json(answer))[0]["terms"] == {"amount": 1.5, "days": ["2018-01-01"]}
    assert list(csv.reader(io.StringIO(to_csv(answer))))[1] == ['{"amount": 1.50, "days": ["2018-01-01"]}']


def test_table_puts_numbers_to_the_right_and_text_to_the_left() -> None:
    lines = shown(
        Result(("name", "amount"), ("VARCHAR", "DECIMAL(18,2)"), [("a", Decimal("1.00")), ("bb", Decimal("10.00"))]), 80
    )
    assert "│ a    │   1.00 │" in lines and "│ bb   │  10.00 │" in lines


def test_rows_that_are_too_wide_are_shown_line_by_line() -> None:
    assert "│ seller_id " in shown(ANSWER, 40)
    assert "│ [bold]ß " in shown(ANSWER, 200)
    assert all(name in shown(ANSWER, 40) for name in ANSWER.columns)


def test_a_long_answer_says_how_much_is_left_out() -> None:
    long = Result(("n",), ("INTEGER",), [(number,) for number in range(ROWS_SHOWN + 5)])
    text = shown(long, 80)
    assert f"│ {ROWS_SHOWN - 1} │" in text and f"│ {ROWS_SHOWN} │" not in text
    assert "first 100 of 105 rows" in text
    assert to_csv(long).count("\n") == ROWS_SHOWN + 6
