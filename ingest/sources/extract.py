"""Landing a source: what is new in it since the last time becomes files of landing, under the day of arrival."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from ingest.landing import NIGHT_PREFIX, LandedFile
from ingest.place import place_all
from ingest.sources.changes import gone, hold_back, keep_known, news, take_latest, without_own_columns
from ingest.sources.history import versions
from ingest.sources.mapping import Source
from ingest.sources.names import read_source
from ingest.sources.readers.reader import Reader, open_reader
from ingest.sources.reading import Reading, read_tables
from ingest.sources.shape import create_macros, shape, types_of
from ingest.sources.state import (
    Mark,
    SourceState,
    alone,
    landed_name,
    new_folder,
    read_state,
    state_folder,
    write_state,
)
from ingest.sources.trial import try_files
from ingest.validate.fault import summary
from tradeline.business_days import day_end, today_in
from tradeline.contracts.raw import BY_NAME
from tradeline.database import Limits, connect, scalar
from tradeline.errors import BadInput
from tradeline.settings import Settings
from tradeline.sql import identifier, literal

log = logging.getLogger(__name__)

# What is read goes to a DuckDB file; so much of it is in memory at a time.
MEMORY_LIMIT = "500MB"


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


@dataclass(frozen=True)
class Landing:
    """One landing under way: ``work`` is its scratch folder, ``folder`` that of the state to come.

    ``limit``: at most so many rows of each read, to try a mapping.
    """

    settings: Settings
    name: str
    source: Source
    state: SourceState | None
    night: date
    is_again: bool
    work: Path
    folder: Path
    limit: int | None = None

    @property
    def where(self) -> str:
        """What errors call the mapping."""
        return str(self.settings.sources / f"{self.name}.yml")

    def before(self, what: str, table: str) -> Path | None:
        """A Parquet file of the present state; None before the first."""
        if self.state is None:
            return None
        return state_folder(self.settings, self.name) / self.state.folder / f"{what}-{table}.parquet"


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
        if state and (night < state.landed_through or (night == state.landed_through and not is_again)):
            return SourceReport(name, night, state.rows, was_landed=True)
        folder = new_folder(settings, name, state)
        landing = Landing(settings, name, source, state, night, is_again, work, folder)
        read, rows = extract(landing)
        files = written_files(landing)
        _refuse_faults(landing, files)
        if files:
            place_all(settings, files)
        _keep(landing, rows, read.marks)
    return SourceReport(name, night, rows, read.rows, read.bytes, len(files), time.monotonic() - started)


def extract(landing: Landing) -> tuple[Reading, dict[str, int]]:
    """Read and shape all tables and write their files; what was read, and how many rows land of each table.

    Tables that have never landed come first and by themselves, since everything is read of them.
    """
    state, marks = landing.state, dict(landing.state.marks) if landing.state else {}
    new = [table for table in landing.source.tables if state is None or state.is_new(table)]
    old = [table for table in landing.source.tables if table not in new]
    total, rows = Reading(marks=dict(marks)), {}
    with (
        connect(_limits(landing.settings), landing.work / "read.duckdb", spill=landing.work / "spill") as connection,
        open_reader(landing.settings, landing.name, landing.source) as reader,
    ):
        create_macros(connection, landing.source)
        for tables, is_first in ((new, True), (old, False)):
            since = {} if is_first or landing.is_again else marks
            reading = _read(landing, connection, reader, tables, since)
            total.rows += reading.rows
            total.bytes += reading.bytes
            total.marks |= reading.marks
            for table in tables:
                _change(landing, connection, table, reading, is_first)
                rows[table] = _write(landing, connection, table)
    return total, {table: rows[table] for table in landing.source.tables}


def _limits(settings: Settings) -> Limits:
    return Limits(settings.threads, MEMORY_LIMIT)


def _read(
    landing: Landing, connection: duckdb.DuckDBPyConnection, reader: Reader, tables: list[str], since: dict[str, Mark]
) -> Reading:
    """Read what the tables need and make ``out_<table>`` of each, with each key once."""
    until = day_end(landing.settings.timezone, landing.night)
    reading = read_tables(connection, reader, landing.source, tables, since, until, landing.limit)
    for table in tables:
        shape(connection, landing.source, table, landing.where)
        take_latest(connection, table, landing.before("held", table))
    return reading


def _change(
    landing: Landing, connection: duckdb.DuckDBPyConnection, table: str, reading: Reading, is_first: bool
) -> None:
    """Make ``landed_<table>``, rows with ``arrived_on``, and write down what is known and held from now on."""
    zone, night = landing.settings.timezone, landing.night
    if is_first:
        if table in reading.by_file_day:
            _arrive_by_file(connection, table)
        rows = versions(connection, table, f"out_{table}", night, zone)
        connection.execute(f"create table landed_{table} as {rows}")
    held = hold_back(connection, table, night, today_in(zone), zone)
    keep_known(connection, table, landing.folder / f"known-{table}.parquet")
    if held:
        held_file = literal(landing.folder / f"held-{table}.parquet")
        connection.execute(f"copy held_{table} to {held_file} (format parquet)")
        log.info("%s: %s: %s rows wait for their day to end", landing.name, table, f"{held:,}")
    if is_first:
        return
    known = landing.before("known", table)
    new = news(table, None if landing.is_again else known)
    begun = versions(connection, table, f"held_{table}", night, zone)
    latest = ", ".join(identifier(column) for column in BY_NAME[table].key)
    connection.execute(
        f"""
        create table landed_{table} as
        select * replace ({literal(night)}::date as arrived_on) from (
            select *, null::date as arrived_on from ({without_own_columns(connection, table, new)})
            union all by name
            (from ({begun}) qualify row_number() over (partition by {latest} order by arrived_on desc) = 1)
        )
        """
    )
    if table in reading.whole and (lost := gone(connection, table, known)):
        log.warning(
            "%s: %s: %s rows that landed are no longer in the source; the contract has no deletion, so they stay",
            landing.name,
            table,
            f"{lost:,}",
        )


def _arrive_by_file(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Let rows of files that are named by their day arrive on that day, where nothing else is said."""
    types = types_of(connection, f"out_{table}")
    if "source_file_at" in types and "arrived_on" not in types:
        connection.execute(f"alter table out_{table} add column arrived_on date")
        connection.execute(f"update out_{table} set arrived_on = source_file_at::date")


