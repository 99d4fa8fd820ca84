"""Opening DuckDB files the same way everywhere."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from tradeline.settings import Settings


def connect(settings: Settings, path: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file within the deployment's threads and memory, its clock in UTC."""
    connection = duckdb.connect(
        path, read_only=read_only, config={"threads": settings.threads, "memory_limit": settings.memory_limit}
    )
    connection.execute("set TimeZone = 'UTC'")
    return connection


def scalar(connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()) -> Any:
    """The first value of the first row; None if there is no row."""
    row = connection.execute(query, list(parameters)).fetchone()
    return row[0] if row else None
