"""Filling a table of the DuckDB file from Arrow batches, one at a time."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import duckdb
import pyarrow as pa

from ingest.sources.readers.columns import DIGITS_MAX, Column
from ingest.sources.readers.reader import Loaded
from tradeline.errors import BadInput
from tradeline.progress import progress
from tradeline.sql import identifier

# What DuckDB holds in 64 bits.
SHORT_DIGITS = 18
NUMBER = r"-?[0-9]+(\.[0-9]+)?"


def fill(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Sequence[Column],
    batches: Iterator[pa.RecordBatch],
    what: str,
    expected_rows: int | None = None,
) -> Loaded:
    """Make ``table`` anew out of ``batches``; where they fail, it stays as it was.

    ``what``: how progress calls it. ``expected_rows``: an estimate, for progress.

    Raises:
        BadInput: a number among them has more digits than a decimal, or is none.
    """
    target = identifier(table)
    rows = size = 0
    # In one transaction, or DuckDB would write each batch twice.
    connection.execute("begin")
    try:
        _run(
            connection, f"create or replace table {target} as select * from incoming", schema_of(columns).empty_table()
        )
        with progress(what) as tell, closing(batches):  # type: ignore[type-var]
            for batch in batches:
                _run(connection, f"insert into {target} select * from incoming", batch)
                rows, size = rows + batch.num_rows, size + batch.nbytes
                tell(rows, max(rows, expected_rows) if expected_rows else None, "")
        for column in columns:
            if column.is_number_text:
                _make_decimal(connection, target, identifier(column.name), identifier(columns[0].name))
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    return Loaded(rows, size)


def schema_of(columns: Sequence[Column]) -> pa.Schema:
    """The Arrow schema of batches of these columns."""
    return pa.schema([(column.name, column.type) for column in columns])


def _run(connection: duckdb.DuckDBPyConnection, statement: str, incoming: Any) -> None:
    connection.register("incoming", incoming)
    try:
        connection.execute(statement)
    finally:
        connection.unregister("incoming")


def _make_decimal(connection: duckdb.DuckDBPyConnection, table: str, column: str, first: str) -> None:
    """Turn a column of numbers as texts into the decimal type that holds them all."""
    odd = connection.execute(
        f"select {first}, {column} from {table} where not regexp_full_match({column}, '{NUMBER}') limit 1"
    ).fetchone()
    if odd:
        raise BadInput(
            f"{column} is {odd[1]} in the row with {first} = {odd[0]}, which is no number: correct it in the source, "
            f"or read a query that leaves it out, such as `nullif({column}, '{odd[1]}')`"
        )
    sizes = connection.execute(
        f"select coalesce(max(length(ltrim(split_part({column}, '.', 1), '-'))), 1), "
        f"coalesce(max(length(rtrim(split_part({column}, '.', 2), '0'))), 0) from {table}"
    ).fetchone()
    assert sizes
    digits, places = sizes
    if digits + places > DIGITS_MAX:
        raise BadInput(
            f"{column} has numbers of {digits} digits before the point and of {places} after it; {DIGITS_MAX} in all "
            f"can be kept: read a query that rounds it, such as `cast({column} as decimal(18, 2))`"
        )
    width = SHORT_DIGITS if digits + places <= SHORT_DIGITS else DIGITS_MAX
    connection.execute(f"alter table {table} alter {column} type decimal({width}, {places})")
