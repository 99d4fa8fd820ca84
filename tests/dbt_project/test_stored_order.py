"""A seller's rows are stored side by side, so that sums by seller do not jump through the table."""

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from tests.dbt_project.random_market import FIRST_ON, random_market, write_raw
from tradeline.dbt import run_dbt
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("partial", "key"),
    [
        ("int_order_days", "seller_id"),
        ("int_paid_orders", "seller_id"),
        ("int_payment_days", "seller_id"),
        ("int_balance_days", "seller_id"),
        ("int_counterparty_days", "seller_id"),
        ("int_industry_days", "industry"),
    ],
)
def test_rows_of_one_key_lie_together(built: Settings, partial: str, key: str) -> None:
    assert stretches(built, partial, key) == key_count(built, partial, key) > 1


def test_what_nights_append_is_put_in_order_from_time_to_time(tmp_path: Path) -> None:
    settings, whole, market = Settings(home=tmp_path / "home"), Settings(home=tmp_path / "whole"), random_market(5)
    write_raw(settings, market)
    write_raw(whole, market)
    nights = [FIRST_ON + timedelta(days=days) for days in (100, 105, 110, 115, 120)]
    sellers = make(settings, FIRST_ON, nights[0])
    assert sellers == key_count(settings, "int_order_days", "seller_id")
    found = [make(settings, before + timedelta(days=1), night) for before, night in pairwise(nights)]
    assert [count > sellers for count in found] == [True, True, False, True]  # in order at every tenth

    again = nights[1]  # nights that were in order are made again, at the end of the table
    assert make(settings, again, nights[-1]) == sellers
    assert make(settings, nights[-1], nights[-1]) > sellers
    make(whole, FIRST_ON, nights[-1])
    assert rows(settings) == rows(whole)


def make(settings: Settings, arrived_from: date, arrived_to: date) -> int:
    """Make the order days of some nights' arrivals; in how many stretches the sellers' rows lie then."""
    variables = {"arrived_from": arrived_from.isoformat(), "arrived_to": arrived_to.isoformat(), "ordered_from_rows": 1}
    run_dbt(settings, "night", ["run", "--select", "+int_order_days"], variables)
    return stretches(settings, "int_order_days", "seller_id")


def rows(settings: Settings) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute("from intermediate.int_order_days order by all").fetchall()


def stretches(settings: Settings, partial: str, key: str) -> int:
    query = f"""
        select count(*) from (
            select {key}, lag({key}) over (order by rowid) as before from intermediate.{partial}
        ) where {key} is distinct from before
    """
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return int(connection.execute(query).fetchall()[0][0])


def key_count(settings: Settings, partial: str, key: str) -> int:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return int(connection.execute(f"select count(distinct {key}) from intermediate.{partial}").fetchall()[0][0])
