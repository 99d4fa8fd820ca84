"""Trying a mapping: what would land, be refused, be set aside or be missing, and nothing of it lands."""

from collections.abc import Sequence
from typing import Any

import pytest

from cli.screens.sources import render_check
from ingest.sources.check import SourceCheck, check_source
from tests.ingest.sources.deployment import SELLERS_CSV, Deployment
from tests.ingest.sources.test_landing import ORDERS_CSV
from tradeline.contracts.needs import null_features
from tradeline.contracts.raw import TABLES
from tradeline.errors import BadInput

pytestmark = pytest.mark.slow


@pytest.fixture
def orders(shop: Deployment) -> Deployment:
    """Two orders of one seller."""
    shop.write("sellers.csv", SELLERS_CSV)
    shop.write("orders.csv", ORDERS_CSV)
    shop.map_same("sellers", "orders")
    return shop


def told(found: SourceCheck) -> str:
    """What the terminal shows."""
    from io import StringIO

    from rich.console import Console

    shown = StringIO()
    Console(file=shown, width=300).print(render_check(found))
    return shown.getvalue()


def waits(found: SourceCheck) -> Sequence[tuple[Any, ...]]:
    return [(aside.table, aside.waits_for, aside.rows) for aside in found.set_aside]


def test_what_is_right_would_land_and_nothing_does(orders: Deployment) -> None:
    found = check_source(orders.settings, "shop")
    assert (found.read_rows, found.rows, found.faults, found.set_aside) == (3, {"sellers": 1, "orders": 3}, [], [])
    columns, rows = found.first_rows["orders"]
    shown = [tuple(row[columns.index(column)] for column in ("order_id", "status", "arrived_on")) for row in rows]
    assert [(key, status, day.day) for key, status, day in shown] == [
        ("o1", "created", 1),
        ("o1", "paid", 2),
        ("o2", "created", 5),
    ]
    assert "this would land" in told(found)
    assert not orders.settings.landing.exists() and not (orders.settings.sources / ".state").exists()
    assert sorted(path.name for path in orders.settings.sources.iterdir()) == ["files", "shop.yml"]


def test_it_says_what_is_missing_and_what_stays_null(orders: Deployment) -> None:
    found = check_source(orders.settings, "shop")
    assert set(found.missing_tables) == {table.name for table in TABLES} - {"sellers", "orders"}
    assert "delivered_at" in found.missing_columns["orders"] and "paid_at" not in found.missing_columns["orders"]
    assert found.null_features == null_features(found.missing_tables, found.missing_columns)
    assert "average_rating_90d" in found.null_features["reviews"]
    assert set(found.null_features) <= {*found.missing_tables, "orders.delivered_at", "orders.promised_at"} | {
        f"{table}.{column}" for table, columns in found.missing_columns.items() for column in columns
    }


def test_it_refuses_what_landing_refuses(orders: Deployment) -> None:
    orders.write("orders.csv", ORDERS_CSV + "o3,s1,b1,lost,2024-03-05 10:00:00,,,1\n")
    found = check_source(orders.settings, "shop")
    assert len(found.faults) == 1 and "status" in found.faults[0] and "lost" in found.faults[0]
    assert "nothing would land: correct what is refused" in told(found)
    with pytest.raises(BadInput, match="lost"):
        orders.land()
    assert not orders.bytes_of()


def test_rows_wait_for_sellers_that_are_nowhere(orders: Deployment) -> None:
    orders.write("orders.csv", ORDERS_CSV.replace("s1,b2", "s9,b2"))
    found = check_source(orders.settings, "shop")
    assert waits(found) == [("orders", "sellers", 1)]
    assert "waits" in told(found) and "s9" in told(found)
    # Everything was read, as many rows as the limit allows for each table alone.
    assert waits(check_source(orders.settings, "shop", limit=3)) == [("orders", "sellers", 1)]


def test_of_a_part_nobody_knows_whose_seller_is_in_the_rest(orders: Deployment) -> None:
    orders.write("sellers.csv", SELLERS_CSV + "s2,business,2024-01-01 10:00:00\n")
    orders.write("orders.csv", ORDERS_CSV.replace("s1", "s2"))
    found = check_source(orders.settings, "shop", limit=1)
    assert (found.read_rows, waits(found), found.faults) == (2, [], [])


def test_a_table_without_rows_lacks_what_its_mapping_lacks(orders: Deployment) -> None:
    orders.write("orders.csv", ORDERS_CSV.splitlines()[0])
    found = check_source(orders.settings, "shop")
    assert found.rows == {"sellers": 1, "orders": 0}
    assert "category" in found.missing_columns["orders"] and "status" not in found.missing_columns["orders"]


def test_one_value_that_cannot_be_read_is_named_and_no_other(orders: Deployment) -> None:
    orders.map_same("sellers", "orders", dialect={"decimal": ",", "thousands": "."})
    orders.write("orders.csv", ORDERS_CSV.replace("12.50", '"1.234,56"').replace(",7\n", ",(5)\n"))
    found = check_source(orders.settings, "shop")
    assert len(found.faults) == 1
    assert "(5) (not as the mapping says)" in found.faults[0] and "1.234" not in found.faults[0]


def test_a_mapping_that_is_wrong_is_told_at_once(orders: Deployment) -> None:
    path = orders.map_same("sellers", "orders")
    path.write_text(path.read_text().replace("amount: amount", "amount: price"))
    with pytest.raises(BadInput, match=r'shop\.yml: tables\.orders: .*"price" not found.*: correct the SQL there'):
        check_source(orders.settings, "shop")


def test_it_says_the_same_of_a_source_that_has_landed(orders: Deployment) -> None:
    before = check_source(orders.settings, "shop")
    orders.land()
    files = orders.bytes_of()
    assert check_source(orders.settings, "shop") == before
    assert orders.bytes_of() == files
