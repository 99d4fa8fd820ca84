"""What a mapping makes of what was read: amounts, times, values, SQL, and what is said of those that cannot be read."""

from typing import Any

import duckdb
import pytest

from ingest.sources.mapping import Source
from ingest.sources.reading import reads_of
from ingest.sources.shape import create_macros, shape
from tradeline.database import Limits, connect
from tradeline.errors import BadInput

PAYMENT = {
    "payment_id": "'p'",
    "seller_id": "'s'",
    "direction": "'in'",
    "kind": "'sale'",
    "amount": "given",
    "occurred_at": "'2024-03-01'",
}


def source_of(table: dict[str, Any], name: str = "payments", **content: Any) -> Source:
    """A source whose read ``rows`` one table of the contract is made of."""
    return Source.model_validate(
        {"kind": "files", "url": "x", "read": {"rows": {"files": "*"}}, "tables": {name: table}} | content
    )


def shaped(rows: list[tuple[Any, ...]], columns: str, source: Source, name: str = "payments") -> list[tuple[Any, ...]]:
    """Rows of the source as the contract has them: of each the value of ``given``'s column, as text."""
    with connect(Limits(1)) as connection:
        connection.execute(f"create table rows ({columns})")
        connection.executemany(f"insert into rows values ({', '.join('?' for _ in rows[0])})", rows)
        create_macros(connection, source)
        shape(connection, source, name, "shop.yml")
        return connection.execute(f"from out_{name}").fetchall()


def amounts(*texts: str | None, **dialect: Any) -> list[str | None]:
    source = source_of({"of": "rows", "columns": PAYMENT}, dialect=dialect)
    return [
        str(row[4]) if row[4] is not None else None for row in shaped([(text,) for text in texts], "given text", source)
    ]


@pytest.mark.parametrize(
    ("text", "dialect", "expected"),
    [
        ("1.234,56", {"decimal": ",", "thousands": "."}, "1234.560000"),
        ("1.234.567,8", {"decimal": ",", "thousands": "."}, "1234567.800000"),
        ("1 234,56", {"decimal": ",", "thousands": " "}, "1234.560000"),
        ("1\u00a0234,56", {"decimal": ",", "thousands": " "}, "1234.560000"),
        ("1\u202f234,56", {"decimal": ",", "thousands": " "}, "1234.560000"),
        ("1'234.56", {"thousands": "'"}, "1234.560000"),
        ("1,234.56", {"thousands": ","}, "1234.560000"),
        ("1,234", {"decimal": ","}, "1.234000"),
        ("1,234", {"thousands": ","}, "1234.000000"),
        ("-5", {"decimal": ","}, "-5.000000"),
        (" + 5,5 ", {"decimal": ","}, "5.500000"),
        ("1234,5", {"decimal": ",", "thousands": "."}, "1234.500000"),
        ("", {"decimal": ","}, None),
        (None, {"decimal": ","}, None),
        ("n/a", {"decimal": ",", "no_value": ["n/a"]}, None),
        # As it came, for validation to read or to refuse.
        ("1,234", {}, "1,234"),
        ("5.5", {}, "5.5"),
    ],
)
def test_an_amount_by_the_dialect(text: str | None, dialect: dict[str, Any], expected: str | None) -> None:
    assert amounts(text, **dialect) == [expected]


@pytest.mark.parametrize("text", ["(5)", "1e3", "1.50", "12.34,5", "1,2,3", "5 EUR", "--5", "5-"])
def test_what_is_no_amount_of_the_dialect_is_named_alone(text: str) -> None:
    told = f"{text} (not as the mapping says)"
    assert amounts(text, "1.234,5", decimal=",", thousands=".") == [told, "1234.500000"]


def times(text: str, zone: str = "UTC", **dialect: Any) -> str:
    source = source_of({"of": "rows", "columns": PAYMENT | {"occurred_at": "given"}}, timezone=zone, dialect=dialect)
    return str(shaped([(text,)], "given text", source)[0][5])


@pytest.mark.parametrize(
    ("text", "zone", "formats", "expected"),
    [
        ("05.03.2024", "UTC", ["%d.%m.%Y"], "2024-03-05 00:00:00"),
        ("05.03.24 1:02", "UTC", ["%d.%m.%y %H:%M"], "2024-03-05 01:02:00"),
        ("03/05/2024 01:02 PM", "UTC", ["%m/%d/%Y %I:%M %p"], "2024-03-05 13:02:00"),
        ("05.03.2024", "Asia/Shanghai", ["%d.%m.%Y"], "2024-03-04 16:00:00"),
        ("2024-03-05", "UTC", ["%d.%m.%Y", "%Y-%m-%d"], "2024-03-05 00:00:00"),
        ("05.03.2024 10:00 +0800", "UTC", ["%d.%m.%Y %H:%M %z"], "2024-03-05 02:00:00"),
        ("2024-03-05 10:00:00 -0500", "Asia/Shanghai", [], "2024-03-05 15:00:00"),
        ("2024-03-05T10:00:00Z", "Asia/Shanghai", [], "2024-03-05 10:00:00"),
        ("2024/3/5 1:00", "Asia/Shanghai", [], "2024-03-04 17:00:00"),
        ("2024-03-05 10:00:00", "Asia/Shanghai", [], "2024-03-05 02:00:00"),
        # An hour that clocks skip is taken as if they had not; one that they show twice is the second.
        ("2024-03-10 02:30:00", "America/New_York", [], "2024-03-10 07:30:00"),
        ("2024-11-03 01:30:00", "America/New_York", [], "2024-11-03 06:30:00"),
        # As it came, for validation.
        ("2024-03-05 10:00:00+08:00", "UTC", [], "2024-03-05 10:00:00+08:00"),
    ],
)
def test_a_time_by_the_dialect_and_the_zone(text: str, zone: str, formats: list[str], expected: str) -> None:
    assert times(text, zone, time_formats=formats) == expected


