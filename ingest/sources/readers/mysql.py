"""MySQL and MariaDB, by PyMySQL.

Values come as the server writes them and Arrow parses them, which is exact, and faster than one Python object each.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from pymysql.constants import FIELD_TYPE, FLAG
from pymysql.converters import encoders
from sqlalchemy.engine import Engine, make_url

from ingest.sources.mapping import Source
from ingest.sources.readers.columns import CLOCK, MOMENT, Column, Kind, decimal_column
from ingest.sources.readers.database import DatabaseReader
from ingest.sources.readers.sql_reader import Asked
from tradeline.credentials import url_of
from tradeline.settings import Settings

log = logging.getLogger(__name__)

INTEGERS = (FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG, FIELD_TYPE.YEAR)
TYPES = {
    **dict.fromkeys(INTEGERS, pa.int64()),
    FIELD_TYPE.FLOAT: pa.float64(),
    FIELD_TYPE.DOUBLE: pa.float64(),
    FIELD_TYPE.DATE: pa.date32(),
    FIELD_TYPE.DATETIME: CLOCK,
    FIELD_TYPE.TIMESTAMP: MOMENT,
    FIELD_TYPE.GEOMETRY: pa.binary(),
}
BYTES = (FIELD_TYPE.STRING, FIELD_TYPE.VAR_STRING, FIELD_TYPE.VARCHAR, FIELD_TYPE.BLOB, FIELD_TYPE.TINY_BLOB,
         FIELD_TYPE.MEDIUM_BLOB, FIELD_TYPE.LONG_BLOB)  # fmt: skip
# The number of the character set of what is no text.
NO_TEXT = 63
# Days that no calendar has, such as 0000-00-00 or 2026-00-00: how MySQL writes that there is none.
NO_DAY = "^0000-|^[0-9]{4}-00-|^[0-9]{4}-[0-9]{2}-00"
# Too many connections, shutdown, packets and networks, locks, an interrupted or overlong query.
PASSING = {1040, 1053, 1129, 1135, *range(1152, 1162), 1203, 1205, 1213, 1317, 1969, 3024}


class MysqlReader(DatabaseReader):
    """A MySQL or MariaDB in one consistent snapshot of its transactional tables."""

    times: ClassVar[dict[Kind, str]] = {"moment": "datetime(6)", "clock": "datetime(6)", "day": "date"}
    refused: ClassVar = frozenset({1044, 1045, 1049, 1130, 1142, 1143, 1227, 1370, 1698})
    opening: ClassVar = (
        "set session time_zone = '+00:00'",
        # So long the server waits for us to take the next rows.
        "set session net_write_timeout = 600",
        "set session transaction isolation level repeatable read",
        "start transaction with consistent snapshot, read only",
    )

    @classmethod
    def engine(cls, settings: Settings, name: str, source: Source) -> Engine:
        """By PyMySQL, whose values stay as the server writes them."""
        url = make_url(url_of(settings, name, source.url, source.connection)).set(drivername="mysql+pymysql")
        given: dict[str, Any] = {"conv": dict(encoders), "charset": "utf8mb4", "connect_timeout": 10}
        return sa.create_engine(url, connect_args=given, poolclass=sa.NullPool)

    def columns(self, relation: str) -> list[Column]:
        """The columns of a relation, as the server describes its result."""
        with closing(self.run(f"select * from {relation} limit 0")) as result:
            cursor: Any = result.cursor
            # What the public description leaves out: signs and character sets.
            return [self._column(field) for field in cursor._result.fields]

    def batches(self, asked: Asked) -> Iterator[pa.RecordBatch]:
        """The rows; at their end it is said how many days were none."""
        self._no_days: Counter[str] = Counter()
        yield from super().batches(asked)
        for column, count in self._no_days.items():
            log.warning("source %s: %s: %s zero dates mean no value, and have none here", self.name, column, count)

    def arrow(self, column: Column, cells: Sequence[Any]) -> pa.Array:
        """Bits as numbers, zero dates as no value."""
        if any(isinstance(cell, bytes) for cell in cells) and not pa.types.is_binary(column.type):
            cells = [None if cell is None else int.from_bytes(cell) for cell in cells]
            return pa.array(cells, pa.uint64()).cast(column.type)
        if column.kind in self.times:
            texts = pa.array(cells, pa.string())
            is_none = pc.match_substring_regex(texts, NO_DAY)
            if count := pc.sum(is_none).as_py():
                self._no_days[column.name] += count
                cells = pc.if_else(is_none, None, texts).to_pylist()
        return super().arrow(column, cells)

    def quoted(self, name: str) -> str:
        """A name in backticks; SQLAlchemy's would double percent signs, which statements without parameters keep."""
        return "`" + name.replace("`", "``") + "`"

    def text(self, value: str) -> str:
        """A text as this server's mode has backslashes."""
        connection: Any = self._connection.connection.driver_connection
        literal: str = connection.literal(value)
        return literal

    def value(self, column: Column, value: Any) -> str:
        """A value; moments without their offset, since the session is in UTC."""
        is_moment = column.kind == "moment" and getattr(value, "tzinfo", None)
        return super().value(column, value.replace(tzinfo=None) if is_moment else value)

    @staticmethod
    def words(error: BaseException | None) -> tuple[int, str]:
        """The server's number and text."""
        number, *words = getattr(error, "args", ()) or (0, "")
        return (number, str(words[0]) if words else "") if isinstance(number, int) else (0, str(error))

    @staticmethod
    def may_pass(number: int) -> bool:
        """From 2000 on they are the client's, about the connection."""
        return number in PASSING or 2000 <= number < 3000 or number == 0

    def _column(self, field: Any) -> Column:
        sql, code = f"asked.{self.quoted(field.name)}", field.type_code
        if code in (FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL):
            signs = int(field.scale > 0) + int(not field.flags & FLAG.UNSIGNED)
            return decimal_column(field.name, sql, field.length - signs, field.scale)
        if code == FIELD_TYPE.LONGLONG and field.flags & FLAG.UNSIGNED:
            return Column(field.name, sql, pa.uint64())
        if code == FIELD_TYPE.BIT:
            return Column(field.name, sql, pa.bool_() if field.length == 1 else pa.uint64())
        if code in BYTES and field.charsetnr == NO_TEXT:
            return Column(field.name, sql, pa.binary())
        return Column(field.name, sql, TYPES.get(code, pa.string()))
