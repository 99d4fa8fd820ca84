"""DuckDB files of others, read by a DuckDB of their own, so that their views and queries find what they name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import duckdb
import pyarrow as pa

from ingest.sources.mapping import Source
from ingest.sources.readers.columns import Column
from ingest.sources.readers.fill import schema_of
from ingest.sources.readers.reader import FoundTable
from ingest.sources.readers.sql_reader import Asked, SqlReader, named_nearly
from ingest.sources.readers.stores import local_path
from tradeline.database import Limits, connect
from tradeline.errors import BadInput, TradelineError
from tradeline.settings import Settings
from tradeline.sql import identifier

ROWS = 100_000
# Beside the memory of the DuckDB that the rows go into.
MEMORY_LIMIT = "300MB"
TABLES = """
    select
        case when schema_name = 'main' then '' else schema_name end,
        table_name,
        list((column_name, data_type) order by column_index),
        any_value(estimated_size)
    from duckdb_columns()
    left join duckdb_tables() using (database_name, schema_name, table_name)
    where not duckdb_columns.internal and database_name = current_database()
    group by all
    order by 1, 2
"""


class DuckdbReader(SqlReader):
    """A DuckDB file that nobody can write while it is open."""

    errors: ClassVar = (duckdb.Error,)

    def __init__(self, name: str, source: Source, own: duckdb.DuckDBPyConnection) -> None:
        super().__init__(name, source)
        self._own = own

    def tables(self) -> list[FoundTable]:
        """Tables and views, with the schema where it is not main."""
        rows = self._own.execute(TABLES).fetchall()
        return [
            FoundTable(f"{schema}.{table}" if schema else table, tuple(columns), rows_there)
            for schema, table, columns, rows_there in rows
        ]

    def table(self, name: str) -> str:
        """A table by its name, or by schema and name."""
        known = {".".join(filter(None, row[:2])): row[:2] for row in self._own.execute(TABLES).fetchall()}
        if name not in known:
            raise BadInput(named_nearly(name, list(known)))
        return ".".join(identifier(part) for part in known[name] if part)

    def columns(self, relation: str) -> list[Column]:
        """The columns of a relation; what Arrow has no equal of comes as text, times in microseconds."""
        described = self._own.sql(f"select * from {relation} limit 0")
        selected = [_sql(name, str(kind)) for name, kind in zip(described.columns, described.types, strict=True)]
        schema = self._own.sql(f"select {', '.join(selected)} from {relation} limit 0").to_arrow_table().schema
        return [
            Column(name, sql, field.type) for name, sql, field in zip(described.columns, selected, schema, strict=True)
        ]

    def batches(self, asked: Asked) -> Iterator[pa.RecordBatch]:
        """The rows as DuckDB streams them."""
        schema = schema_of(asked.columns)
        for batch in self._own.sql(self.statement(asked)).to_arrow_reader(ROWS):
            yield batch.cast(schema)

    def fault(self, error: Exception, where: str) -> TradelineError:
        """DuckDB's own words, and what to do."""
        return _fault(error, where)


@contextmanager
def open_duckdb(settings: Settings, name: str, source: Source) -> Iterator[DuckdbReader]:
    """Open a DuckDB file for reading.

    Raises:
        BadInput: there is no such file, or it is none that this DuckDB reads.
        TradelineError: another process has it open for writing.
    """
    path = local_path(settings, name, source)
    if not path.is_file():
        raise BadInput(f"source {name}: {path}: no such file; correct url in {settings.sources / name}.yml")
    limits = Limits(settings.threads, MEMORY_LIMIT)
    with TemporaryDirectory(prefix=".spill-", dir=settings.sources) as spill:
        try:
            own = connect(limits, path, read_only=True, spill=Path(spill))
        except duckdb.Error as error:
            raise _fault(error, f"source {name} ({path})") from error
        with own:
            yield DuckdbReader(name, source, own)


def _sql(name: str, kind: str) -> str:
    sql = f"asked.{identifier(name)}"
    if kind.startswith(('"NULL"', "ENUM", "BIT", "UNION", "BIGNUM", "TIME WITH")):
        return f"{sql}::varchar"
    return f"{sql}::timestamp" if kind in ("TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS") else sql


def _fault(error: Exception, where: str) -> TradelineError:
    words = str(error).splitlines()[0]
    if "lock" in words and isinstance(error, duckdb.IOException):
        return TradelineError(
            f"{where}: another process has the file open for writing, and DuckDB lets nobody read meanwhile ({words}): "
            "try again when it has ended, or let it write a copy for readers"
        )
    if isinstance(error, duckdb.SerializationException) or "version" in words:
        return BadInput(f"{where}: {words}: export it to Parquet with the DuckDB that wrote it, and read kind: files")
    return BadInput(f"{where}: {words}: correct the file of the source")
