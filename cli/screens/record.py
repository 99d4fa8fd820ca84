"""One seller's credit record, for the eye."""

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

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
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, lines in standing(record):
        grid.add_row(name, Text(lines))
    _add_bars(grid, record, "score", "score", low=None)
    _add_bars(grid, record, "sales 30 d", "sales_amount_30d", low=0.0)
    return Group(grid, *_loans(record), *_history(record))


def _add_bars(grid: Table, record: Record, name: str, column: str, low: float | None) -> None:
    values = [None if night[column] is None else float(night[column]) for night in record.nights]
    given = [value for value in values if value is not None]
    if given:
        grid.add_row(name, Group(Bars(values, low), Text(f"{min(given):,.0f} to {max(given):,.0f}", style="dim")))


def _loans(record: Record) -> list[RenderableType]:
    loans: list[dict[str, Any]] = record.latest["loans"] or []
    table = _table("Loans and their installments", LOAN_HEADINGS)
    for loan in loans:
        table.add_section()
        table.add_row(*map(Text, loan_row(loan)), style="bold")
        for installment in loan["installments"]:
            number, *cells = installment_row(installment, record.latest["as_of"])
            table.add_row(*map(Text, [f"  {number}", *cells]))
    return [Text(), table] if loans else []


def _history(record: Record) -> list[RenderableType]:
    rows = history(record)
    table = _table("Month-ends, and nights on which something happened", NIGHT_HEADINGS)
    for row in rows[-ROWS_SHOWN:]:
        table.add_row(*map(Text, row))
    omitted = f"{len(rows) - ROWS_SHOWN:,} earlier ones are left out; " if len(rows) > ROWS_SHOWN else ""
    return [Text(), table, Text(f"{omitted}--format csv or json gives every night and every run", style="dim")]


def _table(title: str, headings: Sequence[str]) -> Table:
    """An empty table: a name, numbers, and words in the last column."""
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE, pad_edge=False)
    for heading in headings:
        is_name, is_words = heading == headings[0], heading == headings[-1]
        table.add_column(heading, justify="left" if is_name or is_words else "right", no_wrap=not is_words)
    return table
