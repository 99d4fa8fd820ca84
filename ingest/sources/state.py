"""What is known of a source from one landing to the next: how far it was read, and what is still to be landed.

``sources/.state/NAME/current.json`` names a folder beside it with two Parquet files a table: ``known-<table>`` (hashes
of key and row of what landed) and ``held-<table>`` (rows that speak of the day that has not ended). The file is
replaced last, so that a landing which dies on the way has changed nothing.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from ingest.landing import LandedFile, scan
from ingest.sources.names import read_source
from tradeline.business_days import day_end, today_in
from tradeline.checked import Frozen, read_json
from tradeline.errors import BadInput, Damaged, TradelineError
from tradeline.files import ensure_folder, sync, write_whole
from tradeline.settings import Settings


class Mark(Frozen):
    """How far a read has come: the moment up to which changes were read, or the last ``append`` value and its type."""

    until: datetime | None = None
    last: str | None = None
    type: str | None = None
    files: tuple[tuple[str, str], ...] = ()


class SourceState(Frozen):
    """A source as it was landed last: through which night, when, and how many rows of each table.

    ``rows`` are those of the last landing; ``tables`` all that have ever landed, ``empty`` those of them without a row.
    """

    landed_through: date
    landed_at: datetime
    rows: dict[str, int]
    tables: tuple[str, ...]
    empty: tuple[str, ...] = ()
    marks: dict[str, Mark]
    folder: str

    def is_new(self, table: str) -> bool:
        """Whether a table of the mapping has never landed."""
        return table not in self.tables

    def has_rows(self, table: str) -> bool:
        """Whether a row of the table has ever landed; the first ones are dated by their own times."""
        return table in self.tables and table not in self.empty


def state_folder(settings: Settings, name: str) -> Path:
    """Where the state of a source is."""
    return settings.sources / ".state" / name


def read_state(settings: Settings, name: str) -> SourceState | None:
    """The state of a source; None for one that has never landed.

    Raises:
        Damaged: the state is missing though the source has landed, or cannot be read.
    """
    path = state_folder(settings, name) / "current.json"
    remedy = f"take up what is landed with `tradeline source adopt {name} --through DAY`"
    state = read_json(path, SourceState, remedy)
    if state is None and not _begun(settings, name).exists() and (landed := landed_files(settings, name)):
        raise Damaged(
            f"{path} is missing, though {landed[-1].source} is landed: restore it from a backup or, without one, "
            f"{remedy}; where that file is not of this source, give one of the two another name"
        )
    if state:
        _check_folder(path.parent / state.folder, remedy)
    return state


def _check_folder(folder: Path, remedy: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not folder.is_dir():
        raise Damaged(f"{folder} is missing: restore it from a backup or, without one, {remedy}")
    for path in folder.iterdir():
        try:
            pq.read_metadata(path)
        except (OSError, pa.ArrowException) as error:
            raise Damaged(
                f"{path} cannot be read ({error}): restore it from a backup or, without one, {remedy}"
            ) from error


def landed_name(name: str, number: int = 0) -> str:
    """The name of a source's file of a night in landing; further ones of a table are numbered."""
    return f"{name}-{number}.parquet" if number else f"{name}.parquet"


@contextmanager
def alone(settings: Settings, name: str) -> Iterator[Path]:
    """Hold a source for one landing; yields an empty folder to work in, which is gone afterwards.

    Raises:
        TradelineError: another landing of the source is under way.
    """
    folder = state_folder(settings, name)
    ensure_folder(folder)
    try:
        with FileLock(folder / "lock", timeout=0):
            work = folder / "work"
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            try:
                yield work
            finally:
                shutil.rmtree(work, ignore_errors=True)
    except Timeout as error:
        raise TradelineError(f"source {name}: another landing is under way; wait for it to end") from error


def new_folder(settings: Settings, name: str, state: SourceState | None) -> Path:
    """An empty folder for the Parquet files of the next state, beside those of the present one."""
    current = state.folder if state else ""
    folder = state_folder(settings, name) / ("b" if current == "a" else "a")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def write_state(settings: Settings, name: str, state: SourceState) -> None:
    """Let this be the state from now on, durably."""
    folder = state_folder(settings, name) / state.folder
    for path in [*folder.iterdir(), folder]:
        sync(path)
    write_whole(state_folder(settings, name) / "current.json", state.model_dump_json(indent=2))
    _begun(settings, name).unlink(missing_ok=True)


def begin_first(settings: Settings, name: str) -> None:
    """Note that the first landing begins to place files, so that after one that dies the next is the first again."""
    write_whole(_begun(settings, name), "")


def landed_files(settings: Settings, name: str) -> list[LandedFile]:
    """The files of a source in landing, in order."""
    names = re.compile(rf"{name}(-\d+)?\.parquet")
    return [file for file in scan(settings.landing).files if names.fullmatch(file.name)]


def adopt(settings: Settings, name: str, through: date) -> None:
    """Make the state of a source that has landed through a night anew, of what can be known without it.

    What changed after that night is read by ``updated_at``; every other read is landed whole once more.

    Raises:
        BadInput: there is no such source, its state is there and whole, or the night has not ended.
    """
    source = read_source(settings, name)
    if through >= today_in(settings.timezone):
        raise BadInput(f"{through} has not ended: give the last day that has landed")
    with suppress(Damaged):
        if read_state(settings, name):
            raise BadInput(f"source {name}: its state is there; there is nothing to take up")
    until = day_end(settings.timezone, through)
    marks = {name: Mark(until=until) for name, read in source.read.items() if read.updated_at}
    with alone(settings, name):
        folder = new_folder(settings, name, None)
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        state = SourceState(
            landed_through=through,
            landed_at=now,
            rows=dict.fromkeys(source.tables, 0),
            tables=tuple(source.tables),
            marks=marks,
            folder=folder.name,
        )
        write_state(settings, name, state)


def _begun(settings: Settings, name: str) -> Path:
    return state_folder(settings, name) / "first"
