"""Landing a source: what is new in tables that are there already, as files of the raw contract."""

from datetime import date
from typing import TYPE_CHECKING

from pipeline.steps.step import outside_the_warehouse
from tradeline.settings import Settings

if TYPE_CHECKING:
    from ingest.sources.land import SourceReport


def land_source(
    settings: Settings, run_id: str, name: str, night: date | None = None, is_again: bool = False
) -> "SourceReport":
    """Land what is new in a source up to the end of a night, by default of the day that ended last.

    Raises:
        BadInput: the mapping or the source's data is at fault; nothing landed.
        TradelineError: the source cannot be reached; trying again may help.
    """
    from ingest.sources import land

    night = night or land.last_ended_day(settings)
    with outside_the_warehouse(settings, run_id, f"land_{name}", [night]) as outcome:
        report = land.land_source(settings, name, night, is_again=is_again)
        outcome.message = report.told
    return report


def has_new_files(settings: Settings, run_id: str, name: str) -> bool:
    """Whether a source of files has one that was not read."""
    from ingest.sources.news import has_new_files as look

    return look(settings, name)
