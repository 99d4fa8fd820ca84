"""Columns of a database as they are read: the SQL that selects each, its Arrow type, and how a window compares it.

Everything comes in Arrow batches of declared types, so that a table is read in pieces and each piece looks the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pyarrow as pa

from ingest.sources.readers.reader import Window
from tradeline.errors import BadInput

MOMENT, CLOCK = pa.timestamp("us", "UTC"), pa.timestamp("us")
DIGITS_MAX = 38

Kind = Literal["number", "moment", "clock", "day", "text"]


@dataclass(frozen=True)
class Column:
    """A column of what is asked for.

    ``sql``: the expression that selects it, in the source's SQL. ``type``: what it is in Arrow. ``is_number_text``: it
    is an exact number as text, whose places are known only once all rows are there.
    """

    name: str
    sql: str
    type: pa.DataType
    is_number_text: bool = False

    @property
    def kind(self) -> Kind:
        """How values of it are compared; ``clock`` is a time without an offset."""
        if self.is_number_text or pa.types.is_decimal(self.type) or pa.types.is_integer(self.type):
            return "number"
        if pa.types.is_floating(self.type):
            return "number"
        if pa.types.is_timestamp(self.type):
            return "moment" if self.type.tz else "clock"
        return "day" if pa.types.is_date(self.type) else "text"


def decimal_column(name: str, sql: str, precision: int | None, scale: int | None) -> Column:
    """The column of an exact number, as text where no decimal type is known to hold all of its digits."""
    if precision is None or scale is None or scale < 0 or max(precision, scale) > DIGITS_MAX:
        return Column(name, sql, pa.string(), is_number_text=True)
    return Column(name, sql, pa.decimal128(max(precision, scale, 1), scale))


def check_names(columns: Sequence[Column]) -> None:
    """Refuse columns that DuckDB could not tell apart.

    Raises:
        BadInput: there is none, one has no name, or two have the same but for case.
    """
    if not columns:
        raise BadInput("there is no column to read")
    seen: dict[str, str] = {}
    for column in columns:
        if not column.name:
            raise BadInput("a column has no name: name it in the query, `... as amount`")
        if twin := seen.get(column.name.lower()):
            raise BadInput(
                f"columns {twin} and {column.name} have the same name, for DuckDB knows no case: read a query that "
                "names them apart"
            )
        seen[column.name.lower()] = column.name


def column_named(columns: Sequence[Column], name: str, setting: str) -> Column:
    """The column that a setting of the mapping names, whatever the case where that leaves no doubt.

    Raises:
        BadInput: there is none.
    """
    for column in columns:
        if column.name.lower() == name.lower():
            return column
    known = ", ".join(column.name for column in columns)
    raise BadInput(f"{setting}: {name} is no column of it; the columns are {known}")


def bounds(column: Column, window: Window, zone: ZoneInfo) -> Iterator[tuple[str, date | datetime]]:
    """What ``updated_at`` is to be held against, as operators and values of the column's kind.

    Raises:
        BadInput: the column is no time.
    """
    if column.kind not in ("moment", "clock", "day"):
        raise BadInput(
            f"updated_at: {column.name} is no time ({column.type}): read a query that makes it one, such as `select *, "
            "to_timestamp(seconds) as changed_at from ...`"
        )
    if window.since is not None:
        since = _moment(window.since)
        shown = earliest_shown(since, zone)
        yield ">=", {"moment": since, "clock": shown, "day": shown.date()}[column.kind]
    if window.until is not None:
        until = _moment(window.until)
        shown = until.astimezone(zone).replace(tzinfo=None)
        if column.kind == "day":
            yield "<=", (shown - timedelta(microseconds=1)).date()
        else:
            yield "<", until if column.kind == "moment" else shown


def earliest_shown(moment: datetime, zone: ZoneInfo) -> datetime:
    """The earliest time that clocks in a zone show from a moment on: where they are put back, they show it again."""
    later = (moment + timedelta(days=1)).astimezone(zone).utcoffset()
    now = moment.astimezone(zone).utcoffset()
    assert now is not None and later is not None
    return moment.replace(tzinfo=None) + min(now, later)


def row_named(batch: pa.RecordBatch, index: int, key: str | None = None) -> str:
    """A row of a batch in words, by its key or else its first column: ``the row with order_id = O-7``."""
    name = key if key in batch.schema.names else batch.schema.names[0]
    value = batch.column(name)[index]
    shown = value.value if isinstance(value, pa.ExtensionScalar) else value
    return f"the row with {name} = {shown}"


def _moment(given: Any) -> datetime:
    moment = datetime.fromisoformat(str(given))
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
