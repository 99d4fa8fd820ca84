"""How a column writes times: found by trying the usual ways on its values."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from ingest.validate.days import ZONED_TEXT
from tradeline.sql import literal

DAYS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d.%m.%y"),
    *("%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y", "%m-%d-%y"),
    *("%d-%b-%Y", "%d-%b-%y", "%b-%d-%Y", "%b-%d-%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y"),
    "%Y年%m月%d日",
)
CLOCKS = (
    *("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M", "T%H:%M:%S", "T%H:%M:%S.%f", ", %H:%M", ", %H:%M:%S"),
    *(" %I:%M %p", " %I:%M:%S %p", "%H%M%S", " %H:%M:%S %z", " %H:%M:%S%z", "T%H:%M:%S%z", "T%H:%M:%S.%f%z"),
)
# What a time may look like at all, and of so many shapes (2025-01-31 and 2024-12-01 have the same) one is tried.
TIME_LIKE = re.compile(r"\d{8}(?:\d{6})?|(?=.*[-/., 年])(?:\d|[A-Za-z]{3})[^_]{5,34}")
PROBES = 8
# So many of its values must be times for a column to be one of times.
SHARE = 0.95
# Whole numbers in these bounds may be seconds since 1970, of 1990 to 2099, and a thousand times as many milliseconds.
SECONDS = (631_152_000, 4_102_444_799)


@dataclass(frozen=True)
class TimeForm:
    """How times are written.

    ``unit``: "typed" (a type of times), "text" that the raw contract takes as it is, "formats" of strptime, whole
    "days" such as 20250131, "seconds" or "milliseconds" since 1970. ``formats``: by the order of year, month and day
    the formats that all values have; more than one order is ambiguous. Also of "text", for the sake of other columns.
    """

    unit: str
    formats: dict[str, tuple[str, ...]] = field(default_factory=dict)
    has_offset: bool = False
    examples: tuple[str, ...] = ()


def time_form(connection: duckdb.DuckDBPyConnection, kind: str, values: Sequence[str]) -> TimeForm | None:
    """How values of the DuckDB type ``kind`` write times; None where they are none."""
    if kind.startswith("TIMESTAMP") or kind == "DATE":
        return TimeForm("typed")
    if kind.endswith(("INT", "INTEGER")):
        return _of_numbers(values)
    if kind != "VARCHAR" or not values:
        return None
    if number := _of_numbers(values):
        return number
    # One value of each shape shows the formats that may suit; whether they do, all values say.
    shapes = {re.sub(r"\d", "9", value): value for value in reversed(values) if TIME_LIKE.fullmatch(value)}
    probes = list(shapes.values())[-PROBES:]
    formats = {day: found for day in DAYS if (found := _clocks(connection, day, values, probes))}
    if _is_plain(connection, values):
        return TimeForm("text", formats, _any_offset(values), tuple(values[:3]))
    return TimeForm("formats", formats, _has_offset(formats), tuple(values[:3])) if formats else None


def _of_numbers(values: Sequence[str]) -> TimeForm | None:
    if not values or not all(re.fullmatch(r"\d{8,14}", value) for value in values):
        return None
    if all(re.fullmatch(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", value) for value in values):
        return TimeForm("days", {"%Y%m%d": ("%Y%m%d",)}, examples=tuple(values[:3]))
    for unit, factor in (("seconds", 1), ("milliseconds", 1000)):
        if all(SECONDS[0] * factor <= int(value) <= SECONDS[1] * factor for value in values):
            return TimeForm(unit, has_offset=True)
    return None


def _is_plain(connection: duckdb.DuckDBPyConnection, values: Sequence[str]) -> bool:
    """Whether the raw contract's validation reads the texts without being told how."""
    cast = f"if(regexp_matches(value, {ZONED_TEXT}), try_cast(value as timestamptz), try_cast(value as timestamp))"
    return _share(connection, values, f"{cast} is not null and regexp_matches(value, '^\\d{{4}}')") >= SHARE


def _clocks(
    connection: duckdb.DuckDBPyConnection, day: str, values: Sequence[str], probes: Sequence[str]
) -> tuple[str, ...]:
    """The formats that begin with ``day``, each suiting one of ``probes``, and together suit the values."""
    found = tuple(day + clock for clock in CLOCKS if any(_parses(value, day + clock) for value in probes))
    if not found:
        return ()
    fits = " or ".join(f"year(try_strptime(value, {literal(each)})) between 1900 and 2199" for each in found)
    return found if _share(connection, values, fits) >= SHARE else ()


def _parses(value: str, form: str) -> bool:
    # Python's own first, since there are hundreds of formats; DuckDB has the last word.
    with suppress(ValueError):
        datetime.strptime(value, form)
        return True
    return False


def _share(connection: duckdb.DuckDBPyConnection, values: Sequence[str], condition: str) -> float:
    ((share,),) = connection.execute(
        f"select coalesce(avg(coalesce({condition}, false)::int), 0) from (select unnest(?) as value)", [list(values)]
    ).fetchall()
    return float(share)


def _any_offset(values: Sequence[str]) -> bool:
    return any(re.search(r":\d\d(\.\d+)?\s*(Z|[+-]\d\d)", value) for value in values)


def _has_offset(formats: dict[str, tuple[str, ...]]) -> bool:
    return any("%z" in each for found in formats.values() for each in found)
