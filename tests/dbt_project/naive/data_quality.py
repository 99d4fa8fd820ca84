"""What has landed, how long a seller has been watched and how late its orders arrived."""

from datetime import date, timedelta

from tests.dbt_project.naive.known import Known, Values, ratio
from tests.dbt_project.random_market import Version


def data_quality(known: Known, seller_id: str) -> Values:
    """One seller's features of the family."""
    landed = [version for version in known.versions if version.arrived_on <= known.as_of]
    own = [version for version in landed if version.row.get("seller_id") == seller_id]
    known_on = min(version.arrived_on for version in own if version.table == "sellers")
    nights = {version.arrived_on for version in landed}
    values: Values = {}
    for days in (30, 90, 365):
        recent = [night for night in nights if night > known.as_of - timedelta(days=days)]
        values[f"observed_days_{days}d"] = sum(night >= known_on for night in recent)
        if days > 30:
            values[f"landed_nights_{days}d"] = len(recent)
            values[f"late_arrival_share_{days}d"] = _late_arrival_share(own, known.as_of, days)
    tables = {version.table for version in landed}
    has = {f"has_{name}": name in tables for name in ("orders", "payments", "refunds", "reviews", "loans")}
    return values | has | {"missing_tables": list(has.values()).count(False)}


def _late_arrival_share(own: list[Version], as_of: date, days: int) -> float | None:
    first: dict[str, Version] = {}
    for version in sorted((v for v in own if v.table == "orders"), key=lambda v: v.arrived_on):
        first.setdefault(version.row["order_id"], version)
    placed = [(v.row["ordered_at"].date(), v.arrived_on) for v in first.values()]
    recent = [(on, arrived_on) for on, arrived_on in placed if as_of - timedelta(days=days) < on <= as_of]
    return ratio(sum(arrived_on - on > timedelta(days=1) for on, arrived_on in recent), len(recent))
