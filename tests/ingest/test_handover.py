"""The plan that the gate of raw nights hands to the step that builds them, and what it stands on."""

import os
from collections.abc import Callable
from datetime import date, timedelta

import duckdb
import pytest

from ingest.admission import admission_file, admit
from ingest.handover import KEPT, Handover, forget, hand_over, taken_over
from ingest.load import load, mark_built
from ingest.plan import NightPlan, plan_nights
from tests.ingest.extract import build, land, row
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


DAY = [date(2018, 5, 1) + timedelta(days=days) for days in range(9)]


@pytest.fixture
def gated(settings: Settings) -> Settings:
    """A home with the nights 1, 3 and 5 built, of which 3 has landed again and is handed over with all after it."""
    land(settings, "sellers", night=DAY[1])
    for day in (1, 3, 5):
        land(settings, "orders", row("orders", order_id=f"o{day}"), night=DAY[day])
    build(settings, DAY[5])
    land(settings, "orders", row("orders", order_id="again"), night=DAY[3])
    plan = plan_nights(settings, DAY[4])
    assert plan is not None
    admit(settings, plan, "run")
    hand_over(settings, "run", DAY[4], None, plan)
    return settings


def taken(settings: Settings, as_of: date = DAY[4], force_from: date | None = None) -> Handover | None:
    return taken_over(settings, "run", as_of, force_from)


def build_other(settings: Settings, day: int) -> None:
    """Let another run build a night that was not there."""
    plan = NightPlan(DAY[day], DAY[day], [DAY[day]])
    land(settings, "orders", row("orders", order_id="other"), night=DAY[day])
    load(settings, admit(settings, plan, "other"))
    mark_built(settings, plan)


def test_the_plan_is_taken_over_as_it_was_made(gated: Settings) -> None:
    found = taken(gated)
    assert found is not None and found.plan == NightPlan(DAY[3], DAY[5], [DAY[3], DAY[5]])


def test_a_retry_takes_over_the_whole_plan_once_its_nights_are_loaded(gated: Settings) -> None:
    before = taken(gated)
    load(gated, admission_file(gated, "run"))
    assert plan_nights(gated, DAY[4]) == NightPlan(DAY[3], DAY[4], [DAY[3]]), "a plan of today would lose night 5"
    assert taken(gated) == before


def test_what_lands_in_between_waits_for_the_next_run(gated: Settings) -> None:
    before = taken(gated)
    land(gated, "orders", row("orders", order_id="late"), night=DAY[2])
    found = taken(gated)
    assert found is not None and found == before and found.plan is not None
    load(gated, admission_file(gated, "run"))
    mark_built(gated, found.plan)
    assert plan_nights(gated, DAY[4]) == NightPlan(DAY[2], DAY[5], [DAY[2], DAY[3], DAY[5]])


@pytest.mark.parametrize(
    "change",
    [
        lambda home: admission_file(home, "run").unlink(),
        lambda home: admission_file(home, "run").with_suffix(".json").write_text("half a fi"),
        lambda home: forget(home, "run"),
        lambda home: _redefine(home),
    ],
    ids=["admission lost", "torn", "forgotten", "built by other SQL"],
)
def test_what_does_not_hold_is_not_taken_over(gated: Settings, change: Callable[[Settings], object]) -> None:
    change(gated)
    assert taken(gated) is None


@pytest.mark.parametrize("day", [2, 7])
def test_a_night_that_another_run_has_built_before_or_after_asks_for_another_plan(gated: Settings, day: int) -> None:
    assert taken(gated) is not None
    build_other(gated, day)
    assert taken(gated) is None


def test_another_night_or_rebuild_asks_for_another_plan(gated: Settings) -> None:
    assert taken(gated, as_of=DAY[5]) is None
    assert taken(gated, force_from=DAY[1]) is None


def test_that_nothing_is_to_be_built_holds_until_something_is(gated: Settings) -> None:
    build(gated, DAY[4])
    hand_over(gated, "run", DAY[4], None, plan_nights(gated, DAY[4]))
    found = taken(gated)
    assert found is not None and found.plan is None
    build_other(gated, 7)
    assert taken(gated) is None


def test_admissions_of_runs_that_never_ended_go_but_for_the_newest(settings: Settings) -> None:
    names = ["run", *(f"run.{number}" for number in range(KEPT + 2))]
    admission_file(settings, "run").parent.mkdir(parents=True)
    for at, name in enumerate(names):
        for path in (admission_file(settings, name), admission_file(settings, name).with_suffix(".json")):
            path.touch()
            os.utime(path, (at, at))
    forget(settings, "run.3")
    left = {path.name for path in admission_file(settings, "run").parent.iterdir()}
    assert left == {f"{name}{suffix}" for name in ("run.1", "run.2", "run.4") for suffix in (".duckdb", ".json")}


def test_other_code_asks_for_another_plan(gated: Settings) -> None:
    assert taken_over(gated.model_copy(update={"no_value_texts": "none"}), "run", DAY[4], None) is None


def _redefine(settings: Settings) -> None:
    with duckdb.connect(settings.warehouse) as connection:
        connection.execute("update raw.nights set definitions_fingerprint = 'of another release'")
