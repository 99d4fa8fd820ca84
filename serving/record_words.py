"""A credit record in words: where a seller stands, its loans, and the nights on which something happened."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

from serving.record import Record, RecordNight

# Where lenders draw the lines of lateness, in days.
STAGES_DAYS = (90, 60, 30, 1)
STATUS_WORDS = {
    "applied": "applied for",
    "declined": "declined",
    "disbursed": "paid out",
    "repaid": "repaid",
    "written_off": "written off",
}
LOAN_HEADINGS = ("loan", "on", "amount", "paid", "paid on", "standing")
NIGHT_HEADINGS = ("as of", "score", "sales 30 d", "owed", "past due", "offer", "what happened")


def standing(record: Record) -> list[tuple[str, str]]:
    """How things stood on the latest night: headings, each with one or several lines."""
    now = record.latest
    return [
        ("seller", f"{record.seller_id}, {_who(now)}"),
        ("as of", f"{now['as_of']}, {_counted(len(record.nights), 'night')} since {record.nights[0]['as_of']}"),
        ("offer", _offer(record, now)),
        ("turnover", _turnover(record, now)),
        ("loans", _credit(record, now)),
        ("decided by", f"run {now['run_id']}, model {now['model_version'] or 'none'}, policy {now['policy_version']}"),
    ]


def loan_row(loan: dict[str, Any]) -> list[str]:
    """A loan under ``LOAN_HEADINGS``: the day on which it was paid out or else applied for, the principal, terms."""
    rate = "" if loan["annual_rate"] is None else f"{100 * loan['annual_rate']:.3g}% a year"
    days = "" if loan["term_days"] is None else f"{loan['term_days']:,} days"
    amount = "" if loan["principal_amount"] is None else f"{loan['principal_amount']:,.2f}"
    status = ", ".join(filter(None, [STATUS_WORDS.get(loan["status"], loan["status"]), rate, days]))
    return [loan["loan_id"], str(loan["disbursed_on"] or loan["applied_on"]), amount, "", "", status]


def installment_row(installment: dict[str, Any], as_of: date) -> list[str]:
    """An installment under ``LOAN_HEADINGS``: the due day, what was due and paid, and how it stood on a night."""
    return [
        str(installment["installment_no"]),
        str(installment["due_on"]),
        f"{installment['amount_due']:,.2f}",
        f"{installment['amount_paid']:,.2f}",
        str(installment["paid_on"] or ""),
        _lateness(installment, as_of),
    ]


def history(record: Record) -> list[list[str]]:
    """Rows under ``NIGHT_HEADINGS``: the first night, each month's last, and those on which something happened."""
    nights = record.nights
    happened = ["the record begins", *("; ".join(_changes(record, *pair)) for pair in pairwise(nights))]
    is_last = [now["as_of"].month != following["as_of"].month for now, following in pairwise(nights)]
    rows = zip(nights, happened, [*is_last, True], strict=True)
    return [[*_night_row(night), what] for night, what, is_months_last in rows if what or is_months_last]


def _who(night: RecordNight) -> str:
    parts = [night["seller_type"], night["industry"], night["region"], night["seller_status"]]
    return ", ".join([*filter(None, parts), f"{night['tenure_days']:,} days on the marketplace"])


def _offer(record: Record, night: RecordNight) -> str:
    scored = "no score" if night["score"] is None else f"score {night['score']}, pd {night['pd']:.1%}"
    told = [action.words for action in record.adverse_actions]
    bare = [" ".join(filter(None, reason)) for reason in _reasons(record, night)]
    if night["is_eligible"]:
        terms = f"{100 * night['annual_rate']:.3g}% a year for {night['term_days']} days{_repaid_in(night)}"
        offer = f"up to {night['limit_amount']:,.2f} {record.currency} at {terms}; {scored}"
        lowered = ["below the full limit:"] if record.adverse_actions else []
        return "\n".join([offer, *lowered, *told])
    return "\n".join([f"none; {scored}", *(told or bare)])


