"""Soft faults: rows that cannot be used are set aside, whole, with the reason; the rest of the file is admitted."""

import logging
from dataclasses import dataclass

import duckdb

from ingest.contract import Table
from ingest.validate import cells
from ingest.validate.keys import repeated_table
from ingest.validate.source import literal, quoted
from ingest.validate.table import FAULT_BITS

log = logging.getLogger(__name__)

# What is known by a night: ``<id>, known_on``; filled from the warehouse and then from tonight's admitted rows.
KNOWN = {"sellers": "seller_id", "loans": "loan_id"}


@dataclass(frozen=True)
class Reason:
    """Why rows are set aside; ``condition`` is SQL over ``raw.<table> as landed``."""

    column: str
    condition: str
    text: str


def create_known(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the temporary tables of what is known, empty."""
    for name, key in KNOWN.items():
        connection.execute(f"create temp table known_{name} ({key} varchar, known_on date)")


def remember(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Add the admitted sellers or loans to what is known; other tables are no one's reference."""
    if table.name in KNOWN:
        key = KNOWN[table.name]
        connection.execute(
            f"insert into known_{table.name} select {key}, min(arrived_on) from raw.{table.name} group by 1"
        )


def set_aside(connection: duckdb.DuckDBPyConnection, table: Table) -> int:
    """Move the rows with soft faults from ``raw.<table>`` to ``raw.set_aside``; returns how many."""
    found = " union all ".join(
        f"""
        select rowid as row_id, {priority} as priority, {literal(reason.column)} as column_name,
            {quoted(reason.column)}::varchar as value, {literal(reason.text)} as reason
        from raw.{table.name} as landed where {reason.condition}
        """
        for priority, reason in enumerate(_reasons(table))
    )
    connection.execute(
        f"""
        create or replace temp table faulty as
        select * from ({found}) qualify row_number() over (partition by row_id order by priority) = 1
        """
    )
    reasons = connection.execute(
        "select column_name, reason, count(*) from faulty group by all order by 3 desc, 1, 2"
    ).fetchall()
    for column, reason, count in reasons:
        log.warning("%s: %s rows set aside: %s %s", table.name, f"{count:,}", column, reason)
    if reasons:
        _move(connection, table)
    return sum(count for _, _, count in reasons)


def _move(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    content = ", ".join(f"{literal(column.name)}: landed.{quoted(column.name)}" for column in table.columns)
    connection.execute(
        f"""
        insert into raw.set_aside
        with firsts as (select source_file, min(rowid) as first_row_id from raw.{table.name} group by 1)
        select landed.arrived_on, '{table.name}', landed.source_file, faulty.row_id - firsts.first_row_id + 1,
            faulty.column_name, faulty.value, faulty.reason, to_json({{{content}}})::varchar
        from raw.{table.name} as landed
        join faulty on faulty.row_id = landed.rowid
        join firsts on firsts.source_file = landed.source_file
        order by faulty.row_id
        """
    )
    connection.execute(f"delete from raw.{table.name} where rowid in (select row_id from faulty)")


def _reasons(table: Table) -> list[Reason]:
    reasons = [
        Reason(check.column, f"{FAULT_BITS} & {1 << bit} <> 0", check.problem)
        for bit, check in enumerate(cells.checks(table))
        if not check.is_hard
    ]
    if table.references_seller:
        reasons.append(Reason("seller_id", _is_unknown("sellers"), "names a seller that is not known by that night"))
    if table.references_loan:
        reasons.append(Reason("loan_id", _is_unknown("loans"), "names a loan that is not known by that night"))
    repeated = f"rowid in (select row_id from {repeated_table(table)})"
    reasons.append(Reason(table.key[0], repeated, "repeats a row of the same night"))
    return reasons


def _is_unknown(name: str) -> str:
    key = KNOWN[name]
    return (
        f"{key} is not null and not exists (select 1 from known_{name} as known "
        f"where known.{key} = landed.{key} and known.known_on <= landed.arrived_on)"
    )
