"""Airflow's scheduler, with what tasks take longest to import already imported.

Its workers are forks of it, and tasks are forks of those: each would import dbt and Great Expectations again, which
takes several times as long as the work of a small night.
"""

import gc
import importlib
import sys

from cli.__main__ import GARBAGE_THRESHOLD

HEAVY = ("dbt.cli.main", "dbt.adapters.duckdb", "great_expectations", "xgboost", "scipy.stats")


def main() -> None:
    """Run ``airflow scheduler`` with the arguments of this process."""
    for name in HEAVY:
        importlib.import_module(name)
    from airflow.__main__ import main as airflow

    # A search for garbage writes to every object that it visits, and a task has to copy all that it writes to.
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, 20, 50)
    sys.argv = ["airflow", "scheduler", *sys.argv[1:]]
    airflow()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
