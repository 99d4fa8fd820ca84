"""A night's decisions by the words of the policy: rules, grade, limit, price, budget."""

import csv
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

Values = dict[str, Any]


@dataclass(frozen=True)
class Policy:
    """The policy's CSV files, as they are written."""

    parameters: dict[str, Decimal | None]
    grades: list[dict[str, str]]
    rules: list[dict[str, str]]

    @classmethod
    def read(cls, seeds: Path) -> "Policy":
        """The policy in a folder of seeds."""
        parameters, grades, rules = (
            list(csv.DictReader((seeds / f"policy_{name}.csv").open(newline="")))
            for name in ("parameters", "grades", "knockouts")
        )
        values = {row["parameter"]: Decimal(row["value"]) if row["value"] else None for row in parameters}
        return cls(values, grades, [rule for rule in rules if rule["is_active"] == "true"])

    def amount(self, name: str) -> Decimal:
        """A parameter that must be there."""
        value = self.parameters[name]
        assert value is not None, name
        return value

    def grade(self, pd: float | None) -> dict[str, str] | None:
        """The grade of a pd; None above the last one."""
        return next(
            (row for row in self.grades if pd is not None and float(row["pd_from"]) <= pd < float(row["pd_below"])),
            None,
        )


@dataclass(frozen=True)
class Decision:
    """What is decided on one seller before the budget; ``limit_amount`` is what its risk and debt leave."""

    seller_id: str
    pd: float | None
    codes: list[str]
    limit_amount: Decimal
    annual_rate: Decimal | None


def knocked_out(features: Values, policy: Policy) -> list[str]:
    """The codes of the rules that a seller breaks, first come first."""
    found = []
    for rule in sorted(policy.rules, key=lambda rule: int(rule["priority"])):
        value, threshold = _looked_at(features, rule["feature"]), float(rule["threshold"])
        if value is not None and (value < threshold if rule["operator"] == "<" else value > threshold):
            found.append(rule["reason_code"])
    return list(dict.fromkeys(found))


def _looked_at(features: Values, name: str) -> float | None:
    if name == "is_inactive":
        return float(features["seller_status"] != "active")
    if name == "other_shops_loans_written_off":
        owners = features["owner_loans_written_off"]
        return None if owners is None else float(owners - features["loans_written_off"])
    if name == "other_shops_days_past_due":
        owners, own = features["owner_current_days_past_due"], features["current_days_past_due"]
        return float(owners) if owners is not None and own is not None and owners > own else 0.0
    is_of_orders = {"orders_90d": True, "days_since_last_sale": True, "income_payments_90d": False}.get(name)
    if name == "days_since_last_income" or is_of_orders is not None:
        if bool(is_of_orders) != features["has_orders"]:
            return None
        name = "orders_90d" if name.endswith("_90d") else "days_since_last_sale"
    return None if features[name] is None else float(features[name])


def decide(seller_id: str, features: Values, pd: float | None, policy: Policy) -> Decision:
    """Rules first; then what risk, price and debt say."""
    codes, grade = knocked_out(features, policy), policy.grade(pd)
    if pd is None:
        codes.append("NO_SCORE")
    elif grade is None:
        codes.append("PD_TOO_HIGH")
    rate = None if pd is None else _price(pd, policy)
    if grade and rate and rate > policy.amount("annual_rate_max"):
        codes.append("PRICE_ABOVE_CAP")
    months = Decimal(grade["sales_months"]) if grade else Decimal(0)
    limit, owed = _limit(features, months, policy), features["outstanding_amount"] or Decimal(0)
    if grade and limit < policy.amount("limit_min_amount"):
        without = _limit(features | {"outstanding_amount": Decimal(0)}, months, policy)
        is_debt = owed > 0 and without >= policy.amount("limit_min_amount")
        codes.append("DEBT_USES_LIMIT" if is_debt else "LIMIT_TOO_SMALL")
    return Decision(seller_id, pd, codes, limit, rate)


def offers(decisions: list[Decision], policy: Policy) -> dict[str, Decimal]:
    """The limits of a night's offers by seller: the lowest pd first, until the budget is spent."""
    left, found = policy.parameters["budget_amount"], {}
    for each in sorted((d for d in decisions if not d.codes), key=lambda d: (d.pd, d.seller_id)):
        limit = each.limit_amount if left is None else min(each.limit_amount, _stepped(left, policy))
        if left is not None:
            left = max(left - each.limit_amount, Decimal(0))
        if limit >= policy.amount("limit_min_amount"):
            found[each.seller_id] = limit
    return found


def _limit(features: Values, months: Decimal, policy: Policy) -> Decimal:
    monthly = Decimal(features["sales_amount_90d"] or 0) / 3
    free = months * monthly - (features["outstanding_amount"] or Decimal(0))
    return max(_stepped(min(free, policy.amount("limit_max_amount")), policy), Decimal(0))


def _stepped(amount: Decimal, policy: Policy) -> Decimal:
    step = policy.amount("limit_step_amount")
    return (round(amount, 2) / step).to_integral_value(ROUND_FLOOR) * step


def _price(pd: float, policy: Policy) -> Decimal:
    """What repaid loans must bear: costs of the money while it is out, and the losses of the others."""
    installments = policy.parameters.get("installments") or Decimal(1)
    days_out = policy.amount("term_days") * (installments + 1) / (2 * installments)
    costs = sum(policy.amount(name) for name in ("funding_rate", "operating_rate", "margin_rate"))
    losses = Decimal(pd) * policy.amount("loss_given_default") * 365 / days_out
    rate = ((costs + losses) / (1 - Decimal(pd))).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return max(rate, policy.amount("annual_rate_min"))
