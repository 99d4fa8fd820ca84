"""The command line run as a user runs it, stage by stage: what every benchmark of a whole home is made of."""

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.measure import Cost, Watched
from benchmarks.stages import Stage, stage_under_way, stages_of
from benchmarks.table import StageTable
from ingest.landing import scan
from tradeline.journal import Entry, read_journal
from tradeline.settings import Settings

LOOK_SECONDS = 0.2
START = "start of Python"
PROGRAM = str(Path(sys.executable).parent / "tradeline")


@dataclass(frozen=True)
class LandedNights:
    """The nights in landing, in order, with the raw rows of each."""

    rows: dict[date, int]

    @property
    def last_on(self) -> date:
        """The night that is run on its own."""
        return max(self.rows)

    @property
    def caught_up(self) -> dict[date, int]:
        """The nights before it."""
        return {night: rows for night, rows in self.rows.items() if night < self.last_on}

    @property
    def total(self) -> int:
        """The rows of all nights."""
        return sum(self.rows.values())


def landed_rows(settings: Settings) -> LandedNights:
    """Raw rows of each night, counted in the footers of its Parquet files."""
    rows: dict[date, int] = {}
    for file in scan(settings.landing).files:
        rows[file.arrived_on] = rows.get(file.arrived_on, 0) + pq.read_metadata(file.path).num_rows
    return LandedNights(dict(sorted(rows.items())))


def run_command(table: StageTable, settings: Settings, folder: Path, title: str, *arguments: str) -> None:
    """One command as one line of the table; ``folder`` takes its log. Of one that fills landing, the rows it landed."""
    table.announce(title)
    with _watched(settings, folder / f"{time.time_ns()}.log", *arguments) as watched:
        while watched.is_running(LOOK_SECONDS):
            table.tick()
    rows = None if arguments[0] == "run" else landed_rows(settings).total
    table.row(title, watched.cost, rows)


def run_night(table: StageTable, settings: Settings, folder: Path, as_of: date, rows: int) -> list[tuple[str, Cost]]:
    """One night's ``tradeline run`` on ``rows`` new raw rows: a line for each stage and one for the whole command.

    What each stage took, by title, in order.
    """
    table.announce(f"  {START}")
    with _watched(settings, folder / f"{time.time_ns()}.log", "run", "--as-of", str(as_of)) as watched:
        stages = []
        for stage in _stages_as_they_end(table, settings, watched):
            _show(table, watched, stage, rows)
            stages.append(stage)
    by_title = {stage.title: stage for stage in reversed(stages)}  # of two gates of the features, the first
    way = ((by_title["admission"].spans[0][0], by_title["gate of the features"].spans[-1][1]),)
    _show(table, watched, Stage("admission to gated features", way, is_of_rows=True), rows)
    table.row("  the whole command", watched.cost)
    return [(stage.title, _cost(watched, stage)) for stage in stages]


def _stages_as_they_end(table: StageTable, settings: Settings, watched: Watched) -> Iterator[Stage]:
    ended: list[Entry] = []
    before = len(read_journal(settings))
    is_running, has_begun = True, False
    while is_running:
        is_running = watched.is_running(LOOK_SECONDS)
        log = watched.log.read_text()
        for entry in read_journal(settings)[before + len(ended) :]:
            ended.append(entry)
            if entry.status == "failed":
                raise SystemExit(f"\n{entry.step} failed: {entry.message}")
            yield from stages_of(settings, entry, log)
        if is_running and (title := stage_under_way(log, ended)):
            if not has_begun:
                yield Stage(START, ((watched.begun_at, time.time()),))
                has_begun = True
            table.announce(f"  {title}")
        table.tick()


def _show(table: StageTable, watched: Watched, stage: Stage, rows: int, indent: str = "  ") -> None:
    table.row(f"{indent}{stage.title}", _cost(watched, stage), rows if stage.is_of_rows else None, stage.note)
    for part in stage.parts:
        _show(table, watched, part, rows, f"{indent}  ")


def _cost(watched: Watched, stage: Stage) -> Cost:
    peak_mb = max(watched.peak_mb(*span) for span in stage.spans)
    return Cost(stage.seconds, peak_mb, sum(watched.cpu_between(*span) for span in stage.spans))


def _watched(settings: Settings, log: Path, *arguments: str) -> Watched:
    return Watched([PROGRAM, *arguments], os.environ | {"TRADELINE_HOME": str(settings.home)}, log)
