"""The reader of MySQL and MariaDB on a real MariaDB: types one by one, hostile values, errors, one snapshot."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from ingest.sources.readers import database as database_reader
from ingest.sources.readers.mysql import MysqlReader
from ingest.sources.readers.reader import Window
from tests.ingest.sources.readers.shop import shop
from tradeline.errors import BadInput, TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture
def database(mariadb_url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(mariadb_url.replace("mysql:", "mysql+pymysql:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection = connection.execution_options(no_parameters=True)
        connection.exec_driver_sql("set sql_mode = '', time_zone = '+00:00'")
        yield connection
    engine.dispose()


TYPES: list[tuple[str, str, str, Any]] = [
    ("tinyint(1)", "2", "BIGINT", 2),
    ("smallint", "-7", "BIGINT", -7),
    ("int unsigned", "4294967295", "BIGINT", 4294967295),
    ("int(5) zerofill", "7", "BIGINT", 7),
    ("bigint", "-9223372036854775808", "BIGINT", -9223372036854775808),
    ("bigint unsigned", "18446744073709551615", "UBIGINT", 18446744073709551615),
    ("bit(1)", "1", "BOOLEAN", True),
    ("bit(10)", "b'1010101010'", "UBIGINT", 682),
    ("year", "2026", "BIGINT", 2026),
    ("float", "1.1", "DOUBLE", 1.1),
    ("double", "0.1", "DOUBLE", 0.1),
    ("decimal(12, 2)", "19.99", "DECIMAL(12,2)", Decimal("19.99")),
    ("decimal(12, 2) unsigned", "9999999999.99", "DECIMAL(12,2)", Decimal("9999999999.99")),
    ("decimal(38, 10)", "-1234567890123456789012345678.0123456789", "DECIMAL(38,10)",
     Decimal("-1234567890123456789012345678.0123456789")),
    ("decimal(65, 30)", "1.50", "DECIMAL(18,1)", Decimal("1.5")),
    ("varchar(40)", "'\\\\ ''quoted'' \\n 订单 🎁'", "VARCHAR", "\\ 'quoted' \n 订单 🎁"),
    ("text", "''", "VARCHAR", ""),
    ("char(5)", "'ab'", "VARCHAR", "ab"),
    ("enum('paid', 'open')", "'paid'", "VARCHAR", "paid"),
    ("set('a', 'b')", "'a,b'", "VARCHAR", "a,b"),
    ("json", "'{\"a\": 1}'", "VARCHAR", '{"a": 1}'),
    ("time", "'-800:00:01'", "VARCHAR", "-800:00:01"),
    ("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "VARCHAR", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("blob", "x'00ff'", "BLOB", b"\x00\xff"),
    ("varbinary(9)", "'x'", "BLOB", b"x"),
    ("varchar(9) character set latin1", "'é'", "VARCHAR", "é"),
    ("date", "'2026-01-31'", "DATE", date(2026, 1, 31)),
    ("date", "'0001-01-01'", "DATE", date(1, 1, 1)),
    ("datetime(6)", "'2026-01-31 10:00:00.123456'", "TIMESTAMP", datetime(2026, 1, 31, 10, 0, 0, 123456)),
    ("datetime", "'9999-12-31 23:59:59'", "TIMESTAMP", datetime(9999, 12, 31, 23, 59, 59)),
    ("timestamp", "'2026-01-31 10:00:00'", "TIMESTAMP WITH TIME ZONE", datetime(2026, 1, 31, 10, tzinfo=UTC)),
]  # fmt: skip


def test_types_one_by_one(settings: Settings, mariadb_url: str, database: sa.Connection) -> None:
    columns = ", ".join(f"c{place} {kind} null" for place, (kind, *_) in enumerate(TYPES))
    database.exec_driver_sql(f"create table t ({columns}) character set utf8mb4")
    database.exec_driver_sql(f"insert into t values ({', '.join(written for _, written, *_ in TYPES)})")
    database.exec_driver_sql("insert into t () values ()")
    with shop(settings, "mysql", mariadb_url) as found:
        row, nothing = found.rows("t")
        types = found.types()
    for place, (kind, written, own, value) in enumerate(TYPES):
        assert (types[f"c{place}"], row[place]) == (own, value), (kind, written)
    assert set(nothing) == {None}


def test_a_moment_is_one_whatever_zone_the_server_has(
    settings: Settings, mariadb_url: str, database: sa.Connection
) -> None:
    database.exec_driver_sql("create table t (at timestamp)")
    database.exec_driver_sql("set time_zone = '+08:00'")
    database.exec_driver_sql("insert into t values ('2026-01-31 10:00:00')")
    database.exec_driver_sql("set global time_zone = '+08:00'")
    try:
        with shop(settings, "mysql", mariadb_url) as found:
            assert found.rows("t") == [(datetime(2026, 1, 31, 2, tzinfo=UTC),)]
    finally:
        database.exec_driver_sql("set global time_zone = '+00:00'")


def test_zero_dates_are_no_value_and_are_counted(
    settings: Settings, mariadb_url: str, database: sa.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    database.exec_driver_sql("create table t (id int, paid_at datetime, day date, moment timestamp)")
    database.exec_driver_sql("insert into t values (1, '0000-00-00', '2026-00-00', '0000-00-00')")
    database.exec_driver_sql("insert into t values (2, '2026-01-31', '2026-01-00', '2026-01-31')")
    with shop(settings, "mysql", mariadb_url) as found:
        rows = found.rows("t")
    moment = datetime(2026, 1, 31, tzinfo=UTC)
    assert rows == [(1, None, None, None), (2, datetime(2026, 1, 31), None, moment)]
    assert "source shop: paid_at: 1 zero dates mean no value" in caplog.text
    assert "day: 2 zero dates" in caplog.text and "id: " not in caplog.text


def test_everything_is_of_one_moment(settings: Settings, mariadb_url: str, database: sa.Connection) -> None:
    database.exec_driver_sql("create table orders (id int) engine innodb")
    database.exec_driver_sql("create table items (id int) engine innodb")
    database.exec_driver_sql("insert into orders values (1)")
    with shop(settings, "mysql", mariadb_url) as found:
        database.exec_driver_sql("insert into orders values (2)")
        database.exec_driver_sql("insert into items values (2)")
        assert found.rows("orders") == [(1,)] and found.rows("items") == []
    with shop(settings, "mysql", mariadb_url) as found:
        assert len(found.rows("orders")) == 2


def test_names_and_queries_of_all_kinds(settings: Settings, mariadb_url: str, database: sa.Connection) -> None:
    own = mariadb_url.partition("localhost/")[2].partition("?")[0]
    database.exec_driver_sql("create table `Order Items` (`Order ``Id` int, `größe 尺寸` int, `100%s %` int)")
    database.exec_driver_sql("insert into `Order Items` values (1, 2, 3)")
    database.exec_driver_sql("create view seen as select * from `Order Items`")
    with shop(settings, "mysql", mariadb_url) as found:
        assert {table.name for table in found.reader.tables()} == {"Order Items", "seen"}
        assert found.rows("Order Items") == [(1, 2, 3)]
        assert list(found.types()) == ["Order `Id", "größe 尺寸", "100%s %"]
        assert found.rows("seen") == found.rows(f"{own}.seen") == [(1, 2, 3)]
        query = "with few as (select 1 as id) select id, '50%s' as share from few -- the end;\n;  "
        assert found.rows({"query": query}) == [(1, "50%s")]
        with pytest.raises(BadInput, match=r"columns id and ID have the same name|Duplicate column name"):
            found.rows({"query": "select 1 as id, 2 as ID"})
        with pytest.raises(BadInput, match="error in your SQL syntax"):
            found.rows({"query": "select from where"})


def test_access_is_refused(settings: Settings, mariadb_url: str, database: sa.Connection) -> None:
    database.exec_driver_sql("create table kept (id int)")
    database.exec_driver_sql("create table open (id int)")
    database.exec_driver_sql("create or replace user anna@localhost identified by 'right'")
    own = mariadb_url.partition("localhost/")[2].partition("?")[0]
    database.exec_driver_sql(f"grant select on {own}.open to anna@localhost")
    as_anna = mariadb_url.replace("root@", "anna@")
    wrong = Settings(home=settings.home, password={"shop": "hidden1"})
    with (
        pytest.raises(BadInput, match="access is refused: Access denied for user 'anna'@'localhost'") as refused,
        shop(wrong, "mysql", as_anna),
    ):
        pass
    assert "hidden1" not in str(refused.value) + repr(refused.value.__cause__)
    right = Settings(home=settings.home, password={"shop": "right"})
    with shop(right, "mysql", as_anna) as found:
        assert [table.name for table in found.reader.tables()] == ["open"]
        with pytest.raises(BadInput, match=r"no table kept that this user may see; did you mean open|there are open"):
            found.rows("kept")
        with pytest.raises(BadInput, match="access is refused: SELECT command denied"):
            found.rows({"query": "select * from kept"})


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (("localhost/db_", "localhost/no_db_"), BadInput, "access is refused: Unknown database"),
        (("localhost", "127.0.0.1:1"), TradelineError, "cannot be reached.*check that it runs"),
    ],
)
def test_a_server_that_cannot_be_reached(
    settings: Settings, mariadb_url: str, change: tuple[str, str], error: type[Exception], words: str
) -> None:
    url = mariadb_url.replace(*change)
    url = url.partition("?")[0] if "127.0.0.1" in url else url
    with pytest.raises(error, match=f"source shop .*{words}") as refused, shop(settings, "mysql", url):
        pass
    assert type(refused.value) is error


def test_what_breaks_off_is_nothing(
    settings: Settings, mariadb_url: str, database: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_reader, "ROWS", 100)
    database.exec_driver_sql("create table orders as select seq as id, repeat('x', 1000) as f from seq_1_to_20000")
    with shop(settings, "mysql", mariadb_url) as found:
        assert isinstance(found.reader, MysqlReader)
        number = found.reader.run("select connection_id()").scalar()
        batches = found.reader.batches

        def broken(asked: Any) -> Iterator[Any]:
            for batch in batches(asked):
                yield batch
                if database.exec_driver_sql(
                    f"select 1 from information_schema.processlist where id = {number}"
                ).scalar():
                    database.exec_driver_sql(f"kill {number}")

        monkeypatch.setattr(found.reader, "batches", broken)
        with pytest.raises(
            TradelineError, match=r"shop, read read: cannot be reached, or broke off.*try again"
        ) as gone:
            found.rows("orders")
        assert not isinstance(gone.value, BadInput) and not found.tables()


def test_limits_and_empty_tables(settings: Settings, mariadb_url: str, database: sa.Connection) -> None:
    database.exec_driver_sql("create table orders as select seq as id from seq_1_to_100")
    with shop(settings, "mysql", mariadb_url) as found:
        assert len(found.rows("orders", Window(limit=5))) == 5
        assert found.rows({"query": "select * from orders where false"}) == [] and found.types() == {"id": "UBIGINT"}
