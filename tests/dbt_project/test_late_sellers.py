"""What waited for its seller is in the marts as if it had arrived with the seller, and was not before."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.steps import build_marts
from tests.ingest.extract import Row, land, row
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


NIGHTS = [date(2018, 5, 10) + timedelta(days=days) for days in range(3)]
ORDERED = [date(2018, 5, 9), date(2018, 5, 10), date(2018, 5, 11)]


def late_rows() -> dict[str, list[Row]]:
    """Rows of seller s1, who is known from the third night on."""
    orders = [
        row("orders", order_id=f"late-{day}", ordered_at=f"{day} 08:00:00", paid_at=f"{day} 09:00:00", amount="70.10")
        for day in ORDERED
    ]
    loan = {"status": "disbursed", "disbursed_at": "2018-05-02 00:00:00", "principal": "1000.00", "term_days": "60"}
    return {
        "orders": orders,
        "payments": [row("payments")],
        "loans": [row("loans", **loan)],
        "repayments": [row("repayments")],
    }


def home(folder: Path, late_on: date) -> Settings:
    """A market in which s0 sells every night, and the late rows land on ``late_on``."""
    settings = Settings(home=folder)
    old = {"seller_id": "s0", "registered_at": "2018-01-01 00:00:00"}
    land(settings, "sellers", row("sellers", **old), night=NIGHTS[0])
    for night in NIGHTS:
        for table, key in (("orders", "order_id"), ("payments", "payment_id"), ("loans", "loan_id")):
            land(settings, table, row(table, seller_id="s0", **{key: f"{key}-{night}"}), night=night)
        land(settings, "repayments", row("repayments", loan_id=f"loan_id-{night}"), night=night)
    for table, rows in late_rows().items():
        land(settings, table, *rows, night=late_on, name="late.csv")
    land(settings, "sellers", night=NIGHTS[2])
    return settings


def marts(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        names = connection.execute(
            """
            select schema_name || '.' || table_name from duckdb_tables()
            where table_name = 'seller_features' or table_name like 'int%_days' order by 1
            """
        ).fetchall()
        return {name: sorted(connection.execute(f"from {name}").fetchall(), key=repr) for (name,) in names}


@pytest.fixture(scope="module")
def with_seller(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The home in which nothing waits: the late rows land with their seller."""
    settings = home(tmp_path_factory.mktemp("with-seller"), NIGHTS[2])
    build_marts(settings, "run-1", NIGHTS)
    return settings


def test_marts_are_as_if_the_rows_had_arrived_with_their_seller(with_seller: Settings, tmp_path: Path) -> None:
    # Fewer than five rows of each table wait, so the gate stops no night.
    settings = home(tmp_path, NIGHTS[1])
    for nights in (NIGHTS[:2], NIGHTS[2:]):
        build_marts(settings, "run-1", nights)
    assert marts(settings) == marts(with_seller)


def test_what_waited_counts_as_late(with_seller: Settings) -> None:
    with duckdb.connect(str(with_seller.warehouse), read_only=True) as connection:
        found = connection.execute(
            """
            select as_of, sales_amount_30d, late_arrival_share_90d, loans_taken from marts.seller_features
            where seller_id = 's1'
            """
        ).fetchall()
    # Two of the three orders were placed more than a day before the night on which the seller came.
    assert found == [(NIGHTS[2], Decimal("210.30"), 2 / 3, 1)]
