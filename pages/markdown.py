"""Tables of the documentation's pages that are made from code."""

from collections.abc import Iterable, Sequence


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; its last line is ended too."""
    lines = ["|" + "---|" * len(headings), *(_line(row) for row in rows)]
    return "\n".join([_line(headings), *lines, ""])


def _line(cells: Sequence[str]) -> str:
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)
