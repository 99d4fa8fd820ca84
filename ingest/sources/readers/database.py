"""Databases behind SQLAlchemy: MySQL, MariaDB, SQL Server and SQLite, each of which has a file of its own ways.

Rows come by a server-side cursor, some thousands at a time, and become Arrow batches of declared types.
"""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from importlib import import_module
from typing import Any, ClassVar

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import CursorResult, Engine
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.engine.reflection import ObjectKind
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ingest.sources.mapping import Kind, Source
from ingest.sources.readers.columns import Column
from ingest.sources.readers.fill import schema_of
from ingest.sources.readers.reader import FoundTable
from ingest.sources.readers.sql_reader import Asked, SqlReader, named_nearly
from tradeline.errors import BadInput, TradelineError
from tradeline.settings import Settings

ROWS = 20_000
READERS: dict[Kind, str] = {
    "mysql": "mysql:MysqlReader",
    "sqlserver": "sqlserver:SqlServerReader",
    "sqlite": "sqlite:SqliteReader",
}


class DatabaseReader(SqlReader):
    """A database behind SQLAlchemy, all of one moment from ``opening`` on, which are the first statements.

    ``refused``: the numbers of the errors that say that access is refused.
    """

    errors: ClassVar = (SQLAlchemyError,)
    opening: ClassVar[tuple[str, ...]] = ()
    refused: ClassVar[frozenset[int]] = frozenset()

    def __init__(self, name: str, source: Source, engine: Engine) -> None:
        super().__init__(name, source)
        self._engine = engine
        # Without parameters, a percent sign in a statement is one.
        self._connection = engine.connect().execution_options(no_parameters=True)
        for statement in self.opening:
            self._connection.exec_driver_sql(statement)

    @classmethod
    @abstractmethod
    def engine(cls, settings: Settings, name: str, source: Source) -> Engine:
        """The engine of a source."""

    @staticmethod
    @abstractmethod
    def words(error: BaseException | None) -> tuple[int, str]:
        """The number and the text of a driver's error."""

    @staticmethod
    @abstractmethod
    def may_pass(number: int) -> bool:
        """Whether an error of this number is one of the server or the network, so that trying again may help."""

    def close(self) -> None:
        """End the session."""
        with suppress(SQLAlchemyError):
            self._connection.close()
        self._engine.dispose()

    def tables(self) -> list[FoundTable]:
        """Tables and views of the user's own schema and, by their full names, of others."""
        inspector = sa.inspect(self._engine)
        found = []
        for schema in self.schemas(inspector):
            columns = inspector.get_multi_columns(schema, kind=ObjectKind.ANY)
            for (_, table), described in sorted(columns.items(), key=lambda each: each[0][1]):
                name = table if schema is None else f"{schema}.{table}"
                found.append(FoundTable(name, tuple(map(_name_and_type, described))))
        return found

    def schemas(self, inspector: sa.Inspector) -> Sequence[str | None]:
        """The schemas to look in; None is the user's own."""
        return [None]

    def table(self, name: str) -> str:
        """A table of the user's own schema, or ``schema.table``."""
        inspector = sa.inspect(self._engine)
        own = _names(inspector, None)
        schema, _, table = name.rpartition(".")
        if name in own:
            return self.quoted(name)
        if schema and table in _names(inspector, schema):
            return f"{self.quoted(schema)}.{self.quoted(table)}"
        raise BadInput(named_nearly(name, own))

    def quoted(self, name: str) -> str:
        """A name as this kind of database writes it."""
        return self._engine.dialect.identifier_preparer.quote_identifier(name)

    def batches(self, asked: Asked) -> Iterator[pa.RecordBatch]:
        """The rows as the server sends them."""
        schema = schema_of(asked.columns)
        with closing(self.run(self.statement(asked), is_streamed=True)) as result:
            while rows := result.fetchmany(ROWS):
                cells = zip(asked.columns, zip(*rows, strict=True), strict=True)
                yield pa.RecordBatch.from_arrays([self._typed(*each) for each in cells], schema=schema)

    def arrow(self, column: Column, cells: Sequence[Any]) -> pa.Array:
        """Values of the driver as Arrow's; Arrow parses what came as text."""
        if not any(isinstance(cell, str) for cell in cells):
            return pa.array(cells, column.type)
        texts = pa.array(cells, pa.string())
        # A moment comes as what clocks show in UTC.
        return (texts.cast(pa.timestamp("us")) if column.kind == "moment" else texts).cast(column.type)

    def run(self, statement: str, *, is_streamed: bool = False) -> CursorResult[Any]:
        """What a statement gives; of what is streamed nothing is in memory yet."""
        return self._connection.execution_options(stream_results=is_streamed).exec_driver_sql(statement)

    def fault(self, error: Exception, where: str) -> TradelineError:
        """The server's own words, and what to do."""
        return self.in_words(error, where)

    @classmethod
    def in_words(cls, error: Exception, where: str) -> TradelineError:
        """An error of SQLAlchemy's for a user."""
        number, words = cls.words(error.orig) if isinstance(error, DBAPIError) else (0, str(error))
        if number in cls.refused:
            return BadInput(
                f"{where}: access is refused: {words} ({number}): check user, database, password and grants"
            )
        if cls.may_pass(number):
            return TradelineError(
                f"{where}: cannot be reached, or broke off: {words} ({number}): check that it runs, and try again; "
                "nothing was kept"
            )
        return BadInput(f"{where}: {words} ({number}): correct the file of the source")

    def _typed(self, column: Column, cells: Sequence[Any]) -> pa.Array:
        try:
            return self.arrow(column, cells)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
            raise BadInput(
                f"{column.name} is to be {column.type}, and a value is none ({error}): correct it in the source, or "
                "read a query that makes it a text"
            ) from error


@contextmanager
def open_database(settings: Settings, name: str, source: Source) -> Iterator[DatabaseReader]:
    """Open a source of one of these kinds.

    Raises:
        BadInput: access is refused, or there is no such file.
        TradelineError: it cannot be reached.
    """
    module, reader_name = READERS[source.kind].split(":")
    kind: type[DatabaseReader] = getattr(import_module(f"ingest.sources.readers.{module}"), reader_name)
    engine = kind.engine(settings, name, source)
    try:
        reader = kind(name, source, engine)
    except SQLAlchemyError as error:
        raise kind.in_words(error, f"source {name} ({engine.url.render_as_string()})") from error
    with closing(reader):
        yield reader


def _name_and_type(column: ReflectedColumn) -> tuple[str, str]:
    return column["name"], str(column["type"])


def _names(inspector: sa.Inspector, schema: str | None) -> list[str]:
    if schema is not None and schema not in inspector.get_schema_names():
        return []
    return [*inspector.get_table_names(schema), *inspector.get_view_names(schema)]
