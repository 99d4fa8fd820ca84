"""One writer to the warehouse at a time, whoever starts it: a DAG, the web UI or the command line."""

import fcntl
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import BaseFileLock, FileLock, Timeout

from tradeline.damage import DENIED
from tradeline.errors import TradelineError
from tradeline.settings import Settings

log = logging.getLogger(__name__)

# Airflow's part of the same promise: a pool with one slot for every task that opens the warehouse.
WAREHOUSE_POOL = "warehouse"
POLL_SECONDS = 0.05


class WarehouseBusy(TradelineError):
    """Another run held the warehouse for as long as one may wait."""


@contextmanager
def warehouse_lock(settings: Settings) -> Iterator[None]:
    """Hold the warehouse for writing; wait for whoever holds it, at most ``lock_timeout_seconds``.

    The lock is the operating system's, so it is freed when its holder dies. Readers of the warehouse take it too:
    DuckDB lets nobody open a file that another process writes. Readers of ``published/`` never need it. Whoever holds
    it may take it again. Where this account may only read the home, it is held together with other readers.

    Raises:
        WarehouseBusy: the lock was not free in time.
    """
    lock = _acquired(settings)
    if lock is None:
        with shared_lock(settings):
            yield
        return
    try:
        yield
    finally:
        lock.release()


def _acquired(settings: Settings) -> BaseFileLock | None:
    """The lock, held; None where this account may not write."""
    path = settings.warehouse.with_suffix(".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, is_singleton=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            log.info("another run holds the warehouse; waiting up to %.0f s", settings.lock_timeout_seconds)
            lock.acquire(timeout=settings.lock_timeout_seconds)
    except Timeout as error:
        raise _busy(settings) from error
    except OSError as error:
        if error.errno in DENIED:
            return None
        raise
    return lock


@contextmanager
def shared_lock(settings: Settings) -> Iterator[None]:
    """Hold off writers, but no other reader, and write nothing: the same lock, by a descriptor that only reads.

    Raises:
        WarehouseBusy: a writer held it for all of ``lock_timeout_seconds``.
    """
    path = settings.warehouse.with_suffix(".lock")
    if not path.exists():  # nobody has written yet
        yield
        return
    deadline = time.monotonic() + settings.lock_timeout_seconds
    with path.open() as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    raise _busy(settings) from error
                time.sleep(POLL_SECONDS)
        yield


def _busy(settings: Settings) -> WarehouseBusy:
    return WarehouseBusy(
        f"the warehouse {settings.warehouse} was busy for {settings.lock_timeout_seconds:.0f} s: "
        "let the other run end, or raise TRADELINE_LOCK_TIMEOUT_SECONDS"
    )