def _repaid_in(night: RecordNight) -> str:
    """In how many parts; nights from before there were installments do not say it."""
    installments = night.get("installments")
    return f", the principal in {installments} equal parts" if installments else ""


def _turnover(record: Record, night: RecordNight) -> str:
    if night["sales_amount_365d"] is None:
        return "unknown: no sales have landed"
    return (
        f"{night['sales_amount_30d']:,.2f} {record.currency} in 30 days, {night['sales_amount_365d']:,.2f} in 365 days "
        f"({night['orders_365d']:,} orders)"
    )


def _credit(record: Record, night: RecordNight) -> str:
    if night["loans_taken"] is None:
        return "unknown: no loans have landed"
    if not night["loans_taken"]:
        return f"none taken, {night['loan_applications']:,} applied for"
    return (
        f"{night['loan_applications']:,} applied for, {night['loans_taken']:,} taken ({night['principal_amount']:,.2f} "
        f"{record.currency}): {night['loans_repaid']:,} repaid, {night['loans_open']:,} open, "
        f"{night['loans_written_off']:,} written off; {night['outstanding_amount']:,.2f} outstanding\n"
        f"{night['installments_due']:,} installments due: {night['installments_paid_on_time']:,} paid on time, "
        f"{night['installments_paid_late']:,} late, {night['installments_unpaid']:,} unpaid; days past due: now "
        f"{night['current_days_past_due']:,}, at worst {night['worst_days_past_due']:,}"
    )


def _reasons(record: Record, night: RecordNight) -> list[tuple[str, str]]:
    """Why no loan was offered, the weightiest first: a sentence and advice, or the bare code of a bygone policy."""
    return [record.reasons.get(code, (code, "")) for code in night["reason_codes"]]


def _lateness(installment: dict[str, Any], as_of: date) -> str:
    days: int = installment["days_past_due"]
    if installment["paid_on"] and installment["amount_paid"] >= installment["amount_due"]:
        return f"{_counted(days, 'day')} late" if days else "on time"
    if days:
        return f"{_counted(days, 'day')} past due"
    return "due today" if installment["due_on"] == as_of else "to come"


def _changes(record: Record, before: RecordNight, now: RecordNight) -> Iterator[str]:
    """What happened between two nights."""
    if now["seller_status"] != before["seller_status"]:
        yield f"shop {now['seller_status']}"
    known = {loan["loan_id"]: loan["status"] for loan in before["loans"] or []}
    for loan in now["loans"] or []:
        if known.get(loan["loan_id"]) != loan["status"]:
            yield f"loan {loan['loan_id']} {STATUS_WORDS.get(loan['status'], loan['status'])}"
    if _stage(now) != _stage(before):
        days = now["current_days_past_due"]
        yield f"{_counted(days, 'day')} past due" if days else "nothing past due"
    if now["is_eligible"] != before["is_eligible"]:
        reason = "".join(sentence for sentence, _ in _reasons(record, now)[:1])
        yield "offer" if now["is_eligible"] else f"no offer: {reason}"


def _stage(night: RecordNight) -> int:
    """The line of lateness that the seller has passed; 0 for none."""
    days = night["current_days_past_due"] or 0
    return next((stage for stage in STAGES_DAYS if days >= stage), 0)


def _counted(count: int, unit: str) -> str:
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"


def _night_row(night: RecordNight) -> list[str]:
    """Days past due, what is owed and offers stand only where there are any."""
    score = "" if night["score"] is None else str(night["score"])
    sales = "" if night["sales_amount_30d"] is None else f"{night['sales_amount_30d']:,.0f}"
    owed, limit = (
        f"{amount:,.0f}" if amount else "" for amount in (night["outstanding_amount"], night["limit_amount"])
    )
    return [str(night["as_of"]), score, sales, owed, str(night["current_days_past_due"] or ""), limit]
