"""What the contract asks of a file's columns, before any row is read."""

import logging

from ingest.contract import Table
from ingest.validate import cells
from ingest.validate.fault import Fault
from ingest.validate.source import ROW_KEY, Source

log = logging.getLogger(__name__)


def column_faults(table: Table, source: Source) -> list[Fault]:
    """Columns that are missing or of an impossible type; unknown columns are only mentioned."""
    kinds = dict(source.columns)
    unknown = kinds.keys() - {column.name for column in table.columns}
    if unknown:
        named = ", ".join(sorted(unknown))
        log.warning("%s: not in the contract and ignored: %s (%s)", table.name, named, source.files[0].source)
    found: list[tuple[str, str, str]] = []
    if ROW_KEY in kinds and not source.is_csv:
        found.append((ROW_KEY, "has a name that is kept for the numbers of rows", "rename it and land the file again"))
    for column in table.columns:
        kind = kinds.get(column.name)
        if kind is None and (column.is_required or column.name in table.key):
            problem = f"is required but missing; the file has {', '.join(kinds)}"
            found.append((column.name, problem, "add it and land the file again"))
        elif kind is not None and not cells.accepts(column, kind):
            wanted = cells.MEANING[column.type]
            found.append((column.name, f"holds {kind}, not {wanted}", "convert the column and land the file again"))
    return [Fault(file, problem, remedy, column=column) for file in source.files for column, problem, remedy in found]
