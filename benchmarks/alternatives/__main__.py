"""The mart of a home's newest night as pandas, Polars, Spark and plain DuckDB make it, beside Tradeline and the floor.

60 features of the catalogue, from the same landed Parquet files; every value of every tool is compared with the home's
own mart before a figure is printed. Each tool runs in a process of its own, by turns.

    python -m benchmarks.alternatives --home .tradeline
    python -m benchmarks.alternatives --home .tradeline --tools tradeline polars --rounds 1
"""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.alternatives import with_tradeline
from benchmarks.alternatives.core import FEATURES, Task
from benchmarks.alternatives.same import expected_features, first_difference, read_features
from benchmarks.alternatives.tools import NAMES
from benchmarks.engines import EXTRA, why_not_here
from benchmarks.measure import Cost, Watched
from tradeline.settings import Settings

LOOK_SECONDS = 0.5


@dataclass
class Figures:
    """What each run of a tool took; ``failed``: why there are no figures."""

    costs: list[Cost] = field(default_factory=list)
    failed: str = ""


def main() -> None:
    """Compare the tools on a home that was built."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True, help="a home whose newest night was built")
    parser.add_argument("--tools", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most-mb", type=int, default=8_000, help="a tool that takes more memory is ended")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the folder goes, however this ends
    with tempfile.TemporaryDirectory(prefix="tradeline-alternatives-") as folder:
        compare(Settings(home=asked.home), Path(folder), asked.tools, asked.rounds, asked.most_mb)


def compare(home: Settings, folder: Path, tools: Sequence[str], rounds: int, most_mb: int) -> None:
    """Print medians of seconds and memory, Tradeline's first.

    Raises:
        SystemExit: a tool failed, or gave another value than the home's mart; the message shows the first such row.
    """
    expected = expected_features(home)
    task = Task(home.landing, expected["as_of"][0].as_py(), folder, home.threads, home.memory_limit)
    print(f"{len(expected):,} sellers as of {task.as_of}, {len(FEATURES)} features, {task.threads} threads", flush=True)
    figures = {tool: Figures() for tool in NAMES if tool in tools and _can_run(tool)}
    if {"tradeline", "floor"} & set(figures):
        with_tradeline.prepare(home, task)
    for _ in range(rounds):  # by turns, so that all meet the same machine
        for tool, taken in figures.items():
            _run(tool, task, taken, most_mb)
            is_compared = not taken.failed and tool != "floor"
            if is_compared and (difference := first_difference(expected, read_features(task.result(tool)))):
                raise SystemExit(f"{tool} differs from the home's mart: {difference}")
    _print(figures, rounds)


def _can_run(tool: str) -> bool:
    reason = why_not_here(tool)
    if reason:
        print(f"  {NAMES[tool]}: left out, {reason}")
    return reason is None


def _run(tool: str, task: Task, taken: Figures, most_mb: int) -> None:
    if taken.failed:
        return
    if tool == "tradeline":
        with_tradeline.forget_night(task)
    command = [sys.executable, "-m", "benchmarks.alternatives.tools", "--tool", tool, *task.as_arguments()]
    own = {"POLARS_MAX_THREADS": str(task.threads), "PYSPARK_PYTHON": sys.executable}
    own["PYTHONPATH"] = os.pathsep.join([str(EXTRA), os.environ.get("PYTHONPATH", "")])
    with Watched(command, os.environ | own, task.folder / f"{tool}.log") as watched:
        while watched.is_running(LOOK_SECONDS):
            if watched.peak_mb() > most_mb:
                taken.failed = f"ended, it takes more than {most_mb:,} MB"
                return
    taken.costs.append(Cost(watched.seconds, watched.peak_mb(), watched.cpu_seconds))


def _print(figures: dict[str, Figures], rounds: int) -> None:
    print(f"  {f'median of {rounds}':<42} {'seconds':>8} {'CPU s':>8} {'peak MB':>8}")
    for tool, taken in figures.items():
        columns = [[cost.seconds, cost.cpu_seconds, cost.peak_mb] for cost in taken.costs]
        shown = " ".join(f"{median(column):>8,.1f}" for column in zip(*columns, strict=True))
        print(f"  {NAMES[tool]:<42} {taken.failed or shown}")
    print("  every value is the mart's, the floor apart, which has no features")


if __name__ == "__main__":
    main()
