"""PostgreSQL: rows come by ADBC's COPY in batches of some MB, all of one snapshot.

Two sessions are open. The first holds the snapshot and looks things up; the second reads by that snapshot, and may be
opened anew where it breaks off, for as long as the first one lives.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from typing import Any, ClassVar

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from adbc_driver_manager import Error as AdbcError
from adbc_driver_postgresql import StatementOptions, dbapi
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import make_url

from ingest.sources.mapping import Source
from ingest.sources.readers.columns import CLOCK, MOMENT, Column, decimal_column, row_named
from ingest.sources.readers.fill import schema_of
from ingest.sources.readers.reader import FoundTable
from ingest.sources.readers.sql_reader import Asked, SqlReader, named_nearly
from tradeline.credentials import url_of
from tradeline.errors import BadInput, TradelineError
from tradeline.settings import Settings

log = logging.getLogger(__name__)

BATCH_BYTES = 8 << 20
CHUNK_ROWS = 100_000
# Types that arrive as themselves; every other one is read as its text.
TYPES: dict[str, pa.DataType] = {
    "bool": pa.bool_(), "int2": pa.int16(), "int4": pa.int32(), "int8": pa.int64(), "oid": pa.int64(),
    "float4": pa.float32(), "float8": pa.float64(), "text": pa.string(), "varchar": pa.string(), "bytea": pa.binary(),
    "date": pa.date32(), "time": pa.time64("us"), "timestamp": CLOCK, "timestamptz": MOMENT,
}  # fmt: skip
# Of a server or a network that is gone we want to know within minutes, and no limit of the server's cuts a long read.
CONNECTING = {"connect_timeout": 10, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
SESSION = (
    "select set_config(name, '0', false) from pg_settings where name in ('statement_timeout', 'lock_timeout', "
    "'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')"
)
TABLES = """
    select
        pg_class.oid::regclass::text,
        case when reltuples > 0 then reltuples::bigint end,
        array_agg(array[attname::text, format_type(atttypid, atttypmod)] order by attnum)
    from pg_class
    inner join pg_namespace on relnamespace = pg_namespace.oid
    inner join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
    where
        relkind in ('r', 'p', 'v', 'm', 'f') and not relispartition and nspname not in ('information_schema')
        and nspname not like 'pg\\_%' and has_schema_privilege(relnamespace, 'usage')
        and has_any_column_privilege(pg_class.oid, 'select')
    group by pg_class.oid, reltuples
    order by 1
