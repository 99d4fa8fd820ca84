"""How sales change, beside the industry's and without promotion days."""

from datetime import date, timedelta
from decimal import Decimal
from math import log1p
from statistics import linear_regression

from tests.dbt_project.naive.industry import Changes, industry_changes, sold
from tests.dbt_project.naive.known import Known, Values, growth, ratio, total, within
from tests.dbt_project.naive.sales import sold_by_week
from tests.dbt_project.naive.seasonality import promotion_days
from tests.dbt_project.random_market import Row


def growth_features(known: Known, seller_id: str) -> Values:
    """One seller's features of the family."""
    orders, as_of = known.of("orders", seller_id), known.as_of
    changes = industry_changes(known, seller_id, "orders")
    values: Values = {}
    for days in (30, 90):
        paid = within(orders, "paid_at", as_of, days)
        before = within(orders, "paid_at", as_of, days, skip=days)
        values[f"sales_growth_{days}d"] = growth(total(paid), total(before))
        values[f"orders_growth_{days}d"] = growth(len(paid), len(before))
        values[f"sales_growth_against_industry_{days}d"] = _against_industry(orders, changes, as_of, days)
        values[f"regular_sales_growth_{days}d"] = _regular(known, orders, days)
    year_ago = within(orders, "paid_at", as_of, 30, skip=365)
    last_30d, last_90d, last_365d = (total(within(orders, "paid_at", as_of, days)) for days in (30, 90, 365))
    return values | {
        "sales_growth_year_on_year_30d": growth(last_30d, total(year_ago)),
        "average_order_amount_growth_90d": _dearer(orders, as_of),
        "recent_sales_share_90d": ratio(last_30d, last_90d),
        "recent_sales_share_365d": ratio(last_90d, last_365d),
        "weekly_sales_log_slope_90d": _slope(sold_by_week(orders, as_of, 12)),
    }


def _dearer(orders: list[Row], as_of: date) -> float | None:
    periods = (within(orders, "paid_at", as_of, 90), within(orders, "paid_at", as_of, 90, skip=90))
    now, before = (ratio(total(paid), len(paid)) for paid in periods)
    return None if now is None or before is None else growth(now, before)


def _slope(weeks: list[Decimal]) -> float | None:
    return linear_regression(range(12), [log1p(amount) for amount in weeks]).slope if any(weeks) else None


def _against_industry(orders: list[Row], changes: Changes, as_of: date, days: int) -> float | None:
    own = ratio(*(total(within(orders, "paid_at", as_of, days, skip)) for skip in (0, days)))
    industry = ratio(*(sold(changes, as_of, days, skip) for skip in (0, days)))
    return growth(own, industry) if own is not None and industry else None


def _regular(known: Known, orders: list[Row], days: int) -> float | None:
    promotions = promotion_days(known)
    daily: list[float | None] = []
    for skip in (0, days):
        dates = {known.as_of - timedelta(days=age) for age in range(skip, skip + days)} - promotions
        daily.append(
            ratio(total(row for row in orders if row.get("paid_at") and row["paid_at"].date() in dates), len(dates))
        )
    now, before = daily
    return None if now is None or before is None else growth(now, before)
