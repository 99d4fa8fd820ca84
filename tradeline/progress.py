"""Progress of long work: a bar for people at a terminal, a line every few seconds in a log."""

import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Tell = Callable[[int, int | None, str], None]

LINE_SECONDS = 5


def track(items: Iterable[Item], what: str, count: int) -> Iterator[Item]:
    """The items, ``count`` of them, as progress of ``what``."""
    with progress(what) as tell:
        for done, item in enumerate(items):
            tell(done, count, "")
            yield item


@contextmanager
def progress(what: str) -> Iterator[Tell]:
    """Yields a function that is told how many parts of how many are done, and which one is under way.

    Of how many is None where nobody knows.
    """
    with (_bar if sys.stderr.isatty() else _lines)(what) as tell:
        yield tell


@contextmanager
def _bar(what: str) -> Iterator[Tell]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, count, part: bar.update(task, completed=done, total=count, description=f"{what} {part}")


@contextmanager
def _lines(what: str) -> Iterator[Tell]:
    started = told_at = time.monotonic()

    def tell(done: int, count: int | None, part: str) -> None:
        nonlocal told_at
        now = time.monotonic()
        if now - told_at >= LINE_SECONDS:
            told_at = now
            of = f" of {count}" if count is not None else ""
            log.info("  %s: %d%s done after %.0f s%s", what, done, of, now - started, f", {part}" if part else "")

    yield tell
