"""Rows of one night with the same key: repeated (equal, one is kept) or in conflict (a hard fault)."""

from dataclasses import dataclass

import duckdb

from ingest.validate.fault import LAND_AGAIN
from tradeline.contracts.raw import Table
from tradeline.sql import identifier

CONFLICTS_NAMED = 100
REMEDY = f"keep one row of them, the newest version or, of lines of one order, their sum; {LAND_AGAIN}"


@dataclass(frozen=True)
class Conflict:
    """A row whose key another row of the same night has with other content."""

    source_file: str
    row_number: int
    problem: str


def key_hash(table: Table) -> str:
    """SQL of a hash of a row's night and key, null where the key has no value.

    Grouping by it is much cheaper than by keys; after a chance collision the exact look only takes a bit longer.
    """
    has_key = " and ".join(f"{identifier(name)} is not null" for name in table.key)
    return f"case when {has_key} then hash(arrived_on, {_key(table)}) end"


def conflicts(connection: duckdb.DuckDBPyConnection, table: Table) -> list[Conflict]:
    """The rows among ``suspects`` in conflict, at most ``CONFLICTS_NAMED``.

    Fills the temporary table ``repeated`` with ``source_file, row_number`` of those that repeat an earlier, equal one.
    """
    key = _key(table)
    content = ", ".join(identifier(column.name) for column in table.columns)
    connection.execute(
        f"""
        create or replace temp table twins as
        select source_file, row_number, concat_ws(', ', {key}) as key_text,
            row_number() over same_key as place,
            count(distinct row({content})) over (partition by arrived_on, {key}) as content_count
        from suspects where has_twin
        window same_key as (partition by arrived_on, {key} order by source_file, row_number)
        """
    )
    connection.execute(
        """
        create or replace temp table repeated as
        select source_file, row_number from twins where content_count = 1 and place > 1
        """
    )
    rows = connection.execute(
        f"""
        select source_file, row_number, key_text from twins where content_count > 1
        order by source_file, row_number limit {CONFLICTS_NAMED}
        """
    ).fetchall()
    named = ", ".join(table.key)
    return [
        Conflict(source_file, row_number, f"the night has several different rows for {named} = {key_text}")
        for source_file, row_number, key_text in rows
    ]


def _key(table: Table) -> str:
    return ", ".join(identifier(name) for name in table.key)
