"""A run of many nights stores a seller's rows side by side, so that sums by seller do not jump through the table."""

import duckdb
import pytest

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
    stretches = f"""
        select count(*) from (
            select {key}, lag({key}) over (order by rowid) as before from intermediate.{partial}
        ) where {key} is distinct from before
    """
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        ((found,),) = connection.execute(stretches).fetchall()
        ((keys,),) = connection.execute(f"select count(distinct {key}) from intermediate.{partial}").fetchall()
    assert keys > 1
    assert found == keys
