"""An account by itself: paydays, counterparties, standing payments and balances."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import pstdev

from tests.dbt_project.naive.known import Known, Values, ratio, total, within
from tests.dbt_project.random_market import Row

WINDOWS: dict[str, int] = {"30d": 30, "90d": 90, "180d": 180, "365d": 365, "ever": 10**5}
STANDS_DAYS = 180
DAY = timedelta(days=1)


def any_landed(known: Known, direction: str, *kinds: str) -> bool:
    """Whether any seller's payment of the kind had ever landed, also one that was corrected since."""
    rows = [version.row for version in known.landed.get("payments", [])]
    return any(row["direction"] == direction and row["kind"] in kinds for row in rows)


def paydays(known: Known, payments: list[Row]) -> Values:
    """Days with a settlement or a salary, and how regular they are."""
    is_known = any_landed(known, "in", "salary", "settlement")
    days = sorted({
        (known.as_of - row["occurred_at"].date()).days
        for row in payments
        if row["direction"] == "in" and row["kind"] in ("salary", "settlement")
    })  # fmt: skip
    values: Values = {}
    for name, window in WINDOWS.items():
        values[f"paydays_{name}"] = sum(age < window for age in days) if is_known else None
    for window in (90, 180, 365):
        dry, longest = 0, 0
        for age in range(window):
            dry = 0 if age in days else dry + 1
            longest = max(longest, dry)
        values[f"longest_payday_gap_days_{window}d"] = longest if is_known else None
    for window in (180, 365):
        steps = [older - newer for newer, older in pairwise(age for age in days if age < window)]
        mean = sum(steps) / len(steps) if len(steps) > 1 else 0
        values[f"payday_variation_ratio_{window}d"] = ratio(pstdev(steps), mean) if mean else None
    return values


def counterparties(known: Known, payments: list[Row]) -> Values:
    """Who paid and was paid, and what goes to one payee month by month."""
    is_known = any(version.row["counterparty_id"] for version in known.landed.get("payments", []))
    values: Values = {}
    for window in (30, 90, 180, 365):
        moved = [row for row in within(payments, "occurred_at", known.as_of, window) if row["counterparty_id"]]
        sent: dict[str, Decimal] = defaultdict(Decimal)
        for row in moved:
            if row["direction"] == "in":
                sent[row["counterparty_id"]] += row["amount"]
        payees = {row["counterparty_id"] for row in moved if row["direction"] == "out"}
        values |= {f"payers_{window}d": len(sent) if is_known else None}
        values |= {f"payees_{window}d": len(payees) if is_known else None}
        if window in (90, 365):
            values[f"top_payer_share_{window}d"] = ratio(max(sent.values()), sum(sent.values())) if sent else None
    standing = standing_amounts(payments, known.as_of)
    recent = within(payments, "occurred_at", known.as_of, 90)
    earned = total(
        row for row in recent if row["direction"] == "in" and row["kind"] in ("sale", "settlement", "salary")
    )
    return values | {
        "standing_payments_120d": len(standing) if is_known else None,
        "standing_amount_120d": sum(standing, Decimal("0.00")) if is_known else None,
        "standing_payment_ratio_120d": ratio(3 * sum(standing), earned) if is_known else None,
    }


def standing_amounts(payments: list[Row], as_of: date) -> list[Decimal]:
    """What was last paid of each standing payment."""
    spent: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in within(payments, "occurred_at", as_of, 120):
        if row["direction"] == "out" and row["counterparty_id"]:
            spent[row["counterparty_id"]][row["occurred_at"].date()] += row["amount"]
    found = []
    for days in spent.values():
        paid = {day: amount for day, amount in sorted(days.items()) if amount}
        steps = [(later - earlier).days for earlier, later in pairwise(paid)]
        is_monthly = len(paid) > 2 and all(25 <= step <= 36 for step in steps) and (as_of - max(paid)).days <= 36
        if is_monthly and max(paid.values()) <= min(paid.values()) * Decimal("1.1"):
            found.append(paid[max(paid)])
    return found


def balances(payments: list[Row], as_of: date) -> Values:
    """Closing balances, a day at a time."""
    closing, standing = _closing_balances(payments, as_of), standing_amounts(payments, as_of)
    values: Values = {"balance_amount": closing.get(0)}
    outflow = {
        name: total(row for row in within(payments, "occurred_at", as_of, days) if row["direction"] == "out")
        for name, days in WINDOWS.items()
    }
    for name, window in WINDOWS.items():
        found = [balance for age, balance in closing.items() if age < window]
        ends = [balance for age, balance in closing.items() if age < window and _is_month_end(as_of - age * DAY)]
        mean = ratio(sum(found), len(found))
        values[f"lowest_balance_amount_{name}"] = min(found, default=None)
        values[f"mean_balance_amount_{name}"] = mean
        values[f"negative_balance_days_{name}"] = _days(found, Decimal(0))
        values[f"standing_shortfall_days_{name}"] = _days(found, max(standing)) if standing else None
        if name != "ever":
            values[f"low_balance_days_{name}"] = _days(found, outflow[name] * 7 / window)
        if name != "30d":
            trough = ratio(sum(ends), len(ends))
            values[f"month_end_balance_amount_{name}"] = min(ends, default=None)
            is_told = trough is not None and mean is not None and mean > 0
            values[f"month_end_balance_ratio_{name}"] = trough / mean if is_told else None  # type: ignore[operator]
    quarter = sorted(balance for age, balance in closing.items() if age < 90)
    fifth = quarter[-(-len(quarter) * 5 // 100) - 1] if quarter else None  # the nearest rank
    mean = values["mean_balance_amount_90d"]
    return values | {
        "low_balance_amount_90d": fifth,
        "balance_months_ratio_90d": ratio(closing[0], outflow["90d"] / 3) if 0 in closing else None,
        "cash_out_days_90d": None if mean is None else ratio(max(mean, 0), outflow["90d"] / 90),
    }


def _days(balances: Iterable[Decimal], bound: Decimal) -> int | None:
    found = list(balances)
    return sum(balance < bound for balance in found) if found else None


def _is_month_end(day: date) -> bool:
    return (day + 5 * DAY).month != day.month


def _closing_balances(payments: list[Row], as_of: date) -> dict[int, Decimal]:
    """The balance at the close of every day by its age, as far as one stands."""
    reported = [row for row in payments if row["balance_after"] is not None]
    last = {
        row["occurred_at"].date(): row for row in sorted(reported, key=lambda r: (r["occurred_at"], r["payment_id"]))
    }
    closing: dict[int, Decimal] = {}
    for day, row in sorted(last.items()):
        age = (as_of - day).days
        for stands in range(STANDS_DAYS):
            if age - stands >= 0:
                closing[age - stands] = row["balance_after"]
    return {age: closing[age] for age in sorted(closing, reverse=True)}
