"""What all SQL databases have in common: the statements that ask for a window's rows, and errors that say where."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from ingest.sources.mapping import Read, Source
from ingest.sources.readers.columns import Column, Kind, bounds, check_names, column_named
from ingest.sources.readers.fill import fill
from ingest.sources.readers.reader import FoundTable, Loaded, Window
from tradeline.errors import BadInput, TradelineError

# So many keys of changed rows are asked for in one statement.
KEYS = 1000


@dataclass(frozen=True)
class Asked:
    """The rows that one statement asks for.

    ``relation``: a table or a query in brackets, under the name ``asked``. ``key``: the column by which they are read
    in chunks. ``limit``: at most so many, of any.
    """

    relation: str
    columns: Sequence[Column]
    conditions: tuple[str, ...] = ()
    key: Column | None = None
    limit: int | None = None


class SqlReader(ABC):
    """A database that is open at one moment. ``errors``: those of its driver; ``times``: its types, to cast to."""

    errors: ClassVar[tuple[type[Exception], ...]]
    times: ClassVar[dict[Kind, str]] = {"moment": "timestamptz", "clock": "timestamp", "day": "date"}

    def __init__(self, name: str, source: Source) -> None:
        self.name, self.zone = name, ZoneInfo(source.timezone)

    @abstractmethod
    def tables(self) -> list[FoundTable]:
        """What there is to read."""

    @abstractmethod
    def table(self, name: str) -> str:
        """A table as SQL writes it; its errors list what there is."""

    @abstractmethod
    def columns(self, relation: str) -> list[Column]:
        """The columns of a relation."""

    @abstractmethod
    def batches(self, asked: Asked) -> Iterator[pa.RecordBatch]:
        """The rows, of the columns' names and types."""

    @abstractmethod
    def fault(self, error: Exception, where: str) -> TradelineError:
        """A driver's error in words for a user: BadInput where trying again cannot help."""

    def load(self, connection: duckdb.DuckDBPyConnection, name: str, read: Read, window: Window) -> Loaded:
        """As ``Reader.load`` says."""
        where = f"source {self.name}, read {name}"
        try:
            asked = self._asked(read, window)
            parts = self._parts(asked, read, _keys(connection, window))
            expected = self.estimate(asked) if window.keys_of is None else None
            return fill(connection, name, asked.columns, self._rows(parts, window.limit), where, expected)
        except TradelineError as error:
            raise type(error)(f"{where}: {error}") from error
        except self.errors as error:
            raise self.fault(error, where) from error

    def estimate(self, asked: Asked) -> int | None:
        """About how many rows there are, where the database knows."""
        return None

    def statement(self, asked: Asked, order: str = "") -> str:
        """The SQL that selects the rows."""
        selected = ", ".join(f"{column.sql} as {self.quoted(column.name)}" for column in asked.columns)
        where = f" where {' and '.join(asked.conditions)}" if asked.conditions else ""
        limit = f" limit {asked.limit}" if asked.limit is not None else ""
        return f"select {selected} from {asked.relation}{where}{order}{limit}"

    def quoted(self, name: str) -> str:
        """A name as SQL writes it."""
        return '"' + name.replace('"', '""') + '"'

    def text(self, value: str) -> str:
        """A text as SQL writes it."""
        return "'" + value.replace("'", "''") + "'"

    def value(self, column: Column, value: Any) -> str:
        """A value as SQL writes it to be compared with a column."""
        if column.kind == "number":
            try:
                return format(Decimal(str(value)), "f")
            except InvalidOperation:
                raise BadInput(f"{column.name} holds numbers, and is asked for {value!r}") from None
        text = self.text(str(value))
        return f"cast({text} as {self.times[column.kind]})" if column.kind in self.times else text

    def time(self, relation: str, column: Column) -> Column:
        """The column ``updated_at``, as a time."""
        return column

    def compared(self, column: Column, operator: str, value: Any) -> str:
        """The condition that a column is before or after a value."""
        return f"asked.{self.quoted(column.name)} {operator} {self.value(column, value)}"

    def _asked(self, read: Read, window: Window) -> Asked:
        if read.query:
            # The end of the line ends a comment in the user's last one.
            relation = f"({read.query.strip().rstrip(';')}\n) as asked"
        else:
            relation = f"{self.table(read.table or '')} as asked"
        columns = self.columns(relation)
        check_names(columns)
        key = column_named(columns, read.key, "key") if read.key else None
        asked = Asked(relation, columns, key=key, limit=window.limit)
        return replace(asked, conditions=tuple(self._conditions(asked, read, window)))

    def _conditions(self, asked: Asked, read: Read, window: Window) -> Iterator[str]:
        if read.updated_at:
            column = self.time(asked.relation, column_named(asked.columns, read.updated_at, "updated_at"))
            found = [self.compared(column, operator, value) for operator, value in bounds(column, window, self.zone)]
            if found and window.since is None:
                found = [f"({found[0]} or asked.{self.quoted(column.name)} is null)"]
            yield from found
        elif read.append:
            column = column_named(asked.columns, read.append, "append")
            if window.since is not None:
                yield self.compared(column, ">", window.since)

    def _parts(self, asked: Asked, read: Read, keys: pa.Table | None) -> Iterator[Asked]:
        """What is asked for, in as many statements as there are thousands of keys."""
        if keys is None:
            yield asked
            return
        columns = [column_named(asked.columns, here, "on") for here in read.on]
        for first in range(0, keys.num_rows, KEYS):
            rows = list(zip(*(each.to_pylist() for each in keys.slice(first, KEYS).columns), strict=True))
            yield replace(asked, conditions=(*asked.conditions, self._among(columns, rows)))

    def _among(self, columns: Sequence[Column], keys: Sequence[Sequence[Any]]) -> str:
        names = [f"asked.{self.quoted(column.name)}" for column in columns]
        if len(columns) == 1:
            return f"{names[0]} in ({', '.join(self.value(columns[0], key) for (key,) in keys)})"
        rows = (
            " and ".join(f"{name} = {self.value(*pair)}" for name, *pair in zip(names, columns, key, strict=True))
            for key in keys
        )
        return f"(({') or ('.join(rows)}))"

    def _rows(self, parts: Iterator[Asked], limit: int | None) -> Iterator[pa.RecordBatch]:
        left = limit
        for part in parts:
            for batch in self.batches(part):
                yield batch if left is None else batch.slice(0, left)
                if left is not None and (left := left - batch.num_rows) <= 0:
                    return


def named_nearly(name: str, known: Sequence[str]) -> str:
    """What to say of a table that there is not: those of a similar name, or else the first ones."""
    by_small = {each.lower(): each for each in known}
    near = [by_small[each] for each in get_close_matches(name.lower(), by_small, 3)]
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known[:20]) or 'none'}"
    return f"there is no table {name} that this user may see; {hint}"


def _keys(connection: duckdb.DuckDBPyConnection, window: Window) -> pa.Table | None:
    if window.keys_of is None:
        return None
    query = f"select distinct * from ({window.keys_of}) as keys where columns(*) is not null order by all"
    return connection.execute(query).to_arrow_table()
