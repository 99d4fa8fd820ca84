"""Ratings, from reviews."""

from datetime import date, timedelta
from statistics import fmean

from tests.dbt_project.naive.known import Known, Values, ratio, within
from tests.dbt_project.random_market import Row, Version

PRIOR_REVIEWS = 20


def ratings(known: Known, seller_id: str) -> Values:
    """One seller's features of the family."""
    reviews, orders = known.of("reviews", seller_id), known.of("orders", seller_id)
    values: Values = {}
    for days in (30, 90, 365):
        stars = [row["rating"] for row in within(reviews, "reviewed_at", known.as_of, days)]
        values |= {f"reviews_{days}d": len(stars), f"average_rating_{days}d": fmean(stars) if stars else None}
        if days > 30:
            values |= _shares(stars, within(orders, "delivered_at", known.as_of, days), days)
            values[f"shrunk_rating_{days}d"] = _shrunk(stars, _industry_stars(known, seller_id, days))
    values["rating_change_30d"] = _less(values["average_rating_30d"], values["average_rating_90d"])
    values["rating_change_90d"] = _less(values["average_rating_90d"], values["average_rating_365d"])
    change = _less(values["low_rating_share_90d"], values["low_rating_share_365d"])
    return values | {"low_rating_share_change_90d": change}


def _shares(stars: list[int], delivered: list[Row], days: int) -> Values:
    return {
        f"low_rating_share_{days}d": ratio(sum(rating <= 2 for rating in stars), len(stars)),
        f"five_star_share_{days}d": ratio(stars.count(5), len(stars)),
        f"reviews_per_order_ratio_{days}d": ratio(len(stars), len(delivered)),
    }


def _less(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else now - before


def _shrunk(stars: list[int], industry: tuple[int, int]) -> float | None:
    count, star_sum = industry
    return (sum(stars) + PRIOR_REVIEWS * star_sum / count) / (len(stars) + PRIOR_REVIEWS) if count else None


def _industry_stars(known: Known, seller_id: str, days: int) -> tuple[int, int]:
    """Number and sum of the ratings of the seller's industry; each change counts where its seller was that night."""
    sellers = [version for version in known.versions if version.table == "sellers"]
    industry = _industry_on(sellers, seller_id, known.as_of)
    first = known.as_of - timedelta(days=days)
    latest: dict[tuple[str, str, str], Row] = {}
    count = star_sum = 0
    for version in sorted((v for v in known.versions if v.table == "reviews"), key=lambda v: v.arrived_on):
        row, night = version.row, version.arrived_on
        key = (row["review_id"], row["order_id"], row["seller_id"])
        if night <= known.as_of and _industry_on(sellers, row["seller_id"], night) == industry:
            for changed, sign in ((row, 1), (latest.get(key), -1)):
                if changed and first < changed["reviewed_at"].date() <= known.as_of:
                    count, star_sum = count + sign, star_sum + sign * changed["rating"]
        latest[key] = row
    return count, star_sum


def _industry_on(sellers: list[Version], seller_id: str, night: date) -> str:
    known = [v for v in sellers if v.row["seller_id"] == seller_id and v.arrived_on <= night]
    return (max(known, key=lambda v: v.arrived_on).row["industry"] if known else None) or "unknown"