@pytest.mark.parametrize("text", ["31.02.2024", "2024-03-05", "yesterday"])
def test_what_is_no_time_of_the_dialect_is_named(text: str) -> None:
    assert times(text, time_formats=["%d.%m.%Y"]) == f"{text} (not as the mapping says)"


def test_values_by_the_sources_own() -> None:
    status = {"of": "given", "values": {"1": "active", "gone": "closed", "?": None}}
    seller = {"seller_id": "given", "seller_type": "'business'", "registered_at": "'2024-01-01'"}

    def told(given: Any, kind: str, **more: Any) -> Any:
        source = source_of({"of": "rows", "columns": seller | {"status": status | more}}, "sellers")
        return shaped([(given,)], f"given {kind}", source, "sellers")[0][3]

    assert [told(given, "text") for given in ("1", " gone ", "?", None)] == ["active", "closed", None, None]
    assert told(1, "integer") == "active"
    assert told("new", "text") == "new"  # validation names it
    assert told("new", "text", otherwise="suspended") == "suspended"


def test_what_queries_may_call() -> None:
    query = "select 'p' as payment_id, 's' as seller_id, 'in' as direction, 'sale' as kind, amount(given) as amount, "
    source = source_of(
        {"query": query + "moment(told) as occurred_at from rows"},
        dialect={"decimal": ",", "thousands": ".", "time_formats": ["%d.%m.%Y %H:%M"]},
        timezone="Asia/Shanghai",
    )
    (row,) = shaped([("1.234,5", "05.03.2024 08:00")], "given text, told text", source)
    assert (str(row[4]), row[5].isoformat()) == ("1234.500000", "2024-03-05T00:00:00+00:00")
    for wrong in ("1.50", "(5)"):
        with pytest.raises(BadInput, match=r"shop\.yml: tables\.payments: .*correct the SQL there, or the value that"):
            shaped([(wrong, "05.03.2024 08:00")], "given text, told text", source)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"query": "select nothing from rows"}, r"tables\.payments: .*nothing.*: correct the SQL there"),
        (
            {"query": "select 1 as payment_id from rows"},
            "seller_id, direction, kind, amount, occurred_at: missing; every",
        ),
        (
            {"query": "select 1 as colour from rows"},
            "colour: not a column of the contract's payments, which are payment_id",
        ),
        ({"of": "rows", "columns": PAYMENT | {"amount": "nothing"}}, r"nothing.*: correct the SQL there"),
        ({"of": "rows", "columns": PAYMENT, "where": "nothing = 1"}, r"nothing.*: correct the SQL there"),
    ],
)
def test_sql_that_is_wrong_is_told_with_its_place(table: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        shaped([("1",)], "given text", source_of(table))
    assert str(caught.value).startswith("shop.yml: tables.payments: ")


def test_columns_of_any_name_are_found() -> None:
    source = source_of({"of": "rows", "columns": PAYMENT | {"amount": 'the "order" by', "order_id": "select"}})
    (row,) = shaped([("5", "o1")], '"the ""order"" by" text, "select" text', source)
    assert (row[2], row[5]) == ("o1", "5")


@pytest.mark.parametrize(
    ("query", "reads"),
    [
        ("select * from rows", {"rows"}),
        ("select * from ROWS as r", {"rows"}),
        ("with rows as (select * from rows) select * from rows", {"rows"}),
        (
            "with a as (select * from rows), b as (select * from a) select * from b join more using (id)",
            {"rows", "more"},
        ),
        (
            "with recursive t as (select 1 as n union all select n + 1 from t where n < 3) select * from t, rows",
            {"rows"},
        ),
        ("select (select max(id) from more) from rows where id in (select id from rows)", {"rows", "more"}),
        ("select * from (with more as (select 1) select * from more), more", {"more"}),
        ("select 1 as payment_id", set()),
    ],
)
def test_the_reads_that_a_query_needs(query: str, reads: set[str]) -> None:
    source = source_of({"query": query}, read={"rows": {"files": "*"}, "more": {"files": "*"}})
    with connect(Limits(1)) as connection:
        assert set(reads_of(connection, source, "payments")) == reads


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("select from", "write one select statement in DuckDB's SQL"),
        ("drop table rows", "write one select statement in DuckDB's SQL"),
        ("select 1; select 2", "2 statements: write one select statement"),
        ("select * from shop.rows", r"shop\.rows: name it under read \(NAME: \{table: shop\.rows\}\)"),
        ("select * from nothing", "nothing: no such read; the reads are rows"),
    ],
)
def test_a_query_that_is_none(query: str, words: str) -> None:
    with connect(Limits(1)) as connection, pytest.raises(BadInput, match=rf"tables\.payments.*: .*{words}"):
        reads_of(connection, source_of({"query": query}), "payments")


def test_a_table_of_a_database_needs_no_read(duck: duckdb.DuckDBPyConnection) -> None:
    source = source_of({"query": "select * from Bookings"}, kind="postgres", read={})
    assert reads_of(duck, source, "payments")["Bookings"].table == "Bookings"


@pytest.fixture
def duck() -> duckdb.DuckDBPyConnection:
    return connect(Limits(1))
