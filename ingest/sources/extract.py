"""One extract of a source: its rows are read into a DuckDB file, shaped, compared with what landed, and written."""

import logging
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from ingest.landing import NIGHT_PREFIX, LandedFile
from ingest.sources.changes import gone, hold_back, keep_known, news, take_latest
from ingest.sources.history import undated, versions
from ingest.sources.mapping import Source
from ingest.sources.readers.reader import Reader, open_reader
from ingest.sources.reading import Reading, read_tables
from ingest.sources.shape import create_macros, shape, types_of
from ingest.sources.state import Mark, SourceState, landed_name, state_folder
from tradeline.business_days import day_end, today_in
from tradeline.contracts.raw import BY_NAME
from tradeline.database import Limits, connect, scalar
from tradeline.errors import BadInput
from tradeline.settings import Settings
from tradeline.sql import identifier, literal

log = logging.getLogger(__name__)

# What is read and what is checked goes to a DuckDB file; so much of it is in memory at a time.
MEMORY_LIMIT = "300MB"


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

    def has_landed(self, table: str) -> bool:
        """Whether rows of a table have landed before."""
        return self.state is not None and self.state.has_rows(table)

    def before(self, what: str, table: str) -> Path | None:
        """A Parquet file of the present state; None before the first."""
        if self.state is None:
            return None
        return state_folder(self.settings, self.name) / self.state.folder / f"{what}-{table}.parquet"


def extract(landing: Landing) -> tuple[Reading, dict[str, int]]:
    """Read and shape all tables and write their files; what was read, and how many rows land of each table.

    Tables that have never landed come first and by themselves, since everything is read of them; so it is of those that
    were not in the mapping the last time.
    """
    state, marks = landing.state, dict(landing.state.marks) if landing.state else {}
    tables = landing.source.tables
    new = [table for table in tables if state is None or state.is_new(table)]
    back = [table for table in tables if state and not state.is_new(table) and table not in state.rows]
    old = [table for table in tables if table not in new and table not in back]
    total, rows = Reading(marks=dict(marks)), {}
    with (
        connect(_limits(landing.settings), landing.work / "read.duckdb", spill=landing.work / "spill") as connection,
        open_reader(landing.settings, landing.name, landing.source) as reader,
    ):
        create_macros(connection, landing.source)
        for group in (new, back, old):
            since = marks if group is old and not landing.is_again else {}
            reading = _read(landing, connection, reader, group, since)
            total.rows += reading.rows
            total.bytes += reading.bytes
            total.marks |= reading.marks
            total.is_part |= reading.is_part
            total.columns |= reading.columns
            for table in group:
                write = _write_news if landing.has_landed(table) else _write_first
                rows[table] = write(landing, connection, table, reading)
    return total, {table: rows[table] for table in tables}


def _limits(settings: Settings) -> Limits:
    return Limits(settings.threads, MEMORY_LIMIT)


def _read(
    landing: Landing, connection: duckdb.DuckDBPyConnection, reader: Reader, tables: list[str], since: dict[str, Mark]
) -> Reading:
    """Read what the tables need and make ``out_<table>`` of each, with each key once."""
    until = day_end(landing.settings.timezone, landing.night)
    reading = read_tables(connection, reader, landing.source, tables, since, until, landing.limit)
    for table in tables:
        reading.columns[table] = shape(connection, landing.source, table, landing.where)
        is_dated = table in reading.by_file_day and not landing.has_landed(table)
        take_latest(connection, table, landing.before("held", table), by_file_day=is_dated)
    return reading


def _write_first(landing: Landing, connection: duckdb.DuckDBPyConnection, table: str, reading: Reading) -> int:
    """Write a table that lands for the first time, each state on the day on which it was reached; how many rows."""
    if table in reading.by_file_day:
        _arrive_by_file(connection, table)
    if table in reading.by_update:
        _refuse_undated(landing, connection, table)
    rows = _versions(landing, connection, table, f"out_{table}")
    written = _write(landing, connection, table, rows)
    if table in reading.by_file_day:
        take_latest(connection, table, None)
    _keep(landing, connection, table, reading)
    return written


