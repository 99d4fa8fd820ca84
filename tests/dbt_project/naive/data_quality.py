"""What has landed, how long a seller has been watched and how late its orders arrived."""

from datetime import date, timedelta
from functools import lru_cache

from tests.dbt_project.naive.known import Known, Values, key_of, ratio


def data_quality(known: Known, seller_id: str) -> Values:
    """One seller's features of the family."""
    known_on = known.histories["sellers", seller_id][0].arrived_on
    nights = _landed_nights(known)
    values: Values = {}
    for days in (30, 90, 365):
        recent = [night for night in nights if night > known.as_of - timedelta(days=days)]
        values[f"observed_days_{days}d"] = sum(night >= known_on for night in recent)
        if days > 30:
            values[f"landed_nights_{days}d"] = len(recent)
            values[f"late_arrival_share_{days}d"] = _late_arrival_share(known, seller_id, days)
    has = {f"has_{name}": name in known.landed for name in ("orders", "payments", "refunds", "reviews", "loans")}
    return values | has | {"missing_tables": list(has.values()).count(False)}


@lru_cache(maxsize=4)
def _landed_nights(known: Known) -> set[date]:
    return {version.arrived_on for versions in known.landed.values() for version in versions}


def _late_arrival_share(known: Known, seller_id: str, days: int) -> float | None:
    first = [known.histories["orders", *key_of("orders", row)][0] for row in known.of("orders", seller_id)]
    placed = [(version.row["ordered_at"].date(), version.arrived_on) for version in first]
    recent = [(on, arrived_on) for on, arrived_on in placed if known.as_of - timedelta(days=days) < on <= known.as_of]
    return ratio(sum(arrived_on - on > timedelta(days=1) for on, arrived_on in recent), len(recent))
