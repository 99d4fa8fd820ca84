"""Buyers, from paid orders."""

from collections import Counter
from decimal import Decimal

from tests.dbt_project.naive.known import Known, Values, growth, ratio, total, within
from tests.dbt_project.random_market import Row


def buyers(known: Known, seller_id: str) -> Values:
    """One seller's features of the family."""
    orders = known.of("orders", seller_id)
    year, recent = within(orders, "paid_at", known.as_of, 365), within(orders, "paid_at", known.as_of, 90)
    values: Values = {}
    for days in (30, 90, 365):
        counts = Counter(row["buyer_id"] for row in within(orders, "paid_at", known.as_of, days))
        values[f"buyers_{days}d"] = len(counts)
        values[f"repeat_buyer_share_{days}d"] = ratio(sum(n > 1 for n in counts.values()), len(counts))
    for days in (30, 90):
        now = buyers_of(within(orders, "paid_at", known.as_of, days))
        before = buyers_of(within(orders, "paid_at", known.as_of, 365 - days, skip=days))
        values[f"new_buyer_share_{days}d"] = ratio(len(now - before), len(now))
    for days, length in ((90, 90), (180, 185)):
        now = buyers_of(within(orders, "paid_at", known.as_of, days))
        before = buyers_of(within(orders, "paid_at", known.as_of, length, skip=days))
        values[f"retained_buyer_share_{days}d"] = ratio(len(now & before), len(before))
    before = buyers_of(within(orders, "paid_at", known.as_of, 90, skip=90))
    values["buyers_growth_90d"] = growth(values["buyers_90d"], len(before))
    values["orders_per_buyer_ratio_90d"] = ratio(len(recent), values["buyers_90d"])
    return values | _concentration(year, 365) | _concentration(recent, 90) | _regions(recent)


def buyers_of(orders: list[Row]) -> set[str]:
    """Who bought."""
    return {row["buyer_id"] for row in orders}


def _concentration(orders: list[Row], days: int) -> Values:
    spent = sorted(total(row for row in orders if row["buyer_id"] == buyer) for buyer in buyers_of(orders))
    values = {
        f"top_buyer_share_{days}d": ratio(spent[-1], total(orders)) if spent else None,
        f"buyer_concentration_ratio_{days}d": ratio(sum(amount**2 for amount in spent), total(orders) ** 2),
    }
    top_5 = ratio(sum(spent[-5:]), total(orders)) if spent else None
    return values | ({"top_5_buyer_share_90d": top_5} if days == 90 else {})


def _regions(orders: list[Row]) -> Values:
    by_region: dict[str, Decimal] = {}
    for row in orders:
        if row["buyer_region"]:
            by_region[row["buyer_region"]] = by_region.get(row["buyer_region"], Decimal(0)) + row["amount"]
    top = ratio(max(by_region.values()), sum(by_region.values())) if by_region else None
    return {"buyer_regions_90d": len(by_region), "top_region_share_90d": top}
