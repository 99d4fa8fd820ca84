"""What each kind of source does: fill tables of a DuckDB file with what is new, all of one consistent view."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, Protocol

import duckdb

from ingest.sources.mapping import Kind, Read, Source
from tradeline.settings import Settings

# Each is imported where it is used: clients of databases take a while.
OPENERS: dict[Kind, str] = {
    "files": "files:open_files",
    "postgres": "postgres:open_postgres",
    "mysql": "database:open_database",
    "sqlserver": "database:open_database",
    "sqlite": "database:open_database",
    "duckdb": "duckdb_file:open_duckdb",
}


@dataclass(frozen=True)
class FoundTable:
    """A table that a source has: its name, as ``Read.table`` takes it, and its columns as (name, the source's type)."""

    name: str
    columns: tuple[tuple[str, str], ...]
    estimated_rows: int | None = None


@dataclass(frozen=True)
class Window:
    """Which rows of a read are asked for.

    ``since``: rows whose ``updated_at`` is at or after this moment, or whose ``append`` is greater than this value;
    None for all, those without a value included. ``until``: rows whose ``updated_at`` is before it. Moments are
    in UTC, without an offset; the source's ``timezone`` says what a column without one means. ``keys_of``: a query on
    the DuckDB file, with one column for each of ``Read.on``, whose rows are asked for alone; None for all.
    ``seen_files``: (path, version) of those that were read before. ``limit``: at most so many rows, of any.
    """

    since: Any = None
    until: datetime | None = None
    keys_of: str | None = None
    seen_files: frozenset[tuple[str, str]] = frozenset()
    limit: int | None = None


@dataclass(frozen=True)
class Loaded:
    """What came of a read: rows, bytes where they are known, and the files that were read, as in ``Window``."""

    rows: int
    bytes: int | None = None
    files: tuple[tuple[str, str], ...] = ()


class Reader(Protocol):
    """An open source; everything that it reads is of one moment."""

    def tables(self) -> list[FoundTable]:
        """What there is to read."""

    def load(self, connection: duckdb.DuckDBPyConnection, name: str, read: Read, window: Window) -> Loaded:
        """Make ``name`` in the DuckDB file: the rows asked for, columns named as in the source; never all in memory.

        Texts stay texts. Amounts are exact (decimal, not double). A time with an offset is TIMESTAMPTZ, one without
        TIMESTAMP. Files have two columns more: ``source_file`` and ``source_file_at`` (a TIMESTAMP: the day in its name
        or, without ``file_day``, when it was last changed, in UTC), and texts alone where they are CSV.

        Raises:
            BadInput: the source has no such table or column, or a value that no type here can hold; it is named.
            TradelineError: the source cannot be reached, or broke off; trying again may help.
        """


@contextmanager
def open_reader(settings: Settings, name: str, source: Source) -> Iterator[Reader]:
    """Open the source ``name`` by its kind.

    Raises:
        BadInput: there is no such file, or access is refused.
        TradelineError: it cannot be reached.
    """
    module, opener = OPENERS[source.kind].split(":")
    with getattr(import_module(f"ingest.sources.readers.{module}"), opener)(settings, name, source) as reader:
        yield reader
