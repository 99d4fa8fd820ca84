"""Payments, balances and suppliers."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from tests.dbt_project.naive.known import Known, Values, growth, ratio, total, within
from tests.dbt_project.random_market import Row

BALANCE_DAYS = 180
BALANCES = (
    "balance_amount", "lowest_balance_amount_30d", "lowest_balance_amount_90d", "low_balance_amount_90d",
    "mean_balance_amount_30d", "mean_balance_amount_90d", "low_balance_days_90d", "negative_balance_days_90d",
    "balance_months_ratio_90d", "cash_out_days_90d",
)  # fmt: skip


def payments(known: Known, seller_id: str) -> Values:
    """One seller's features of the family."""
    moved = known.of("payments", seller_id)
    values = _flows(moved, known.as_of) | _growths(moved, known.as_of) | _suppliers(moved, known.as_of)
    return values | _operations(moved, known.as_of) | _balances(moved, known.as_of, values["outflow_amount_90d"])


def _sum(rows: list[Row], direction: str, *kinds: str) -> Decimal:
    return total(row for row in rows if row["direction"] == direction and (not kinds or row["kind"] in kinds))


def _flows(payments: list[Row], as_of: date) -> Values:
    values: Values = {}
    for days in (30, 90, 365):
        moved = within(payments, "occurred_at", as_of, days)
        inflow, outflow = _sum(moved, "in"), _sum(moved, "out")
        values |= {f"inflow_amount_{days}d": inflow, f"outflow_amount_{days}d": outflow}
        values[f"net_flow_amount_{days}d"] = inflow - outflow
    moved = within(payments, "occurred_at", as_of, 90)
    inflow, sold = values["inflow_amount_90d"], _sum(moved, "in", "sale")
    values |= {"payments_90d": len(moved), "net_flow_ratio_90d": ratio(values["net_flow_amount_90d"], inflow)}
    for kind in ("payout", "purchase", "fee"):
        values[f"{kind}_ratio_90d"] = ratio(_sum(moved, "out", kind), inflow)
    values["transfer_outflow_ratio_90d"] = ratio(_sum(moved, "out", "transfer"), inflow)
    values["refund_outflow_ratio_90d"] = ratio(_sum(moved, "out", "refund"), sold)
    values["loan_inflow_share_90d"] = ratio(_sum(moved, "in", "loan_disbursement"), inflow)
    return values | {"sale_inflow_share_90d": ratio(sold, inflow)}


def _growths(payments: list[Row], as_of: date) -> Values:
    values: Values = {}
    for name, direction, days in (("inflow", "in", 30), ("inflow", "in", 90), ("outflow", "out", 90)):
        now = _sum(within(payments, "occurred_at", as_of, days), direction)
        before = _sum(within(payments, "occurred_at", as_of, days, skip=days), direction)
        values[f"{name}_growth_{days}d"] = growth(now, before)
    return values


def _operations(payments: list[Row], as_of: date) -> Values:
    """What the trade itself brings and leaves."""
    moved = within(payments, "occurred_at", as_of, 90)
    trade = [row for row in moved if row["kind"] not in ("transfer", "payout", "loan_disbursement", "loan_repayment")]
    inflow = _sum(trade, "in")
    left = inflow - _sum(trade, "out")
    return {
        "operating_inflow_amount_90d": inflow,
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


def _balances(payments: list[Row], as_of: date, outflow_90d: Decimal) -> Values:
    closing = _closing_balances(payments, as_of)
    month = [balance for age, balance in closing.items() if age < 30]
    quarter = sorted(balance for age, balance in closing.items() if age < 90)
    mean = ratio(sum(quarter), len(quarter))
    if mean is None:
        return dict.fromkeys(BALANCES)
    fifth = quarter[-(-len(quarter) * 5 // 100) - 1]  # the nearest rank
    values = (
        closing[0],
        min(month),
        quarter[0],
        fifth,
        ratio(sum(month), len(month)),
        mean,
        sum(balance * 90 < outflow_90d * 7 for balance in quarter),
        sum(balance < 0 for balance in quarter),
        ratio(closing[0], outflow_90d / 3),
        ratio(max(mean, 0), outflow_90d / 90),
    )
    return dict(zip(BALANCES, values, strict=True))


def _closing_balances(payments: list[Row], as_of: date) -> dict[int, Decimal]:
    """The balance at the close of every day by its age, as far back as one is known."""
    reported = [row for row in payments if row["balance_after"] is not None]
    last = {
        row["occurred_at"].date(): row for row in sorted(reported, key=lambda r: (r["occurred_at"], r["payment_id"]))
    }
    balance, closing = None, {}
    for age in reversed(range(BALANCE_DAYS)):
        if row := last.get(as_of - timedelta(days=age)):
            balance = row["balance_after"]
        if balance is not None:
            closing[age] = balance
    return closing
