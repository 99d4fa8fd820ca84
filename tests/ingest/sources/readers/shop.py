"""A source named ``shop``, opened as an extract opens it, with what is read beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from ingest.sources.mapping import Read, Source
from ingest.sources.readers.reader import Reader, Window, open_reader
from tradeline.database import Limits, connect
from tradeline.settings import Settings


@dataclass
class Shop:
    """An open source and the DuckDB that reads fill."""

    reader: Reader
    own: duckdb.DuckDBPyConnection

    def rows(self, read: str | dict[str, Any], window: Window | None = None) -> list[tuple[Any, ...]]:
        """The rows of a read, in order; a text is the name of a table."""
        given = {"table": read} if isinstance(read, str) else read
        loaded = self.reader.load(self.own, "read", Read.model_validate(given), window or Window())
        rows = self.own.execute("select * from read order by all").fetchall()
        assert loaded.rows == len(rows)
        return rows

    def types(self) -> dict[str, str]:
        """The columns of what was read last, and their types."""
        return {name: kind for name, kind, *_ in self.own.execute("describe read").fetchall()}

    def tables(self) -> set[str]:
        """What the DuckDB has."""
        return {name for (name,) in self.own.execute("select table_name from duckdb_tables()").fetchall()}


def source(kind: str, url: str, **given: Any) -> Source:
    return Source.model_validate({"kind": kind, "url": url, "tables": {"sellers": {"query": "select 1"}}, **given})


@contextmanager
def shop(settings: Settings, kind: str, url: str, **given: Any) -> Iterator[Shop]:
    settings.sources.mkdir(parents=True, exist_ok=True)
    with connect(Limits(2)) as own, open_reader(settings, "shop", source(kind, url, **given)) as reader:
        yield Shop(reader, own)
