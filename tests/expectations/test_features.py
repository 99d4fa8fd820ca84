"""The queries behind the expectations on features, on a table of a few sellers."""

from collections.abc import Iterator

import duckdb
import pytest

from expectations.features import expect_features_to_be_in_their_range, expect_longer_windows_to_hold_shorter_ones


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create table batch (seller_id varchar, as_of date, orders_7d int, orders_30d int)")
        connection.execute("alter table batch add column orders_365d int")
        connection.execute("alter table batch add column five_star_share_90d double")
        connection.execute("alter table batch add column net_flow_amount_90d decimal(18, 2)")
        yield connection


def faults(connection: duckdb.DuckDBPyConnection, query: str, *rows: tuple[object, ...]) -> list[tuple[object, ...]]:
    for seller, row in enumerate(rows):
        connection.execute(f"insert into batch values ('s{seller}', '2024-12-31', ?, ?, ?, ?, ?)", row)
    return [(feature, expected, sellers) for feature, expected, sellers, *_ in connection.execute(query).fetchall()]


def test_a_feature_is_held_against_its_own_range_or_that_of_its_unit(connection: duckdb.DuckDBPyConnection) -> None:
    query = expect_features_to_be_in_their_range(
        "seller_features", ["seller_id", "orders_30d", "five_star_share_90d", "net_flow_amount_90d"]
    )
    rows = [(1, 0, 0, 1.0, -5), (1, -1, 0, 1.01, -5), (1, -2, 0, None, None), (None, None, None, float("nan"), 0)]
    assert faults(connection, query, *rows) == [
        ("five_star_share_90d", "at most 1", 2),  # not a number is larger than all numbers
        ("five_star_share_90d", "finite", 1),
        ("orders_30d", "at least 0", 2),
    ]


def test_windows_pair_each_with_the_next_longer_one_of_its_measure(connection: duckdb.DuckDBPyConnection) -> None:
    columns = ["orders_365d", "orders_7d", "five_star_share_90d", "orders_30d"]
    query = expect_longer_windows_to_hold_shorter_ones("seller_features", columns)
    rows = [(1, 1, 1, None, None), (2, 1, 3, None, None), (0, 5, 4, None, None), (None, 5, 5, None, None)]
    assert faults(connection, query, *rows) == [
        ("orders_30d", "at most orders_365d", 1),
        ("orders_7d", "at most orders_30d", 1),
    ]
