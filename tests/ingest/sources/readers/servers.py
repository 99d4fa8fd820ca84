"""A source of every kind that SQL is spoken to, empty, and how statements get into it."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import duckdb
import psycopg
import pytest
import sqlalchemy as sa

Execute = Callable[[str], object]
KINDS = ("postgres", "mysql", "sqlite", "duckdb")


def empty(kind: str, request: pytest.FixtureRequest, folder: Path) -> tuple[str, Execute]:
    """The URL of an empty source of a kind, and a function that runs one statement in it at once."""
    if kind == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return (
            url,
            lambda statement: psycopg.connect(url, autocommit=True).execute(statement.encode()).connection.close(),
        )
    if kind == "mysql":
        url = request.getfixturevalue("mariadb_url")
        return url, lambda statement: _in_mysql(url, statement)
    path = folder / f"shop.{kind}"
    if kind == "sqlite":
        return f"sqlite:///{path}", lambda statement: _in_sqlite(path, statement)
    return str(path), lambda statement: _in_duckdb(path, statement)


def _in_mysql(url: str, statement: str) -> None:
    engine = sa.create_engine(url.replace("mysql:", "mysql+pymysql:"), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execution_options(no_parameters=True).exec_driver_sql(statement)


def _in_sqlite(path: Path, statement: str) -> None:
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute(statement)
    connection.close()


def _in_duckdb(path: Path, statement: str) -> None:
    with duckdb.connect(path) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(statement)
