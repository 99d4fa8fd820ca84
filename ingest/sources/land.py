"""Landing a source: what is new in it since the last time becomes files of landing, under the day of arrival."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ingest.landing import LandedFile
from ingest.place import place_all
from ingest.sources.extract import Landing, extract, written_files
from ingest.sources.names import read_source
from ingest.sources.state import (
    Mark,
    SourceState,
    alone,
    begin_first,
    landed_files,
    new_folder,
    read_state,
    write_state,
)
from ingest.sources.trial import try_files
from ingest.validate.fault import summary
from tradeline.business_days import today_in
from tradeline.errors import BadInput
from tradeline.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SourceReport:
    """What a landing brought: the night, rows landed by table, rows and bytes read, and files in landing.

    ``was_landed``: the night had landed before, and nothing was done.
    """

    name: str
    night: date
    rows: dict[str, int]
    read_rows: int = 0
    read_bytes: int = 0
    files: int = 0
    seconds: float = 0.0
    was_landed: bool = False

    @property
    def told(self) -> str:
        """What came of it, in a line."""
        if self.was_landed:
            return f"{self.name}: {self.night} has landed already"
        rows = ", ".join(f"{rows:,} {table}" for table, rows in self.rows.items())
        return (
            f"{self.name}: landed {self.night}: {self.read_rows:,} rows and {self.read_bytes:,} bytes read, {rows} "
            f"landed in {self.files:,} files, {self.seconds:.1f} s"
        )


def last_ended_day(settings: Settings) -> date:
    """The business day that ended last."""
    return today_in(settings.timezone) - timedelta(days=1)


def land_source(settings: Settings, name: str, night: date | None = None, *, is_again: bool = False) -> SourceReport:
    """Read what is new in the source up to the end of ``night``, by default the day that ended last, and land it.

    A night that has landed stays as it is. ``is_again``: read and land everything, new or not, as of ``night``. Nothing
    lands of an extract that breaks the raw contract, and the next landing begins where this one did.

    Raises:
        BadInput: the mapping or the source's data is at fault; file and place are named.
        TradelineError: the source cannot be reached or is in use.
    """
    started = time.monotonic()
    night = night or last_ended_day(settings)
    _refuse_unended(settings, night)
    source = read_source(settings, name)
    with alone(settings, name) as work:
        state = read_state(settings, name)
        if state and is_again and night < state.landed_through:
            raise BadInput(f"{name} has landed through {state.landed_through}: give that day or a later one")
        if state and night <= state.landed_through and not is_again:
            return SourceReport(name, night, state.rows, was_landed=True)
        folder = new_folder(settings, name, state)
        landing = Landing(settings, name, source, state, night, is_again, work, folder)
        read, rows = extract(landing)
        files = written_files(landing)
        _refuse_faults(landing, files)
        _place(landing, files)
        _keep(landing, rows, read.marks)
    return SourceReport(name, night, rows, read.rows, read.bytes, len(files), time.monotonic() - started)


def _refuse_faults(landing: Landing, files: Sequence[LandedFile]) -> None:
    trial = try_files(landing.settings, files, landing.work)
    for aside in trial.set_aside:
        if aside.waits_for:
            continue  # for a seller or loan that landed before, perhaps
        log.warning(
            "%s: %s: %s rows will be set aside: %s %s, such as %s",
            landing.name,
            aside.table,
            f"{aside.rows:,}",
            aside.column,
            aside.reason,
            aside.key,
        )
    if trial.faults:
        raise BadInput(
            f"nothing was landed: {len(trial.faults)} fault(s) in what {landing.where} makes of the source; correct "
            f"the mapping or the source's rows, then land it again:\n{summary(list(trial.faults))}"
        )


def _place(landing: Landing, files: Sequence[LandedFile]) -> None:
    if landing.state is None:
        begin_first(landing.settings, landing.name)
        placed = {file.source for file in files}
        for file in landed_files(landing.settings, landing.name):  # of a first landing that died
            if file.source not in placed:
                file.path.unlink()
    if files:
        place_all(landing.settings, files)


def _keep(landing: Landing, rows: dict[str, int], marks: dict[str, Mark]) -> None:
    before = landing.state.tables if landing.state else ()
    for table in set(before) - set(landing.source.tables):
        log.warning("%s: %s is no longer in the mapping; what has landed of it stays", landing.name, table)
    tables = tuple(sorted({*before, *landing.source.tables}))
    state = SourceState(
        landed_through=landing.night,
        landed_at=datetime.now(UTC).replace(tzinfo=None, microsecond=0),
        rows=rows,
        tables=tables,
        empty=tuple(table for table in tables if not rows.get(table) and not landing.has_landed(table)),
        marks=marks,
        folder=landing.folder.name,
    )
    write_state(landing.settings, landing.name, state)


def _refuse_unended(settings: Settings, night: date) -> None:
    if night > (last := last_ended_day(settings)):
        raise BadInput(f"{night} has not ended: land {last}, the last day that has, in {settings.timezone}")
