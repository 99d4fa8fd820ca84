"""What a night's amounts come to: sums of what is admitted must fit the types that features are summed in."""

import duckdb

from ingest.landing import LandedFile
from ingest.validate.cells import IN_UNITS
from ingest.validate.currencies import Currencies
from ingest.validate.fault import LAND_AGAIN, Fault
from tradeline.contracts.raw import AMOUNT_MAX, NIGHT_AMOUNT_MAX, Table
from tradeline.sql import identifier


def flow(table: Table, currencies: Currencies) -> str:
    """SQL of all that a row adds to sums, in units of the currency; values out of bounds are faults of their own.

    A row that waits for a rate adds nothing yet.
    """
    names = [identifier(column.name) for column in table.columns if column.is_flow]
    parts = [f"case when {name} between 0 and {AMOUNT_MAX:.15g} then {name}::double else 0 end" for name in names]
    total = " + ".join(parts) or "0"
    if not currencies.converts(table):
        return total
    return f"({total}) * if({currencies.foreign(table)} is null, 1, coalesce(rate::double, 0))"


def faults(connection: duckdb.DuckDBPyConnection, table: Table, files: dict[str, LandedFile]) -> list[Fault]:
    """One fault for each night in ``checked`` whose amounts come to too much, at the largest row of its largest
    file."""
    totals: dict[object, list[tuple[float, str, int, float]]] = {}
    rows = connection.execute(
        "select source_file, sum(flow), arg_max(row_number, flow), max(flow) from checked group by 1"
    ).fetchall()
    for source_file, total, row, most in rows:
        totals.setdefault(files[source_file].arrived_on, []).append((total, source_file, row, most))
    return [
        _fault(files[max(found)[1]], table, sum(total for total, *_ in found), max(found))
        for found in totals.values()
        if sum(total for total, *_ in found) > NIGHT_AMOUNT_MAX
    ]


def _fault(file: LandedFile, table: Table, total: float, largest: tuple[float, str, int, float]) -> Fault:
    _, _, row, most = largest
    columns = " and ".join(column.name for column in table.columns if column.is_flow)
    return Fault(
        file,
        f"is the most that a row adds in {columns} to a night that comes to {total:,.2f} in {table.name}, "
        f"above {NIGHT_AMOUNT_MAX:,.0f}, the most that a night can hold",
        f"{IN_UNITS}; {LAND_AGAIN}",
        row=row,
        column=columns,
        value=f"{most:,.2f}",
    )
