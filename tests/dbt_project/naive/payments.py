"""Payments and suppliers."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from tests.dbt_project.naive.accounts import any_landed, balances, counterparties, paydays
from tests.dbt_project.naive.known import Known, Values, growth, ratio, total, within
from tests.dbt_project.random_market import Row

WINDOWS: dict[str, int] = {"30d": 30, "90d": 90, "180d": 180, "365d": 365, "ever": 10**5}
INCOME = ("sale", "settlement", "salary")


def payments(known: Known, seller_id: str) -> Values:
    """One seller's features of the family."""
    moved = known.of("payments", seller_id)
    values = _flows(moved, known.as_of) | _growths(moved, known.as_of) | _suppliers(moved, known.as_of)
    values |= _operations(moved, known.as_of) | _penalties(known, moved)
    values |= paydays(known, moved) | counterparties(known, moved)
    return values | balances(moved, known.as_of)


def _sum(rows: list[Row], direction: str, *kinds: str) -> Decimal:
    return total(row for row in rows if row["direction"] == direction and (not kinds or row["kind"] in kinds))


def _flows(payments: list[Row], as_of: date) -> Values:
    values: Values = {}
    for name, days in WINDOWS.items():
        moved = within(payments, "occurred_at", as_of, days)
        inflow, outflow = _sum(moved, "in"), _sum(moved, "out")
        values |= {f"inflow_amount_{name}": inflow, f"outflow_amount_{name}": outflow}
        values |= {f"net_flow_amount_{name}": inflow - outflow, f"payments_{name}": len(moved)}
        values[f"net_flow_ratio_{name}"] = ratio(inflow - outflow, inflow)
        values[f"operating_inflow_amount_{name}"] = _sum(moved, "in", *INCOME)
        for direction, flow in (("in", "inflow"), ("out", "outflow")):
            told = [row for row in moved if row.get("method")]
            cash = [row for row in told if row["method"].lower() == "cash"]
            values[f"cash_{flow}_share_{name}"] = ratio(_sum(cash, direction), _sum(told, direction))
    moved = within(payments, "occurred_at", as_of, 90)
    inflow, sold = values["inflow_amount_90d"], _sum(moved, "in", "sale")
    for kind in ("payout", "purchase", "fee"):
        values[f"{kind}_ratio_90d"] = ratio(_sum(moved, "out", kind), inflow)
    values["transfer_outflow_ratio_90d"] = ratio(_sum(moved, "out", "transfer"), inflow)
    values["refund_outflow_ratio_90d"] = ratio(_sum(moved, "out", "refund"), sold)
    values["loan_inflow_share_90d"] = ratio(_sum(moved, "in", "loan_disbursement"), inflow)
    return values | {"sale_inflow_share_90d": ratio(sold, inflow)}


def _penalties(known: Known, payments: list[Row]) -> Values:
    """Fees of sanctions, and what salaries and settlements bring; not known where nobody has any."""
    has_penalties = any_landed(known, "out", "penalty")
    has_pay = any_landed(known, "in", "salary", "settlement")
    values: Values = {}
    for name, days in WINDOWS.items():
        moved = within(payments, "occurred_at", known.as_of, days)
        charged = [row for row in moved if (row["direction"], row["kind"]) == ("out", "penalty")]
        values[f"penalties_{name}"] = len(charged) if has_penalties else None
        burden = ratio(total(charged), _sum(moved, "in", *INCOME))
        values[f"penalty_ratio_{name}"] = burden if has_penalties else None
        for kind in ("settlement", "salary"):
            share = ratio(_sum(moved, "in", kind), _sum(moved, "in"))
            values[f"{kind}_inflow_share_{name}"] = share if has_pay else None
    return values


def _growths(payments: list[Row], as_of: date) -> Values:
    values: Values = {}
    for name, direction, days in (("inflow", "in", 30), ("inflow", "in", 90), ("outflow", "out", 90)):
        now = _sum(within(payments, "occurred_at", as_of, days), direction)
        before = _sum(within(payments, "occurred_at", as_of, days, skip=days), direction)
        values[f"{name}_growth_{days}d"] = growth(now, before)
    return values


def _operations(payments: list[Row], as_of: date) -> Values:
    """What the trade itself leaves."""
    moved = within(payments, "occurred_at", as_of, 90)
    own = ("transfer", "payout", "loan_disbursement", "loan_repayment")
    inflow = _sum(moved, "in", *INCOME)
    left = inflow - _sum([row for row in moved if row["kind"] not in own], "out")
    return {
        "operating_flow_amount_90d": left,
        "operating_flow_ratio_90d": ratio(left, inflow),
        "loan_service_ratio_90d": ratio(_sum(moved, "out", "loan_repayment"), inflow),
    }


def _suppliers(payments: list[Row], as_of: date) -> Values:
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for row in within(payments, "occurred_at", as_of, 180):
        if (row["kind"], row["direction"]) == ("purchase", "out") and row["counterparty_id"]:
            spent[row["counterparty_id"]] += row["amount"]
    whole = sum(spent.values())
    return {
        "suppliers_180d": len(spent),
        "top_supplier_share_180d": ratio(max(spent.values()), whole) if spent else None,
        "supplier_concentration_ratio_180d": ratio(sum(part * part for part in spent.values()), whole * whole),
    }
