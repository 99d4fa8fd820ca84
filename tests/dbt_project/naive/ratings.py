"""Ratings, from reviews."""

from statistics import fmean

from tests.dbt_project.naive.industry import changed_within, industry_changes
from tests.dbt_project.naive.known import Known, Values, ratio, within
from tests.dbt_project.random_market import Row

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
    if count <= 0:
        return None
    mean = min(5, max(1, star_sum / count))
    return (sum(stars) + PRIOR_REVIEWS * mean) / (len(stars) + PRIOR_REVIEWS)


def _industry_stars(known: Known, seller_id: str, days: int) -> tuple[int, int]:
    """Number and sum of the ratings of the seller's industry."""
    changes = changed_within(industry_changes(known, seller_id, "reviews"), "reviewed_at", known.as_of, days)
    signed = [(sign, row["rating"]) for sign, row in changes.signed]
    return sum(sign for sign, _ in signed), sum(sign * rating for sign, rating in signed)
