"""A query's result as a table on the terminal, CSV or JSON."""

import csv
import io
import json
import math
import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.screens.tables import FRAMED, table
from serving.query import Result

ROWS_SHOWN = 100
UNBOUNDED = 1_000_000  # characters
NUMERIC = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL\(\d+,\s*\d+\)|FLOAT|DOUBLE")


def to_table(result: Result, width: int | None = None) -> RenderableType:
    """At most ``ROWS_SHOWN`` rows for the terminal, or ``width`` characters; numbers to the right, null is empty.

    Rows that are too wide for the terminal are shown one below the other, a line for each column.
    """
    rows = [[_shown(value) for value in row] for row in result.rows[:ROWS_SHOWN]]
    shown = _grid(result, rows)
    if Console(width=UNBOUNDED).measure(shown).maximum > (width or Console().width):
        shown = _records(result, rows)
    if len(rows) == len(result.rows):
        return shown
    return Group(shown, f"first {len(rows):,} of {len(result.rows):,} rows; --format csv or json gives all")


def _grid(result: Result, rows: list[list[str]]) -> Table:
    numbers = (place for place, type_name in enumerate(result.types) if NUMERIC.fullmatch(type_name))
    return table(result.columns, rows, right=numbers, **FRAMED)


def _records(result: Result, rows: list[list[str]]) -> Table:
    shown = table(("", ""), show_header=False, **FRAMED)
    shown.columns[0].style, shown.columns[0].no_wrap = "bold", True
    for row in rows:
        for name, value in zip(result.columns, row, strict=True):
            shown.add_row(Text(name), Text(value))
        shown.add_section()
    return shown


def to_csv(result: Result) -> str:
    """CSV with a header line: ISO dates, exact decimals, null as an empty field, lists as JSON."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(result.columns)
    writer.writerows([_plain(value) for value in row] for row in result.rows)
    return text.getvalue()


def to_json(result: Result) -> str:
    """A JSON array of one object per row and line: ISO dates, decimals with all their digits."""
    names = [json.dumps(name, ensure_ascii=False) for name in result.columns]
    rows = (", ".join(f"{name}: {_json(value)}" for name, value in zip(names, row, strict=True)) for row in result.rows)
    return "[\n" + ",\n".join(f"  {{{row}}}" for row in rows) + "\n]\n" if result.rows else "[]\n"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value)
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1e6 else f"{value:,.2f}"
    return _plain(value)


def _plain(value: Any) -> str:
    """The text of one value, without quotes around it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return _json(value).strip('"')


def _json(value: Any) -> str:
    """JSON written by hand, because ``json`` turns decimals into floats."""
    match value:
        case Decimal():
            return format(value, "f")
        case float() if not math.isfinite(value):
            return "null"
        case date() | datetime() | time():
            return f'"{value.isoformat()}"'
        case list() | tuple():
            return f"[{', '.join(_json(item) for item in value)}]"
        case dict():
            return "{" + ", ".join(f"{json.dumps(str(key))}: {_json(item)}" for key, item in value.items()) + "}"
        case None | bool() | int() | float() | str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return json.dumps(str(value), ensure_ascii=False)
