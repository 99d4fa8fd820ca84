"""Olist through every stage, as a user would run it: seconds and peak memory of each, and what the model is worth.

python -m benchmarks ../shared/data/olist.zip
"""

import argparse
import os
import sys
import tempfile
from datetime import date
from pathlib import Path

from benchmarks import engines
from benchmarks.measure import measure
from ml.training_set import training_sets
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
    night, months = folder / "night", folder / "months"
    print(f"{'stage':<44} {'seconds':>8} {'peak MB':>8}")
    _stage("land the archive", night, folder, "land", "olist", str(olist))
    _stage(f"the night of {LAST_NIGHT} with all arrivals before it", night, folder, "run", "--as-of", str(LAST_NIGHT))
    _stage("the same night again", night, folder, "run", "--as-of", str(LAST_NIGHT))
    _stage("land the archive in another home", months, folder, "land", "olist", str(olist))
    month_ends = ("run", "--from", str(FIRST_MONTH_END), "--to", str(LAST_NIGHT), "--every", "month")
    _stage("20 months of month-ends", months, folder, *month_ends)
    training_set = training_sets(night / "models" / "training")[-1]
    for module, arguments in (
        ("benchmarks.training", ["--training-set", str(training_set)]),
        ("benchmarks.publication", []),
    ):
        print()
        log = folder / f"{module}.log"
        measure([sys.executable, "-m", module, *arguments], dict(os.environ), log)
        print(log.read_text().rstrip())
    print()
    engines.compare(Settings(home=months), folder, ["rings", "filters"], copies=100)


def _stage(title: str, home: Path, folder: Path, *arguments: str) -> None:
    program = Path(sys.executable).parent / "tradeline"
    cost = measure(
        [str(program), *arguments],
        os.environ | {"TRADELINE_HOME": str(home)},
        folder / f"{title.replace(' ', '_')}.log",
    )
    print(f"{title:<44} {cost.seconds:>8.1f} {cost.peak_mb:>8,.0f}", flush=True)


if __name__ == "__main__":
    main()
