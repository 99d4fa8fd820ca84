"""A night of a million sellers: one ordinary ``tradeline run`` on a market of fewer sellers, many times over.

The raw history of a million sellers is 34 GB of landing and more in the warehouse. So a smaller market is simulated and
caught up up to its last night; then a second home is made of it, in which each seller stands several times under other
names, with a year of partials and the last night in landing (``benchmarks.copies`` says what is copied). The last night
is run there, every stage timed. Copies know nothing of each other, so their features are those of the originals.

    python -m benchmarks.million
    python -m benchmarks.million --sellers 50000 --copies 4
    python -m benchmarks.million --home H --copies 10      # of a home of your own, which stays as it is
"""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from benchmarks.copies import copied_home, needed_bytes
from benchmarks.market import BYTES_PER_SELLER_NIGHT, UNTIL, check_space
from benchmarks.measure import Cost
from benchmarks.runs import landed_rows, run_command, run_night
from benchmarks.table import StageTable
from ingest.plan import plan_nights
from tradeline.settings import SETTINGS_FILE, Settings


def main() -> None:
    """Run the night in a home that is thrown away, unless it is asked to be kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--sellers", type=int, default=50_000, help="size of the simulated market that is copied")
    source.add_argument("--home", type=Path, help="a home to copy instead, which stays as it is")
    parser.add_argument("--copies", type=int, default=20)
    parser.add_argument("--days", type=int, default=400, help="nights of history before the one that is measured")
    parser.add_argument("--memory", default="6GB", help="DuckDB's limit; Python, dbt and XGBoost need 1 to 2 GB beside")
    parser.add_argument("--keep", type=Path, help="an empty folder for the large home, which then stays")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the folder goes, however this ends
    with tempfile.TemporaryDirectory(prefix="tradeline-bench-") as name:
        folder, table = Path(name), StageTable()
        many = Settings(home=asked.keep or folder / "many")
        if many.home.exists() and any(many.home.iterdir()):
            parser.exit(2, f"{many.home} is not empty: name a new folder\n")
        many.home.mkdir(parents=True, exist_ok=True)
        few = Settings(home=asked.home or folder / "few")
        if not asked.home:
            check_space(parser, folder, asked.sellers * (asked.days + 1) * BYTES_PER_SELLER_NIGHT)
            _simulate(table, few, folder, asked.sellers, asked.days)
        night = last_night(few)
        check_space(parser, many.home, needed_bytes(few, asked.copies, night))
        _copy(table, few, many, asked.copies, night)
        if not asked.home:
            shutil.rmtree(few.home)  # the landed files of earlier nights stay, linked
        with (many.home / SETTINGS_FILE).open("a") as lines:
            lines.write(f"TRADELINE_MEMORY_LIMIT={asked.memory}\n")
        print(f"the night of {night}, {asked.copies} copies of the market, DuckDB within {asked.memory}")
        run_night(table, many, folder, night, landed_rows(many).rows[night])


def last_night(settings: Settings) -> date:
    """The last night that has landed in a home in which all nights before it are built.

    Raises:
        SystemExit: they are not.
    """
    *_, before, last = [None, *sorted(landed_rows(settings).rows)]
    if not settings.warehouse.exists() or before is None or plan_nights(settings, before) is not None:
        raise SystemExit(f"{settings.home} has not built all nights before its last: `tradeline run --as-of {before}`")
    return last


def _simulate(table: StageTable, settings: Settings, folder: Path, sellers: int, days: int) -> None:
    market = ("--sellers", str(sellers), "--days", str(days + 1), "--seed", "1", "--until", str(UNTIL))
    run_command(table, settings, folder, "simulate, written as landed arrivals", "simulate", *market)
    built = str(UNTIL - timedelta(days=1))
    run_command(table, settings, folder, f"catch up {days} nights in one pass", "run", "--as-of", built)


def _copy(table: StageTable, few: Settings, many: Settings, copies: int, night: date) -> None:
    title = f"copy the market {copies} times"
    table.announce(title)
    started, spent = time.perf_counter(), time.process_time()
    copied_home(few, many, copies, night)
    if (plan := plan_nights(many, night)) is None or plan.nights != [night]:
        raise SystemExit(f"of {many.home} not {night} alone is left to build: the copy is not whole")
    table.row(title, Cost(time.perf_counter() - started, 0, time.process_time() - spent))
    print(f"a warehouse of {many.warehouse.stat().st_size / 1e9:.1f} GB", flush=True)


if __name__ == "__main__":
    main()
