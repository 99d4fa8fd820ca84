import os
from datetime import date, timedelta

import duckdb
import pytest

from ingest.admission import admit
from ingest.load import load
from ingest.plan import NightPlan, plan_nights
from tests.ingest.extract import build, land, path_of, row
from tradeline.errors import TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


DAY = [date(2018, 5, 1) + timedelta(days=days) for days in range(9)]


@pytest.fixture
def built(settings: Settings) -> Settings:
    """A home with the nights 1, 3 and 5 built."""
    land(settings, "sellers", night=DAY[1])
    for day in (1, 3, 5):
        land(settings, "orders", row("orders", order_id=f"o{day}"), night=DAY[day])
    build(settings, DAY[5])
    return settings


def test_a_first_run_builds_everything_up_to_its_night(settings: Settings) -> None:
    for day in (1, 3, 5):
        land(settings, "orders", night=DAY[day])
    assert plan_nights(settings, DAY[4]) == NightPlan(DAY[1], DAY[4], [DAY[1], DAY[3]])


def test_nothing_landed_is_nothing_to_build(settings: Settings) -> None:
    assert plan_nights(settings, DAY[4]) is None


def test_nothing_is_to_do_when_all_is_built(built: Settings) -> None:
    for day in (0, 3, 5, 8):
        assert plan_nights(built, DAY[day]) is None


def test_a_new_night_is_built_alone(built: Settings) -> None:
    land(built, "orders", night=DAY[7])
    assert plan_nights(built, DAY[7]) == NightPlan(DAY[7], DAY[7], [DAY[7]])
    assert plan_nights(built, DAY[8]) == NightPlan(DAY[7], DAY[8], [DAY[7]])
    assert plan_nights(built, DAY[6]) is None


def test_a_night_that_landed_again_with_other_content_is_rebuilt_with_all_after_it(built: Settings) -> None:
    land(built, "orders", row("orders", amount="99.00"), night=DAY[3])
    expected = NightPlan(DAY[3], DAY[5], [DAY[3], DAY[5]])
    assert plan_nights(built, DAY[5]) == expected
    # An earlier as-of date still rebuilds up to the last built night: what follows no longer telescopes.
    assert plan_nights(built, DAY[3]) == expected
    assert plan_nights(built, DAY[2]) is None


def test_a_changed_definition_of_the_partials_rebuilds_every_night(built: Settings) -> None:
    with duckdb.connect(str(built.warehouse)) as connection:
        connection.execute("update raw.nights set definitions_fingerprint = 'of an earlier release'")
    assert plan_nights(built, DAY[5]) == NightPlan(DAY[1], DAY[5], [DAY[1], DAY[3], DAY[5]])


@pytest.mark.parametrize("other", [{"timezone": "Asia/Kathmandu"}, {"no_value_texts": "null"}])
def test_what_says_what_values_mean_rebuilds_every_night(built: Settings, other: dict[str, str]) -> None:
    elsewhere = built.model_copy(update=other)
    assert plan_nights(elsewhere, DAY[5]) == NightPlan(DAY[1], DAY[5], [DAY[1], DAY[3], DAY[5]])
    build(elsewhere, DAY[5])
    assert plan_nights(elsewhere, DAY[5]) is None
    back = built.model_copy(update={name: getattr(built, name) for name in other})
    assert plan_nights(back, DAY[5]) == NightPlan(DAY[1], DAY[5], [DAY[1], DAY[3], DAY[5]])


def test_the_same_content_landed_again_is_not_rebuilt(built: Settings) -> None:
    os.utime(path_of(built, "orders", DAY[3]), ns=(1, 1))
    assert plan_nights(built, DAY[5]) is None


def test_a_file_more_in_a_built_night_is_other_content(built: Settings) -> None:
    land(built, "orders", row("orders", order_id="late"), night=DAY[3], name="part-1.csv")
    assert plan_nights(built, DAY[5]) == NightPlan(DAY[3], DAY[5], [DAY[3], DAY[5]])


def test_a_night_landed_between_built_ones_is_built_with_all_after_it(built: Settings) -> None:
    land(built, "orders", night=DAY[4])
    assert plan_nights(built, DAY[5]) == NightPlan(DAY[4], DAY[5], [DAY[4], DAY[5]])


def remove(settings: Settings, night: date) -> None:
    path_of(settings, "orders", night).unlink()
    path_of(settings, "orders", night).parent.rmdir()


def read(settings: Settings, column: str, table: str) -> list[object]:
    with duckdb.connect(settings.warehouse, read_only=True) as connection:
        return [value for (value,) in connection.execute(f"select {column} from raw.{table} order by 1").fetchall()]


def test_a_night_that_vanished_is_rebuilt_without_it(built: Settings) -> None:
    remove(built, DAY[3])
    plan = NightPlan(DAY[3], DAY[5], [DAY[5]])
    assert plan_nights(built, DAY[5]) == plan
    build(built, DAY[5])
    assert read(built, "order_id", "orders") == ["o1", "o5"]
    assert read(built, "arrived_on", "nights") == [DAY[1], DAY[5]]
    assert plan_nights(built, DAY[5]) is None


@pytest.mark.parametrize("day", [3, 5])
def test_a_night_that_vanished_is_still_rebuilt_after_a_run_that_died_once_it_was_loaded(
    built: Settings, day: int
) -> None:
    """Its rows are in the partials until these are made again, though the raw tables have none of it."""
    remove(built, DAY[day])
    plan = plan_nights(built, DAY[5])
    assert plan is not None and plan.arrived_from == DAY[day]
    load(built, admit(built, plan, "again"))
    assert plan_nights(built, DAY[5]) == plan
    build(built, DAY[5])
    assert plan_nights(built, DAY[5]) is None


def test_a_night_that_vanishes_once_it_was_loaded_and_not_built_leaves_no_row(built: Settings) -> None:
    land(built, "orders", row("orders", order_id="o7"), night=DAY[7])
    plan = plan_nights(built, DAY[8])
    assert plan is not None
    load(built, admit(built, plan, "again"))
    remove(built, DAY[7])
    assert plan_nights(built, DAY[8]) == NightPlan(DAY[7], DAY[8], [])
    build(built, DAY[8])
    assert read(built, "order_id", "orders") == ["o1", "o3", "o5"]


def test_a_night_that_was_loaded_but_not_built_is_to_be_built(built: Settings) -> None:
    land(built, "orders", row("orders", order_id="o7"), night=DAY[7])
    plan = plan_nights(built, DAY[7])
    assert plan is not None
    load(built, admit(built, plan, "again"))
    assert plan_nights(built, DAY[7]) == plan


def test_a_forced_rebuild_starts_no_later_than_asked(built: Settings) -> None:
    assert plan_nights(built, DAY[5], force_from=DAY[3]) == NightPlan(DAY[3], DAY[5], [DAY[3], DAY[5]])
    assert plan_nights(built, DAY[3], force_from=DAY[2]) == NightPlan(DAY[2], DAY[5], [DAY[3], DAY[5]])
    land(built, "orders", row("orders", amount="99.00"), night=DAY[1])
    assert plan_nights(built, DAY[5], force_from=DAY[3]) == NightPlan(DAY[1], DAY[5], [DAY[1], DAY[3], DAY[5]])


def test_a_forced_rebuild_cannot_start_after_its_end(built: Settings) -> None:
    with pytest.raises(TradelineError, match="after the as-of date"):
        plan_nights(built, DAY[3], force_from=DAY[4])
