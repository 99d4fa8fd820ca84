"""A simulated market of any size through every stage, as a user would run it; its window features by other engines.

One stage writes what has landed; one run catches up all nights but the last in one pass, training included; one run
makes the last night. Seconds, raw rows (of the Parquet files' footers) and peak memory of each stage are printed as it
ends, of partials and features by name too; other engines make the same window features from the same Parquet, held
against ours value for value.

    python -m benchmarks.market --sellers 10000
    python -m benchmarks.market --sellers 1000000 --days 59 --simulate-only
    python -m benchmarks.market --landed .tradeline/landing    # the nights of your own extract instead
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks import engines, scoring
from benchmarks.measure import Watched
from benchmarks.stages import Stage, stage_under_way, stages_of
from benchmarks.table import StageTable
from ingest.landing import scan
from tradeline.journal import Entry, read_journal
from tradeline.settings import Settings

UNTIL = date(2026, 6, 30)  # not the first of a month: the night after the catch-up trains no model
SCORED_SELLERS = 1_000_000  # copies of the market's own, however many it has
BYTES_PER_SELLER_NIGHT = 500  # 300 measured at 2,000 sellers; larger markets spill while they are built
LOOK_SECONDS = 0.2
START = "start of Python and Airflow"
PROGRAM = str(Path(sys.executable).parent / "tradeline")


@dataclass(frozen=True)
class Landed:
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


def main() -> None:
    """Run all stages in a home that is thrown away, unless it is asked to be kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--sellers", type=int, help="size of the simulated market")
    source.add_argument("--landed", type=Path, help="a landing folder of Parquet files to run instead of a simulation")
    parser.add_argument("--days", type=int, default=400, help="nights to catch up in one pass; one more is simulated")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--simulate-only", action="store_true", help="the first stage alone")
    parser.add_argument("--keep", type=Path, help="an empty folder for the home, which then stays")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the folder goes, however this ends
    with tempfile.TemporaryDirectory(prefix="tradeline-bench-") as folder:
        home = asked.keep or Path(folder) / "home"
        if home.exists() and any(home.iterdir()):
            parser.exit(2, f"{home} is not empty: name a new folder\n")
        home.mkdir(parents=True, exist_ok=True)
        if asked.sellers:
            _check_space(parser, home, asked.sellers * (asked.days + 1) * BYTES_PER_SELLER_NIGHT)
        run(Settings(home=home), Path(folder), asked)


def run(settings: Settings, folder: Path, asked: argparse.Namespace) -> None:
    """Print the table of stages, then the comparison of engines; ``folder`` takes logs and the engines' files."""
    table = StageTable()
    if asked.landed:
        shutil.copytree(asked.landed, settings.landing, copy_function=_link)
        landed = landed_rows(settings)
    else:
        market = ("--sellers", str(asked.sellers), "--days", str(asked.days + 1), "--seed", str(asked.seed))
        landed = _simulate(table, settings, folder, [*market, "--until", str(UNTIL)])
        if asked.simulate_only:
            return
    *earlier, last_before = sorted(landed.caught_up)
    print(f"catch up {len(earlier) + 1} nights in one pass, {earlier[0]} to {last_before}")
    _run_night(table, settings, folder, last_before, sum(landed.caught_up.values()))
    print(f"the night of {landed.last_on}")
    _run_night(table, settings, folder, landed.last_on, landed.rows[landed.last_on])
    print()
    engines.compare(settings, folder)
    print()
    scoring.compare(settings, SCORED_SELLERS)


def landed_rows(settings: Settings) -> Landed:
    """Raw rows of each night, counted in the footers of its Parquet files."""
    rows: dict[date, int] = {}
    for file in scan(settings.landing).files:
        rows[file.arrived_on] = rows.get(file.arrived_on, 0) + pq.read_metadata(file.path).num_rows
    return Landed(dict(sorted(rows.items())))


def _simulate(table: StageTable, settings: Settings, folder: Path, market: list[str]) -> Landed:
    title = "simulate, written as landed arrivals"
    table.announce(title)
    with _watched(settings, folder / "simulate.log", "simulate", *market) as watched:
        while watched.is_running(LOOK_SECONDS):
            table.tick()
    landed = landed_rows(settings)
    table.row(title, watched.seconds, watched.peak_mb(), sum(landed.rows.values()))
    return landed


def _run_night(table: StageTable, settings: Settings, folder: Path, as_of: date, rows: int) -> None:
    """One ``tradeline run``: a line for each stage, one for the way to gated features, one for the whole command."""
    table.announce(f"  {START}")
    with _watched(settings, folder / f"run-{as_of}.log", "run", "--as-of", str(as_of)) as watched:
        stages = []
        for stage in _stages_as_they_end(table, settings, watched):
            _show(table, watched, stage, rows)
            stages.append(stage)
    by_title = {stage.title: stage for stage in reversed(stages)}  # of two gates of the features, the first
    way = ((by_title["admission"].spans[0][0], by_title["gate of the features"].spans[-1][1]),)
    _show(table, watched, Stage("admission to gated features", way, is_of_rows=True), rows)
    table.row("  the whole command", watched.seconds, watched.peak_mb())


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
    peak_mb = max(watched.peak_mb(*span) for span in stage.spans)
    table.row(f"{indent}{stage.title}", stage.seconds, peak_mb, rows if stage.is_of_rows else None, stage.note)
    for part in stage.parts:
        _show(table, watched, part, rows, f"{indent}  ")


def _watched(settings: Settings, log: Path, *arguments: str) -> Watched:
    return Watched([PROGRAM, *arguments], os.environ | {"TRADELINE_HOME": str(settings.home)}, log)


def _check_space(parser: argparse.ArgumentParser, home: Path, needed: int) -> None:
    free = shutil.disk_usage(home).free
    if free < needed:
        parser.exit(
            2,
            f"{home} has {free / 1e9:.1f} GB free, and this takes about {needed / 1e9:.1f} GB: "
            "name a folder with more by KEEP=PATH, or take fewer sellers\n",
        )


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copyfile(source, target)


if __name__ == "__main__":
    main()
