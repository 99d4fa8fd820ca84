"""The reader of SQLite: what a column holds decides how it is read."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.sources.readers.reader import Window
from ingest.sources.readers.sqlite import SqliteReader
from tests.ingest.sources.readers.shop import shop
from tradeline.errors import BadInput, TradelineError
from tradeline.settings import Settings


@pytest.fixture
def database(settings: Settings) -> Iterator[sqlite3.Connection]:
    settings.sources.mkdir(parents=True)
    connection = sqlite3.connect(settings.sources / "shop.db", isolation_level=None)
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("values", "kind", "read"),
    [
        ([1, None, -(2**63)], "BIGINT", [1, None, -(2**63)]),
        ([0.5, 19.99], "DOUBLE", [0.5, 19.99]),
        ([0.5, 2], "DOUBLE", [0.5, 2.0]),
        ([0.5, 2**60], "VARCHAR", ["0.5", str(2**60)]),
        (["a", "", None], "VARCHAR", ["a", "", None]),
        (["007", 7], "VARCHAR", ["007", "7"]),
        (["订单 🎁", "O'1\\"], "VARCHAR", ["订单 🎁", "O'1\\"]),
        ([b"\x00\xff"], "BLOB", [b"\x00\xff"]),
        ([None], "VARCHAR", [None]),
        ([], "VARCHAR", []),
    ],
)
def test_types_are_those_of_the_values(
    settings: Settings, database: sqlite3.Connection, values: list[Any], kind: str, read: list[Any]
) -> None:
    database.execute('create table t (place, "the ""value")')
    database.executemany("insert into t values (?, ?)", enumerate(values))
    for url in ("shop.db", "sqlite:///shop.db", f"sqlite:///{settings.sources / 'shop.db'}"):
        with shop(settings, "sqlite", url) as found:
            assert [value for _, value in found.rows("t")] == read
            assert found.types()['the "value'] == kind


def test_bytes_among_texts_and_texts_that_are_none_are_refused(
    settings: Settings, database: sqlite3.Connection
) -> None:
    database.execute("create table t (id, odd)")
    database.execute("insert into t values (1, 'a'), (2, x'ff')")
    with shop(settings, "sqlite", "shop.db") as found:
        with pytest.raises(BadInput, match="read read: odd has bytes in some rows and text in others"):
            found.rows("t")
        with pytest.raises(BadInput, match="UTF-8"):
            found.rows({"query": "select cast(odd as text) as odd from t"})
        assert not found.tables()


def test_times_of_all_writings_are_compared(settings: Settings, database: sqlite3.Connection) -> None:
    database.execute("create table t (id, changed)")
    written = ["2026-03-02 07:59:59", "2026-03-02 08:00:00", "2026-03-02T08:00:00.5", "2026-03-02T00:00:00Z",
               "2026-03-01T23:59:59+00:00", "2026-03-02 09:00:00+09:00", "2026-03-02", "2026-03-01", None]  # fmt: skip
    database.executemany("insert into t values (?, ?)", enumerate(written))
    read = {"table": "t", "updated_at": "changed"}
    with shop(settings, "sqlite", "shop.db", timezone="Asia/Shanghai") as found:
        rows = found.rows(read, Window(since=datetime(2026, 3, 2)))
        assert [number for number, _ in rows] == [1, 2, 3, 5, 6]
    database.execute("insert into t values (9, 'yesterday')")
    with (
        shop(settings, "sqlite", "shop.db") as found,
        pytest.raises(BadInput, match="updated_at: changed is 'yesterday' in a row, which SQLite takes for no time"),
    ):
        found.rows(read, Window(since=datetime(2026, 3, 2)))


def test_everything_is_of_one_moment(settings: Settings, database: sqlite3.Connection) -> None:
    database.execute("pragma journal_mode = wal")
    database.execute("create table orders (id)")
    database.execute("create table items (id)")
    with shop(settings, "sqlite", "shop.db") as found:
        database.execute("insert into orders values (1)")
        database.execute("insert into items values (1)")
        assert found.rows("orders") == found.rows("items") == []


def test_a_file_that_is_none(settings: Settings, database: sqlite3.Connection) -> None:
    with (
        pytest.raises(BadInput, match=r"source shop: .*/sources/gone.db: no such file; correct url in .*shop.yml"),
        shop(settings, "sqlite", "gone.db"),
    ):
        pass
    assert not (settings.sources / "gone.db").exists()
    (settings.sources / "text.db").write_text("no database at all" * 100)
    with pytest.raises(BadInput, match=r"source shop .*file is not a database"), shop(settings, "sqlite", "text.db"):
        pass


def test_a_file_that_is_being_written_may_be_tried_again(
    settings: Settings, database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.sources.readers.sqlite.WAIT_SECONDS", 0.1)
    database.execute("create table orders (id)")
    database.execute("begin exclusive")
    with (
        pytest.raises(TradelineError, match=r"database is locked.*try again") as locked,
        shop(settings, "sqlite", "shop.db"),
    ):
        pass
    assert not isinstance(locked.value, BadInput)


def test_nothing_is_written(settings: Settings, database: sqlite3.Connection) -> None:
    database.execute("create table orders (id)")
    with shop(settings, "sqlite", "shop.db") as found:
        assert isinstance(found.reader, SqliteReader)
        with pytest.raises(Exception, match="readonly"):
            found.reader.run("insert into orders values (1)")
    assert Path(settings.sources / "shop.db").exists()
