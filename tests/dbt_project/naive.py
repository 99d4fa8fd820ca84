"""Features recomputed from raw rows by plain Python, sharing nothing with the SQL but the definitions' words."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from statistics import fmean, pstdev
from typing import Any

from tests.dbt_project.random_market import Row, Version, known_rows

Values = dict[str, Any]


def naive_features(versions: list[Version], seller_id: str, as_of: date) -> Values:
    """Features of one seller on one day, null as None, ratios as float."""
    known = {
        table: [row for row in known_rows(versions, table, as_of) if row["seller_id"] == seller_id]
        for table in ("orders", "payments", "refunds", "reviews")
    }
    values: Values = {}
    values |= _sales(known["orders"], as_of)
    values |= _service(known["orders"], known["refunds"], as_of)
    values |= _ratings(known["orders"], known["reviews"], as_of)
    values |= _buyers(known["orders"], as_of)
    return values | _payments(known["payments"], as_of)


def _within(rows: Iterable[Row], column: str, as_of: date, days: int, skip: int = 0) -> list[Row]:
    last = as_of - timedelta(days=skip)
    return [row for row in rows if row.get(column) and last - timedelta(days=days) < row[column].date() <= last]


def _total(rows: Iterable[Row]) -> Decimal:
    return sum((row["amount"] for row in rows), Decimal("0.00"))


def _ratio(numerator: float | Decimal, denominator: float | Decimal) -> float | None:
    return float(numerator) / float(denominator) if denominator else None


def _growth(now: float | Decimal, before: float | Decimal) -> float | None:
    ratio = _ratio(now, before)
    return None if ratio is None else ratio - 1


def _mean_days(rows: list[Row], begin: str, end: str) -> float | None:
    return fmean((row[end] - row[begin]).total_seconds() / 86400 for row in rows) if rows else None


def _sales(orders: list[Row], as_of: date) -> Values:
    values: Values = {}
    for days in (7, 30, 90, 180, 365):
        paid = _within(orders, "paid_at", as_of, days)
        values |= {f"sales_amount_{days}d": _total(paid), f"orders_{days}d": len(paid)}
    for days in (30, 90, 365):
        paid = _within(orders, "paid_at", as_of, days)
        values[f"average_order_amount_{days}d"] = _ratio(_total(paid), len(paid))
        values[f"active_days_{days}d"] = len({row["paid_at"].date() for row in paid})
    paid_90d = _within(orders, "paid_at", as_of, 90)
    before_30d = _within(orders, "paid_at", as_of, 30, skip=30)
    before_90d = _within(orders, "paid_at", as_of, 90, skip=90)
    values["sales_growth_30d"] = _growth(values["sales_amount_30d"], _total(before_30d))
    values["sales_growth_90d"] = _growth(values["sales_amount_90d"], _total(before_90d))
    values["orders_growth_90d"] = _growth(values["orders_90d"], len(before_90d))
    values["recent_sales_share_90d"] = _ratio(values["sales_amount_30d"], values["sales_amount_90d"])
    sale_days = {row["paid_at"].date() for row in _within(orders, "paid_at", as_of, 365)}
    values["days_since_last_sale"] = (as_of - max(sale_days)).days if sale_days else None
    return values | _series(paid_90d, as_of)


def _series(paid: list[Row], as_of: date) -> Values:
    by_day: dict[int, Decimal] = defaultdict(Decimal)
    for row in paid:
        by_day[(as_of - row["paid_at"].date()).days] += row["amount"]
    weeks = [float(sum((by_day.get(7 * week + day, Decimal()) for day in range(7)), Decimal())) for week in range(12)]
    gap = longest = 0
    for age in range(90):
        gap = 0 if age in by_day else gap + 1
        longest = max(longest, gap)
    best = sorted(by_day.values(), reverse=True)[:5]
    return {
        "weekly_sales_variation_ratio_90d": _ratio(pstdev(weeks), fmean(weeks)),
        "longest_gap_days_90d": longest,
        "best_5_days_share_90d": _ratio(sum(best), _total(paid)) if paid else None,
    }


def _service(orders: list[Row], refunds: list[Row], as_of: date) -> Values:
    values: Values = {}
    for days in (30, 90, 365):
        delivered = _within(orders, "delivered_at", as_of, days)
        promised = [row for row in delivered if row["promised_at"]]
        late = [row for row in promised if row["delivered_at"] > row["promised_at"]]
        cancelled = _within(orders, "cancelled_at", as_of, days)
        values[f"cancellation_rate_{days}d"] = _ratio(len(cancelled), len(_within(orders, "ordered_at", as_of, days)))
        values[f"late_delivery_rate_{days}d"] = _ratio(len(late), len(promised))
    for days in (90, 365):
        paid, refunded = _within(orders, "paid_at", as_of, days), _within(refunds, "requested_at", as_of, days)
        shipped = _within(orders, "shipped_at", as_of, days)
        values[f"ship_days_{days}d"] = _mean_days(shipped, "paid_at", "shipped_at")
        delivered = _within(orders, "delivered_at", as_of, days)
        values[f"delivery_days_{days}d"] = _mean_days(delivered, "ordered_at", "delivered_at")
        values[f"refund_rate_{days}d"] = _ratio(len(refunded), len(paid))
        values[f"refund_amount_rate_{days}d"] = _ratio(_total(refunded), _total(paid))
    disputes = [row for row in _within(refunds, "requested_at", as_of, 365) if row["reason"] == "dispute"]
    return values | {"dispute_rate_365d": _ratio(len(disputes), len(_within(orders, "paid_at", as_of, 365)))}


def _ratings(orders: list[Row], reviews: list[Row], as_of: date) -> Values:
    values: Values = {}
    for days in (90, 365):
        ratings = [row["rating"] for row in _within(reviews, "reviewed_at", as_of, days)]
        values[f"reviews_{days}d"] = len(ratings)
        values[f"average_rating_{days}d"] = fmean(ratings) if ratings else None
        values[f"low_rating_share_{days}d"] = _ratio(sum(rating <= 2 for rating in ratings), len(ratings))
    ratings = [row["rating"] for row in _within(reviews, "reviewed_at", as_of, 90)]
    values["five_star_share_90d"] = _ratio(sum(rating == 5 for rating in ratings), len(ratings))
    values["reviews_per_order_ratio_90d"] = _ratio(len(ratings), len(_within(orders, "delivered_at", as_of, 90)))
    return values


def _buyers(orders: list[Row], as_of: date) -> Values:
    values: Values = {}
    for days in (30, 90, 365):
        paid = _within(orders, "paid_at", as_of, days)
        counts = Counter(row["buyer_id"] for row in paid)
        values[f"buyers_{days}d"] = len(counts)
        if days > 30:
            spent = [_total(row for row in paid if row["buyer_id"] == buyer) for buyer in counts]
            values[f"repeat_buyer_share_{days}d"] = _ratio(sum(n > 1 for n in counts.values()), len(counts))
            values[f"top_buyer_share_{days}d"] = _ratio(max(spent), _total(paid)) if counts else None
    values["orders_per_buyer_ratio_90d"] = _ratio(len(_within(orders, "paid_at", as_of, 90)), values["buyers_90d"])
    return values


def _payments(payments: list[Row], as_of: date) -> Values:
    values: Values = {}
    for days in (30, 90, 365):
        moved = _within(payments, "occurred_at", as_of, days)
        values[f"inflow_amount_{days}d"] = _total(row for row in moved if row["direction"] == "in")
        values[f"outflow_amount_{days}d"] = _total(row for row in moved if row["direction"] == "out")
    moved = _within(payments, "occurred_at", as_of, 90)
    inflow = values["inflow_amount_90d"]
    values["net_flow_amount_90d"] = inflow - values["outflow_amount_90d"]
    values["payments_90d"] = len(moved)
    before = _total(row for row in _within(payments, "occurred_at", as_of, 90, skip=90) if row["direction"] == "in")
    values["inflow_growth_90d"] = _growth(inflow, before)
    for kind in ("payout", "purchase", "fee"):
        values[f"{kind}_ratio_90d"] = _ratio(_total(row for row in moved if row["kind"] == kind), inflow)
    return values
