"""What the contract asks of a file's columns; of rows it looks only at those of columns that are out of place."""

import logging
import re

import duckdb

from ingest.validate.advice import MEANING
from ingest.validate.convert import NULL, accepts
from ingest.validate.fault import Fault, shown
from ingest.validate.source import ROW_KEY, Source
from ingest.validate.strangers import GUARDS
from tradeline.contracts.raw import Column, Table
from tradeline.database import scalar
from tradeline.sql import identifier

log = logging.getLogger(__name__)

NO_HEADER = (
    "let the file begin with the contract's names, separated by commas, and write commas between the values too "
    "(around a value that holds one, double quotes); land it again under the same name"
)


def column_faults(connection: duckdb.DuckDBPyConnection, table: Table, source: Source) -> list[Fault]:
    """Columns that are missing or hold values of an impossible type; unknown columns are only mentioned."""
    kinds = dict(source.columns)
    _mention_unknown(table, source)
    if source.is_csv and not set(map(_plain, kinds)) & {_plain(column.name) for column in table.columns}:
        problem = f"the first line names no column of {table.name}; it is {shown(', '.join(kinds))}"
        return [Fault(file, problem, NO_HEADER) for file in source.files]
    found = _misnamed(table, list(kinds))
    if ROW_KEY in kinds and not source.is_csv:
        found.append((ROW_KEY, "has a name that is kept for the numbers of rows", "rename it and land the file again"))
    faults = [Fault(file, problem, remedy, column=column) for file in source.files for column, problem, remedy in found]
    for column in table.columns:
        kind = kinds.get(column.name, NULL)
        if kind != NULL and not accepts(column, kind):
            faults += _misfits(connection, source, column, kind)
    return faults


def _misnamed(table: Table, names: list[str]) -> list[tuple[str, str, str]]:
    """The columns that are missing or spelled in another way: each with what is wrong and what to do."""
    found = []
    for column in table.columns:
        if column.name in names:
            continue
        alias = next((name for name in names if _plain(name) == _plain(column.name)), None)
        if alias is not None:
            remedy = f"name it {column.name} and land the file again, or leave it out if it is something else"
            found.append((alias, f"is not {column.name} to the letter, and would be ignored", remedy))
        elif column.is_required:
            problem = f"is required but missing; the file has {', '.join(names)}"
            found.append((column.name, problem, "add it and land the file again"))
    return found


def _plain(name: str) -> str:
    """A column's name as 'paid_at', 'Paid at', 'PAID_AT' and 'paidAt' have in common."""
    return re.sub(r"[\W_]+", "", name).lower()


def _mention_unknown(table: Table, source: Source) -> None:
    unknown = dict(source.columns).keys() - {column.name for column in table.columns}
    unknown = {name for name in unknown if not any(guard.watches(name) for guard in GUARDS)}
    if unknown:
        named = ", ".join(sorted(unknown))
        log.warning("%s: not in the contract and ignored: %s (%s)", table.name, named, source.files[0].source)


def _misfits(connection: duckdb.DuckDBPyConnection, source: Source, column: Column, kind: str) -> list[Fault]:
    """The files in which a column of a type that cannot be read holds values; writers give empty ones any type."""
    faults = []
    for file in source.files:
        name = identifier(column.name)
        value = scalar(
            connection, f"select {name}::varchar from {source.of([file]).scan()} where {name} is not null limit 1"
        )
        if value is not None:
            problem = f"holds {kind}, not {MEANING[column.type]} (the first value is {shown(value)})"
            faults.append(Fault(file, problem, "convert the column and land the file again", column=column.name))
    return faults
