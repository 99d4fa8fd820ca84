"""Sales, gross and net, from paid orders and refunds."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from statistics import median

from tests.dbt_project.naive.known import Known, Values, ratio, total, within
from tests.dbt_project.random_market import Row


def sales(known: Known, seller_id: str) -> Values:
    """One seller's features of the family."""
    orders, as_of = known.of("orders", seller_id), known.as_of
    values: Values = {}
    for days in (7, 30, 90, 180, 365):
        paid = within(orders, "paid_at", as_of, days)
        values |= {f"sales_amount_{days}d": total(paid), f"orders_{days}d": len(paid)}
    for days in (30, 90, 180, 365):
        paid = within(orders, "paid_at", as_of, days)
        values[f"active_days_{days}d"] = len({row["paid_at"].date() for row in paid})
        net = total(paid) - _returned(known, seller_id, days)
        values[f"net_sales_amount_{days}d"] = net
        if days != 180:
            values[f"average_order_amount_{days}d"] = ratio(total(paid), len(paid))
        if days in (90, 365):
            values[f"net_sales_ratio_{days}d"] = ratio(net, total(paid))
        if days in (30, 90):
            amounts = [row["amount"] for row in paid]
            values[f"median_order_amount_{days}d"] = float(median(amounts)) if amounts else None
    return values


def _returned(known: Known, seller_id: str, days: int) -> Decimal:
    cancelled = within(known.of("orders", seller_id), "cancelled_at", known.as_of, days)
    refunds = within(known.of("refunds", seller_id), "requested_at", known.as_of, days)
    return total(row for row in cancelled if row.get("paid_at")) + total(refunds)


def sold_by_age(orders: list[Row], as_of: date) -> dict[int, Decimal]:
    """Sales of each day with a sale of the year up to as_of, by how many days ago it was."""
    by_age: dict[int, Decimal] = defaultdict(Decimal)
    for row in within(orders, "paid_at", as_of, 365):
        by_age[(as_of - row["paid_at"].date()).days] += row["amount"]
    return by_age


def sold_by_week(orders: list[Row], as_of: date, weeks: int) -> list[Decimal]:
    """Sales of the last whole weeks, the oldest one first."""
    by_age = sold_by_age(orders, as_of)
    ages = [range(7 * week, 7 * week + 7) for week in reversed(range(weeks))]
    return [sum((by_age.get(age, Decimal(0)) for age in week), Decimal(0)) for week in ages]
