"""Checking a table's landed files, a batch of nights at a time, so that memory stays bounded whatever has landed.

Of each row only a few numbers are kept while its night is checked; rows at fault are read once more, whole.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

import duckdb

from ingest.landing import LandedFile
from ingest.validate import cells, contradictions, keys, known, rows, sums
from ingest.validate.advice import advice
from ingest.validate.cells import CellCheck
from ingest.validate.columns import column_faults
from ingest.validate.convert import ALL_TEXTS, NULL, converted
from ingest.validate.currencies import Currencies
from ingest.validate.fault import LAND_AGAIN, Fault
from ingest.validate.missing import no_value_texts
from ingest.validate.source import FILE, ROW, Source, broken_files, group, merged
from ingest.validate.strangers import GUARDS, stranger_faults
from tradeline.contracts.raw import BY_NAME, Table
from tradeline.database import scalar
from tradeline.progress import track
from tradeline.settings import Settings
from tradeline.sql import identifier, literal

BATCH_BYTES = 100_000_000
ROWS_NAMED = 3


@dataclass
class TableRead:
    """What came of reading one table: readable groups of files, rows by night, and the hard faults.

    ``unread_texts``: the columns with a text that is not taken as it landed, as ``converted`` numbers them.
    """

    table: Table
    settings: Settings
    currencies: Currencies
    sources: list[Source] = field(default_factory=list)
    row_counts: Counter[date] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    unread_texts: int = 0


def read(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    currencies: Currencies,
    table: Table,
    files: list[LandedFile],
    is_refused: bool,
) -> TableRead:
    """Check the files' rows, find every hard fault and, until there is one, set rows with soft faults aside.

    ``is_refused``: there is a hard fault elsewhere, so nothing will be admitted.
    """
    grouped = group(connection, files)
    result = TableRead(table, settings, currencies, faults=grouped.faults)
    sound = []
    for source in grouped.groups:
        faults = column_faults(connection, table, source)
        result.faults += faults
        if not faults:
            sound.append(source)
    batches = _batches(sound)
    for batch in track(batches, f"reading {table.name}", len(batches)):
        _read_batch(connection, batch, result, is_refused)
    return result


def admitted_sql(result: TableRead) -> str:
    """SQL of the rows as the contract has them, not yet converted, but for those in ``raw.set_aside``.

    Every look at them reads the files again, so values are converted only where that makes a difference.
    """
    return " union all ".join(
        f"""
        select {_names(result.table)}, arrived_on, source_file, arrived_on as landed_on
        from {_rows(result, source, source.relation(), result.unread_texts)} as landed
        where not exists (
            from raw.set_aside as aside where aside.table_name = {literal(result.table.name)}
            and aside.source_file = landed.source_file and aside.row_number = landed.row_number
        )
        """
        for source in merged(result.sources)
    )


def _rows(result: TableRead, source: Source, relation: str, unread_texts: int = ALL_TEXTS) -> str:
    """SQL of a relation's rows, the source's or some of them, as ``converted`` gives them."""
    none = no_value_texts(result.settings)
    return converted(result.table, source.columns, relation, none, result.settings.timezone, unread_texts)


def _batches(sources: list[Source]) -> list[list[Source]]:
    """The sources cut into whole nights of about ``BATCH_BYTES``: rows with one key meet in one batch."""
    sizes: Counter[date] = Counter()
    for source in sources:
        for file in source.files:
            sizes[file.arrived_on] += file.size
    batch_of, before = {}, 0
    for night in sorted(sizes):
        batch_of[night] = before // BATCH_BYTES
        before += sizes[night]
    batches = [
        [source.of(file for file in source.files if batch_of[file.arrived_on] == number) for source in sources]
        for number in sorted(set(batch_of.values()))
    ]
    return [[source for source in batch if source.files] for batch in batches]


def _read_batch(
    connection: duckdb.DuckDBPyConnection, batch: list[Source], result: TableRead, is_refused: bool
) -> None:
    table, checks = result.table, _checks(result)
    files = {file.source: file for source in batch for file in source.files}
    # Codes of an enumeration take no room, and sort rows as they were read.
    file_type = f"enum({', '.join(literal(source) for source in files)})"
    connection.execute(
        f"""
        create or replace temp table checked (
            source_file {file_type}, row_number bigint, fault_bits bigint, key_hash ubigint, flow double,
            unread_texts bigint, nulls utinyint
        )
        """
    )
    sources = [read for source in batch for read in _check(connection, source, result)]
    result.sources += sources
    for source_file, count in connection.execute("select source_file, count(*) from checked group by 1").fetchall():
        result.row_counts[files[source_file].arrived_on] += count
    result.unread_texts |= scalar(connection, "select coalesce(bit_or(unread_texts), 0) from checked")
    result.faults += sums.faults(connection, table, files)
    hard = sum(1 << bit for bit, check in enumerate(checks) if check.is_hard)
    looked_for = hard if is_refused or result.faults else -1
    if not _read_suspects(connection, result, sources, file_type, looked_for):
        return
    result.faults += _cell_faults(connection, checks, sources, files)
    result.faults += [
        Fault(files[conflict.source_file], conflict.problem, keys.REMEDY, row=conflict.row_number)
        for conflict in keys.conflicts(connection, table)
    ]
    if not is_refused and not result.faults:
        rows.set_aside(connection, table, checks, result.currencies)


def _checks(result: TableRead) -> list[CellCheck]:
    table, currencies = result.table, result.currencies
    return [
        *cells.checks(table, result.settings.timezone),
        *currencies.checks(table),
        *known.checks(table, currencies),
        *contradictions.checks(table),
    ]


def _check(connection: duckdb.DuckDBPyConnection, source: Source, result: TableRead) -> list[Source]:
    """Fill ``checked`` with what is to be known of each row; returns the source, without files that are broken."""
    try:
        source = source.with_text(connection, lambda name: any(guard.watches(name) for guard in GUARDS))
        connection.execute(_check_sql(result, source))
        result.faults += stranger_faults(connection, source, result.settings)
        return [source]
    except duckdb.Error:
        broken = broken_files(connection, source)
        if not broken:
            raise
        result.faults += broken
        bad_files = {fault.file for fault in broken}
        whole = source.of(file for file in source.files if file not in bad_files)
        return _check(connection, whole, result) if whole.files else []


def _check_sql(result: TableRead, source: Source) -> str:
    table, currencies = result.table, result.currencies
    bits = " + ".join(f"if({check.condition}, {1 << bit}::bigint, 0)" for bit, check in enumerate(_checks(result)))
    rate = currencies.rate_join(table) if currencies.converts(table) else ""
    # Asking for every column has every value decoded: a damaged file is to be found now.
    nulls = " + ".join(f"({identifier(column.name)} is null)::utinyint" for column in table.columns)
    return f"""
        insert into checked
        select source_file, row_number, {bits}, {keys.key_hash(table)}, {sums.flow(table, currencies)}, unread_texts,
            {nulls}
        from {_rows(result, source, source.relation())} as landed {known.joins(table, currencies)} {rate}
    """


def _read_suspects(
    connection: duckdb.DuckDBPyConnection, result: TableRead, sources: list[Source], file_type: str, looked_for: int
) -> bool:
    """Fill ``suspects`` with the rows at fault and those that may share a key; False if there are none."""
    connection.execute(
        f"""
        create or replace temp table flagged as
        with judged as (
            select source_file, row_number, fault_bits, key_hash in (
                select key_hash from checked where key_hash is not null group by 1 having count(*) > 1
            ) as has_twin
            from checked
        )
        from judged where fault_bits & {looked_for} <> 0 or has_twin
        """
    )
    flagged = {file for (file,) in connection.execute("select distinct source_file from flagged").fetchall()}
    found = [source.of(file for file in source.files if file.source in flagged) for source in sources]
    # Values are converted of these rows alone: of files of millions they are often a few.
    is_flagged = f"flagged.source_file = landed.{FILE}::{file_type} and flagged.row_number = landed.{ROW}"
    branches = [
        f"select {_names(result.table)}, arrived_on, source_file::{file_type} as source_file, row_number "
        f"from {_rows(result, source, f'(from {source.relation()} as landed semi join flagged on {is_flagged})')}"
        for source in found
        if source.files
    ]
    if branches:
        connection.execute(
            f"""
            create or replace temp table suspects as
            from ({" union all ".join(branches)}) join flagged using (source_file, row_number)
            """
        )
    return bool(branches)


def _names(table: Table) -> str:
    return ", ".join(identifier(column.name) for column in table.columns)


def _cell_faults(
    connection: duckdb.DuckDBPyConnection, checks: list[CellCheck], sources: list[Source], files: dict[str, LandedFile]
) -> list[Fault]:
    source_of = {file: source for source in sources for file in source.files}
    bits = scalar(connection, "select bit_or(fault_bits) from suspects")
    faults = []
    for bit, check in enumerate(checks):
        if not check.is_hard or not bits & (1 << bit):
            continue
        found = connection.execute(
            f"""
            select source_file, count(*), (list(row_number order by row_number))[1:{ROWS_NAMED}],
                arg_min({check.told}, row_number)
            from suspects where fault_bits & {1 << bit} <> 0 group by 1 order by 1
            """
        ).fetchall()
        for source_file, row_count, numbers, told in found:
            file = files[source_file]
            faults.append(_cell_fault(connection, check, source_of[file], file, row_count, numbers, told))
    return faults


def _cell_fault(
    connection: duckdb.DuckDBPyConnection,
    check: CellCheck,
    source: Source,
    file: LandedFile,
    row_count: int,
    rows: list[int],
    told: str,
) -> Fault:
    values = _values(connection, source, file, rows, check.column)
    problem, remedy = check.problem + told, check.remedy
    if not problem:
        kind = dict(source.columns).get(check.column, NULL)
        problem, hint = advice(BY_NAME[file.table].column(check.column), kind, values[0] or "")
        remedy = f"{hint}; {LAND_AGAIN}"
    return Fault(
        file,
        problem,
        remedy,
        row=rows[0],
        column=check.column,
        value=values[0],
        other_rows=tuple(rows[1:]),
        other_values=tuple(values[1:]),
        row_count=row_count,
    )


def _values(
    connection: duckdb.DuckDBPyConnection, source: Source, file: LandedFile, rows: list[int], column: str
) -> list[str | None]:
    """Values as they landed, as text, in the order of their rows."""
    relation = source.of([file]).relation()
    query = (
        f"select {ROW}, {identifier(column)}::varchar from {relation} where {FILE} = ? and {ROW} in (select unnest(?))"
    )
    found = dict(connection.execute(query, [file.source, rows]).fetchall())
    return [found[row] or None for row in rows]