def _refuse_undated(landing: Landing, connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Refuse to say that a state was known that night which the source may have taken up since."""
    zone = landing.settings.timezone
    if count := undated(connection, table, f"out_{table}", landing.night, today_in(zone), zone):
        raise BadInput(
            f"{landing.where}: tables.{table}.query: of {count:,} rows no time says since when they are as they are: "
            "let the query select when they changed, the column of updated_at, as changed_at"
        )


def _write_news(landing: Landing, connection: duckdb.DuckDBPyConnection, table: str, reading: Reading) -> int:
    """Write what is new in a table that has landed before, all of it under this night; how many rows."""
    _keep(landing, connection, table, reading)
    known = landing.before("known", table)
    # Of a row that waits for its day to end, what was so at the end of this one.
    begun = _versions(landing, connection, table, f"held_{table}")
    key = ", ".join(map(identifier, BY_NAME[table].key))
    rows = f"""
        select * replace ({literal(landing.night)}::date as arrived_on) from (
            select *, null::date as arrived_on from ({news(connection, table, None if landing.is_again else known)})
            union all by name
            (from ({begun}) qualify row_number() over (partition by {key} order by arrived_on desc) = 1)
        )
    """
    if table in reading.whole and (lost := gone(connection, table, known)):
        log.warning(
            "%s: %s: %s rows that landed are no longer in the source; the contract has no deletion, so they stay",
            landing.name,
            table,
            f"{lost:,}",
        )
    return _write(landing, connection, table, rows)


def _versions(landing: Landing, connection: duckdb.DuckDBPyConnection, table: str, relation: str) -> str:
    zone = landing.settings.timezone
    return versions(connection, table, relation, landing.night, today_in(zone), zone)


def _keep(landing: Landing, connection: duckdb.DuckDBPyConnection, table: str, reading: Reading) -> None:
    """Write down, for the next landing, which rows it may find again, and which have to wait for it."""
    zone = landing.settings.timezone
    by_file_day = table in reading.by_file_day
    if held := hold_back(connection, table, landing.night, today_in(zone), zone, by_file_day=by_file_day):
        held_file = literal(landing.folder / f"held-{table}.parquet")
        connection.execute(f"copy held_{table} to {held_file} (format parquet)")
        log.info("%s: %s: %s rows wait for their day to end", landing.name, table, f"{held:,}")
    found_again = "true" if table in reading.whole else "false" if table in reading.appended else None
    if found_again is None and "changed_at" in types_of(connection, f"out_{table}"):
        since = day_end(zone, landing.night) - timedelta(minutes=reading.overlap_minutes)
        found_again = f"changed_at >= {literal(since)}::timestamp"
    keep_known(connection, table, landing.folder / f"known-{table}.parquet", found_again or "true")


def _arrive_by_file(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Let rows of files that are named by their day arrive on that day, where nothing else is said."""
    types = types_of(connection, f"out_{table}")
    if "source_file_at" in types and "arrived_on" not in types:
        connection.execute(f"alter table out_{table} add column arrived_on date")
        connection.execute(f"update out_{table} set arrived_on = source_file_at::date")


def _write(landing: Landing, connection: duckdb.DuckDBPyConnection, table: str, rows: str) -> int:
    """Write rows with ``arrived_on`` as one file for each arrival day; how many there are."""
    folder = landing.work / "landing" / table
    folder.mkdir(parents=True)
    order = ", ".join(["arrived_on", *(identifier(column) for column in BY_NAME[table].key)])
    # Sorted, so that landing the same again gives the same bytes, and one file is open at a time.
    connection.execute(f"create or replace table landed_{table} as from ({rows}) order by {order}")
    connection.execute("set threads = 1")
    options = "format parquet, compression zstd, partition_by (arrived_on)"
    written = scalar(connection, f"copy landed_{table} to {literal(folder)} ({options})")
    connection.execute(f"set threads = {landing.settings.threads}")
    connection.execute(f"drop table landed_{table}")
    return int(written)


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
