"""Statuses, times and amounts that contradict each other, as real exports have them, strewn over a random market."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

STEPS = ("paid_at", "shipped_at", "delivered_at", "cancelled_at")
HOURS = (-60, -24, -23, -1, 0, 1, 30)
Row = dict[str, Any]


def contradicted(dice: random.Random, table: str, row: Row) -> Row:
    """The row, and about one in five times with something that contradicts the rest; its key and seller stay."""
    return row | CHANGES[table](dice, row) if table in CHANGES and dice.random() < 0.2 else row


def _near(dice: random.Random, moment: datetime | None) -> datetime | None:
    return moment and moment + timedelta(hours=dice.choice(HOURS))


def _order(dice: random.Random, row: Row) -> Row:
    step = dice.choice(STEPS)
    return dice.choice(
        [
            {step: None},
            {"status": dice.choice(["created", "paid", "shipped", "delivered", "cancelled"])},
            {"status": "cancelled", "cancelled_at": None},
            {step: _near(dice, row["ordered_at"])},
            {"shipped_at": _near(dice, row.get("paid_at"))},
            {"delivered_at": _near(dice, row.get("shipped_at"))},
            {"promised_at": _near(dice, row["ordered_at"])},
            {"cancelled_at": _near(dice, row.get("delivered_at") or row.get("paid_at"))},
        ]
    )


def _payment(dice: random.Random, row: Row) -> Row:
    return {"direction": "out" if row["direction"] == "in" else "in"}


def _refund(dice: random.Random, row: Row) -> Row:
    return {"completed_at": _near(dice, row["requested_at"])}


def _loan(dice: random.Random, row: Row) -> Row:
    """Not declined and yet disbursed: such rows are set aside before they come here."""
    if row["status"] == "declined":
        return {"decided_at": dice.choice([None, _near(dice, row["applied_at"])])}
    return dice.choice(
        [
            {"disbursed_at": None},
            {"disbursed_at": None, "decided_at": None},
            {"status": "applied"},
            {"principal": dice.choice([None, Decimal(0)])},
            {"disbursed_at": _near(dice, row["applied_at"]), "status": "disbursed"},
            {"decided_at": _near(dice, row["applied_at"])},
            {"status": "repaid"},
        ]
    )


def _repayment(dice: random.Random, row: Row) -> Row:
    return dice.choice(
        [
            {"amount_due": Decimal(0)},
            {"amount_due": Decimal(0), "paid_at": None, "amount_paid": None},
            {"amount_paid": None},
            {"paid_at": None},
            {"paid_at": None, "amount_paid": row["amount_due"]},
            {"amount_paid": row["amount_due"] * 2},
            {"amount_paid": Decimal(0)},
        ]
    )


CHANGES: dict[str, Callable[[random.Random, Row], Row]] = {
    "orders": _order,
    "payments": _payment,
    "refunds": _refund,
    "loans": _loan,
    "repayments": _repayment,
}
