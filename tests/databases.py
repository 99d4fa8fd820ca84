"""Databases made anew on real PostgreSQL and MariaDB servers; a test is skipped where the system has none."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from benchmarks import servers

NUMBERS = itertools.count(1)


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


def postgres_database(server: str) -> str:
    """The URL of a database made anew."""
    name = f"db_{next(NUMBERS)}"
    with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
        connection.execute(f"create database {name}")
    return server.format(name)


def mariadb_database(server: str) -> str:
    """The URL of a database made anew."""
    name = f"db_{next(NUMBERS)}"
    with servers.mariadb_client(Path(server.partition("unix_socket=")[2])) as cursor:
        cursor.execute(f"create database {name} character set utf8mb4")
    return server.format(name)


@contextmanager
def _or_skipped() -> Iterator[None]:
    try:
        yield
    except servers.NotInstalled as absent:
        pytest.skip(str(absent))
