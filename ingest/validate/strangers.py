"""Columns that the contract does not have, but that say what the others mean: a currency, a time zone, a deletion.

To ignore one would be to guess, so a file with such a column is admitted only if all its values say nothing new.
"""

import re
from dataclasses import dataclass

import duckdb

from ingest.landing import LandedFile
from ingest.validate.fault import LAND_AGAIN, Fault
from ingest.validate.missing import BLANKS, no_value_texts
from ingest.validate.source import FILE, ROW, Source
from tradeline.contracts.raw import BY_NAME
from tradeline.settings import Settings
from tradeline.sql import identifier, literal

ROWS_NAMED = 3


@dataclass(frozen=True)
class Guard:
    """Names of columns to watch (a pattern of the whole name as lower_snake_case) and the values that do no harm."""

    names: str
    harmless: tuple[str, ...]
    problem: str
    remedy: str

    def watches(self, name: str) -> bool:
        """Whether a column of this name is one of them."""
        snake = re.sub(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z0-9]+", "_", name).strip("_").lower()
        return re.fullmatch(self.names, snake) is not None


IS_TEST = (
    "marks a row as deleted or as a test, and it would count like any other",
    "leave such rows out (an order that was called off is cancelled), or the column, if it means something else",
)
GUARDS = (
    Guard(
        r"(.+_)?(currency|ccy)(_?(code|iso|id))?",
        (),
        "is not {currency}, the currency of this deployment (TRADELINE_CURRENCY)",
        "if the amounts are in it, convert them to {currency} and write {currency} there, or name the column currency "
        "and land daily rates as the table fx_rates; if they are in {currency}, leave the column out",
    ),
    Guard(
        r"time_?zone|tz|(utc|gmt|tz|time_?zone)_?offset",
        ("utc", "gmt", "z", "etc/utc", "0", "+0", "00:00", "+00:00", "+0000", "utc+0"),
        "is a time zone, and times without an offset are read as UTC",
        "write every time with its offset or in UTC, and UTC there or no such column",
    ),
    Guard(
        r"(is_)?(deleted|test|removed|voided?)(_at)?|(.+_)deleted(_at)?",
        ("false", "f", "no", "n", "0", "0.0"),
        *IS_TEST,
    ),
    Guard(r"live_?mode", ("true", "t", "yes", "y", "1", "1.0"), *IS_TEST),
)


def stranger_faults(connection: duckdb.DuckDBPyConnection, source: Source, settings: Settings) -> list[Fault]:
    """The faults of watched columns; a value that stands for none says nothing."""
    none = no_value_texts(settings)
    columns = {column.name for column in BY_NAME[source.files[0].table].columns}
    return [
        fault
        for name, _ in source.columns
        for guard in GUARDS
        if name not in columns and guard.watches(name)
        for fault in _faults(connection, source, name, guard, settings.currency, none)
    ]


def _faults(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    name: str,
    guard: Guard,
    currency: str,
    none: tuple[str, ...],
) -> list[Fault]:
    harmless = ", ".join(literal(text) for text in (*(guard.harmless or (currency.lower(),)), *none))
    text = f"{identifier(name)}::varchar"
    rows = connection.execute(
        f"""
        select {FILE}, count(*), list({{row: {ROW}, value: {text}}} order by {ROW})[1:{ROWS_NAMED}]
        from {source.relation()} where lower(trim({text}, {literal(BLANKS)})) not in ({harmless}) group by 1 order by 1
        """
    ).fetchall()
    files: dict[str, LandedFile] = {file.source: file for file in source.files}
    return [
        Fault(
            files[source_file],
            guard.problem.format(currency=currency),
            f"{guard.remedy.format(currency=currency)}; {LAND_AGAIN}",
            row=first["row"],
            column=name,
            value=first["value"],
            other_rows=tuple(other["row"] for other in others),
            other_values=tuple(other["value"] for other in others),
            row_count=count,
        )
        for source_file, count, (first, *others) in rows
    ]
