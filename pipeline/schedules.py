"""When each DAG runs, in the business time zone; read while a DAG file is parsed, so it imports nothing heavy."""

from typing import Any

from airflow.sdk import Asset, AssetAny, AssetOrTimeSchedule, CronDataIntervalTimetable, CronTriggerTimetable

from pipeline.crons import MONTHLY, NIGHTLY
from tradeline.contracts.sources import BY_HAND, NAME, SourceSchedule, schedule_of, source_names
from tradeline.settings import Settings


def daily() -> CronDataIntervalTimetable:
    """Each night at 02:00 in the business time zone, for the business day that has just ended."""
    return CronDataIntervalTimetable(NIGHTLY, timezone=Settings().timezone)


def nightly() -> CronDataIntervalTimetable | AssetOrTimeSchedule:
    """``daily``, or once all required sources have landed the day that has ended, if that is earlier."""
    landed = [landed_asset(name) for name, *_ in sources()]
    return AssetOrTimeSchedule(timetable=daily(), assets=AssetAny(*landed)) if landed else daily()


def monthly() -> CronDataIntervalTimetable:
    """On the first of each month at 04:00 in the business time zone, for the month that has just ended."""
    return CronDataIntervalTimetable(MONTHLY, timezone=Settings().timezone)


def sources() -> list[tuple[str, Any, bool]]:
    """The sources of the deployment: name, schedule of its DAG, and whether that waits for files."""
    settings = Settings()
    # One with a name that no DAG may have is a line of the status.
    names = [name for name in source_names(settings) if NAME.fullmatch(name)]
    named = [(name, schedule_of(settings, name)) for name in names]
    return [(name, _schedule(settings, source), source.wait_for_files) for name, source in named]


def landed_asset(name: str) -> Asset:
    """What a source has landed."""
    return Asset(f"landed_{name}", uri=f"tradeline://landing/{name}")


def _schedule(settings: Settings, source: SourceSchedule) -> Any:
    if source.on_asset:
        return [Asset(uri=source.on_asset)]
    return None if source.schedule == BY_HAND else CronTriggerTimetable(source.schedule, timezone=settings.timezone)
