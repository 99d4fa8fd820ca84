"""Soft faults: rows that cannot be used are set aside, whole, with the reason; the rest of the file is admitted."""

import logging

import duckdb

from ingest.validate import known
from ingest.validate.cells import CellCheck
from ingest.validate.currencies import Currencies
from tradeline.contracts.raw import Table
from tradeline.sql import identifier, literal

log = logging.getLogger(__name__)


def set_aside(
    connection: duckdb.DuckDBPyConnection, table: Table, checks: list[CellCheck], currencies: Currencies
) -> None:
    """Copy the rows with soft faults from ``suspects`` to ``raw.set_aside``, each with the first of its faults.

    A row waits for what it refers to, a seller, a loan or a rate, only if nothing else is wrong with it.
    """
    brought_by = [reference.brought_by for reference in known.references(table, currencies)]
    waits = dict(zip(known.checks(table, currencies), brought_by, strict=True))
    soft = [
        (f"fault_bits & {1 << bit} <> 0", check.column, check.problem, waits.get(check))
        for bit, check in enumerate(checks)
        if not check.is_hard
    ]
    faults = [fault for fault in soft if fault[3] is None]
    faults.append(("is_repeated", table.key[0], "repeats a row of the same night", None))
    faults += [fault for fault in soft if fault[3] is not None]
    cases = " ".join(
        f"when {condition} then row({literal(column)}, {identifier(column)}::varchar, {literal(reason)}, "
        f"{literal(waits_for) if waits_for else 'null::varchar'})"
        for condition, column, reason, waits_for in faults
    )
    content = ", ".join(f"{literal(column.name)}: {identifier(column.name)}" for column in table.columns)
    connection.execute(
        f"""
        insert into raw.set_aside by name
        with judged as (
            select *, (source_file, row_number) in (from repeated) as is_repeated from suspects
        ),
        faulty as (select *, case {cases} end as fault from judged)
        select arrived_on, {literal(table.name)} as table_name, source_file, row_number, fault[1] as column_name,
            fault[2] as value, fault[3] as reason, to_json({{{content}}})::varchar as row_json, fault[4] as waits_for
        from faulty where fault is not null order by faulty.source_file, faulty.row_number
        """
    )


def report(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Log how many of the table's rows were set aside, why, and which are the first three."""
    reasons = connection.execute(
        """
        with aside as (
            select *, source_file || ' row ' || row_number || coalesce(' ' || chr(39) || value[:100] || chr(39), '')
                as place
            from raw.set_aside semi join raw.nights using (arrived_on) where table_name = ?
        )
        select column_name, reason, count(*), list(place order by source_file, row_number)[1:3], min(hint)
        from aside group by 1, 2 order by 3 desc, 1, 2
        """,
        [table.name],
    ).fetchall()
    for column, reason, count, first, hint in reasons:
        named = ", ".join(first) + (f"; {hint}" if hint else "")
        log.warning("%s: %s rows set aside: %s %s (%s)", table.name, f"{count:,}", column, reason, named)
