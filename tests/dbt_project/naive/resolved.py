"""Rows as docs/raw_contract.md reads them where statuses and times contradict each other, by plain Python."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.dbt_project.random_market import Row, Version

DAY = timedelta(days=1)
LENT = ("disbursed", "repaid", "written_off")
UNDOING = {
    ("sale", "out"): "refund",
    ("settlement", "out"): "refund",
    ("payout", "in"): "transfer",
    ("loan_disbursement", "out"): "loan_repayment",
    ("loan_repayment", "in"): "loan_disbursement",
    ("refund", "in"): "other",
    ("fee", "in"): "other",
    ("penalty", "in"): "other",
    ("purchase", "in"): "other",
}


def resolved(versions: list[Version]) -> list[Version]:
    """The versions as they are read; one of an installment knows those before it."""
    read = {"orders": _order, "payments": _payment, "refunds": _refund, "loans": _loan}
    found = [replace(version, row=read.get(version.table, dict)(version.row)) for version in versions]
    histories: dict[tuple[Any, ...], list[Version]] = defaultdict(list)
    for version in sorted(found, key=lambda version: version.arrived_on):
        if version.table == "repayments":
            histories[version.row["loan_id"], version.row["installment_no"]].append(version)
    for history in histories.values():
        _installments(history)
    return found


def counted(loans: list[Row], repayments: list[Row]) -> list[Row]:
    """The installments of these loans that count."""
    statuses = {loan["loan_id"]: loan["status"] for loan in loans}
    return [
        row
        for row in repayments
        if row["amount_due"] > 0
        and (status := statuses.get(row["loan_id"])) in LENT
        and (status != "repaid" or is_settled(row))
    ]


def is_settled(row: Row) -> bool:
    """Whether an installment, as it is read, is paid in full."""
    return row["paid_at"] is not None and row["amount_paid"] >= row["amount_due"]


def _latest(*moments: datetime | None) -> datetime:
    return max(moment for moment in moments if moment)


def _not_before(moment: datetime | None, begin: datetime) -> datetime | None:
    if moment is None or begin - moment >= DAY:
        return None
    return max(moment, begin)


def _order(row: Row) -> Row:
    status, ordered_at = row["status"], row["ordered_at"]
    paid_at, cancelled_at, promised_at = row.get("paid_at"), row.get("cancelled_at"), row.get("promised_at")
    latest = _latest(ordered_at, paid_at, row.get("shipped_at"), row.get("delivered_at"))
    if status == "cancelled":
        cancelled_at = max(cancelled_at, ordered_at) if cancelled_at else latest
    elif cancelled_at and cancelled_at < latest:
        cancelled_at = None
    if paid_at:
        paid_at = max(paid_at, ordered_at)
    elif status in ("paid", "shipped", "delivered"):
        paid_at = ordered_at
    delivered_at = _not_before(row.get("delivered_at"), ordered_at)
    shipped_at = _shipped_at(_not_before(row.get("shipped_at"), ordered_at), paid_at, delivered_at)
    promised_at = promised_at if promised_at and promised_at >= ordered_at else None
    times = {"shipped_at": shipped_at, "delivered_at": delivered_at, "promised_at": promised_at}
    return row | times | {"paid_at": paid_at, "cancelled_at": cancelled_at}


def _shipped_at(
    shipped_at: datetime | None, paid_at: datetime | None, delivered_at: datetime | None
) -> datetime | None:
    if shipped_at is None or (delivered_at and shipped_at > delivered_at):
        return None
    if paid_at and timedelta(0) < paid_at - shipped_at < DAY and not (delivered_at and delivered_at < paid_at):
        return paid_at
    return shipped_at


def _payment(row: Row) -> Row:
    return row | {"kind": UNDOING.get((row["kind"], row["direction"]), row["kind"])}


def _refund(row: Row) -> Row:
    return row | {"completed_at": _not_before(row["completed_at"], row["requested_at"])}


def _loan(row: Row) -> Row:
    status, applied_at, disbursed_at = row["status"], row["applied_at"], row.get("disbursed_at")
    if status == "applied" and disbursed_at:
        status = "disbursed"
    if status in LENT and not disbursed_at:
        disbursed_at = _latest(applied_at, row.get("decided_at"))
    if disbursed_at and disbursed_at.date() < applied_at.date():
        applied_at = disbursed_at
    principal = row.get("principal") or None
    return row | {"status": status, "applied_at": applied_at, "disbursed_at": disbursed_at, "principal": principal}


def _installments(history: list[Version]) -> None:
    """Fill in, in place, what each version of one installment does not tell."""
    told_paid_on: date | None = None
    for version in history:
        row = version.row
        paid_at, amount_paid, due = row.get("paid_at"), row.get("amount_paid"), row["amount_due"]
        if amount_paid is not None and amount_paid >= due:
            told_paid_on = told_paid_on or version.arrived_on
            if paid_at is None:
                was_open = told_paid_on > history[0].arrived_on
                paid_on = told_paid_on if was_open else min(row["due_on"], told_paid_on)
                paid_at = datetime.combine(paid_on, time())
        if amount_paid is None:
            amount_paid = due if paid_at else due * 0
        row |= {"paid_at": paid_at, "amount_paid": amount_paid}
