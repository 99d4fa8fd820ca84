"""Holding an extract against the raw contract before anything lands."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.landing import LandedFile
from ingest.raw_schema import create_admission_schema
from ingest.sources.extract import MEMORY_LIMIT
from ingest.validate import known, rates
from ingest.validate.currencies import Currencies
from ingest.validate.fault import LAND_AGAIN, Fault, shown
from ingest.validate.table import admitted_sql, read
from tradeline.contracts.raw import BY_NAME, FX_RATES, TABLES
from tradeline.database import Limits, connect
from tradeline.settings import Settings
from tradeline.sql import identifier

VALUES_NAMED = 3


@dataclass(frozen=True)
class SetAside:
    """Rows of a table that would be set aside for one reason; ``example`` is the first of them, as JSON.

    ``waits_for``: the table that must bring what the rows name; None where they do not wait.
    """

    table: str
    column: str
    reason: str
    waits_for: str | None
    rows: int
    example: str

    @property
    def key(self) -> str:
        """The key of the example: what a log may have of a row, which may be personal."""
        row = json.loads(self.example)
        return ", ".join(f"{name} {row[name]}" for name in BY_NAME[self.table].key)


@dataclass(frozen=True)
class Trial:
    """What validation says of files: hard faults, for which nothing lands, and the rows that it would set aside.

    ``first_rows``: by table the columns and first rows as the contract has them. A fault is told once, on however many
    days it lands.
    """

    faults: Sequence[str]
    set_aside: Sequence[SetAside]
    first_rows: Mapping[str, tuple[list[str], list[tuple[Any, ...]]]]


def try_files(settings: Settings, files: Sequence[LandedFile], work: Path, first_rows: int = 0) -> Trial:
    """Validate files where they lie; rows wait for sellers and loans that these files do not have.

    ``first_rows``: how many rows of each table to return.
    """
    faults: list[Fault] = []
    first = {}
    limits = Limits(settings.threads, MEMORY_LIMIT)
    with connect(limits, work / "trial.duckdb", spill=work / "spill") as connection:
        create_admission_schema(connection)
        known.create_known(connection)
        rates.create_rates(connection)
        has_rates = (settings.landing / FX_RATES.name).is_dir() or any(file.table == FX_RATES.name for file in files)
        currencies = Currencies(settings.currency, settings.timezone, has_rates)
        for table in TABLES:
            own = sorted(file for file in files if file.table == table.name)
            result = read(connection, settings, currencies, table, own, is_refused=bool(faults))
            faults += result.faults
            if not result.sources:
                continue
            rows = admitted_sql(result)
            known.remember(connection, table.name, f"({rows})")
            if table is FX_RATES:
                rates.remember(connection, f"({rows})")
                rates.spread(connection)
            if first_rows:
                order = ", ".join(["arrived_on", *map(identifier, table.key)])
                found = connection.execute(
                    f"select * exclude (source_file, landed_on) from ({rows}) order by {order} limit {first_rows}"
                )
                first[table.name] = ([column for column, *_ in found.description or ()], found.fetchall())
        aside = connection.execute(
            """
            select table_name, column_name, reason, waits_for, count(*), arg_min(row_json, row_number)
            from raw.set_aside group by 1, 2, 3, 4 order by 5 desc, 1, 2, 3
            """
        ).fetchall()
    return Trial(_in_words(faults), [SetAside(*row) for row in aside], first)


def _in_words(faults: Sequence[Fault]) -> list[str]:
    same: dict[tuple[str, str | None, str], list[Fault]] = defaultdict(list)
    for fault in faults:
        same[fault.file.table, fault.column, fault.problem].append(fault)
    return [_told(found) for found in same.values()]


def _told(found: Sequence[Fault]) -> str:
    """One fault that several files may have, in the words of who maps a source: no file has landed yet."""
    first = found[0]
    values = [value for fault in found for value in (fault.value, *fault.other_values) if value is not None]
    named = ", ".join(shown(value) for value in list(dict.fromkeys(values))[:VALUES_NAMED])
    place = f"{first.file.table}, column {first.column}" if first.column else first.file.table
    rows = sum(fault.row_count for fault in found)
    counted = f" ({rows:,} rows, the first arrives on {first.file.arrived_on})" if first.row is not None else ""
    remedy = first.remedy.replace(LAND_AGAIN, "").rstrip("; ")
    return f"{place}: {named + ' ' if named else ''}{first.problem}{counted}{': ' + remedy if remedy else ''}"
