"""A seller with most of the orders of the market in one night breaks no stage: memory is what it is told to be."""

from datetime import date, timedelta

import pytest

from pipeline.whole_nights import run_nights
from tradeline.database import connect, scalar
from tradeline.settings import Settings
from tradeline.sql import literal

pytestmark = pytest.mark.slow
NIGHT = date(2026, 6, 30)
TABLES = {
    "sellers": """
        select 'S' || range as seller_id, 'business' as seller_type, timestamp '2024-01-01' as registered_at
        from range(50)
    """,
    "orders": """
        select 'O' || range as order_id, 'S' || if(range < {large}, 0, range % 50) as seller_id,
            'B' || hash(range) % ({large} // 2) as buyer_id, 'paid' as status,
            {day} - interval 1 hour * (range % 20) as ordered_at, ordered_at + interval 1 minute as paid_at,
            ((range * 7919) % 90000 / 100 + 1)::decimal(18, 2) as amount, 'r' || range % 30 as buyer_region
        from range({large} + 1000)
    """,
    "payments": """
        select 'P' || range as payment_id, 'S' || if(range < {large}, 0, range % 50) as seller_id,
            'B' || hash(range) % ({large} // 2) as counterparty_id, 'in' as direction, 'sale' as kind,
            ((range * 7919) % 90000 / 100 + 1)::decimal(18, 2) as amount,
            {day} - interval 1 hour * (range % 20) as occurred_at, (range % 5000)::decimal(18, 2) as balance_after
        from range({large} + 1000)
    """,
    "reviews": """
        select 'V' || range as review_id, 'O' || range as order_id,
            'S' || if(range < {large}, 0, range % 50) as seller_id, 1 + range % 5 as rating, {day} as reviewed_at
        from range({large} + 1000)
    """,
}


def land_large_seller(settings: Settings, orders: int, night: date) -> None:
    """Land one night in which one seller of 50 has this many orders, payments and reviews, and the others 1,000."""
    with connect(settings) as connection:
        for table, rows in TABLES.items():
            folder = settings.landing / table / f"arrived_on={night}"
            folder.mkdir(parents=True)
            query = rows.format(large=orders, day=f"timestamp '{night} 22:00:00'")
            connection.execute(f"copy ({query}) to {literal(folder / 'part.parquet')} (format parquet)")


def test_a_night_of_one_large_seller_is_published_within_little_memory(settings: Settings) -> None:
    small = Settings(home=settings.home, memory_limit="250MB")
    land_large_seller(small, 100_000, NIGHT - timedelta(days=1))
    assert run_nights(small, {}) == [NIGHT - timedelta(days=1)]
    with connect(small, small.published / "marts.duckdb", read_only=True) as connection:
        counted = scalar(connection, "select orders_30d from seller_features where seller_id = 'S0'")
    assert counted > 100_000 - 1
