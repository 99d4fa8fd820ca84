"""The table of stages, printed while they run: a stage's name when it begins, its figures when it has ended."""

import sys
import time

from benchmarks.measure import Cost

TITLE_WIDTH = 46
HEADING = f"{'stage':<{TITLE_WIDTH}} {'seconds':>8} {'of CPU':>8} {'raw rows':>12} {'rows/s':>11} {'peak MB':>8}"


class StageTable:
    """Prints one line a stage; on a terminal, the stage under way shows the seconds it has taken so far."""

    def __init__(self) -> None:
        self._announced: str | None = None
        self._begun_at = 0.0
        print(HEADING)

    def announce(self, title: str) -> None:
        """Show that a stage has begun."""
        if title != self._announced:
            self._leave_line()
            self._announced, self._begun_at = title, time.monotonic()
            print(f"{title:<{TITLE_WIDTH}}", end="", flush=True)

    def tick(self) -> None:
        """Show how long the stage under way has taken, where somebody may be looking."""
        if self._announced and sys.stdout.isatty():
            seconds = time.monotonic() - self._begun_at
            print(f"\r{self._announced:<{TITLE_WIDTH}} {seconds:>7.0f} …", end="", flush=True)

    def row(self, title: str, cost: Cost, rows: int | None = None, note: str = "") -> None:
        """The figures of a stage that has ended; ``rows`` are the raw rows it worked on."""
        counted, pace = "" if rows is None else f"{rows:,}", _pace(rows, cost.seconds)
        figures = f" {cost.seconds:>8.1f} {cost.cpu_seconds:>8.1f} {counted:>12} {pace:>11} {cost.peak_mb:>8,.0f}"
        figures = f"{figures}  {note}".rstrip()
        if title != self._announced:
            self._leave_line()
        begin = "\r" if sys.stdout.isatty() else ""
        is_begun = title == self._announced and not begin
        print(figures if is_begun else f"{begin}{title:<{TITLE_WIDTH}}{figures}", flush=True)
        self._announced = None

    def _leave_line(self) -> None:
        if self._announced:
            print()
            self._announced = None


def _pace(rows: int | None, seconds: float) -> str:
    return f"{rows / seconds:,.0f}" if rows and seconds > 0 else ""
