"""Holding an extract against the raw contract before anything lands."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.landing import LandedFile
from ingest.raw_schema import create_admission_schema
from ingest.validate import known
from ingest.validate.fault import Fault
from ingest.validate.table import read
from tradeline.contracts.raw import TABLES
from tradeline.database import connect
from tradeline.settings import Settings


@dataclass(frozen=True)
class SetAside:
    """Rows of a table that would be set aside for one reason; ``example`` is the first of them, as JSON."""

    table: str
    column: str
    reason: str
    rows: int
    example: str


@dataclass(frozen=True)
class Trial:
    """What validation says of files: hard faults, for which nothing lands, and the rows that it would set aside."""

    faults: Sequence[Fault]
    set_aside: Sequence[SetAside]


def try_files(settings: Settings, files: Sequence[LandedFile], work: Path) -> Trial:
    """Validate files where they lie. Rows that name a seller or loan of another landing are not at fault here."""
    faults: list[Fault] = []
    with connect(settings, work / "trial.duckdb", spill=work / "spill") as connection:
        create_admission_schema(connection)
        known.create_known(connection)
        for table in TABLES:
            own = sorted(file for file in files if file.table == table.name)
            result = read(connection, settings, table, own, is_refused=bool(faults))
            faults += result.faults
        aside = connection.execute(
            """
            select table_name, column_name, reason, count(*), arg_min(row_json, row_number)
            from raw.set_aside where waits_for is null group by 1, 2, 3 order by 4 desc, 1, 2, 3
            """
        ).fetchall()
    return Trial(faults, [SetAside(*row) for row in aside])
