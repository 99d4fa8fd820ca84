"""SQL Server, by pymssql.

Every value whose type Python has no exact counterpart of is turned into text by the server, and parsed by Arrow.
"""

import re
from collections.abc import Sequence
from typing import Any, ClassVar

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import Engine, make_url

from ingest.sources.mapping import Source
from ingest.sources.readers.columns import CLOCK, MOMENT, Column, Kind, decimal_column
from ingest.sources.readers.database import DatabaseReader
from ingest.sources.readers.sql_reader import Asked
from tradeline.credentials import url_of
from tradeline.settings import Settings

# As pymssql gives them; of the rest, `_column` says how it is written down.
TYPES = {
    "bit": pa.bool_(), "tinyint": pa.int64(), "smallint": pa.int64(), "int": pa.int64(), "bigint": pa.int64(),
    "float": pa.float64(), "real": pa.float64(), "varchar": pa.string(), "nvarchar": pa.string(), "text": pa.string(),
    "ntext": pa.string(), "binary": pa.binary(), "varbinary": pa.binary(), "image": pa.binary(),
    "timestamp": pa.binary(),
}  # fmt: skip
CLOCKS = ("datetime", "datetime2", "smalldatetime")
MONEY = {"money": (19, 4), "smallmoney": (10, 4)}
OWN_SCHEMAS = ("dbo", "guest", "INFORMATION_SCHEMA", "sys")
# Deadlocks, lock timeouts and conflicts of snapshots; the numbers from 20000 on are the client's and the cloud's.
PASSING = {0, 1205, 1222, 3960, 10928, 10929, 10053, 10054, 10060}
NO_SNAPSHOTS = " (its owner allows it by `alter database ... set allow_snapshot_isolation on`)"


class SqlServerReader(DatabaseReader):
    """A SQL Server under snapshot isolation, which its database must allow."""

    times: ClassVar[dict[Kind, str]] = {"moment": "datetimeoffset(6)", "clock": "datetime2(6)", "day": "date"}
    refused: ClassVar = frozenset({229, 230, 916, 4060, 18452, 18456})

    @classmethod
    def engine(cls, settings: Settings, name: str, source: Source) -> Engine:
        """Under snapshot isolation, so that all that is read is of one moment and no writer waits."""
        url = make_url(url_of(settings, name, source.url, source.connection)).set(drivername="mssql+pymssql")
        given = {"login_timeout": 10, "charset": "UTF-8"}
        return sa.create_engine(url, isolation_level="SNAPSHOT", connect_args=given, poolclass=sa.NullPool)

    def schemas(self, inspector: sa.Inspector) -> Sequence[str | None]:
        """All but the server's own and the roles'."""
        names = [name for name in inspector.get_schema_names() if name not in OWN_SCHEMAS and name[:3] != "db_"]
        return [None, *names]

    def columns(self, relation: str) -> list[Column]:
        """The columns of a relation, as the server describes a query's result."""
        described: Sequence[Any] = self.run(
            "select name, system_type_name, precision, scale from sys.dm_exec_describe_first_result_set("
            f"{self.text(f'select * from {relation}')}, null, 0) where is_hidden = 0 order by column_ordinal"
        ).fetchall()
        if not described or described[0][1] is None:
            # It describes a faulty query as one row of nothing; the query itself says what is wrong.
            self.run(f"select top (0) * from {relation}").close()
        return [self._column(*row) for row in described if row[1] is not None]

    def statement(self, asked: Asked, order: str = "") -> str:
        """With ``top`` where others have ``limit``."""
        if asked.limit is None:
            return super().statement(asked, order)
        unlimited = Asked(asked.relation, asked.columns, asked.conditions)
        return super().statement(unlimited, order).replace("select ", f"select top ({asked.limit}) ", 1)

    def text(self, value: str) -> str:
        """A text in Unicode."""
        return "N" + super().text(value)

    @staticmethod
    def words(error: BaseException | None) -> tuple[int, str]:
        """The server's number and the first line of its text."""
        arguments: Any = getattr(error, "args", ())
        while arguments and isinstance(arguments[0], tuple):
            arguments = arguments[0]
        if len(arguments) < 2 or not isinstance(arguments[0], int):
            return 0, str(error)
        words = arguments[1].decode(errors="replace") if isinstance(arguments[1], bytes) else str(arguments[1])
        return arguments[0], next(filter(None, re.split(r"DB-Lib error message [^\n]*|\n", words)), "") + (
            NO_SNAPSHOTS if arguments[0] == 3952 else ""
        )

    @staticmethod
    def may_pass(number: int) -> bool:
        """As ``PASSING`` has it."""
        return number in PASSING or number >= 20_000

    def _column(self, name: str, described: str, precision: int, scale: int) -> Column:
        sql, kind = f"asked.{self.quoted(name or '')}", described.partition("(")[0]
        if kind in ("decimal", "numeric", *MONEY):
            precision, scale = MONEY.get(kind, (precision, scale))
            exact = f"convert(varchar(41), cast({sql} as decimal({precision}, {scale})))"
            return decimal_column(name, exact, precision, scale)
        if kind in CLOCKS:
            return Column(name, f"convert(varchar(33), cast({sql} as datetime2(6)), 126)", CLOCK)
        if kind == "datetimeoffset":
            in_utc = f"cast(switchoffset({sql}, '+00:00') as datetime2(6))"
            return Column(name, f"convert(varchar(33), {in_utc}, 126)", MOMENT)
        if kind == "date":
            return Column(name, f"convert(varchar(10), {sql}, 23)", pa.date32())
        if kind in TYPES:
            return Column(name, sql, TYPES[kind])
        # char and nchar without the blanks that fill them up, uniqueidentifier, time, xml and what else there is.
        return Column(name, f"rtrim(convert(nvarchar(max), {sql}))", pa.string())
