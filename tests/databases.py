"""Databases made anew on real PostgreSQL and MariaDB servers; a test is skipped where the system has none."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks import servers
from benchmarks.servers import mariadb_database, postgres_database

__all__ = ["mariadb", "mariadb_database", "postgres", "postgres_database"]


@contextmanager
def postgres() -> Iterator[str]:
    """The URL, but for the database, of a PostgreSQL."""
    with _or_skipped(), servers.postgres() as url:
        yield url


@contextmanager
def mariadb() -> Iterator[str]:
    """The URL, but for the database, of a MariaDB."""
    with _or_skipped(), servers.mariadb() as url:
        yield url


@contextmanager
def _or_skipped() -> Iterator[None]:
    try:
        yield
    except servers.NotInstalled as absent:
        pytest.skip(str(absent))
