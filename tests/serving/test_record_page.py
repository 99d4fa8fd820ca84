"""A credit record in words, on the terminal, as JSON and CSV, and as a page."""

import io
import json
import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rich.console import Console

from cli.screens.record import ASCII_BLOCKS, Bars, render_record
from serving.publish import publish
from serving.query import Result
from serving.record import TABLE, Record
from serving.record_page import write_record_page
from serving.record_words import history, standing
from tests.command import tradeline
from tests.serving.built import build_night
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


SELLER = "seller-0000003"
LOAN = {
    "loan_id": "L1", "status": "disbursed", "applied_on": date(2024, 1, 5), "disbursed_on": date(2024, 1, 6),
    "principal_amount": Decimal("300.00"), "term_days": 60, "annual_rate": 0.18, "installments": [],
}  # fmt: skip


def night(as_of: str, **changed: Any) -> dict[str, Any]:
    plain = {
        "seller_id": "s", "as_of": date.fromisoformat(as_of), "seller_type": "business", "industry": None,
        "region": None, "seller_status": "active", "tenure_days": 100, "sales_amount_30d": Decimal("1000.00"),
        "sales_amount_365d": Decimal("9000.00"), "orders_365d": 90, "loan_applications": 1, "loans_taken": 1,
        "loans_repaid": 0, "loans_written_off": 0, "loans_open": 1, "principal_amount": Decimal("300.00"),
        "outstanding_amount": Decimal("309.00"), "installments_due": 1, "installments_paid_on_time": 1,
        "installments_paid_late": 0, "installments_unpaid": 0, "current_days_past_due": 0, "worst_days_past_due": 0,
        "pd": 0.05, "score": 800, "is_eligible": True, "limit_amount": Decimal("500.00"), "annual_rate": 0.14,
        "term_days": 90, "installments": 3, "reason_codes": [], "model_version": "m1", "policy_version": "p1",
        "run_id": "r1", "loans": [LOAN],
    }  # fmt: skip
    return plain | changed


def record_of(*nights: dict[str, Any]) -> Record:
    reasons = {"PAST_DUE": ("An installment is past due.", "Pay what is due.")}
    return Record("s", "CNY", Result((), (), []), nights, reasons)


def shown(record: Record, width: int = 120) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(render_record(record))
    return console.export_text()


def test_only_nights_that_matter_are_shown_with_what_happened() -> None:
    declined = {"is_eligible": False, "limit_amount": Decimal(0), "reason_codes": ["PAST_DUE"]}
    record = record_of(
        night("2024-01-30", loans=[]),
        night("2024-01-31", loans=[]),
        night("2024-02-01"),
        night("2024-02-02", score=790),  # a score moves every night
        night("2024-02-03", current_days_past_due=1, **declined),
        night("2024-02-04", current_days_past_due=2, **declined),
        night("2024-03-03", current_days_past_due=30, **declined),
        night("2024-03-04", loans=[LOAN | {"status": "repaid"}], seller_status="suspended"),
        night("2024-03-05", loans=[LOAN | {"status": "repaid"}], seller_status="suspended"),
    )
    assert [(row[0], row[-1]) for row in history(record)] == [
        ("2024-01-30", "the record begins"),
        ("2024-01-31", ""),
        ("2024-02-01", "loan L1 paid out"),
        ("2024-02-03", "1 day past due; no offer: An installment is past due."),
        ("2024-02-04", ""),
        ("2024-03-03", "30 days past due"),
        ("2024-03-04", "shop suspended; loan L1 repaid; nothing past due; offer"),
        ("2024-03-05", ""),
    ]
    assert history(record)[5] == ["2024-03-03", "800", "1,000", "309", "30", "", "30 days past due"]


def test_where_a_seller_stands() -> None:
    lines = dict(standing(record_of(night("2024-01-31"))))
    assert lines["seller"] == "s, business, active, 100 days on the marketplace"
    terms = "14% a year for 90 days, the principal in 3 equal parts"
    assert lines["offer"] == f"up to 500.00 CNY at {terms}; score 800, pd 5.0%"
    assert lines["turnover"] == "1,000.00 CNY in 30 days, 9,000.00 in 365 days (90 orders)"
    declined = night("2024-01-31", is_eligible=False, reason_codes=["PAST_DUE", "BYGONE"], score=None, pd=None)
    assert dict(standing(record_of(declined)))["offer"].splitlines() == [
        "none; no score", "An installment is past due. Pay what is due.", "BYGONE",
    ]  # fmt: skip


def test_what_has_not_landed_is_said_to_be_unknown() -> None:
    credit = [name for name in night("2024-01-31") if name.startswith(("loan", "installments"))]
    nothing = dict.fromkeys([*credit, "outstanding_amount", "current_days_past_due", "sales_amount_30d"])
    record = record_of(night("2024-01-31", **nothing, sales_amount_365d=None))
    lines = dict(standing(record))
    assert lines["loans"] == "unknown: no loans have landed"
    assert lines["turnover"] == "unknown: no sales have landed"
    assert "Loans and their installments" not in shown(record)


def test_installments_stand_as_they_stood_on_the_night() -> None:
    due = {"amount_due": Decimal("100.00"), "amount_paid": Decimal("100.00"), "days_past_due": 0}
    open_ = due | {"amount_paid": Decimal("40.00"), "paid_on": date(2024, 3, 1)}
    loan = LOAN | {
        "installments": [
            due | {"installment_no": 1, "due_on": date(2024, 2, 5), "paid_on": date(2024, 2, 1)},
            due | {"installment_no": 2, "due_on": date(2024, 2, 6), "paid_on": date(2024, 2, 7), "days_past_due": 1},
            open_ | {"installment_no": 3, "due_on": date(2024, 2, 25), "days_past_due": 5},
            open_ | {"installment_no": 4, "due_on": date(2024, 3, 1)},
            open_ | {"installment_no": 5, "due_on": date(2024, 3, 2)},
        ]
    }
    text = shown(record_of(night("2024-03-01", loans=[loan])))
    last = [line.split("  ")[-1].strip() for line in map(str.strip, text.splitlines()) if " 100.00 " in line]
    assert last == ["on time", "1 day late", "5 days past due", "due today", "to come"]