def _write(landing: Landing, connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Write ``landed_<table>`` as one file for each arrival day; how many rows there are."""
    folder = landing.work / "landing" / table
    folder.mkdir(parents=True)
    order = ", ".join(["arrived_on", *(identifier(column) for column in BY_NAME[table].key)])
    # One thread keeps the rows of a file in one order, so that landing the same again gives the same bytes.
    connection.execute("set threads = 1")
    rows = scalar(
        connection,
        f"""
        copy (from landed_{table} order by {order}) to {literal(folder)}
        (format parquet, compression zstd, partition_by (arrived_on))
        """,
    )
    connection.execute(f"set threads = {landing.settings.threads}")
    return int(rows)


def written_files(landing: Landing) -> list[LandedFile]:
    """The files that ``extract`` has written, named as they are to land."""
    files = []
    for written in sorted((landing.work / "landing").glob(f"*/{NIGHT_PREFIX}*/*.parquet")):
        number = int(written.stem.rpartition("_")[2])
        path = written.rename(written.with_name(landed_name(landing.name, number)))
        night = date.fromisoformat(path.parent.name.removeprefix(NIGHT_PREFIX))
        stat = path.stat()
        files.append(LandedFile(path.parent.parent.name, night, path.name, path, stat.st_size, stat.st_mtime_ns))
    return files


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
            aside.example,
        )
    if trial.faults:
        lines = [str(fault) for fault in trial.faults]
        raise BadInput(
            f"nothing was landed: {len(lines)} fault(s) in what {landing.where} makes of the source; correct the "
            f"mapping or the source's rows, then land it again:\n{summary(lines)}"
        )


def _keep(landing: Landing, rows: dict[str, int], marks: dict[str, Mark]) -> None:
    before = landing.state.tables if landing.state else ()
    for table in set(before) - set(landing.source.tables):
        log.warning("%s: %s is no longer in the mapping; what has landed of it stays", landing.name, table)
    state = SourceState(
        landed_through=landing.night,
        landed_at=datetime.now(UTC).replace(tzinfo=None, microsecond=0),
        rows=rows,
        tables=tuple(sorted({*before, *landing.source.tables})),
        marks=marks,
        folder=landing.folder.name,
    )
    write_state(landing.settings, landing.name, state)


def _refuse_unended(settings: Settings, night: date) -> None:
    if night > (last := last_ended_day(settings)):
        raise BadInput(f"{night} has not ended: land {last}, the last day that has, in {settings.timezone}")
