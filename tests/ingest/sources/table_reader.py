"""A reader of tables for the tests of the engine: a DuckDB file, with all that a window may ask for."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingest.sources.mapping import Read, Source
from ingest.sources.readers.reader import FoundTable, Loaded, Window
from tradeline.settings import Settings
from tradeline.sql import identifier, literal


class TableReader:
    """The tables of one DuckDB file, attached for each read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def tables(self) -> list[FoundTable]:
        return []

    def load(self, connection: duckdb.DuckDBPyConnection, name: str, read: Read, window: Window) -> Loaded:
        connection.execute(f"attach {literal(self._path)} as origin (read_only)")
        asked = ["true"]
        if read.updated_at:
            asked += [f"{read.updated_at} >= {literal(window.since)}"] if window.since else []
            asked += [f"{read.updated_at} < {literal(window.until)}"] if window.until else []
        elif window.since is not None:
            asked.append(f"{read.append} > {literal(window.since)}")
        if window.keys_of:
            asked.append(f"({', '.join(read.on)}) in ({window.keys_of})")
        limit = "" if window.limit is None else f" limit {window.limit}"
        rows = f"select * from origin.{read.table} where {' and '.join(asked)}{limit}"
        connection.execute(f"create or replace table {identifier(name)} as {rows}")
        connection.execute("detach origin")
        ((count,),) = connection.execute(f"select count(*) from {identifier(name)}").fetchall()
        return Loaded(count, 0)


@contextmanager
def open_tables(settings: Settings, name: str, source: Source) -> Iterator[TableReader]:
    """As ``ingest.sources.readers.reader.open_reader``."""
    yield TableReader(settings.sources / str(source.url))
