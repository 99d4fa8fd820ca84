"""One seller's credit record on the terminal."""

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from cli.screens.tables import pairs, table
from serving.record import Record
from serving.record_words import LOAN_HEADINGS, NIGHT_HEADINGS, history, installment_row, loan_row, standing

ROWS_SHOWN = 40
BARS_SHOWN = 60
BLOCKS, ASCII_BLOCKS = "▁▂▃▄▅▆▇█", "_.-=+*%#"


class Bars:
    """A line of small bars, one for each value or the last of several; null is a gap.

    The lowest bar stands for ``low``, by default the lowest value; the highest for the highest value.
    """

    def __init__(self, values: Sequence[float | None], low: float | None = None) -> None:
        places = min(len(values), BARS_SHOWN)
        self.values = [values[len(values) * (place + 1) // places - 1] for place in range(places)]
        given = [value for value in values if value is not None]
        self.low = min(given, default=0.0) if low is None else low
        self.high = max(given, default=0.0)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(self.drawn(ASCII_BLOCKS if options.ascii_only else BLOCKS))

    def drawn(self, blocks: str) -> str:
        """The bars as characters, from the lowest of ``blocks`` to the highest."""
        scale = (len(blocks) - 1) / ((self.high - self.low) or 1)
        return "".join(" " if value is None else blocks[round((value - self.low) * scale)] for value in self.values)


def render_record(record: Record) -> RenderableType:
    """Where the seller stands, its loans, and the nights that mattered."""
    drawn = _bars(record, "score", "score", low=None), _bars(record, "sales 30 d", "sales_amount_30d", low=0.0)
    return Group(pairs([*standing(record), *filter(None, drawn)]), *_loans(record), *_history(record))


def _bars(record: Record, name: str, column: str, low: float | None) -> tuple[str, RenderableType] | None:
    values = [None if night[column] is None else float(night[column]) for night in record.nights]
    given = [value for value in values if value is not None]
    if not given:
        return None
    return name, Group(Bars(values, low), Text(f"{min(given):,.0f} to {max(given):,.0f}", style="dim"))


def _loans(record: Record) -> list[RenderableType]:
    loans: list[dict[str, Any]] = record.latest["loans"] or []
    shown = _titled("Loans and their installments", LOAN_HEADINGS)
    for loan in loans:
        shown.add_section()
        shown.add_row(*map(Text, loan_row(loan)), style="bold")
        for installment in loan["installments"]:
            number, *cells = installment_row(installment, record.latest["as_of"])
            shown.add_row(*map(Text, [f"  {number}", *cells]))
    return [Text(), shown] if loans else []


def _history(record: Record) -> list[RenderableType]:
    rows = history(record)
    shown = _titled("Month-ends, and nights on which something happened", NIGHT_HEADINGS, rows[-ROWS_SHOWN:])
    omitted = f"{len(rows) - ROWS_SHOWN:,} earlier ones are left out; " if len(rows) > ROWS_SHOWN else ""
    return [Text(), shown, Text(f"{omitted}--format csv or json gives every night and every run", style="dim")]


def _titled(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> Table:
    """A name, numbers, and in the last column words, which alone may take several lines."""
    look: dict[str, Any] = {
        "title": title,
        "title_justify": "left",
        "title_style": "bold",
        "box": box.SIMPLE,
        "show_edge": True,
    }
    shown = table(headings, rows, right=range(1, len(headings) - 1), padding=(0, 1), **look)
    for column in shown.columns[:-1]:
        column.no_wrap = True
    return shown
