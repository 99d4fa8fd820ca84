"""How unsteady sales are."""

from decimal import Decimal
from itertools import accumulate
from statistics import fmean, pstdev

from tests.dbt_project.naive.known import Known, Values, ratio
from tests.dbt_project.naive.sales import sold_by_age, sold_by_week


def volatility(known: Known, seller_id: str) -> Values:
    """One seller's features of the family."""
    orders = known.of("orders", seller_id)
    by_age = sold_by_age(orders, known.as_of)
    values: Values = {"weeks_without_sale_90d": sold_by_week(orders, known.as_of, 12).count(Decimal(0))}
    for days, weeks in ((90, 12), (365, 52)):
        values |= {
            f"{name}_{days}d": value for name, value in _weekly(sold_by_week(orders, known.as_of, weeks)).items()
        }
        values |= {f"{name}_{days}d": value for name, value in _daily(by_age, days).items()}
    return values


def _weekly(weeks: list[Decimal]) -> Values:
    sold, peaks = [float(amount) for amount in weeks], list(accumulate(weeks, max))
    below = [min(amount - fmean(sold), 0) for amount in sold]
    falls = [1 - float(amount / peak) for amount, peak in zip(weeks, peaks, strict=True) if peak]
    return {
        "weekly_sales_variation_ratio": ratio(pstdev(sold), fmean(sold)),
        "weekly_sales_downside_ratio": ratio(fmean(short**2 for short in below) ** 0.5, fmean(sold)),
        "largest_drawdown_share": max(falls, default=None),
    }


def _daily(by_age: dict[int, Decimal], days: int) -> Values:
    gap = longest = 0
    for age in range(days):
        gap = 0 if age in by_age else gap + 1
        longest = max(longest, gap)
    sold = [amount for age, amount in by_age.items() if age < days]
    return {
        "longest_gap_days": longest,
        "best_5_days_share": ratio(sum(sorted(sold, reverse=True)[:5]), sum(sold)),
    }
