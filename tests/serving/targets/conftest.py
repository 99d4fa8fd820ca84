"""A home with two published nights, and the databases that it delivers to."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
import yaml
from sqlalchemy.engine import make_url

from serving.publish import publish
from tests.once import made_once
from tests.serving.built import build_night
from tradeline.settings import Settings

EARLIER, NIGHT = date(2018, 7, 31), date(2018, 8, 31)
TARGET = "apps"


@dataclass(frozen=True)
class Database:
    """A real database that is delivered to."""

    kind: str
    url: str

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """The answer to a question about tables of the target."""
        with self.reader() as read:
            return read(sql)

    @contextmanager
    def reader(self, user: str | None = None) -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
        """A connection as an application has one; what it does counts at its end. ``user``: not the owner."""
        if self.kind == "postgres":
            with psycopg.connect(self.url) as connection:
                connection.execute("set search_path to tradeline")
                if user:
                    connection.execute(f"set role {user}")
                yield lambda sql: _rows(connection.execute(sql))
            return
        url = make_url(self.url)
        with (
            pymysql.connect(
                user=user or url.username, password="", database=url.database, unix_socket=str(url.query["unix_socket"])
            ) as client,
            client.cursor() as cursor,
        ):

            def read(sql: str) -> list[tuple[Any, ...]]:
                cursor.execute(sql)
                return list(cursor.fetchall())

            yield read
            client.commit()


def _rows(cursor: "psycopg.Cursor[tuple[Any, ...]]") -> list[tuple[Any, ...]]:
    return cursor.fetchall() if cursor.description else []


@pytest.fixture(params=["postgres", "mysql"])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty database of each kind in turn."""
    name = {"postgres": "postgres_url", "mysql": "mariadb_url"}[request.param]
    return Database(request.param, request.getfixturevalue(name))


@pytest.fixture(scope="session")
def _two_nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(tmp_path_factory, "two-nights", _publish)


def _publish(home: Path) -> None:
    settings = Settings(home=home)
    publish_night(settings, EARLIER, "first", mark=1)
    publish_night(settings, NIGHT, "second", mark=2)


@pytest.fixture
def published(_two_nights: Path, settings: Settings) -> Settings:
    """A home of which the run "first" has published the earlier night, with the mark 1, "second" the later, with 2."""
    shutil.copytree(_two_nights, settings.home)
    return settings


def publish_night(settings: Settings, as_of: date, run_id: str, mark: int = 3, **given: Any) -> None:
    """Decide a night and publish it."""
    build_night(settings, as_of, run_id, mark=mark, **given)
    publish(settings, [as_of], run_id)


def describe(settings: Settings, name: str = TARGET, **fields: Any) -> None:
    """Write a target's file."""
    settings.targets.mkdir(parents=True, exist_ok=True)
    (settings.targets / f"{name}.yml").write_text(yaml.safe_dump(fields))
