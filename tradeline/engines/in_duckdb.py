"""dbt on the warehouse's DuckDB file, in this process."""

import gc

from tradeline.engines.invoke import Invocation, Outcome, invoke
from tradeline.progress import Tell


def run_in_duckdb(invocation: Invocation, tell: Tell) -> Outcome:
    """Run the command; the file is free again afterwards."""
    gc.freeze()  # so that clearing up after dbt looks at what dbt has left alone, not at all that was there before
    try:
        return invoke(invocation, tell)
    finally:
        _release_warehouse()
        gc.unfreeze()


def _release_warehouse() -> None:
    # The profile says ``keep_open``, which spares opening and closing the file for each of many nodes.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import reset_adapters

    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    # An adapter holds two semaphores. Airflow ends a task's process without Python's clean-up, and then Python's
    # resource tracker warns of them, in red, in the log of a task that is well.
    reset_adapters()  # type: ignore[no-untyped-call]
    gc.collect()