"""
# What the server says before it knows anybody; it gives no code for it.
REFUSED = re.compile(r"authentication|password|pg_hba|does not exist|permission denied|not permitted", re.IGNORECASE)
# Codes that begin so are about the statement or a value, and come again however often it is tried.
LASTING = ("0A", "22", "25006", "28", "3D", "42")
# The session that held the snapshot has ended.
NO_SNAPSHOT = ("22023", "42704", "55000")
# A day before this is `infinity` or `-infinity`, which Arrow has no sign for; PostgreSQL's own days begin in 4714 BC.
FINITE_FROM_DAY = -3_000_000
DAY_MICROSECONDS = 86_400_000_000


@contextmanager
def open_postgres(settings: Settings, name: str, source: Source) -> Iterator["PostgresReader"]:
    """Open a PostgreSQL source.

    Raises:
        BadInput: access is refused, or the URL says what no client knows.
        TradelineError: the server cannot be reached.
    """
    url = make_url(url_of(settings, name, source.url, source.connection)).set(drivername="postgresql")
    where = f"source {name} ({url.render_as_string()})"
    try:
        reader = PostgresReader(name, source, make_conninfo(url.render_as_string(hide_password=False), **CONNECTING))
    except PostgresReader.errors as error:
        raise _fault(error, where) from error
    with closing(reader):
        yield reader


class PostgresReader(SqlReader):
    """A PostgreSQL whose rows are all of one snapshot."""

    errors: ClassVar = (psycopg.Error, AdbcError)

    def __init__(self, name: str, source: Source, conninfo: str) -> None:
        super().__init__(name, source)
        self._conninfo = make_conninfo(conninfo, client_encoding="UTF8", application_name="tradeline")
        self._holder = psycopg.connect(self._conninfo, autocommit=True)
        self._holder.execute(SESSION)
        self._holder.execute("begin isolation level repeatable read, read only")
        self._snapshot = self._value("select pg_export_snapshot()")
        self._reading = self._open_reading()

    def close(self) -> None:
        """End both sessions."""
        for session in (self._reading, self._holder):
            with suppress(*self.errors, RuntimeError):
                session.close()

    def tables(self) -> list[FoundTable]:
        """Tables, views and partitioned tables that the user may read, in all schemas but the system's."""
        rows = self._holder.execute(TABLES).fetchall()
        return [FoundTable(name, tuple(map(tuple, columns)), estimate) for name, estimate, columns in rows]

    def table(self, name: str) -> str:
        """A table, as SQL or the catalogue writes its name."""
        known = [table.name for table in self.tables()]
        plain = {each.replace('"', ""): each for each in known}
        if name in plain:
            return plain[name]
        with suppress(psycopg.Error), self._holder.transaction():
            if found := self._value("select to_regclass(%s)::text", name):
                return str(found)
        raise BadInput(named_nearly(name, known))

    def columns(self, relation: str) -> list[Column]:
        """The columns of a relation, by the types that the server describes it with."""
        with self._holder.transaction(), self._holder.cursor() as cursor:
            cursor.execute(f"select * from {relation} limit 0".encode())
            return [self._column(each) for each in cursor.description or ()]

    def estimate(self, asked: Asked) -> int | None:
        """What the planner expects."""
        with self._holder.transaction():
            plan = self._value(f"explain (format json) {self.statement(asked)}")
        return int(plan[0]["Plan"]["Plan Rows"])

    def batches(self, asked: Asked) -> Iterator[pa.RecordBatch]:
        """The rows, in chunks by the key where there is one; a chunk that breaks off is read again."""
        if asked.key is None or asked.limit is not None:
            yield from self._copied(self.statement(asked), asked)
            return
        key = f"asked.{self.quoted(asked.key.name)}"
        order = f" order by {key} fetch first {CHUNK_ROWS} rows with ties"
        after = f"{key} is not null"
        rows = CHUNK_ROWS
        while rows >= CHUNK_ROWS:
            statement = self.statement(replace(asked, conditions=(*asked.conditions, after)), order)
            chunk = self._chunk(statement, asked)
            yield from chunk
            rows = sum(batch.num_rows for batch in chunk)
            if rows:
                last = chunk[-1].column(asked.key.name)[-1].as_py()
                after = f"{key} > {self.value(asked.key, last)}"
        yield from self._chunk(self.statement(replace(asked, conditions=(*asked.conditions, f"{key} is null"))), asked)

    def fault(self, error: Exception, where: str) -> TradelineError:
        """The server's own words, and what to do."""
        return _fault(error, where)

    def _chunk(self, statement: str, asked: Asked) -> list[pa.RecordBatch]:
        """All batches of a statement; once more, by the same snapshot, where the connection broke off."""
        try:
            return list(self._copied(statement, asked))
        except AdbcError as error:
            if isinstance(_fault(error, ""), BadInput):
                raise
            log.warning("source %s: the connection broke off (%s); the chunk is read again", self.name, _words(error))
            self._reading = self._open_reading()
            return list(self._copied(statement, asked))

    def _copied(self, statement: str, asked: Asked) -> Iterator[pa.RecordBatch]:
        schema = schema_of(asked.columns)
        with self._reading.cursor() as cursor:
            cursor.adbc_statement.set_options(**{StatementOptions.BATCH_SIZE_HINT_BYTES.value: str(BATCH_BYTES)})
            cursor.execute(statement)
            # The reader within has the server's codes in its errors, which the public one around it loses.
            results: Any = cursor._results
            for batch in results.reader:
                typed = [_typed(batch, place, column, asked.key) for place, column in enumerate(asked.columns)]
                yield pa.RecordBatch.from_arrays(typed, schema=schema)

    def _column(self, described: psycopg.Column) -> Column:
        sql = f"asked.{self.quoted(described.name)}"
        known = psycopg.postgres.types.get(described.type_code)
        # An array is known by its element.
        kind = known.name if known and known.oid == described.type_code else ""
        if kind == "numeric":
            return decimal_column(described.name, sql, described.precision, described.scale)
        if kind == "money":
            return decimal_column(described.name, f"{sql}::numeric", None, None)
        if kind in TYPES:
            return Column(described.name, sql, TYPES[kind])
        return Column(described.name, f"{sql}::text", pa.string())

    def _open_reading(self) -> dbapi.Connection:
        """A session that reads by the snapshot.

        Raises:
            TradelineError: the snapshot is gone, since its session has ended.
        """
        reading = dbapi.connect(self._conninfo, autocommit=True)
        with reading.cursor() as cursor:
            cursor.execute(SESSION)
            cursor.fetchall()
            cursor.execute("begin isolation level repeatable read, read only")
            try:
                cursor.execute(f"set transaction snapshot {self.text(self._snapshot)}")
            except AdbcError as error:
                if error.sqlstate not in NO_SNAPSHOT:
                    raise
                raise TradelineError("broke off, and its snapshot is gone: try again; nothing was kept") from error
        return reading

    def _value(self, statement: str, *parameters: Any) -> Any:
        row = self._holder.execute(statement.encode(), parameters or None).fetchone()
        return row[0] if row else None


