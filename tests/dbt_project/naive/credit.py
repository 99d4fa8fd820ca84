"""Loans and installments, of the seller and of its owner's other shops."""

from datetime import date
from decimal import Decimal

from tests.dbt_project.naive.known import Known, Values, ratio, total, within
from tests.dbt_project.naive.resolved import counted, is_settled
from tests.dbt_project.random_market import Row


def credit(known: Known, seller_id: str) -> Values:
    """One seller's features of the family."""
    loans, as_of = known.of("loans", seller_id), known.as_of
    values = _loans(loans, as_of) | _installments(_installments_of(known, loans), as_of) | _owner(known, seller_id)
    sold = total(within(known.of("orders", seller_id), "paid_at", as_of, 90))
    still_open = [loan for loan in loans if loan["status"] == "disbursed"]
    owed_by_open = _installments_of(known, still_open)
    sized = [loan for loan in still_open if loan["principal"]]
    ends = [(row["due_on"] - as_of).days for row in owed_by_open if not is_settled(row)]
    values |= {
        "outstanding_sales_ratio_90d": ratio(values["outstanding_amount"] * 3, sold),
        "utilisation_ratio": ratio(sum(map(_owed, _installments_of(known, sized))), total(sized, "principal")),
        "loan_maturity_days": max(0, *ends) if ends else None,
    }
    return values if known.tables["loans"] else dict.fromkeys(values)


def _installments_of(known: Known, loans: list[Row]) -> list[Row]:
    return counted(loans, known.tables["repayments"])


def _loans(loans: list[Row], as_of: date) -> Values:
    statuses = [loan["status"] for loan in loans]
    recent = within(loans, "applied_at", as_of, 365)
    taken = [loan for loan in loans if loan.get("disbursed_at")]
    ages = [(as_of - loan["disbursed_at"].date()).days for loan in taken]
    return {
        "loan_applications_90d": len(within(loans, "applied_at", as_of, 90)),
        "loan_applications_365d": len(recent),
        "loan_declines_365d": sum(loan["status"] == "declined" for loan in recent),
        "loans_taken": len(taken),
        "loans_open": statuses.count("disbursed"),
        "loans_repaid": statuses.count("repaid"),
        "loans_written_off": statuses.count("written_off"),
        "days_since_first_loan": max(ages, default=None),
        "days_since_last_loan": min(ages, default=None),
        "largest_loan_amount": max((loan["principal"] for loan in taken if loan["principal"]), default=None),
    }


def _owed(row: Row) -> Decimal:
    owed: Decimal = row["amount_due"] - row["amount_paid"]
    return max(owed, Decimal("0.00"))


def _late_days(row: Row, as_of: date) -> int:
    end: date = row["paid_at"].date() if is_settled(row) else as_of
    due_on: date = row["due_on"]
    return max((end - due_on).days, 0)


def _installments(rows: list[Row], as_of: date) -> Values:
    unpaid = [row for row in rows if not is_settled(row)]
    due = [row for row in rows if row["due_on"] < as_of]
    before = [(row["due_on"] - row["paid_at"].date()).days for row in due if is_settled(row)]
    overdue, owed = sum(map(_owed, due), Decimal("0.00")), sum(map(_owed, rows), Decimal("0.00"))
    values: Values = {
        "worst_days_past_due": max((_late_days(row, as_of) for row in rows), default=0),
        "current_days_past_due": max((_late_days(row, as_of) for row in unpaid), default=0),
    }
    for days in (90, 365):
        unpaid_within = unpaid + within(filter(is_settled, rows), "paid_at", as_of, days)
        values[f"worst_days_past_due_{days}d"] = max((_late_days(row, as_of) for row in unpaid_within), default=0)
    return values | {
        "installments_due": len(due),
        "on_time_installment_share": ratio(sum(days >= 0 for days in before), len(due)),
        "early_installment_share": ratio(sum(days > 0 for days in before), len(due)),
        "mean_days_past_due": ratio(sum(_late_days(row, as_of) for row in due), len(due)),
        "repaid_due_share": ratio(total(due, "amount_due") - overdue, total(due, "amount_due")),
        "overdue_amount": overdue,
        "outstanding_amount": owed,
        "overdue_share": ratio(overdue, owed),
    }


def _owner(known: Known, seller_id: str) -> Values:
    owner = known.seller(seller_id)["owner_id"]
    shops = [row["seller_id"] for row in known.tables["sellers"] if owner and row["owner_id"] == owner]
    loans = [loan for shop in shops or [seller_id] for loan in known.of("loans", shop)]
    values = _loans(loans, known.as_of) | _installments(_installments_of(known, loans), known.as_of)
    names = ("outstanding_amount", "worst_days_past_due", "current_days_past_due", "loans_written_off")
    return {f"owner_{name}": values[name] for name in names}
