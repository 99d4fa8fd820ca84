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
from datetime import date
from pathlib import Path

from benchmarks import engines, scoring
from benchmarks.runs import landed_rows, run_command, run_night
from benchmarks.table import StageTable
from tradeline.settings import Settings

UNTIL = date(2026, 6, 30)  # not the first of a month: the night after the catch-up trains no model
SCORED_SELLERS = 1_000_000  # copies of the market's own, however many it has
BYTES_PER_SELLER_NIGHT = 500  # 300 measured at 2,000 sellers; larger markets spill while they are built


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
            check_space(parser, home, asked.sellers * (asked.days + 1) * BYTES_PER_SELLER_NIGHT)
        run(Settings(home=home), Path(folder), asked)


def run(settings: Settings, folder: Path, asked: argparse.Namespace) -> None:
    """Print the table of stages, then the comparison of engines; ``folder`` takes logs and the engines' files."""
    table = StageTable()
    if asked.landed:
        shutil.copytree(asked.landed, settings.landing, copy_function=_link)
    else:
        market = ("--sellers", str(asked.sellers), "--days", str(asked.days + 1), "--seed", str(asked.seed))
        title = "simulate, written as landed arrivals"
        run_command(table, settings, folder, title, "simulate", *market, "--until", str(UNTIL))
        if asked.simulate_only:
            return
    landed = landed_rows(settings)
    *earlier, last_before = sorted(landed.caught_up)
    print(f"catch up {len(earlier) + 1} nights in one pass, {earlier[0]} to {last_before}")
    run_night(table, settings, folder, last_before, sum(landed.caught_up.values()))
    print(f"the night of {landed.last_on}")
    run_night(table, settings, folder, landed.last_on, landed.rows[landed.last_on])
    print()
    engines.compare(settings, folder)
    print()
    scoring.compare(settings, SCORED_SELLERS)


def check_space(parser: argparse.ArgumentParser, home: Path, needed: int) -> None:
    """End where the disk of a folder has less than ``needed`` bytes left."""
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
