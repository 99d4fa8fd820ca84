"""Reading a table's landed files into ``raw.<table>`` and finding the hard faults on the way."""

import logging
from dataclasses import dataclass, field

import duckdb

from ingest.contract import Table
from ingest.database import scalar
from ingest.landing import LandedFile
from ingest.validate import cells, keys
from ingest.validate.fault import Fault
from ingest.validate.source import PATH_COLUMN, Source, broken_files, group, quoted

log = logging.getLogger(__name__)

# A bit for each failed check of a row, in the order of ``cells.checks``; dropped once the rows are admitted.
FAULT_BITS = "_fault_bits"
ROWS_NAMED = 10


@dataclass
class TableRead:
    """What came of reading one table: the readable groups of files and the hard faults."""

    sources: list[Source] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read(connection: duckdb.DuckDBPyConnection, table: Table, files: list[LandedFile]) -> TableRead:
    """Fill the empty ``raw.<table>`` with the files' rows and return every hard fault.

    Afterwards rows are in the order of their files, each row's failed checks in ``FAULT_BITS``.
    """
    connection.execute(f"alter table raw.{table.name} add column {FAULT_BITS} bigint")
    grouped = group(connection, files)
    result = TableRead(faults=grouped.faults)
    for source in grouped.groups:
        faults = _column_faults(table, source)
        result.faults += faults
        if not faults:
            _read_source(connection, table, source, result)
    places = Places(connection, table, result.sources)
    result.faults += _cell_faults(connection, table, places)
    result.faults += [
        Fault(places.file(conflict.source_file), conflict.problem, row=places.row(conflict.source_file, conflict.rowid))
        for conflict in keys.conflicts(connection, table)
    ]
    return result


class Places:
    """Where the rows of ``raw.<table>`` came from: a row's number in its file, 1 for the first row of data."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, table: Table, sources: list[Source]) -> None:
        self._by_source = {file.source: (source, file) for source in sources for file in source.files}
        self._connection = connection
        self._first = dict(
            connection.execute(f"select source_file, min(rowid) from raw.{table.name} group by 1").fetchall()
        )

    def file(self, source_file: str) -> LandedFile:
        """The file of that name."""
        return self._by_source[source_file][1]

    def row(self, source_file: str, rowid: int) -> int:
        """The row's number in its file."""
        return rowid - int(self._first[source_file]) + 1

    def value(self, source_file: str, row: int, column: str) -> str | None:
        """A value as it landed, as text."""
        source, file = self._by_source[source_file]
        relation = source.alone(file).relation()
        value = scalar(self._connection, f"select {quoted(column)}::varchar from {relation} limit 1 offset {row - 1}")
        return value or None


def _read_source(connection: duckdb.DuckDBPyConnection, table: Table, source: Source, result: TableRead) -> None:
    try:
        connection.execute(_insert_sql(table, source))
        result.sources.append(source)
    except duckdb.Error:
        broken = broken_files(connection, source)
        if not broken:
            raise
        result.faults += broken
        bad_files = {fault.file for fault in broken}
        whole = tuple(file for file in source.files if file not in bad_files)
        if whole:
            _read_source(connection, table, Source(source.is_csv, source.columns, whole), result)


def _insert_sql(table: Table, source: Source) -> str:
    checks = cells.checks(table)
    bits = " + ".join(f"if({check.condition}, {1 << bit}::bigint, 0)" for bit, check in enumerate(checks))
    names = ", ".join(quoted(column.name) for column in table.columns)
    return f"""
        insert into raw.{table.name} by name
        select {names}, arrived_on, source_file, {bits} as {FAULT_BITS}
        from (
            select {cells.conversions(table, source.columns)},
                regexp_extract("{PATH_COLUMN}", '[^/]+/[^/]+/[^/]+$') as source_file,
                regexp_extract("{PATH_COLUMN}", 'arrived_on=([^/]+)/[^/]+$', 1)::date as arrived_on
            from {source.relation()}
        )
    """


def _column_faults(table: Table, source: Source) -> list[Fault]:
    """Columns that are missing or of an impossible type; unknown columns are only mentioned."""
    kinds = dict(source.columns)
    unknown = kinds.keys() - {column.name for column in table.columns}
    if unknown:
        named = ", ".join(sorted(unknown))
        log.warning("%s: not in the contract and ignored: %s (%s)", table.name, named, source.files[0].source)
    found: list[tuple[str, str, str]] = []
    for column in table.columns:
        kind = kinds.get(column.name)
        if kind is None and (column.is_required or column.name in table.key):
            problem = f"is required but missing; the file has {', '.join(kinds)}"
            found.append((column.name, problem, "add it and land the file again"))
        elif kind is not None and not cells.accepts(column, kind):
            wanted = cells.MEANING[column.type]
            found.append((column.name, f"holds {kind}, not {wanted}", "convert the column and land the file again"))
    return [Fault(file, problem, remedy, column=column) for file in source.files for column, problem, remedy in found]


def _cell_faults(connection: duckdb.DuckDBPyConnection, table: Table, places: Places) -> list[Fault]:
    bits = scalar(connection, f"select bit_or({FAULT_BITS}) from raw.{table.name}") or 0
    faults = []
    for bit, check in enumerate(cells.checks(table)):
        if not check.is_hard or not bits & (1 << bit):
            continue
        rows = connection.execute(
            f"""
            select source_file, count(*), (list(rowid order by rowid))[1:{ROWS_NAMED}]
            from raw.{table.name} where {FAULT_BITS} & {1 << bit} <> 0 group by 1 order by 1
            """
        ).fetchall()
        for source_file, row_count, rowids in rows:
            first, *others = (places.row(source_file, rowid) for rowid in rowids)
            value = places.value(source_file, first, check.column)
            fault = Fault(
                places.file(source_file),
                check.problem,
                row=first,
                column=check.column,
                value=value,
                other_rows=tuple(others),
                row_count=row_count,
            )
            faults.append(fault)
    return faults
