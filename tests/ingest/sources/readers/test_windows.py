"""Which rows a window asks for, the same on every kind of database: changes, growth, children, limits."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.sources.readers import sql_reader
from ingest.sources.readers.reader import Window
from tests.ingest.sources.readers import servers
from tests.ingest.sources.readers.shop import shop
from tradeline.errors import BadInput
from tradeline.settings import Settings

pytestmark = pytest.mark.slow

TIMES = {
    "postgres": ("timestamp", "timestamptz", "date", "+00"),
    "mysql": ("datetime(6)", "timestamp(6) null", "date", ""),
    "sqlite": ("text", "text", "text", "Z"),
    "duckdb": ("timestamp", "timestamptz", "date", "+00"),
}
# What clocks in New York showed, the moment in UTC, and the day there.
CHANGES = [
    (1, "2026-03-01 23:00:00", "2026-03-02 04:00:00", "2026-03-01"),
    (2, "2026-03-02 00:00:00", "2026-03-02 05:00:00", "2026-03-02"),
    (3, "2026-03-02 19:30:00", "2026-03-03 00:30:00", "2026-03-02"),
    (4, "2026-03-03 00:00:00", "2026-03-03 05:00:00", "2026-03-03"),
    (5, None, None, None),
]


@dataclass(frozen=True)
class Place:
    settings: Settings
    kind: str
    url: str
    execute: servers.Execute

    def ids(self, read: dict[str, Any], window: Window, zone: str = "America/New_York") -> list[int]:
        with shop(self.settings, self.kind, self.url, timezone=zone) as found:
            return [row[0] for row in found.rows(read, window)]


@pytest.fixture(params=servers.KINDS)
def place(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[Place]:
    url, execute = servers.empty(request.param, request, tmp_path)
    yield Place(settings, request.param, url, execute)


def with_changes(place: Place) -> None:
    clock, moment, day, offset = TIMES[place.kind]
    place.execute(f"create table orders (id int primary key, clock {clock}, moment {moment}, day {day})")
    if place.kind == "mysql":
        place.execute("set global time_zone = '+00:00'")
    for number, *written in CHANGES:
        local, utc, on = ("null" if each is None else f"'{each}'" for each in written)
        utc = utc.replace("0'", f"0{offset}'")
        place.execute(f"insert into orders values ({number}, {local}, {utc}, {on})")


@pytest.mark.parametrize("column", ["clock", "moment"])
def test_changes_are_found_by_their_moment(place: Place, column: str) -> None:
    with_changes(place)
    read = {"table": "orders", "updated_at": column}
    midnight, next_midnight = datetime(2026, 3, 2, 5), datetime(2026, 3, 3, 5)
    assert place.ids(read, Window()) == [1, 2, 3, 4, 5]
    assert place.ids(read, Window(until=next_midnight)) == [1, 2, 3, 5], "what never changed counts as old"
    assert place.ids(read, Window(since=midnight, until=next_midnight)) == [2, 3]
    assert place.ids(read, Window(since=next_midnight)) == [4]
    query = {"query": "select * from orders where id <> 3", "updated_at": column}
    assert place.ids(query, Window(since=midnight, until=next_midnight)) == [2]


def test_days_are_read_again_whole(place: Place) -> None:
    with_changes(place)
    read = {"table": "orders", "updated_at": "day"}
    assert place.ids(read, Window(since=datetime(2026, 3, 2, 14), until=datetime(2026, 3, 3, 5))) == [2, 3]
    assert place.ids(read, Window(since=datetime(2026, 3, 2, 14))) == [2, 3, 4]


def test_the_hour_that_clocks_show_twice_is_not_missed(place: Place) -> None:
    clock = TIMES[place.kind][0]
    place.execute(f"create table orders (id int primary key, clock {clock})")
    # At 06:00 UTC of 1 November 2026 clocks in New York go from 02:00 back to 01:00.
    place.execute("insert into orders values (1, '2026-11-01 01:10:00'), (2, '2026-11-01 02:10:00')")
    read = {"table": "orders", "updated_at": "clock"}
    assert place.ids(read, Window(since=datetime(2026, 11, 1, 5, 30))) == [1, 2]
    assert place.ids(read, Window(since=datetime(2026, 11, 1, 6, 30))) == [2]


@pytest.mark.parametrize("kind", ["bigint", "varchar(20)", "decimal(20, 0)"])
def test_what_grows_is_read_from_the_last_value_on(place: Place, kind: str) -> None:
    place.execute(f"create table payments (id {kind} primary key)")
    values = (9007199254740993, 9007199254740994, 9007199254740995)
    place.execute(f"insert into payments values {', '.join(f'({value!r})' for value in values)}")
    read = {"table": "payments", "append": "id"}
    assert [int(each) for each in place.ids(read, Window())] == [*values]
    assert [int(each) for each in place.ids(read, Window(since=values[1]))] == [values[2]]
    assert [int(each) for each in place.ids(read, Window(since=str(values[0])))] == [*values[1:]]
    assert place.ids(read, Window(since=values[2])) == []


def test_children_are_those_of_their_parents_alone(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_reader, "KEYS", 3)
    place.execute("create table items (id int primary key, shop varchar(9), order_id varchar(40), number int)")
    rows = [(i, "ab"[i % 2], f"O'{i % 10}\\", i % 10) for i in range(20)]
    escaped = "\\\\" if place.kind == "mysql" else "\\"
    written = [f"({i}, '{within}', 'O''{n}{escaped}', {n})" for i, within, _, n in rows]
    place.execute(f"insert into items values {', '.join(written)}")
    with shop(place.settings, place.kind, place.url) as found:
        found.own.execute(
            "create table orders as select 'O''' || i || '\\' as id, 'a' as shop, i as n from range(4, 9) t(i)"
        )
        found.own.execute("insert into orders values (null, 'a', null), ('O''7\\', 'a', 7)")
        by_text = {"table": "items", "belongs_to": "orders", "on": {"ORDER_ID": "id"}}
        wanted = [i for i, _, _, n in rows if n in range(4, 9)]
        assert [row[0] for row in found.rows(by_text, Window(keys_of="select id from orders"))] == wanted
        by_number = {"table": "items", "belongs_to": "orders", "on": {"number": "n"}}
        assert [row[0] for row in found.rows(by_number, Window(keys_of="select n from orders"))] == wanted
        by_both = {"table": "items", "belongs_to": "orders", "on": {"shop": "shop", "order_id": "id"}}
        asked = Window(keys_of="select shop, id from orders")
        assert [row[0] for row in found.rows(by_both, asked)] == [i for i in wanted if i % 2 == 0]
        assert found.rows(by_text, Window(keys_of="select id from orders where false")) == []
        assert len(found.rows(by_text, Window(keys_of="select id from orders", limit=4))) == 4
        with pytest.raises(BadInput, match="number holds numbers, and is asked for 'x'"):
            found.rows(by_number, Window(keys_of="select 'x'"))


def test_an_updated_at_that_is_no_time_is_refused(place: Place) -> None:
    place.execute("create table orders (id int primary key, changed bigint)")
    place.execute("insert into orders values (1, 1770000000)")
    with shop(place.settings, place.kind, place.url) as found:
        with pytest.raises(BadInput, match=r"shop, read read: updated_at: changed is .*no time.*read a query"):
            found.rows({"table": "orders", "updated_at": "changed"}, Window(since=datetime(2026, 1, 1)))
        assert not found.tables()


def test_what_is_read_again_takes_the_place_of_what_was(place: Place) -> None:
    place.execute("create table orders (id int primary key)")
    place.execute("insert into orders values (1), (2)")
    with shop(place.settings, place.kind, place.url) as found:
        assert found.rows("orders") == [(1,), (2,)]
        assert found.rows({"query": "select id, 'x' as a from orders where id = 2"}) == [(2, "x")]
        assert len(found.rows("orders", Window(limit=1))) == 1
        with pytest.raises(BadInput, match=r"no table order that .*did you mean orders\?"):
            found.rows("order")
        with pytest.raises(BadInput, match=r"source shop, read read: .*nope"):
            found.rows({"query": "select nope from orders"})
        assert found.rows("orders") == [(1,), (2,)]
        assert [(each.name, [name for name, _ in each.columns]) for each in found.reader.tables()] == [
            ("orders", ["id"])
        ]
