"""A progress bar for people; nothing where nobody watches."""

import sys
from collections.abc import Iterable
from typing import TypeVar

from rich.console import Console
from rich.progress import track as rich_track

Item = TypeVar("Item")


def track(items: Iterable[Item], what: str, count: int) -> Iterable[Item]:
    """The items, ``count`` of them, with a progress bar on stderr when that is a terminal."""
    if not sys.stderr.isatty():
        return items
    return rich_track(items, what, total=count, console=Console(stderr=True), transient=True)