def test_a_long_history_is_cut_and_says_so() -> None:
    first = date(2014, 1, 31)
    record = record_of(*(night(str(first + timedelta(days=31 * month))) for month in range(100)))
    text = shown(record)
    assert "60 earlier ones are left out" in text
    assert str(first + timedelta(days=31 * 59)) not in text and str(first + timedelta(days=31 * 60)) in text
    assert str(record.latest["as_of"]) in text


def test_bars_go_from_the_lowest_to_the_highest() -> None:
    assert Bars([0, 1, None, 7]).drawn("01234567") == "01 7"
    assert Bars([5, 10], low=0).drawn("01234567") == "47"
    assert Bars([3, 3]).drawn("01234567") == "00"
    many = Bars([float(n) for n in range(600)])  # the last of every ten
    assert many.values == [float(n) for n in range(9, 600, 10)]
    assert sorted(many.drawn("0123456789")) == list(many.drawn("0123456789")) and many.drawn("01")[-1] == "1"
    console = Console(file=io.TextIOWrapper(io.BytesIO(), encoding="latin-1"), width=80)
    with console.capture() as captured:
        console.print(Bars([1, 2]))
    assert captured.get().strip() == ASCII_BLOCKS[0] + ASCII_BLOCKS[-1]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two nights, one of them decided twice, and a seller with an awkward name."""
    settings = Settings(home=tmp_path_factory.mktemp("record") / "home")
    for as_of, run_id, mark in (
        ("2018-08-30", "first", 700),
        ("2018-08-31", "second", 710),
        ("2018-08-31", "third", 720),
    ):
        on = date.fromisoformat(as_of)
        build_night(settings, on, run_id, mark=mark)
        with duckdb.connect(str(settings.warehouse)) as connection:
            for table in ("seller_features", "credit_scores", "loan_eligibility", TABLE):
                connection.execute(
                    f"update marts.{table} set seller_id = '[b]<i>''' where seller_id = 'seller-0000004'"
                )
        publish(settings, [on], run_id)
    return settings


def test_the_page_on_the_terminal(home: Settings) -> None:
    result = tradeline(home.home, "record", SELLER)
    assert result.returncode == 0, result.stderr
    for text in (f"{SELLER}, ", "score 720, pd 3.0%", "up to 720.00 CNY at 18%", "loan-3", "30 days past due"):
        assert text in result.stdout
    assert "2018-08-30" in result.stdout and "the record begins" in result.stdout
    assert "[b]<i>'" in tradeline(home.home, "record", "[b]<i>'").stdout


def test_json_and_csv_are_the_whole_history(home: Settings) -> None:
    rows = json.loads(tradeline(home.home, "record", SELLER, "--format", "json").stdout, parse_float=Decimal)
    assert [(row["as_of"], row["run_id"], row["is_current"]) for row in rows] == [
        ("2018-08-30", "first", True), ("2018-08-31", "second", False), ("2018-08-31", "third", True),
    ]  # fmt: skip
    assert rows[0]["loans"][0]["installments"][0]["amount_due"] == Decimal("51.50")
    lines = tradeline(home.home, "record", SELLER, "--format", "csv").stdout.splitlines()
    assert lines[0].startswith("seller_id,as_of,") and len(lines) == 4


def test_the_page_with_plots_is_whole_and_always_the_same(home: Settings, tmp_path: Path) -> None:
    pages = [tmp_path / "new folder" / name for name in ("a.html", "b.html")]
    for page in pages:
        result = tradeline(home.home, "record", "[b]<i>'", "--page", str(page))
        assert result.stdout == f"open {page}\n"
    text = pages[0].read_text()
    assert pages[1].read_text() == text
    assert text.count("<svg") == 4 and "[b]&lt;i&gt;" in text and "<i>" not in text
    assert "http" not in text.replace("http://www.w3.org", "")
    assert "30 days past due" in text and "up to 720.00 CNY" in text


def test_one_night_is_no_plot(tmp_path: Path) -> None:
    """Its axis would run over years that nothing is known of."""
    page = tmp_path / "record.html"
    write_record_page(record_of(night("2024-01-31", score=None)), page)
    text = page.read_text()
    assert "<svg" not in text and text.count("One night is known; a plot needs two.") == 3
    assert text.count("Nothing is known of it yet.") == 1


def test_days_past_due_are_whole_also_where_all_are_zero(tmp_path: Path) -> None:
    page = tmp_path / "record.html"
    nothing = {"sales_amount_30d": Decimal(0), "limit_amount": None, "is_eligible": False}
    days = (29, 30, 31)
    write_record_page(record_of(*(night(f"2024-01-{day}", **nothing) for day in days)), page)
    labels = re.findall(r">([0-9.]+)</text>", page.read_text())
    assert labels and not [label for label in labels if "." in label]


def test_an_unknown_seller_is_one_message(home: Settings) -> None:
    result = tradeline(home.home, "record", "seller-9")
    assert result.returncode == 1 and "tradeline: there is no credit record of a seller 'seller-9'" in result.stderr
    assert "Traceback" not in result.stderr
