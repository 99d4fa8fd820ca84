"""Schedules in the business time zone: each business day has one night, which is run once the day has ended."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cli.airflow.home import prepare
from pipeline.crons import MONTHLY
from pipeline.whole_nights import last_training
from tests.local_airflow import use_local_airflow
from tradeline.contracts.sources import SourceSchedule
from tradeline.settings import PROJECT, Settings

pytestmark = pytest.mark.slow


# Clocks change at 2, by half an hour; at 2 and at 3; at midnight, in some years; never, with an offset of 5:45.
ZONES = ("UTC", "Australia/Lord_Howe", "America/New_York", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu")
DagOf = Callable[[str, str], Any]


@pytest.fixture(scope="module")
def dag_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DagOf]:
    """A DAG as the scheduler keeps it where the deployment is in a time zone."""
    before = dict(os.environ)
    use_local_airflow(tmp_path_factory)
    from airflow.dag_processing.dagbag import DagBag
    from airflow.serialization.serialized_objects import DagSerialization

    def read(dag_id: str, zone: str) -> Any:
        os.environ["TRADELINE_TIMEZONE"] = zone
        bag = DagBag(PROJECT / "dags" / f"{dag_id}.py")
        assert bag.import_errors == {}
        return DagSerialization.from_dict(DagSerialization.to_dict(bag.dags[dag_id]))

    yield read
    os.environ.clear()
    os.environ.update(before)


def intervals(dag: Any, zone: str, first_on: date, last_on: date) -> list[tuple[datetime, datetime]]:
    """The data intervals of a backfill from the first to the last day there, in the times of the zone."""
    there = ZoneInfo(zone)
    first, last = datetime.combine(first_on, time(), there), datetime.combine(last_on, time(23, 59), there)
    infos = dag.iter_dagrun_infos_between(first.astimezone(UTC), last.astimezone(UTC))
    return [(info.data_interval.start, info.data_interval.end) for info in infos]


@pytest.mark.parametrize("zone", ZONES)
def test_every_business_day_has_one_night_at_two_oclock(dag_of: DagOf, zone: str) -> None:
    first_on, last_on = date(2017, 1, 1), date(2018, 12, 31)
    found = intervals(dag_of("seller_marts", zone), zone, first_on, last_on)
    spans = [_business_days(zone, start, end) for start, end in found]
    assert spans == [(day, day) for day in _days(first_on, last_on)]
    hours = [end.astimezone(ZoneInfo(zone)).time() for _, end in found]
    # Where clocks skip two o'clock, the run starts when they have.
    assert sum(at != time(2) for at in hours) <= 2 and all(time(2) <= at <= time(3) for at in hours)


def test_with_sources_every_business_day_still_has_one_night(
    dag_of: DagOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the mappings say: one that cannot be read is a source too, and a file with no name of one is none."""
    zone, first_on, last_on = "America/New_York", date(2017, 3, 1), date(2017, 12, 31)
    sources = Settings(home=tmp_path).sources
    sources.mkdir(parents=True)
    for name, text in (("shop", "schedule: 30 1 * * *"), ("bank", "kind: ["), ("late", "schedule: x"), ("My Shop", "")):
        (sources / f"{name}.yml").write_text(text)
    monkeypatch.setenv("TRADELINE_HOME", str(tmp_path))
    dag = dag_of("seller_marts", zone)
    assert {asset.name for _, asset in dag.timetable.asset_condition.iter_assets()} == {
        "landed_shop",
        "landed_bank",
        "landed_late",
    }
    spans = [_business_days(zone, start, end) for start, end in intervals(dag, zone, first_on, last_on)]
    assert spans == [(day, day) for day in _days(first_on, last_on)]


@pytest.mark.parametrize("zone", ZONES)
def test_every_month_is_trained_on_once_at_four_oclock_of_the_next(dag_of: DagOf, zone: str) -> None:
    found = intervals(dag_of("credit_model", zone), zone, date(2017, 1, 1), date(2018, 12, 31))
    spans = [_business_days(zone, start, end) for start, end in found]
    firsts = [date(2017 + month // 12, month % 12 + 1, 1) for month in range(25)]
    assert spans == [(first, following - timedelta(days=1)) for first, following in pairwise(firsts)]
    assert {end.astimezone(ZoneInfo(zone)).time() for _, end in found} == {time(4)}


def test_a_day_given_to_airflows_own_command_line_is_a_business_day(tmp_path: Path) -> None:
    prepare(Settings(home=tmp_path, timezone="Asia/Kathmandu"), tmp_path / "airflow", 8080)
    assert "default_timezone = Asia/Kathmandu" in (tmp_path / "airflow" / "airflow.cfg").read_text()


def test_what_is_said_of_the_schedule_is_the_schedule(dag_of: DagOf) -> None:
    """Every time of day in the docs and the web UI's texts, and how often each DAG runs."""
    from pipeline.orchestration import BACKFILL
    from pipeline.schedules import daily, monthly

    night, training = (_time_of_day(schedule.expression) for schedule in (daily(), monthly()))
    source = _time_of_day(SourceSchedule().schedule)
    assert (daily().expression.split()[2:], monthly().expression.split()[2:]) == (["*"] * 3, ["1", "*", "*"])
    operations = (PROJECT / "docs" / "operations.md").read_text()
    assert f"| `seller_marts` | daily {night}, " in operations
    assert f"| `credit_model` | on the 1st, {training}, " in operations
    marts, model = (dag_of(dag_id, "UTC").doc_md for dag_id in ("seller_marts", "credit_model"))
    assert "Every night at" in marts and "On the first of each month" in model
    form = {"00:00", "23:59"}  # what the backfill form puts
    sources = (PROJECT / "docs" / "sources.md").read_text()
    assert f"`land_NAME` runs at {source} in the business time zone" in sources
    said_of = {operations: {night, training, source}, marts: {night}, BACKFILL: {night}, model: {training}}
    for text, known in said_of.items():
        assert set(re.findall(r"\b\d\d:\d\d\b", text)) - form == known


@pytest.mark.parametrize(
    ("cron", "period"),
    [(MONTHLY, "%Y-%m"), ("0 4 * * 1", "%G-%V"), ("0 0 * * *", "%F")],
    ids=["the schedule's months", "were it weekly", "were it at the end of each night"],
)
def test_tradeline_run_trains_as_often_as_the_schedule(dag_of: DagOf, cron: str, period: str) -> None:
    """Nights share a training where one run of credit_model would be the last before the end of each."""
    from airflow.sdk.timezone import coerce_datetime
    from airflow.timetables.interval import CronDataIntervalTimetable

    days = _days(date(2017, 1, 2), date(2018, 12, 30))
    scheduled = CronDataIntervalTimetable(cron, "UTC")
    for day in days:
        ended = coerce_datetime(datetime.combine(day + timedelta(days=1), time(), UTC))
        assert last_training(day, cron) == scheduled.infer_manual_data_interval(run_after=ended).end
    shared = {(last_training(day, cron), day.strftime(period)) for day in days}
    assert len(shared) == len({training for training, _ in shared}) == len({named for _, named in shared}) > 20


def _time_of_day(cron: str) -> str:
    minute, hour, *_ = cron.split()
    return f"{int(hour):02}:{int(minute):02}"


def _business_days(zone: str, start: datetime, end: datetime) -> tuple[date, date]:
    # Airflow reads its configuration when it is first imported, so not before a test has said where that is.
    from pipeline.orchestration import business_days

    return business_days(zone, start, end)


def _days(first_on: date, last_on: date) -> list[date]:
    return [first_on + timedelta(days=number) for number in range((last_on - first_on).days + 1)]
