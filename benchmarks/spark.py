"""The same nights on DuckDB and on Spark: seconds and memory of each stage, on as many cores of this machine as asked.

A market is simulated once and copied to a home for each engine. There its nights but the last are built and published
in one pass, then the last one. Processor seconds count Java's too. Spark's settings are those that a home has by
default, but for TRADELINE_SPARK of the shell.

    make bench-spark SELLERS=2000
    python -m benchmarks.spark --sellers 2000 --days 200 --cores 1 2
"""

import argparse
import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.market import UNTIL
from benchmarks.runs import LandedNights, landed_rows, run_command, run_night
from benchmarks.table import StageTable
from tradeline.engines.spark.needed import check_needed
from tradeline.settings import SETTINGS_FILE, Settings


def main() -> None:
    """Run everything in homes that are thrown away, DuckDB's first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sellers", type=int, default=2000)
    parser.add_argument("--days", type=int, default=200, help="nights of history")
    parser.add_argument("--payments-only", action="store_true", help="a market as a bank sees it, without orders")
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2], help="for Spark; DuckDB has the most of them")
    parser.add_argument("--one-pass", action="store_true", help="all nights in one pass, none alone")
    parser.add_argument("--keep", type=Path, help="an empty folder for the homes, which are left there")
    asked = parser.parse_args()
    check_needed("local")
    with ExitStack() as stack:
        folder = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tradeline-bench-")))
        table, landed = StageTable(), Settings(home=folder / "landed")
        market = ["--sellers", str(asked.sellers), "--days", str(asked.days), "--until", str(UNTIL)]
        market += ["--payments-only"] if asked.payments_only else []
        run_command(table, landed, folder, "simulate", "simulate", *market)
        homes = {"duckdb": {"TRADELINE_THREADS": str(max(asked.cores))}}
        for cores in asked.cores:
            homes[f"spark-{cores}"] = {"TRADELINE_ENGINE": "spark", "TRADELINE_THREADS": str(cores)}
        for name, given in homes.items():
            settings = _home(landed.home, folder / name, given)
            _nights(table, settings, landed_rows(landed), is_one_pass=asked.one_pass)


def _home(landed: Path, home: Path, given: dict[str, str]) -> Settings:
    """A copy of the market with settings of its own."""
    shutil.copytree(landed, home)
    of_shell = {name: value for name, value in os.environ.items() if name == "TRADELINE_SPARK"}
    lines = [f"{name}='{value}'\n" for name, value in (given | of_shell).items()]
    (home / SETTINGS_FILE).write_text("".join(lines), encoding="utf-8")
    return Settings(home=home)


def _nights(table: StageTable, settings: Settings, landed: LandedNights, *, is_one_pass: bool) -> None:
    print(f"on {settings.engine}, {settings.threads} cores")
    before, row_count = landed.last_on, landed.total
    if not is_one_pass:
        before, row_count = max(landed.caught_up), sum(landed.caught_up.values())
    run_night(table, settings, settings.home, before, row_count)
    if not is_one_pass:
        print(f"on {settings.engine}, {settings.threads} cores, the night of {landed.last_on}")
        run_night(table, settings, settings.home, landed.last_on, landed.rows[landed.last_on])


if __name__ == "__main__":
    main()
