"""The reader of PostgreSQL on a real one: types one by one, hostile values, errors, one snapshot, restarts."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ingest.sources.readers import postgres
from ingest.sources.readers.reader import Window
from tests.ingest.sources.readers.shop import Shop, shop
from tradeline.errors import BadInput, TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture
def database(postgres_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield connection


TYPES: list[tuple[str, str, Any]] = [
    ("true", "BOOLEAN", True),
    ("7::smallint", "SMALLINT", 7),
    ("(-2147483648)::int", "INTEGER", -2147483648),
    ("9223372036854775807::bigint", "BIGINT", 9223372036854775807),
    ("1.5::real", "FLOAT", 1.5),
    ("0.1::float8", "DOUBLE", 0.1),
    ("'NaN'::float8", "DOUBLE", "nan"),
    ("19.99::numeric(12, 2)", "DECIMAL(12,2)", Decimal("19.99")),
    ("-99999999999999999999999999999999999.999::numeric(38, 3)", "DECIMAL(38,3)",
     Decimal("-99999999999999999999999999999999999.999")),
    ("12345::numeric(10, 0)", "DECIMAL(10,0)", Decimal(12345)),
    ("0.00001::numeric(3, 5)", "DECIMAL(5,5)", Decimal("0.00001")),
    ("12300::numeric(3, -2)", "DECIMAL(18,0)", Decimal(12300)),
    ("19.990000::numeric", "DECIMAL(18,2)", Decimal("19.99")),
    ("123456789012345678901234567890::numeric", "DECIMAL(38,0)", Decimal("123456789012345678901234567890")),
    ("1 / 3.0", "DECIMAL(38,20)", Decimal("0.33333333333333333333")),
    ("null::numeric", "DECIMAL(18,0)", None),
    ("19.99::money", "DECIMAL(18,2)", Decimal("19.99")),
    ("'x'::text", "VARCHAR", "x"),
    ("''::text", "VARCHAR", ""),
    ("'ab'::varchar(5)", "VARCHAR", "ab"),
    ("'ab'::char(5)", "VARCHAR", "ab"),
    ("E'\\\\ ''quoted'' \\n 订单 🎁'", "VARCHAR", "\\ 'quoted' \n 订单 🎁"),
    ("'\\x00ff'::bytea", "BLOB", b"\x00\xff"),
    ("'2026-01-31'::date", "DATE", date(2026, 1, 31)),
    ("'0001-01-01'::date", "DATE", date(1, 1, 1)),
    ("'24:00'::time", "TIME", "24:00:00"),
    ("'10:00:00.5'::time", "TIME", time(10, 0, 0, 500000)),
    ("'2026-01-31 10:00:00.123456'::timestamp", "TIMESTAMP", datetime(2026, 1, 31, 10, 0, 0, 123456)),
    ("'0001-01-01'::timestamp", "TIMESTAMP", datetime(1, 1, 1)),
    ("'2026-01-31 10:00+08'::timestamptz", "TIMESTAMP WITH TIME ZONE", datetime(2026, 1, 31, 2, tzinfo=UTC)),
    ("'10:00+02'::timetz", "VARCHAR", "10:00:00+02"),
    ("interval '1 day 2 hours'", "VARCHAR", "1 day 02:00:00"),
    ("'{\"a\": 1}'::json", "VARCHAR", '{"a": 1}'),
    ("'{\"a\": 1}'::jsonb", "VARCHAR", '{"a": 1}'),
    ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "VARCHAR", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("array[1, 2]", "VARCHAR", "{1,2}"),
    ("'10.0.0.1'::inet", "VARCHAR", "10.0.0.1/32"),
    ("row(1, 'x')", "VARCHAR", "(1,x)"),
    ("'[1,5)'::int4range", "VARCHAR", "[1,5)"),
    ("B'101'", "VARCHAR", "101"),
    ("'paid'::state", "VARCHAR", "paid"),
    ("19.99::price", "DECIMAL(12,2)", Decimal("19.99")),
]  # fmt: skip


def test_types_one_by_one(settings: Settings, postgres_url: str, database: psycopg.Connection) -> None:
    database.execute("create type state as enum ('paid')")
    database.execute("create domain price as numeric(12, 2)")
    query = "select " + ", ".join(f"{sql} as c{place}" for place, (sql, _, _) in enumerate(TYPES))
    with shop(settings, "postgres", postgres_url) as found:
        (row,) = found.rows({"query": query})
        types = found.types()
    for place, (sql, kind, value) in enumerate(TYPES):
        assert types[f"c{place}"] == kind, sql
        assert (str(row[place]) if isinstance(value, str) else row[place]) == value, sql


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("'infinity'::timestamp", "infinity"),
        ("'-infinity'::timestamptz", "infinity"),
        ("'infinity'::date", "infinity"),
        ("'NaN'::numeric(12, 2)", "NaN"),
        ("'NaN'::numeric", "NaN"),
    ],
)
def test_values_that_no_type_has_are_named(settings: Settings, postgres_url: str, sql: str, named: str) -> None:
    query = f"select 'O-' || i as order_id, case when i = 7 then {sql} end as odd from generate_series(1, 9) as i"
    with shop(settings, "postgres", postgres_url) as found:
        with pytest.raises(BadInput, match=rf"shop, read read: odd is {named} in the row with order_id = O-7.*nullif"):
            found.rows({"query": query})
        assert not found.tables()


def test_infinite_and_huge_numbers_are_named(settings: Settings, postgres_url: str) -> None:
    with shop(settings, "postgres", postgres_url) as found:
        with pytest.raises(BadInput, match=r'"?n"? is .*[Ii]nf.* in the row with "?id"? = 1'):
            found.rows({"query": "select 1 as id, 'Infinity'::numeric as n"})
        with pytest.raises(BadInput, match='"n" has numbers of 60 digits before the point'):
            found.rows({"query": "select 1 as id, repeat('9', 60)::numeric as n"})
        assert not found.tables()


def test_days_before_christ_are_days(settings: Settings, postgres_url: str) -> None:
    with shop(settings, "postgres", postgres_url) as found:
        found.rows({"query": "select '4713-01-01 BC'::timestamp as t, '4713-01-01 BC'::date as d"})
        assert found.own.execute("select t::varchar, d::varchar from read").fetchall() == [
            ("4713-01-01 (BC) 00:00:00", "4713-01-01 (BC)")
        ]


def test_names_of_all_kinds(settings: Settings, postgres_url: str, database: psycopg.Connection) -> None:
    database.execute(
        """
        create schema sales; create schema "Old Sales";
        create table orders (id int primary key, amount numeric(12, 2)); insert into orders values (1, 2);
        create table "Order Items" ("Order ""Id" int, "größe 尺寸" text); insert into "Order Items" values (1, 'L');
        create table sales.orders (id int); insert into sales.orders values (2);
        create table "Old Sales"."Orders.2020" (id int); insert into "Old Sales"."Orders.2020" values (3);
        create view big as select * from orders; create materialized view kept as select * from orders;
        create table days (d date, id int) partition by range (d);
        create table day_1 partition of days for values from ('2026-01-01') to ('2026-01-02');
        insert into days values ('2026-01-01', 4); create temp table mine (id int);
        analyze orders
        """
    )
    with shop(settings, "postgres", postgres_url) as found:
        tables = {table.name: table for table in found.reader.tables()}
        assert set(tables) == {
            "orders", '"Order Items"', "sales.orders", '"Old Sales"."Orders.2020"', "big", "kept", "days"
        }  # fmt: skip
        assert tables["orders"].columns == (("id", "integer"), ("amount", "numeric(12,2)"))
        assert (tables["orders"].estimated_rows, tables["big"].estimated_rows) == (1, None)
        for name in tables:
            assert len(found.rows(name)) == 1, name
        assert found.rows("Order Items") == [(1, "L")] and list(found.types()) == ['Order "Id', "größe 尺寸"]
        assert found.rows("ORDERS") == [(1, Decimal("2.00"))], "as SQL takes it"


def test_a_table_that_there_is_not(settings: Settings, postgres_url: str, database: psycopg.Connection) -> None:
    database.execute("create table orders (id int)")
    with shop(settings, "postgres", postgres_url) as found:
        with pytest.raises(BadInput, match=r"no table ordres .*did you mean orders\?"):
            found.rows("ordres")
        with pytest.raises(BadInput, match="read read: there is no table a b c"):
            found.rows("a b c")
        with pytest.raises(BadInput, match='column "nope" does not exist'):
            found.rows({"query": "select nope from orders"})
        with pytest.raises(BadInput, match="updated_at: changed_at is no column of it; the columns are id"):
            found.rows({"table": "orders", "updated_at": "changed_at"})
        assert found.rows("orders") == [], "the snapshot outlives these errors"


def test_columns_that_duckdb_cannot_tell_apart(settings: Settings, postgres_url: str) -> None:
    with shop(settings, "postgres", postgres_url) as found:
        with pytest.raises(BadInput, match="columns id and ID have the same name"):
            found.rows({"query": 'select 1 as id, 2 as "ID"'})
        with pytest.raises(BadInput, match="columns id and id have the same name"):
            found.rows({"query": "select 1 as id, 2 as id"})
        with pytest.raises(BadInput, match="there is no column"):
            found.rows({"query": "select"})


def test_queries_as_people_write_them(settings: Settings, postgres_url: str) -> None:
    query = "with few as (select 1 as id) select id, '50%' as share from few where '%s' like '%' -- the end;\n;  \n"
    with shop(settings, "postgres", postgres_url) as found:
        assert found.rows({"query": query}) == [(1, "50%")]
        with pytest.raises(BadInput, match="syntax error"):
            found.rows({"query": "select from where"})
        with pytest.raises(BadInput, match="division by zero"):
            found.rows({"query": "select 1 / (i - 5) as x from generate_series(1, 9) as i"})
        with pytest.raises(BadInput, match=r"read-only transaction|syntax"):
            found.rows({"query": "delete from pg_class returning 1"})
        assert found.own.execute("select * from read").fetchall() == [(1, "50%")], "what was read before stays"


def test_access_is_refused(settings: Settings, postgres_url: str, database: psycopg.Connection) -> None:
    hba = database.execute("show hba_file").fetchone()
    assert hba
    database.execute("drop role if exists anna; create role anna login password 'right'; create table kept (id int)")
    database.execute(f"copy (values ('local all anna scram-sha-256'), ('local all all trust')) to '{hba[0]}'")
    database.execute("select pg_reload_conf()")
    as_anna = postgres_url.replace("postgres@", "anna@")
    wrong = Settings(home=settings.home, password={"shop": "hidden1"})
    with (
        pytest.raises(BadInput, match=r"password authentication failed.*check user") as refused,
        shop(wrong, "postgres", as_anna),
    ):
        pass
    assert "hidden1" not in str(refused.value)
    right = Settings(home=settings.home, password={"shop": "right"})
    with shop(right, "postgres", as_anna) as found:
        assert found.reader.tables() == []
        with pytest.raises(BadInput, match="permission denied for table kept: `grant select`"):
            found.rows("kept")


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (("postgres@", "nobody@"), BadInput, 'role "nobody" does not exist'),
        (("db_", "no_db_"), BadInput, "does not exist"),
        (("?host=", "?host=/nowhere"), TradelineError, "cannot be reached.*check that the server runs"),
        (("?host=", "?colour=red&host="), BadInput, "the url is none that PostgreSQL knows"),
    ],
)
def test_a_server_that_cannot_be_reached(
    settings: Settings, postgres_url: str, change: tuple[str, str], error: type[Exception], words: str
) -> None:
    with (
        pytest.raises(error, match=f"source shop .*{words}") as refused,
        shop(settings, "postgres", postgres_url.replace(*change)),
    ):
        pass
    assert type(refused.value) is error


def test_everything_is_of_one_moment(settings: Settings, postgres_url: str, database: psycopg.Connection) -> None:
    database.execute("create table orders as select 1 as id; create table items as select 1 as id")
    with shop(settings, "postgres", postgres_url) as found:
        database.execute("insert into orders values (2); insert into items values (2)")
        assert found.rows("orders") == [(1,)]
        database.execute("insert into items values (3)")
        assert found.rows("items") == [(1,)]
    with shop(settings, "postgres", postgres_url) as found:
        assert (len(found.rows("orders")), len(found.rows("items"))) == (2, 3)


ROWS = "select i as id, 'O-' || i as order_id, repeat('x', 500) as filling from generate_series(1, 50000) as i"


def test_a_connection_that_breaks_off_goes_on_by_the_key(
    settings: Settings,
    postgres_url: str,
    database: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    database.execute(f"create table orders as {ROWS}")
    monkeypatch.setattr(postgres, "CHUNK_ROWS", 10_000)
    with shop(settings, "postgres", postgres_url) as found:
        database.execute("insert into orders select 60000 + id, order_id, filling from orders")
        _end_at(found, 3, database, monkeypatch)
        rows = found.rows({"table": "orders", "key": "id"})
    assert [row[0] for row in rows] == list(range(1, 50_001))
    assert caplog.text.count("the connection broke off") == 1


def test_without_a_key_what_breaks_off_is_nothing(
    settings: Settings, postgres_url: str, database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.execute(f"create table orders as {ROWS}")
    monkeypatch.setattr(postgres, "BATCH_BYTES", 1 << 16)
    with shop(settings, "postgres", postgres_url) as found:
        _end_at(found, 1, database, monkeypatch)
        with pytest.raises(
            TradelineError, match=r"shop, read read: cannot be reached, or broke off.*try again"
        ) as broken:
            found.rows("orders")
        assert not isinstance(broken.value, BadInput) and not found.tables()


def test_when_the_snapshot_is_gone_nothing_goes_on(
    settings: Settings, postgres_url: str, database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.execute(f"create table orders as {ROWS}")
    monkeypatch.setattr(postgres, "CHUNK_ROWS", 10_000)
    with shop(settings, "postgres", postgres_url) as found:
        _end_at(found, 3, database, monkeypatch, everything=True)
        with pytest.raises(TradelineError, match="broke off") as broken:
            found.rows({"table": "orders", "key": "id"})
        assert not isinstance(broken.value, BadInput) and not found.tables()


def _end_at(
    found: Shop, statement: int, database: psycopg.Connection, patch: pytest.MonkeyPatch, *, everything: bool = False
) -> None:
    """Let the server end the reading session, or both, as soon as a batch of that statement has come."""
    reader: Any = found.reader
    copied, count = reader._copied, iter(range(1, 1000))
    which = "" if everything else "and query like 'COPY%'"

    def broken(*arguments: Any) -> Iterator[Any]:
        number = next(count)
        for batch in copied(*arguments):
            yield batch
            if number == statement:
                database.execute(
                    "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'tradeline' "
                    f"{which}"
                )

    patch.setattr(reader, "_copied", broken)


def test_chunks_lose_no_row_of_a_key_that_repeats_or_is_missing(
    settings: Settings, postgres_url: str, database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.execute("create table t as select nullif(i / 7, 3) as k, i from generate_series(1, 100) as i")
    database.execute("create table texts as select md5(i::text)::uuid as k, i from generate_series(1, 100) as i")
    monkeypatch.setattr(postgres, "CHUNK_ROWS", 10)
    with shop(settings, "postgres", postgres_url) as found:
        assert sorted(i for _, i in found.rows({"table": "t", "key": "k"})) == list(range(1, 101))
        assert sorted(i for _, i in found.rows({"table": "texts", "key": "K"})) == list(range(1, 101))
        assert found.rows({"query": "select * from t where false", "key": "k"}) == []


def test_rows_of_texts_in_a_database_that_knows_no_encoding(
    settings: Settings, postgres_url: str, database: psycopg.Connection
) -> None:
    database.execute("drop database if exists bytes")
    database.execute("create database bytes encoding 'SQL_ASCII' template template0 lc_collate 'C' lc_ctype 'C'")
    url = postgres_url.replace(str(database.info.dbname), "bytes")
    with shop(settings, "postgres", url) as found:
        assert found.rows({"query": "select 'plain' as t"}) == [("plain",)]
        with pytest.raises(BadInput, match='invalid byte sequence for encoding "UTF8": 0xe9'):
            found.rows({"query": r"select E'\xe9' as t"})


def test_limits_and_empty_tables(settings: Settings, postgres_url: str, database: psycopg.Connection) -> None:
    database.execute("create table orders as select i as id from generate_series(1, 100) as i")
    with shop(settings, "postgres", postgres_url) as found:
        assert len(found.rows("orders", Window(limit=5))) == 5
        assert len(found.rows({"table": "orders", "key": "id"}, Window(limit=5))) == 5
        assert found.rows({"query": "select * from orders where false"}) == [] and found.types() == {"id": "INTEGER"}
        assert found.rows("orders", Window(limit=0)) == []


def test_no_password_in_a_log(settings: Settings, postgres_url: str, caplog: pytest.LogCaptureFixture) -> None:
    private = Settings(home=settings.home, password={"shop": "hidden1"})
    with shop(private, "postgres", postgres_url) as found:
        found.rows({"query": "select 1 as id"})
        with pytest.raises(BadInput) as refused:
            found.rows({"query": "select nope"})
    assert "hidden1" not in caplog.text + str(refused.value) + repr(refused.value.__cause__)
    assert Path(settings.home).exists()
