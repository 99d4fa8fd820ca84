"""A night that a gate stopped at, let through on a person's word: by the trigger form and on the command line."""

from datetime import date

import pytest

from cli.status import status
from expectations.waive import waive
from pipeline.walks import walk
from pipeline.whole_nights import run_nights
from tests.command import tradeline
from tests.end_to_end.conftest import land_in_cents, other_faults
from tests.markets import Market
from tradeline.account import account
from tradeline.contracts.publications import read_publications
from tradeline.errors import TradelineError
from tradeline.journal import Entry, read_journal
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


AMOUNT = "raw_in.payments.typical_amount"
WHY = "We sell cars now."


@pytest.fixture
def stopped(home: Settings, market: Market) -> date:
    """A night whose payments are a hundred times as large, at which raw_gate has stopped."""
    night = market.night(8)
    land_in_cents(home, night)
    with pytest.raises(TradelineError, match=f"--as-of {night} --expectation {AMOUNT}"):
        walk(home, "seller_marts", {"as_of": night.isoformat()})
    return night


def entries(settings: Settings, step: str) -> list[Entry]:
    return [entry for entry in read_journal(settings) if entry.step == step]


def test_the_form_waives_its_as_of_night_for_whoever_triggered_it(home: Settings, stopped: date) -> None:
    form = {"as_of": stopped.isoformat(), "waive_reason": WHY}
    with pytest.raises(TradelineError, match="guards structure"):
        walk(home, "seller_marts", form | {"waive_expectation": "raw_in.nights.row_count"})
    with pytest.raises(TradelineError, match="needs both its fields"):
        walk(home, "seller_marts", form)
    with pytest.raises(TradelineError, match="for one night: give it as as_of"):
        ends = {"from": stopped.isoformat(), "to": stopped.isoformat()}
        walk(home, "seller_marts", ends | {"waive_expectation": AMOUNT, "waive_reason": WHY})
    assert len(read_publications(home)) == 1
    for name in other_faults(home, stopped, AMOUNT):
        waive(home, stopped, name, WHY, "anna")
    walk(home, "seller_marts", form | {"waive_expectation": AMOUNT})
    (done, *_) = [entry for entry in entries(home, "waive") if AMOUNT in entry.message and entry.status == "done"]
    assert done.as_ofs == [stopped.isoformat()] and f"waived by {account()} at " in done.message and WHY in done.message
    assert done.message in entries(home, "raw_gate")[-1].message
    assert any("gate raw_in" in notice and "waived" in notice and WHY in notice for notice in status(home).notices)
    walk(home, "loan_eligibility", {"as_of": stopped.isoformat()})
    assert done.message in read_publications(home)[-1].waivers


def test_the_command_line_waives_and_the_night_is_published(home: Settings, stopped: date) -> None:
    arguments = ("gates", "waive", "--as-of", stopped.isoformat(), "--reason", WHY, "--by", "anna")
    length = len(read_journal(home))
    refused = tradeline(home.home, *arguments, "--expectation", "raw_in.orders.typical_amounts")
    assert refused.returncode == 1 and f"--expectation {AMOUNT}" in refused.stderr
    assert len(read_journal(home)) == length
    for name in (AMOUNT, *other_faults(home, stopped, AMOUNT)):
        result = tradeline(home.home, *arguments, "--expectation", name)
        assert result.returncode == 0, result.stderr
        assert f"{name} of {stopped} waived by anna (entered by {account()}) at" in result.stdout
    run_nights(home, {"as_of": stopped.isoformat()})
    assert any(AMOUNT in word and "anna" in word and WHY in word for word in read_publications(home)[-1].waivers)
    assert f"{AMOUNT} of {stopped} waived by anna" in tradeline(home.home, "gates", "list").stdout
    back = tradeline(home.home, "gates", "withdraw", *arguments[2:], "--expectation", AMOUNT)
    assert back.returncode == 0 and "withdrawn by anna" in back.stdout
    with pytest.raises(TradelineError, match=f"withdrawn by anna(.|\n)*--expectation {AMOUNT}"):
        walk(home, "seller_marts", {"as_of": stopped.isoformat(), "force_from": stopped.isoformat()})
    assert entries(home, "withdraw")[-1].status == "done"
