"""Waivers: this night, this expectation, this very data; who, why and when; and never what guards structure."""

import json
import logging
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import get_args

import pytest

from cli.status import status
from expectations.data_docs import data_docs_folder
from expectations.gate import run_gate
from expectations.listing import list_gates
from expectations.report import GateReport, gates_folder, read_report
from expectations.suite import GateName, load_suite
from expectations.waive import plan_waiver, waive, withdraw
from expectations.waivers import read_waivers, waivers_file
from tests.expectations.warehouse import AS_OF, change, make_raw, make_warehouse, publish_from
from tradeline.errors import BadInput, GateFailed, TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


AMOUNT = "raw_in.orders.typical_amount"
SHARE = "raw_in.arrivals.set_aside_share"
COUNT = "offers_out.loan_eligibility.count_to_previous"
WHY = "A sale of cars, as announced."


def raw_in(settings: Settings, admission: Path, run_id: str = "run-1") -> GateReport:
    return run_gate(settings, "raw_in", admission, run_id, [AS_OF])


def offers_out(settings: Settings, run_id: str = "run-1") -> GateReport:
    return run_gate(settings, "offers_out", settings.warehouse, run_id, [AS_OF])


@pytest.fixture
def dear(empty_home: Settings, admission: Path) -> Path:
    """An admission that the gate has stopped at: its orders cost 25 times as much as the night before."""
    change(admission, "update raw.orders set amount = amount * 25, seller_id = 'new-' || order_id")
    with pytest.raises(GateFailed, match="typical_amount"):
        raw_in(empty_home, admission)
    return admission


@pytest.fixture
def halved(settings: Settings, tmp_path: Path) -> Settings:
    """A home whose offers are fewer than half of the last publication's, as its gate has said."""
    make_warehouse(tmp_path / "larger.duckdb", sellers=450)
    publish_from(settings, tmp_path / "larger.duckdb", AS_OF - timedelta(days=1), "run-0")
    with pytest.raises(GateFailed, match="count_to_previous"):
        offers_out(settings)
    return settings


def test_a_failure_names_the_command_that_waives_it(empty_home: Settings, dear: Path) -> None:
    with pytest.raises(GateFailed) as failure:
        raw_in(empty_home, dear)
    (fault,) = [line for line in str(failure.value).splitlines() if "if 2018-08-31 is right" in line]
    assert fault.endswith(f'tradeline gates waive --as-of {AS_OF} --expectation {AMOUNT} --reason "..."')


