"""Airflow's database and the warehouse's pool in it, made by one process: each command alone would import Airflow."""

import sys

from tradeline.lock import WAREHOUSE_POOL

# The pool has to be there before a scheduler is: tasks of an unknown pool would wait for ever.
COMMANDS = (
    ["db", "migrate"],
    ["pools", "set", WAREHOUSE_POOL, "1", "One writer to the warehouse at a time"],
)


def main() -> None:
    """Run Airflow's own commands, one after the other."""
    from airflow.__main__ import main as airflow

    for command in COMMANDS:
        sys.argv = ["airflow", *command]
        airflow()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
