"""SQLite files, by Python's own client. A column may hold values of any type; what it holds decides how it is read."""

import sqlite3
from datetime import UTC, datetime
from typing import Any, ClassVar

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine

from ingest.sources.mapping import Source
from ingest.sources.readers.columns import CLOCK, Column
from ingest.sources.readers.database import DatabaseReader
from ingest.sources.readers.stores import local_path
from tradeline.errors import BadInput
from tradeline.settings import Settings

WAIT_SECONDS = 30
# A writer is at it, or the disk failed.
PASSING = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PROTOCOL)
# Whole numbers up to this are exact as floating point numbers too.
EXACT_MAX = 2**53


class SqliteReader(DatabaseReader):
    """A SQLite file within one read transaction."""

    opening: ClassVar = ("begin", "select count(*) from sqlite_master")

    @classmethod
    def engine(cls, settings: Settings, name: str, source: Source) -> Engine:
        """For reading alone; a file that is not there is not made."""
        path = local_path(settings, name, source)
        if not path.is_file():
            raise BadInput(f"source {name}: {path}: no such file; correct url in {settings.sources / name}.yml")
        address = f"{path.as_uri()}?mode=ro"

        def connect() -> sqlite3.Connection:
            return sqlite3.connect(address, uri=True, timeout=WAIT_SECONDS, isolation_level=None)

        return sa.create_engine(URL.create("sqlite", database=str(path)), creator=connect, poolclass=sa.NullPool)

    def columns(self, relation: str) -> list[Column]:
        """The columns of a relation, by the types of all the values that they have."""
        names = list(self.run(f"select * from {relation} limit 0").keys())
        found = [f"group_concat(distinct typeof(asked.{self.quoted(name)}))" for name in names]
        biggest = [f"max(abs(cast(asked.{self.quoted(name)} as real)))" for name in names]
        types = self.run(f"select {', '.join([*found, *biggest])} from {relation}").fetchone() or ()
        return [
            self._column(name, set((types[place] or "null").split(",")) - {"null"}, types[place + len(names)] or 0)
            for place, name in enumerate(names)
        ]

    def time(self, relation: str, column: Column) -> Column:
        """The column as a time, if every value of it is a text that SQLite takes for one."""
        value = f"asked.{self.quoted(column.name)}"
        odd = self.run(
            f"select {value} from {relation} where typeof({value}) in ('integer', 'real', 'blob') "
            f"or ({value} is not null and datetime({value}) is null) limit 1"
        ).fetchone()
        if odd:
            raise BadInput(
                f"updated_at: {column.name} is {odd[0]!r} in a row, which SQLite takes for no time: read a query that "
                "makes it one, such as `select *, datetime(seconds, 'unixepoch') as changed_at from ...`"
            )
        return Column(column.name, column.sql, CLOCK)

    def compared(self, column: Column, operator: str, value: Any) -> str:
        """Times as SQLite has them: with an offset in UTC, a bare day from its start on."""
        if column.kind != "clock" or not isinstance(value, datetime):
            return super().compared(column, operator, value)
        own = f"asked.{self.quoted(column.name)}"
        in_utc = value.replace(tzinfo=self.zone).astimezone(UTC).replace(tzinfo=None)
        day = value.replace(hour=0, minute=0, second=0) if operator == ">=" else value
        cases = (
            f"when {own} glob '*[0-9][+-][0-9][0-9]:[0-9][0-9]' or {own} glob '*Z' then {_written(in_utc)} "
            f"when length({own}) = 10 then {_written(day)} else {_written(value)}"
        )
        return f"datetime({own}) {operator} case {cases} end"

    @staticmethod
    def words(error: BaseException | None) -> tuple[int, str]:
        """SQLite's number, without what it adds to it, and its text."""
        number: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        return number & 0xFF, str(error)

    @staticmethod
    def may_pass(number: int) -> bool:
        """As ``PASSING`` has it."""
        return number in PASSING

    def _column(self, name: str, types: set[str], biggest: float) -> Column:
        sql = f"asked.{self.quoted(name)}"
        if "blob" in types and len(types) > 1:
            raise BadInput(
                f"{name} has bytes in some rows and {', '.join(sorted(types - {'blob'}))} in others: read a query that "
                f"makes it one of them, such as `cast({self.quoted(name)} as text)`"
            )
        if types == {"integer"}:
            return Column(name, sql, pa.int64())
        if types in ({"real"}, {"real", "integer"}) and biggest <= EXACT_MAX:
            return Column(name, f"cast({sql} as real)", pa.float64())
        return (
            Column(name, sql, pa.binary()) if types == {"blob"} else Column(name, f"cast({sql} as text)", pa.string())
        )


def _written(value: datetime) -> str:
    """A time as SQLite's own functions write it."""
    return f"'{value:%Y-%m-%d %H:%M:%S}'"
