"""Service quality, from orders and refunds."""

from collections.abc import Callable
from datetime import date, timedelta
from statistics import fmean, median

from tests.dbt_project.naive.known import Known, Values, ratio, total, within
from tests.dbt_project.random_market import Row


def service(known: Known, seller_id: str) -> Values:
    """One seller's features of the family."""
    orders, refunds = known.of("orders", seller_id), known.of("refunds", seller_id)
    values = _cancellations(orders, known.as_of) | _deliveries(orders, known.as_of)
    values |= _refunds(orders, refunds, known.as_of) | _durations(orders, refunds, known.as_of)
    for rate in ("cancellation_rate", "refund_rate"):
        recent, yearly = values[f"{rate}_90d"], values[f"{rate}_365d"]
        values[f"{rate}_change_90d"] = None if recent is None else recent - yearly
    return values


def _cancellations(orders: list[Row], as_of: date) -> Values:
    values: Values = {}
    for days in (30, 90, 365):
        cancelled, placed = within(orders, "cancelled_at", as_of, days), within(orders, "ordered_at", as_of, days)
        values[f"cancellation_rate_{days}d"] = ratio(len(cancelled), len(placed))
        if days > 30:
            paid_for = [row for row in cancelled if row.get("paid_at")]
            paid = within(orders, "paid_at", as_of, days)
            values[f"cancellation_amount_rate_{days}d"] = ratio(total(cancelled), total(placed))
            values[f"paid_cancellation_rate_{days}d"] = ratio(len(paid_for), len(paid))
    return values


def _deliveries(orders: list[Row], as_of: date) -> Values:
    values: Values = {}
    for days in (30, 90, 365):
        shipped = _measured(within(orders, "shipped_at", as_of, days))
        promised = [row for row in within(orders, "delivered_at", as_of, days) if row["promised_at"]]
        values |= _late("shipment", shipped, lambda row: row["shipped_at"] - row["paid_at"] > timedelta(hours=72), days)
        values |= _late("delivery", promised, lambda row: row["delivered_at"] > row["promised_at"], days)
        if days > 30:
            values[f"ship_days_{days}d"] = _mean_days(shipped, "paid_at", "shipped_at")
            delivered = within(orders, "delivered_at", as_of, days)
            values[f"delivery_days_{days}d"] = _mean_days(delivered, "ordered_at", "delivered_at")
    return values


def _measured(shipped: list[Row]) -> list[Row]:
    """Those that were paid before they were shipped."""
    return [row for row in shipped if row["paid_at"] and row["paid_at"] <= row["shipped_at"]]


def _late(what: str, rows: list[Row], is_late: Callable[[Row], bool], days: int) -> Values:
    late = [row for row in rows if is_late(row)]
    values: Values = {f"late_{what}_rate_{days}d": ratio(len(late), len(rows))}
    return values if days == 30 else values | {f"late_{what}_amount_rate_{days}d": ratio(total(late), total(rows))}


def _refunds(orders: list[Row], refunds: list[Row], as_of: date) -> Values:
    values: Values = {}
    for days in (30, 90, 365):
        paid, refunded = within(orders, "paid_at", as_of, days), within(refunds, "requested_at", as_of, days)
        values[f"refund_rate_{days}d"] = ratio(len(refunded), len(paid))
        if days > 30:
            disputes = [row for row in refunded if row["reason"] == "dispute"]
            values[f"refund_amount_rate_{days}d"] = ratio(total(refunded), total(paid))
            values[f"dispute_rate_{days}d"] = ratio(len(disputes), len(paid))
    values["dispute_amount_rate_365d"] = ratio(total(disputes), total(paid))
    reasons = {"quality": ("damaged", "not_as_described"), "not_received": ("not_received",)}
    for name, of_name in reasons.items():
        count = sum(row["reason"] in of_name for row in refunded)
        values[f"{name}_refund_rate_365d"] = ratio(count, len(paid))
    return values


def _durations(orders: list[Row], refunds: list[Row], as_of: date) -> Values:
    shipped = _whole_hours(_measured(within(orders, "shipped_at", as_of, 90)), "paid_at", "shipped_at")
    refunded = _whole_hours(within(refunds, "completed_at", as_of, 180), "requested_at", "completed_at")
    nearest_rank = -(-9 * len(shipped) // 10)
    return {
        "median_ship_days_90d": median(shipped) / 24 if shipped else None,
        "slow_ship_days_90d": shipped[nearest_rank - 1] / 24 if shipped else None,
        "median_refund_days_180d": median(refunded) / 24 if refunded else None,
    }


def _whole_hours(rows: list[Row], begin: str, end: str) -> list[int]:
    return sorted((row[end] - row[begin]) // timedelta(hours=1) for row in rows if row.get(begin))


def _mean_days(rows: list[Row], begin: str, end: str) -> float | None:
    taken = [(row[end] - row[begin]).total_seconds() / 86400 for row in rows]
    return fmean(taken) if taken else None
