"""The reader of DuckDB files: types, schemas and views, a file that another process writes."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.ingest.sources.readers.shop import shop
from tradeline.errors import BadInput, TradelineError
from tradeline.settings import Settings

TYPES: list[tuple[str, str, Any]] = [
    ("true", "BOOLEAN", True),
    ("7::tinyint", "TINYINT", 7),
    ("18446744073709551615::ubigint", "UBIGINT", 18446744073709551615),
    ("12345678901234567890123::hugeint", "DECIMAL(38,0)", Decimal(12345678901234567890123)),
    ("19.99::decimal(12, 2)", "DECIMAL(12,2)", Decimal("19.99")),
    ("0.1::double", "DOUBLE", 0.1),
    ("'订单 🎁'", "VARCHAR", "订单 🎁"),
    ("'\\x00\\xff'::blob", "BLOB", b"\x00\xff"),
    ("'paid'::enum('paid', 'open')", "VARCHAR", "paid"),
    ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "VARCHAR", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("'101'::bit", "VARCHAR", "101"),
    ("'{\"a\": 1}'::json", "VARCHAR", '{"a": 1}'),
    ("date '2026-01-31'", "DATE", date(2026, 1, 31)),
    ("timestamp '2026-01-31 10:00:00.123456'", "TIMESTAMP", datetime(2026, 1, 31, 10, 0, 0, 123456)),
    ("'2026-01-31 10:00:00'::timestamp_s", "TIMESTAMP", datetime(2026, 1, 31, 10)),
    ("'2026-01-31 10:00:00.5'::timestamp_ns", "TIMESTAMP", datetime(2026, 1, 31, 10, 0, 0, 500000)),
    ("timestamptz '2026-01-31 10:00+08'", "TIMESTAMP WITH TIME ZONE", datetime(2026, 1, 31, 2, tzinfo=UTC)),
    ("[1, 2]", "INTEGER[]", [1, 2]),
    ("{'a': 1}", "STRUCT(a INTEGER)", {"a": 1}),
    ("null", "VARCHAR", None),
]


@pytest.fixture
def path(settings: Settings) -> Iterator[Path]:
    settings.sources.mkdir(parents=True)
    yield settings.sources / "shop.duckdb"


def test_types_one_by_one(settings: Settings, path: Path) -> None:
    with duckdb.connect(path) as other:
        other.execute("create table t as select " + ", ".join(f"{sql} as c{i}" for i, (sql, _, _) in enumerate(TYPES)))
    with shop(settings, "duckdb", "shop.duckdb") as found:
        (row,) = found.rows("t")
        types = found.types()
    for place, (sql, kind, value) in enumerate(TYPES):
        assert (types[f"c{place}"], row[place]) == (kind, value), sql


def test_schemas_views_and_queries(settings: Settings, path: Path) -> None:
    with duckdb.connect(path) as other:
        other.execute(
            "create schema sales; create table orders as select 1 as id; create table sales.orders as select 2 as id"
        )
        other.execute('create view seen as select * from orders; create table "a.b" as select 3 as "größe"')
    for url in ("shop.duckdb", str(path), f"duckdb:///{path}"):
        with shop(settings, "duckdb", url) as found:
            assert {table.name for table in found.reader.tables()} == {"orders", "sales.orders", "seen", "a.b"}
            read = {name: found.rows(name) for name in ("orders", "sales.orders", "seen", "a.b")}
            assert read == {"orders": [(1,)], "sales.orders": [(2,)], "seen": [(1,)], "a.b": [(3,)]}
            assert found.rows({"query": "select count(*) as n from seen -- all;\n;"}) == [(1,)]
    assert [each.name for each in settings.sources.iterdir()] == ["shop.duckdb"], "nothing is left beside it"


def test_a_file_that_another_process_writes(settings: Settings, path: Path) -> None:
    program = f"import duckdb; c = duckdb.connect({str(path)!r}); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout and writer.stdout.readline() == "open\n"
        with (
            pytest.raises(TradelineError, match=r"source shop .*another process has the file open") as busy,
            shop(settings, "duckdb", "shop.duckdb"),
        ):
            pass
        assert not isinstance(busy.value, BadInput)
        writer.communicate("\n")
    with shop(settings, "duckdb", "shop.duckdb") as found:
        assert found.reader.tables() == []


def test_a_file_that_is_none(settings: Settings, path: Path) -> None:
    with (
        pytest.raises(BadInput, match=r"no such file; correct url in .*shop.yml"),
        shop(settings, "duckdb", "gone.duckdb"),
    ):
        pass
    path.write_text("no database at all" * 1000)
    with (
        pytest.raises(BadInput, match=r"source shop \(.*shop.duckdb\): .*not a valid DuckDB"),
        shop(settings, "duckdb", "shop.duckdb"),
    ):
        pass