def test_a_waived_night_passes_and_everyone_is_told(
    empty_home: Settings, dear: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    waiver = waive(empty_home, AS_OF, AMOUNT, WHY, "anna")
    assert before <= waiver.at <= datetime.now(UTC)
    with caplog.at_level(logging.INFO):
        report = raw_in(empty_home, dear, "run-2")
    said = f"waived by anna at {waiver.at:%Y-%m-%d %H:%M} UTC: {WHY}"
    assert report.is_passed and report.unmet("hard") == []
    assert [each.told for each in report.waivers] == [f"{AMOUNT} of 2018-08-31 {said}"]
    (warned,) = [record.getMessage() for record in caplog.records if "raw.orders" in record.getMessage()]
    assert f"arrived_on={AS_OF}" in warned and said in warned
    kept = read_report(gates_folder(empty_home) / "run-2" / "raw_in.json")
    assert kept == report
    for page in ("index.html", "run-2/raw_in/raw.orders.html"):
        text = unescape(re.sub(r"<[^>]+>", " ", (data_docs_folder(empty_home) / page).read_text()))
        assert said in text and "Waived" in text
    assert any(said in line for line in list_gates(empty_home))


def test_a_rerun_finds_the_waiver_again_and_it_is_kept_once(empty_home: Settings, dear: Path) -> None:
    first = waive(empty_home, AS_OF, AMOUNT, WHY, "anna")
    assert raw_in(empty_home, dear, "run-2").is_passed
    assert waive(empty_home, AS_OF, AMOUNT, "Once more.", "ben") == first
    assert raw_in(empty_home, dear, "run-3").is_passed
    assert read_waivers(empty_home).words == (first,)


@pytest.mark.parametrize(
    "statement",
    [
        "update raw.nights set fingerprint = 'another file'",
        f"insert into raw.set_aside by name select '{AS_OF}' as arrived_on, 'orders' as table_name, "
        "'a.csv' as source_file, 7 as row_number, 'seller_id' as column_name, 'x' as value, "
        "'unknown seller' as reason, '{}' as row_json",
    ],
    ids=["landed again", "other rows set aside"],
)
def test_other_data_of_the_night_stops_again_and_says_why(empty_home: Settings, dear: Path, statement: str) -> None:
    waive(empty_home, AS_OF, AMOUNT, WHY, "anna")
    change(dear, statement)
    with pytest.raises(GateFailed, match=rf"waived by anna .*{WHY} \(but of other data than now\); if 2018-08-31"):
        raw_in(empty_home, dear)
    waive(empty_home, AS_OF, AMOUNT, "Also right.", "anna")
    assert raw_in(empty_home, dear).is_passed


def test_nothing_else_of_the_night_is_waived(empty_home: Settings, dear: Path) -> None:
    waive(empty_home, AS_OF, AMOUNT, WHY, "anna")
    change(dear, "update raw.payments set amount = amount * 25, seller_id = 'new-' || payment_id")
    with pytest.raises(GateFailed) as failure:
        raw_in(empty_home, dear)
    assert "1 hard expectation not met" in str(failure.value)
    assert "raw_in.payments.typical_amount" in str(failure.value) and AMOUNT not in str(failure.value)


def test_of_several_nights_in_a_pass_only_the_waived_one_is_let_through(empty_home: Settings) -> None:
    admission = empty_home.home / "admission.duckdb"
    make_raw(admission, date(2018, 8, 1), 20)
    # One up and one down: a night that is like an earlier one is usual.
    for night, scale in (("2018-08-12", 100), ("2018-08-15", 0.01)):
        change(
            admission,
            f"update raw.orders set amount = amount * {scale}, seller_id = order_id where arrived_on = '{night}'",
        )
    with pytest.raises(GateFailed, match=r"if 2018-08-15(.|\n)*if 2018-08-12(.|\n)*2 found"):
        raw_in(empty_home, admission)
    waive(empty_home, date(2018, 8, 12), AMOUNT, WHY, "anna")
    with pytest.raises(GateFailed) as failure:
        raw_in(empty_home, admission)
    assert "1 found, e.g. arrived_on=2018-08-15" in str(failure.value)
    assert "2018-08-12 is waived by anna" in str(failure.value) and "if 2018-08-12" not in str(failure.value)
    waive(empty_home, date(2018, 8, 15), AMOUNT, WHY, "anna")
    assert [each.as_of.day for each in raw_in(empty_home, admission).waivers] == [15, 12]


def test_the_share_of_rows_set_aside_can_be_waived(empty_home: Settings, admission: Path) -> None:
    change(admission, "update raw.arrivals set set_aside_row_count = 9 where table_name = 'orders'")
    with pytest.raises(GateFailed):
        raw_in(empty_home, admission)
    waive(empty_home, AS_OF, SHARE, "The old shops were closed.", "anna")
    assert raw_in(empty_home, admission).is_passed


def test_a_night_of_marts_is_its_rows_whoever_makes_them(halved: Settings) -> None:
    waive(halved, AS_OF, COUNT, "We left a country.", "anna")
    change(halved.warehouse, "update marts.loan_eligibility set run_id = 'run-2'")
    assert [each.expectation for each in offers_out(halved, "run-2").waivers] == [COUNT]
    change(halved.warehouse, "update marts.loan_eligibility set limit_amount = 5001 where seller_id = 'seller-0'")
    with pytest.raises(GateFailed, match="but of other data than now"):
        offers_out(halved, "run-3")


def test_a_waiver_that_is_withdrawn_holds_no_more(empty_home: Settings, dear: Path) -> None:
    waive(empty_home, AS_OF, AMOUNT, WHY, "anna")
    withdraw(empty_home, AS_OF, AMOUNT, "It was cents.", "ben")
    assert waive(empty_home, AS_OF, AMOUNT, "Yet it was cars.", "anna").reason == "Yet it was cars."
    withdraw(empty_home, AS_OF, AMOUNT, "It was cents.", "ben")
    with pytest.raises(GateFailed, match=r"withdrawn by ben .*It was cents\.; if 2018-08-31 is right"):
        raw_in(empty_home, dear)
    assert [word.status for word in read_waivers(empty_home).words] == ["waived", "withdrawn"] * 2
    with pytest.raises(BadInput, match=r"no waiver of .* stands"):
        withdraw(empty_home, AS_OF, AMOUNT, "Once more.", "ben")
    waive(empty_home, AS_OF, AMOUNT, "It was cars after all.", "ben")
    assert raw_in(empty_home, dear).is_passed


def test_only_these_can_be_waived() -> None:
    """What guards keys, the contract, ranges or one decision for each seller is not among them."""
    placed = [placed for gate in get_args(GateName) for suite in load_suite(gate) for placed in suite.entries]
    assert {each.name for each in placed if each.entry.is_waivable} == {
        SHARE,
        AMOUNT,
        "raw_in.payments.typical_amount",
        "raw_in.orders.sellers_amounts",
        "raw_in.payments.sellers_amounts",
        "features_out.seller_features.count_to_previous",
        COUNT,
    }


@pytest.mark.parametrize(
    ("gate", "statement", "expectation"),
    [
        ("offers_out", "insert into {0} from {0} limit 1", "offers_out.loan_eligibility.key"),
        ("offers_out", "delete from {0} where seller_id = 'seller-7'", "offers_out.loan_eligibility.one_decision_each"),
        ("offers_out", "update {0} set run_id = null", "offers_out.loan_eligibility.complete.run_id"),
    ],
)
def test_what_guards_structure_is_refused_and_says_so(
    settings: Settings, gate: GateName, statement: str, expectation: str
) -> None:
    change(settings.warehouse, statement.format("marts.loan_eligibility"))
    with pytest.raises(GateFailed, match=rf"{expectation}: .*\n  it guards structure"):
        run_gate(settings, gate, settings.warehouse, "run-1", [AS_OF])
    with pytest.raises(BadInput, match=f"{expectation} guards structure, so nobody can waive it"):
        waive(settings, AS_OF, expectation, WHY, "anna")
    assert not waivers_file(settings).exists()


def test_a_word_written_by_hand_does_not_open_what_guards_structure(settings: Settings) -> None:
    change(settings.warehouse, "insert into marts.loan_eligibility from marts.loan_eligibility limit 1")
    word = {
        "status": "waived", "expectation": "offers_out.loan_eligibility.key", "as_of": str(AS_OF), "fingerprint": "f",
        "by": "eve", "at": "2018-09-01T00:00:00Z", "reason": "I say so.",
    }  # fmt: skip
    waivers_file(settings).parent.mkdir(parents=True)
    waivers_file(settings).write_text(json.dumps(word) + "\n")
    with pytest.raises(GateFailed, match=r"offers_out\.loan_eligibility\.key: .*\n  it guards structure"):
        offers_out(settings)


@pytest.mark.parametrize(
    ("as_of", "expectation", "told"),
    [
        (AS_OF, "raw_in.payments.typical_amount", f"did not stop {AS_OF}.*--expectation {AMOUNT}"),
        (AS_OF, "typical_amount", f"no hard expectation has this name.*--expectation {AMOUNT}"),
        (AS_OF, "raw_in.orders.typical_amounts", "no hard expectation has this name"),
        (AS_OF, COUNT, f"did not stop {AS_OF}"),
        (AS_OF - timedelta(days=1), AMOUNT, "No gate has checked 2018-08-30 yet"),
    ],
)
def test_only_a_failure_that_happened_is_waived(
    empty_home: Settings, dear: Path, as_of: date, expectation: str, told: str
) -> None:
    with pytest.raises(BadInput, match=told):
        waive(empty_home, as_of, expectation, WHY, "anna")
    assert not waivers_file(empty_home).exists()


def test_a_failure_that_is_mended_is_not_waived(empty_home: Settings, dear: Path) -> None:
    change(dear, "update raw.orders set amount = amount / 25")
    assert raw_in(empty_home, dear, "run-2").is_passed
    with pytest.raises(BadInput, match=rf"did not stop {AS_OF}.*Nothing of {AS_OF} waits for a waiver"):
        waive(empty_home, AS_OF, AMOUNT, WHY, "anna")
    assert list_gates(empty_home) == ["No gate has stopped anything", "No waivers"]


@pytest.mark.parametrize(("reason", "by"), [("", "anna"), (" ", "anna"), ("...", "anna"), ("a\nb", "anna"), (WHY, "")])
def test_without_a_reason_or_a_name_nothing_is_waived(empty_home: Settings, dear: Path, reason: str, by: str) -> None:
    with pytest.raises(BadInput, match=r"says nothing|more than one line"):
        waive(empty_home, AS_OF, AMOUNT, reason, by)
    assert not waivers_file(empty_home).exists()


DAMAGES: dict[str, Callable[[str], str]] = {
    "breaks off": lambda text: text[:-1],
    "half a line": lambda text: text + text[:40],
    "no JSON": lambda text: "waived by anna\n",
    "blank line": lambda text: "\n" + text,
    "no reason": lambda text: text.replace(WHY, " "),
    "no fingerprint": lambda text: re.sub(r'"fingerprint":"\w+",', "", text),
    "another field": lambda text: text.replace('"by"', '"until":"2030-01-01","by"'),
    "another status": lambda text: text.replace('"waived"', '"perhaps"'),
    "a day that is none": lambda text: text.replace("2018-08-31", "2018-08-32"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_opens_no_gate_and_says_what_to_do(empty_home: Settings, admission: Path, damage: str) -> None:
    change(admission, "update raw.orders set amount = amount * 25, seller_id = 'new-' || order_id")
    with pytest.raises(GateFailed):
        raw_in(empty_home, admission)
    waive(empty_home, AS_OF, AMOUNT, WHY, "anna")
    path = waivers_file(empty_home)
    path.write_text(DAMAGES[damage](path.read_text()))
    assert any(str(path) in notice for notice in status(empty_home).notices)
    told = rf"{path}.* line \d|{path} breaks off in line \d"
    for attempt in (
        lambda: raw_in(empty_home, admission),
        lambda: plan_waiver(empty_home, AS_OF, AMOUNT, WHY, "anna"),
        lambda: list_gates(empty_home),
    ):
        with pytest.raises(TradelineError, match=f"({told}).*Restore it from a backup") as failure:
            attempt()
        assert not isinstance(failure.value, GateFailed)
    change(admission, "update raw.orders set amount = amount / 25")
    with pytest.raises(TradelineError, match="no gate opens before it is whole"):
        raw_in(empty_home, admission)


def test_a_file_that_is_no_text_is_named(empty_home: Settings, admission: Path) -> None:
    waivers_file(empty_home).parent.mkdir(parents=True)
    waivers_file(empty_home).write_bytes(b"\xff\xfe\n")
    with pytest.raises(TradelineError, match=r"waivers\.jsonl cannot be read"):
        raw_in(empty_home, admission)


def test_the_list_shows_what_can_be_waived_and_of_one_night_only(empty_home: Settings, dear: Path) -> None:
    stopped, remedy, command, fault, why, none = list_gates(empty_home, AS_OF)
    assert stopped == "raw_in stopped as_of 2018-08-31, run run-1"
    assert remedy == f"  {AMOUNT}: Correct the unit at the source and land the night again."
    typed = f'tradeline gates waive --as-of 2018-08-31 --expectation {AMOUNT} --reason "..."'
    assert command == f"    if 2018-08-31 is right all the same: {typed}"
    assert fault.startswith("    raw.orders: expected a night's median amount") and "1 found" in fault
    assert why.startswith("    Amounts came in another unit")
    assert none == "No waivers"
    assert list_gates(empty_home, date(2018, 8, 30)) == ["No gate has stopped anything", "No waivers"]
