"""One seller for each line of the contract's table of contradictions, and what its features are to be.

Every seller has one plain order; its rows at odds come on top, each told as the changes to a plain row of its table.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.dbt_project.random_market import Row, Version

AS_OF = date(2024, 12, 31)
NIGHT = date(2024, 12, 30)

PLAIN: dict[str, Row] = {
    "sellers": {"seller_type": "business", "registered_at": datetime(2024, 1, 1), "status": "active"},
    "orders": {
        "buyer_id": "buyer",
        "status": "delivered",
        "ordered_at": datetime(2024, 12, 20, 10),
        "paid_at": datetime(2024, 12, 20, 10, 5),
        "shipped_at": datetime(2024, 12, 21, 10, 5),
        "promised_at": datetime(2024, 12, 25),
        "delivered_at": datetime(2024, 12, 23, 10),
        "amount": Decimal(50),
    },
    "payments": {"direction": "in", "kind": "sale", "amount": Decimal(100), "occurred_at": datetime(2024, 12, 20)},
    "refunds": {"order_id": "plain", "amount": Decimal(5), "requested_at": datetime(2024, 12, 22, 10)},
    "reviews": {"order_id": "plain", "rating": 5, "reviewed_at": datetime(2024, 12, 24, 11)},
    "loans": {
        "applied_at": datetime(2024, 9, 1, 9),
        "decided_at": datetime(2024, 9, 1, 10),
        "status": "disbursed",
        "principal": Decimal(300),
        "term_days": 90,
        "annual_rate": 0.18,
        "disbursed_at": datetime(2024, 9, 1, 12),
    },
    "repayments": {
        "loan_id": "loans-0",
        "installment_no": 1,
        "due_on": date(2024, 10, 1),
        "amount_due": Decimal(100),
        "paid_at": datetime(2024, 10, 1, 8),
        "amount_paid": Decimal(100),
    },
}
IDS = {
    "orders": "order_id",
    "payments": "payment_id",
    "refunds": "refund_id",
    "reviews": "review_id",
    "loans": "loan_id",
}


@dataclass(frozen=True)
class Example:
    """``rows``: table and changes, with ``arrived_on`` where it is not the usual night; ``features``: what follows."""

    features: dict[str, Any]
    rows: list[tuple[str, Row]] = field(default_factory=list)


def _at(month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    return datetime(2024, month, day, hour, minute)


def order(**changes: Any) -> tuple[str, Row]:
    """An order at odds with itself."""
    return "orders", changes


def payment(kind: str, direction: str, amount: int) -> tuple[str, Row]:
    """A payment of an amount."""
    return "payments", {"kind": kind, "direction": direction, "amount": Decimal(amount)}


def loan(**changes: Any) -> tuple[str, Row]:
    """A loan; the first of a seller is that of its installments."""
    return "loans", changes


def installment(**changes: Any) -> tuple[str, Row]:
    """An installment, paid on its day but for the changes."""
    return "repayments", changes


NO_STEPS: Row = {"shipped_at": None, "delivered_at": None}
OPEN: Row = {"paid_at": None, "amount_paid": None}

EXAMPLES: dict[str, Example] = {
    "shop_sells_while_not_active": Example(
        {"seller_status": "closed", "orders_90d": 1}, [("sellers", {"status": "closed"})]
    ),
    "shop_registered_after_its_first_sale": Example(
        {"tenure_days": 11}, [("sellers", {"registered_at": datetime(2024, 12, 29)})]
    ),
    "shop_without_status": Example({"seller_status": "active"}, [("sellers", {"status": None})]),
    # Placed 92 days ago and paid 87 days ago: the latest time is in the window.
    "cancelled_without_time": Example(
        {"cancellation_rate_90d": 1.0, "paid_cancellation_rate_90d": 0.5, "cancellation_rate_30d": 0.0},
        [order(status="cancelled", ordered_at=_at(9, 30), paid_at=_at(10, 5), **NO_STEPS)],
    ),
    "cancelled_time_without_status": Example(
        {"cancellation_rate_90d": 0.5}, [order(status="paid", cancelled_at=_at(12, 22), **NO_STEPS)]
    ),
    "went_on_after_cancellation": Example(
        {"cancellation_rate_90d": 0.0, "delivery_days_90d": 3.0}, [order(cancelled_at=_at(12, 21, 12))]
    ),
    "cancelled_and_delivered": Example(
        {"cancellation_rate_90d": 0.5, "delivery_days_90d": 4.0},
        [order(status="cancelled", delivered_at=_at(12, 25), cancelled_at=_at(12, 24))],
    ),
    "cancelled_without_payment": Example(
        {"cancellation_rate_90d": 0.5, "orders_90d": 1, "paid_cancellation_rate_90d": 0.0},
        [order(status="cancelled", paid_at=None, delivered_at=None, cancelled_at=_at(12, 24))],
    ),
    "paid_without_time": Example(
        {"orders_90d": 3, "sales_amount_90d": Decimal(150), "ship_days_90d": 1.5},
        [
            order(status="shipped", paid_at=None, shipped_at=_at(12, 22), delivered_at=None),
            order(status="paid", paid_at=None, **NO_STEPS),
        ],
    ),
    "paid_time_before_status": Example({"orders_90d": 2}, [order(status="created", **NO_STEPS)]),
    "shipped_without_time": Example(
        {"ship_days_90d": 1.0, "late_shipment_rate_90d": 0.0, "orders_90d": 2},
        [order(status="shipped", **NO_STEPS)],
    ),
    "shipped_time_before_status": Example(
        {"ship_days_90d": 2.0}, [order(status="paid", shipped_at=_at(12, 23, 10, 5), delivered_at=None)]
    ),
    "delivered_without_time": Example({"delivery_days_90d": 3.0, "orders_90d": 2}, [order(delivered_at=None)]),
    "delivered_time_before_status": Example(
        {"delivery_days_90d": 4.0}, [order(status="created", delivered_at=_at(12, 25))]
    ),
    "paid_before_ordered": Example({"sales_amount_30d": Decimal(100)}, [order(paid_at=_at(9, 1))]),
    "cancelled_before_ordered": Example(
        {"cancellation_rate_30d": 0.5}, [order(status="cancelled", cancelled_at=_at(9, 1), **NO_STEPS)]
    ),
    "promised_before_ordered": Example({"late_delivery_rate_90d": 0.0}, [order(promised_at=_at(12, 19))]),
    "shipped_or_delivered_just_before_ordered": Example(
        {"ship_days_90d": 0.5, "delivery_days_90d": 2.0},
        [order(shipped_at=_at(12, 20, 0)), order(shipped_at=None, delivered_at=_at(12, 20, 0))],
    ),
    "shipped_or_delivered_long_before_ordered": Example(
        {"ship_days_90d": 1.0, "delivery_days_90d": 3.0},
        [order(shipped_at=_at(12, 19)), order(shipped_at=None, delivered_at=_at(12, 19))],
    ),
    "shipped_just_before_paid": Example({"ship_days_90d": 0.5}, [order(paid_at=_at(12, 21, 20))]),
    "shipped_long_before_paid": Example(
        {"ship_days_90d": 1.0, "median_ship_days_90d": 1.0, "orders_90d": 2}, [order(paid_at=_at(12, 22, 10, 5))]
    ),
    "delivered_before_paid": Example(
        {"ship_days_90d": 1.0, "delivery_days_90d": 3.0, "orders_90d": 2},
        [order(paid_at=_at(12, 23, 12), shipped_at=_at(12, 23, 8))],
    ),
    "delivered_before_shipped": Example(
        {"ship_days_90d": 1.0, "delivery_days_90d": 2.0, "fast_delivery_share_90d": 0.0},
        [order(delivered_at=_at(12, 21), shipped_at=_at(12, 22))],
    ),
    "sale_taken_back": Example(
        {"refund_outflow_ratio_90d": 0.4, "sale_inflow_share_90d": 1.0, "outflow_amount_90d": Decimal(40)},
        [payment("sale", "in", 100), payment("sale", "out", 40)],
    ),
    "payout_returned": Example(
        {"operating_inflow_amount_90d": Decimal(100), "operating_flow_amount_90d": Decimal(100)},
        [payment("sale", "in", 100), payment("payout", "out", 80), payment("payout", "in", 80)],
    ),
    "disbursement_taken_back": Example(
        {"operating_inflow_amount_90d": Decimal(100), "operating_flow_amount_90d": Decimal(100)},
        [payment("sale", "in", 100), payment("loan_disbursement", "in", 60), payment("loan_disbursement", "out", 60)],
    ),
    "repayment_returned": Example(
        {"operating_inflow_amount_90d": Decimal(100), "operating_flow_amount_90d": Decimal(100)},
        [payment("sale", "in", 100), payment("loan_repayment", "out", 50), payment("loan_repayment", "in", 50)],
    ),
    "cost_given_back": Example(
        {"fee_ratio_90d": 0.125, "operating_inflow_amount_90d": Decimal(100)},
        [payment("sale", "in", 100), payment("fee", "out", 15), payment("fee", "in", 20)],
    ),
    "refunded_just_before_requested": Example(
        {"median_refund_days_180d": 0.0}, [("refunds", {"completed_at": _at(12, 22, 0)})]
    ),
    "refunded_long_before_requested": Example(
        {"median_refund_days_180d": None, "refund_rate_90d": 1.0}, [("refunds", {"completed_at": _at(12, 21)})]
    ),
    "reviewed_before_delivered": Example(
        {"fast_five_star_share_90d": 0.5},
        [("reviews", {"reviewed_at": _at(12, 22)}), ("reviews", {"reviewed_at": _at(12, 24)})],
    ),
    "disbursed_without_time": Example(
        {"loans_taken": 1, "days_since_first_loan": 121}, [loan(disbursed_at=None, applied_at=_at(8, 31))]
    ),
    "applied_but_disbursed": Example({"loans_taken": 1, "loans_open": 1}, [loan(status="applied")]),
    "applied_but_decided": Example(
        {"loan_applications_365d": 1, "loan_declines_365d": 0, "loans_taken": 0},
        [loan(status="applied", disbursed_at=None)],
    ),
    "decided_without_time": Example(
        {"loan_declines_365d": 1}, [loan(status="declined", decided_at=None, disbursed_at=None)]
    ),
    "decided_before_applied": Example(
        {"days_since_first_loan": 121, "loan_applications_90d": 0}, [loan(decided_at=_at(8, 1))]
    ),
    "disbursed_before_decided": Example({"days_since_first_loan": 121}, [loan(decided_at=_at(9, 5))]),
    "disbursed_before_applied": Example(
        {"days_since_first_loan": 121, "loan_applications_90d": 0}, [loan(applied_at=_at(12, 1))]
    ),
    "lent_without_amount": Example(
        {"utilisation_ratio": 0.25, "largest_loan_amount": Decimal(400), "outstanding_amount": Decimal(200)},
        [
            loan(principal=Decimal(0)),
            loan(principal=Decimal(400)),
            installment(due_on=date(2025, 1, 15), **OPEN),
            installment(loan_id="loans-1", due_on=date(2025, 1, 15), **OPEN),
        ],
    ),
    "asked_for_an_amount": Example(
        {"largest_loan_amount": None, "utilisation_ratio": None}, [loan(status="applied", disbursed_at=None)]
    ),
    "lent_without_terms": Example({"loans_taken": 1}, [loan(term_days=None, annual_rate=None)]),
    "repaid_with_open_installments": Example(
        {
            "loans_repaid": 1, "installments_due": 1, "outstanding_amount": Decimal(0),
            "current_days_past_due": 0, "worst_days_past_due": 0, "on_time_installment_share": 1.0,
            "is_default": False,
        },
        [
            loan(status="repaid"),
            installment(),
            installment(installment_no=2, **OPEN),
            installment(installment_no=3, due_on=date(2025, 2, 1), **OPEN),
        ],
    ),
    "written_off_with_paid_installments": Example(
        {"loans_written_off": 1, "current_days_past_due": 0, "is_default": True, "reason": "LOAN_WRITTEN_OFF"},
        [loan(status="written_off"), installment()],
    ),
    "disbursed_with_paid_installments": Example(
        {"loans_open": 1, "outstanding_amount": Decimal(0), "current_days_past_due": 0, "is_default": False},
        [loan(), installment()],
    ),
    "installments_without_a_loan": Example(
        {
            "installments_due": 0, "outstanding_amount": Decimal(0), "overdue_amount": Decimal(0),
            "current_days_past_due": 0, "worst_days_past_due": 0,
        },
        [loan(status="declined", disbursed_at=None), installment(**OPEN)],
    ),
    "nothing_due": Example(
        {
            "installments_due": 1, "on_time_installment_share": 1.0, "outstanding_amount": Decimal(0),
            "current_days_past_due": 0, "worst_days_past_due": 0, "is_default": False,
        },
        [
            loan(),
            installment(installment_no=2, arrived_on=date(2024, 9, 1), due_on=date(2024, 9, 20), **OPEN),
            installment(installment_no=2, due_on=date(2024, 9, 20), amount_due=Decimal(0), **OPEN),
            installment(),
        ],
    ),
    "paid_without_amount": Example(
        {"worst_days_past_due": 10, "current_days_past_due": 0, "outstanding_amount": Decimal(0)},
        [loan(), installment(paid_at=_at(10, 11), amount_paid=None)],
    ),
    # The first was open when it first arrived, and told twice afterwards; of the second nothing else is known.
    "paid_on_an_unknown_day": Example(
        {"worst_days_past_due": 10, "on_time_installment_share": 0.5, "current_days_past_due": 0},
        [
            loan(),
            installment(arrived_on=date(2024, 9, 1), **OPEN),
            installment(arrived_on=date(2024, 10, 11), paid_at=None),
            installment(paid_at=None),
            installment(installment_no=2, paid_at=None),
        ],
    ),
    "paid_in_part_on_an_unknown_day": Example(
        {"outstanding_amount": Decimal(60), "current_days_past_due": 91},
        [loan(), installment(paid_at=None, amount_paid=Decimal(40))],
    ),
    "paid_time_with_a_part": Example(
        {"outstanding_amount": Decimal(100), "current_days_past_due": 91, "reason": "PAST_DUE", "is_default": True},
        [loan(), installment(amount_paid=Decimal(0))],
    ),
    "paid_too_much": Example(
        {"outstanding_amount": Decimal(100), "current_days_past_due": 60},
        [
            loan(),
            installment(amount_paid=Decimal(150)),
            installment(installment_no=2, due_on=date(2024, 11, 1), **OPEN),
        ],
    ),
    "paid_early": Example({"early_installment_share": 1.0}, [loan(), installment(paid_at=_at(8, 1))]),
}  # fmt: skip


def example_versions() -> list[Version]:
    """The rows of every example and of a seller ``plain`` that has one plain row of each table."""
    plain: list[tuple[str, Row]] = [(table, {}) for table in PLAIN if table not in ("sellers", "orders")]
    everyone = {name: example.rows for name, example in EXAMPLES.items()} | {"plain": plain}
    return [version for name, rows in everyone.items() for version in _versions(name, rows)]


def _versions(seller_id: str, rows: list[tuple[str, Row]]) -> list[Version]:
    changed: dict[str, Row] = dict(row for row in rows if row[0] == "sellers")
    sold = PLAIN["orders"] | {"order_id": "plain", "seller_id": seller_id}
    found = [_version("sellers", seller_id, changed.get("sellers", {})), Version("orders", NIGHT, sold)]
    for table, changes in (row for row in rows if row[0] != "sellers"):
        number = sum(version.table == table for version in found)
        own = {IDS[table]: f"{table}-{number}"} if table in IDS else {}
        found.append(_version(table, seller_id, own | changes))
    return found


def _version(table: str, seller_id: str, changes: Row) -> Version:
    row = PLAIN[table] | changes | {"seller_id": seller_id}
    arrived_on = row.pop("arrived_on", NIGHT)
    own = {name: f"{seller_id}-{row[name]}" for name in ("payment_id", "refund_id", "loan_id") if name in row}
    return Version(table, arrived_on, row | own)
