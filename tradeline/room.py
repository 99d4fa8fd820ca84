"""Room on the disk for what does not fit in memory: there before a run begins, and given back after one was killed."""

import re
import shutil
from pathlib import Path

import psutil

from tradeline.errors import TradelineError
from tradeline.settings import Settings

# What DuckDB names the files that it spills to; it removes them itself when a connection ends.
SPILLED = re.compile(r"duckdb_temp_(\d+)_.*")
# 91 million rows, landed as 3.4 GB, made a warehouse of 7.8 GB, and spilled up to 4 GB meanwhile.
BYTES_PER_LANDED_BYTE = 3
# The night after them spilled 1.1 GB, and its features took 0.2 GB more.
BYTES_PER_WAREHOUSE_BYTE = 0.2


def clear_leftovers(settings: Settings) -> None:
    """Remove what processes that live no more have spilled; what another process writes stays."""
    for folder in (settings.spill, Path(f"{settings.warehouse}.tmp")):
        for path in folder.glob("duckdb_temp_*"):
            found = SPILLED.fullmatch(path.name)
            if found and not psutil.pid_exists(int(found[1])):
                path.unlink(missing_ok=True)


def check_room(settings: Settings, landed_bytes: int) -> None:
    """Make sure that the disk has room for nights that have landed in so many bytes.

    Raises:
        TradelineError: it has not.
    """
    kept_bytes = settings.warehouse.stat().st_size if settings.warehouse.exists() else 0
    needed = BYTES_PER_LANDED_BYTE * landed_bytes + BYTES_PER_WAREHOUSE_BYTE * kept_bytes
    free = shutil.disk_usage(settings.home).free
    if free < needed:
        raise TradelineError(
            f"{settings.home} has {free / 1e9:.1f} GB free, and building what has landed takes about "
            f"{needed / 1e9:.1f} GB: free the rest, move the home to a larger disk, or build fewer nights at a time "
            "with `tradeline run --as-of`"
        )
