"""What sales owe to promotions, weekends and seasons."""

from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from statistics import median

from tests.dbt_project.naive.industry import Changes, industry_changes, sold
from tests.dbt_project.naive.known import Known, Values, ratio, total, within
from tests.dbt_project.naive.sales import sold_by_week


def seasonality(known: Known, seller_id: str) -> Values:
    """One seller's features of the family."""
    orders, promotions = known.of("orders", seller_id), promotion_days(known)
    values: Values = {}
    for days in (90, 365):
        paid = within(orders, "paid_at", known.as_of, days)
        promoted = total(row for row in paid if row["paid_at"].date() in promotions)
        values[f"promotion_sales_share_{days}d"] = ratio(promoted, total(paid))
    recent = within(orders, "paid_at", known.as_of, 90)
    weekend = total(row for row in recent if row["paid_at"].date().strftime("%a") in ("Sat", "Sun"))
    weeks = sold_by_week(orders, known.as_of, 52)
    months = [sum(weeks[first : first + 4]) for first in range(0, 52, 4)]
    return values | {
        "weekend_sales_share_90d": ratio(weekend, total(recent)),
        "largest_month_share_365d": ratio(max(months), sum(months)),
        "own_season_ratio_90d": _season(Changes([(1, row) for row in orders]), known.as_of),
        "industry_season_ratio_90d": _season(industry_changes(known, seller_id, "orders"), known.as_of),
    }


@lru_cache(maxsize=4)
def promotion_days(known: Known) -> set[date]:
    """Days of the year up to as_of on which the market sold twice the median of the 28 days before or more."""
    market: dict[date, Decimal] = dict.fromkeys((known.as_of - timedelta(days=age) for age in range(393)), Decimal(0))
    for row in within(known.tables["orders"], "paid_at", known.as_of, 393):
        market[row["paid_at"].date()] += row["amount"]
    normal = {day: median(market[day - timedelta(days=n)] for n in range(1, 29)) for day in list(market)[:365]}
    return {day for day, amount in normal.items() if amount and market[day] >= 2 * amount}


def _season(changes: Changes, as_of: date) -> float | None:
    if sold(changes, as_of, 30, skip=365) <= 0:  # records may begin within the year
        return None
    return ratio(sold(changes, as_of, 90, skip=275), sold(changes, as_of, 365) * 90 / 365)
