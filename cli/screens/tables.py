"""How the terminal shows tables: names and words in pairs, or rows below their headings."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

FRAMED: dict[str, Any] = {"box": box.HEAVY_HEAD, "show_edge": True, "pad_edge": True, "padding": (0, 1)}


def pairs(rows: Iterable[tuple[str, RenderableType]]) -> Table:
    """Names on the left, bold; on the right what is said of each."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, said in rows:
        grid.add_row(name, plain(said))
    return grid


def table(
    headings: Sequence[str], rows: Iterable[Sequence[RenderableType]] = (), *, right: Iterable[int] = (), **style: Any
) -> Table:
    """Rows below their headings; columns at the places ``right`` hold numbers. ``style``: what ``rich.Table`` takes."""
    look: dict[str, Any] = {"box": box.SIMPLE_HEAD, "show_edge": False, "pad_edge": False, "padding": (0, 1, 0, 0)}
    found = Table(**look | style)
    numbers = set(right)
    for place, heading in enumerate(headings):
        found.add_column(Text(heading), justify="right" if place in numbers else "left", overflow="fold")
    for row in rows:
        found.add_row(*map(plain, row))
    return found


def plain(cell: RenderableType) -> RenderableType:
    """A cell as it is: brackets in a text are no markup."""
    return Text(cell) if isinstance(cell, str) else cell
