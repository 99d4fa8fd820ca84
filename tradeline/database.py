"""Opening DuckDB within the deployment's limits; no other code calls ``duckdb.connect`` (ruff's TID251 holds it)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from tradeline.settings import Settings


@dataclass(frozen=True)
class Limits:
    """How much of the machine a connection may take, where it is not what the settings say."""

    threads: int
    memory_limit: str = "1500MB"
    spill: Path | None = None


def connect(
    limits: "Settings | Limits", path: Path | None = None, *, read_only: bool = False, spill: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file, or a database in memory, within limits of threads and memory and with its clock in UTC.

    ``spill``: the folder for what does not fit in memory. Without it that is ``<path>.tmp`` of a file, as DuckDB has
    it, and the home's own of a database in memory; where there is no home either it fails instead, because DuckDB would
    write into whatever folder it was started in. DuckDB takes at most 90% of what the disk has free.
    """
    config: dict[str, Any] = {"threads": limits.threads, "memory_limit": limits.memory_limit}
    if spill or not path:
        config["temp_directory"] = str(spill or limits.spill or "")
    connection = duckdb.connect(str(path or ":memory:"), read_only=read_only, config=config)
    connection.execute("set TimeZone = 'UTC'")
    return connection


def scalar(connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()) -> Any:
    """The first value of the first row; None if there is no row."""
    # All of them: a connection with an unread result takes no Arrow batches.
    rows = connection.execute(query, list(parameters)).fetchall()
    return rows[0][0] if rows else None
