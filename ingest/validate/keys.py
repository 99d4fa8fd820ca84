"""Rows of one night with the same key: repeated (equal, one is kept) or in conflict (a hard fault)."""

from dataclasses import dataclass

import duckdb

from ingest.contract import Table
from ingest.validate.source import quoted

CONFLICTS_NAMED = 100


@dataclass(frozen=True)
class Conflict:
    """A row whose key another row of the same night has with other content."""

    source_file: str
    rowid: int
    problem: str


def repeated_table(table: Table) -> str:
    """The temporary table that ``conflicts`` makes: ``row_id`` of the rows that repeat an earlier, equal one."""
    return f"temp.repeated_{table.name}"


def conflicts(connection: duckdb.DuckDBPyConnection, table: Table) -> list[Conflict]:
    """The rows in conflict, at most ``CONFLICTS_NAMED``; fills ``repeated_table`` with the harmless ones."""
    key = ", ".join(quoted(name) for name in table.key)
    content = ", ".join(quoted(column.name) for column in table.columns)
    has_key = " and ".join(f"{quoted(name)} is not null" for name in table.key)
    # Grouping by a hash is much cheaper than by the keys; a chance collision only makes the exact look a bit longer.
    connection.execute(
        f"""
        create or replace temp table twins_{table.name} as
        with suspects as (
            select hash(arrived_on, {key}) as key_hash from raw.{table.name} where {has_key}
            group by 1 having count(*) > 1
        )
        select rowid as row_id, source_file, concat_ws(', ', {key}) as key_text,
            row_number() over same_key as place,
            count(distinct row({content})) over (partition by arrived_on, {key}) as content_count
        from raw.{table.name}
        where hash(arrived_on, {key}) in (select key_hash from suspects) and {has_key}
        window same_key as (partition by arrived_on, {key} order by rowid)
        """
    )
    connection.execute(
        f"""
        create or replace temp table repeated_{table.name} as
        select row_id from twins_{table.name} where content_count = 1 and place > 1
        """
    )
    rows = connection.execute(
        f"""
        select source_file, row_id, key_text from twins_{table.name} where content_count > 1
        order by row_id limit {CONFLICTS_NAMED}
        """
    ).fetchall()
    named = ", ".join(table.key)
    return [
        Conflict(source_file, row_id, f"the night has several different rows for {named} = {key_text}")
        for source_file, row_id, key_text in rows
    ]
