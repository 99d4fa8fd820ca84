"""Olist through every stage, as a user would run it: seconds and peak memory of each, and what the model is worth.

python -m benchmarks ../shared/data/olist.zip
"""

import argparse
import os
import subprocess
import tempfile
from datetime import date
from pathlib import Path

from benchmarks import engines
from benchmarks.runs import PROGRAM, landed_rows, run_command, run_night
from benchmarks.table import StageTable
from tradeline.settings import Settings

LAST_NIGHT = date(2018, 8, 31)
FIRST_MONTH_END = date(2017, 1, 31)


def main() -> None:
    """Run all stages on a home that is thrown away."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("olist", type=Path, help="the Olist archive, zip or folder")
    olist = parser.parse_args().olist
    if not olist.exists():
        parser.exit(2, f"{olist} is absent: give the path of the Olist archive\n")
    with tempfile.TemporaryDirectory(prefix="tradeline-bench-") as folder:
        run_stages(olist.resolve(), Path(folder))


def run_stages(olist: Path, folder: Path) -> None:
    """Print one line a stage; the two homes show a first night on its own and a whole history."""
    night, months = Settings(home=folder / "night"), Settings(home=folder / "months")
    table = StageTable()
    run_command(table, night, folder, "land the archive", "land", "olist", str(olist))
    arrived = sum(rows for arrived_on, rows in landed_rows(night).rows.items() if arrived_on <= LAST_NIGHT)
    print(f"the night of {LAST_NIGHT} with all arrivals before it")
    run_night(table, night, folder, LAST_NIGHT, arrived)
    run_command(table, night, folder, "the same night again", "run", "--as-of", str(LAST_NIGHT))
    run_command(table, months, folder, "land the archive in another home", "land", "olist", str(olist))
    month_ends = ("--from", str(FIRST_MONTH_END), "--to", str(LAST_NIGHT), "--every", "month")
    run_command(table, months, folder, "20 months of month-ends", "run", *month_ends)
    print(flush=True)
    subprocess.run([PROGRAM, "models", "show"], env=os.environ | {"TRADELINE_HOME": str(night.home)}, check=True)
    print()
    engines.compare(months, folder, ["rings", "filters"], copies=100)


if __name__ == "__main__":
    main()
