"""One writer to the warehouse at a time, whoever starts it: a DAG, the web UI or the command line."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from tradeline.errors import TradelineError
from tradeline.settings import Settings

log = logging.getLogger(__name__)

# Airflow's part of the same promise: a pool with one slot for every task that opens the warehouse.
WAREHOUSE_POOL = "warehouse"


@contextmanager
def warehouse_lock(settings: Settings) -> Iterator[None]:
    """Hold the warehouse for writing; wait for whoever holds it, at most ``lock_timeout_seconds``.

    The lock is the operating system's, so it is freed when its holder dies. Readers of the warehouse take it too:
    DuckDB lets nobody open a file that another process writes. Readers of ``published/`` never need it. Whoever holds
    it may take it again.

    Raises:
        TradelineError: the lock was not free in time.
    """
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.warehouse.with_suffix(".lock"), is_singleton=True)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        log.info("another run holds the warehouse; waiting up to %.0f s", settings.lock_timeout_seconds)
        try:
            lock.acquire(timeout=settings.lock_timeout_seconds)
        except Timeout as error:
            raise TradelineError(
                f"the warehouse {settings.warehouse} was busy for {settings.lock_timeout_seconds:.0f} s: "
                "let the other run end, or raise TRADELINE_LOCK_TIMEOUT_SECONDS"
            ) from error
    try:
        yield
    finally:
        lock.release()