def _typed(batch: pa.RecordBatch, place: int, column: Column, key: Column | None) -> pa.Array:
    """A column of a batch in its declared type.

    Raises:
        BadInput: a value that the type does not have, with its row.
    """
    values = batch.column(place)
    if isinstance(values, pa.ExtensionArray):
        values = values.storage
        _refuse(pc.equal(values, "nan"), batch, column, key, "NaN")
    elif pa.types.is_temporal(column.type) and not pa.types.is_time(column.type):
        days = values.view(pa.int32()) if pa.types.is_date(column.type) else values.view(pa.int64())
        finite_from = FINITE_FROM_DAY if pa.types.is_date(column.type) else FINITE_FROM_DAY * DAY_MICROSECONDS
        _refuse(pc.less(days, finite_from), batch, column, key, "infinity")
    return values if values.type == column.type else values.cast(column.type)


def _refuse(is_so: pa.Array, batch: pa.RecordBatch, column: Column, key: Column | None, what: str) -> None:
    if (index := pc.index(is_so, True).as_py()) >= 0:
        raise BadInput(
            f"{column.name} is {what} in {row_named(batch, index, key.name if key else None)}, which cannot be kept: "
            f"correct it in the source, or read a query that has `nullif({column.name}, '{what}')`"
        )


def _fault(error: Exception, where: str) -> TradelineError:
    state, words = str(getattr(error, "sqlstate", None) or ""), _words(error)
    if isinstance(error, psycopg.ProgrammingError) and not state:
        return BadInput(f"{where}: the url is none that PostgreSQL knows ({words}): correct it")
    if state == "42501":
        return BadInput(f"{where}: {words}: `grant select` on it to this user, and `grant usage` on its schema")
    if state.startswith(LASTING):
        return BadInput(f"{where}: {words} ({state}): correct the file of the source")
    if not state and REFUSED.search(words):
        return BadInput(f"{where}: access is refused: {words}: check user, database, password and pg_hba.conf")
    return TradelineError(
        f"{where}: cannot be reached, or broke off: {words}: check that the server runs, and try again; "
        "nothing was kept"
    )


def _words(error: Exception) -> str:
    """What the server or the client says, in one line and without the statement."""
    if isinstance(error, psycopg.Error) and error.diag.message_primary:
        return error.diag.message_primary
    details = dict(getattr(error, "details", None) or ())
    primary = details.get(b"PG_DIAG_MESSAGE_PRIMARY") or details.get("PG_DIAG_MESSAGE_PRIMARY")
    if primary:
        return primary.decode() if isinstance(primary, bytes) else str(primary)
    return " ".join(str(error).partition("Query was:")[0].split())
