"""Airflow's scheduler, with what tasks take longest to import already imported.

Its workers are forks of it, and tasks are forks of those: each would import dbt and Great Expectations again, which
takes several times as long as the work of a small night.
"""

import importlib
import sys

HEAVY = ("dbt.cli.main", "dbt.adapters.duckdb", "great_expectations", "xgboost")


def main() -> None:
    """Run ``airflow scheduler`` with the arguments of this process."""
    for name in HEAVY:
        importlib.import_module(name)
    from airflow.__main__ import main as airflow

    sys.argv = ["airflow", "scheduler", *sys.argv[1:]]
    airflow()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
