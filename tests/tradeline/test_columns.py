import duckdb
import pytest

from tradeline.columns import take_up_columns
from tradeline.errors import TradelineError

BEFORE = {"id": "varchar", "amount": "decimal(18, 2)", "grade": "varchar"}


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema marts")
    connection.execute(
        "create table marts.offers as select 'a' as id, 1.50::decimal(18, 2) as amount, '7' as grade"
        " union all select 'b', null, 'AA'"
    )
    return connection


def rows(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return connection.execute("from marts.offers order by id").fetchall()


def test_a_table_that_is_as_it_should_be_is_left_alone(connection: duckdb.DuckDBPyConnection) -> None:
    before = rows(connection)
    assert take_up_columns(connection, "marts.offers", BEFORE) == ""
    assert rows(connection) == before


def test_columns_are_added_converted_and_dropped_and_rows_are_kept(connection: duckdb.DuckDBPyConnection) -> None:
    columns = {"id": "varchar", "grade": "integer", "parts": "struct(nth integer)[]"}
    assert take_up_columns(connection, "marts.offers", columns) == (
        "marts.offers has other columns now: parts (new, null in earlier rows); grade (converted to its new type);"
        " amount (dropped)"
    )
    assert rows(connection) == [("a", 7, None), ("b", None, None)]
    assert take_up_columns(connection, "marts.offers", columns) == ""


def test_history_keeps_what_is_gone(connection: duckdb.DuckDBPyConnection) -> None:
    columns = {"id": "varchar", "amount": "double", "note": "varchar"}
    told = take_up_columns(connection, "marts.offers", columns, is_history=True)
    assert told.endswith("note (new, null in earlier rows); amount (converted to its new type)")
    assert rows(connection) == [("a", 1.5, "7", None), ("b", None, "AA", None)]


def test_history_is_not_converted_at_the_price_of_a_value(connection: duckdb.DuckDBPyConnection) -> None:
    before = rows(connection)
    with pytest.raises(TradelineError, match=r"marts\.offers\.grade is to be INTEGER, and 1 of its values are none"):
        take_up_columns(connection, "marts.offers", BEFORE | {"grade": "integer", "note": "varchar"}, is_history=True)
    assert rows(connection) == before
