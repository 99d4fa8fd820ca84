"""Outcomes of loans as the last night of a random market knows them, by plain Python."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.dbt_project.naive.resolved import counted, is_settled, resolved
from tests.dbt_project.random_market import LAST_ON, Version, known_rows
from tradeline.contracts.label import load_label

LABEL = load_label()
EARLY = LABEL.early_payment_default
WINDOW = timedelta(days=LABEL.performance_window_days)


@dataclass(frozen=True)
class NaiveLoan:
    """A loan that was paid out; ``installments``: number, due day, day of full payment."""

    seller_id: str
    as_of: date
    disbursed_on: date
    written_off_on: date | None
    installments: list[tuple[int, date, date | None]]

    def outcome(self, age: timedelta) -> tuple[bool, bool, bool]:
        """Whether it was bad, late, an early payment default by the end of the day on which it had an age."""
        on = self.disbursed_on + age
        late_days = {number: (min(on, paid_on or on) - due_on).days for number, due_on, paid_on in self.installments}
        is_written_off = self.written_off_on is not None and self.written_off_on <= on
        worst_days = max(late_days.values(), default=0)
        early_days = max(late_days.get(number, 0) for number in range(1, EARLY.installments + 1))
        return (
            is_written_off or worst_days >= LABEL.bad_days_past_due,
            worst_days >= LABEL.indeterminate_from_days_past_due,
            early_days >= EARLY.days_past_due,
        )


def naive_loans(versions: list[Version]) -> list[NaiveLoan]:
    """Every loan of which an installment that counts, a write-off or the end is known."""
    versions = resolved(versions)
    repayments = known_rows(versions, "repayments", LAST_ON)
    loans = []
    for row in known_rows(versions, "loans", LAST_ON):
        told = [each for each in versions if each.table == "loans" and each.row["loan_id"] == row["loan_id"]]
        written_off = [each.arrived_on for each in told if each.row["status"] == "written_off"]
        installments = [(each["installment_no"], each["due_on"], _paid_on(each)) for each in counted([row], repayments)]
        if row["disbursed_at"] and (installments or written_off or row["status"] == "repaid"):
            days = row["applied_at"].date() - timedelta(days=1), row["disbursed_at"].date()
            loans.append(NaiveLoan(row["seller_id"], *days, min(written_off, default=None), installments))
    return loans


def naive_labels(loans: list[NaiveLoan]) -> Iterator[tuple[Any, ...]]:
    """Seller, decision day, is default, indeterminate, early payment default."""
    for key in {(loan.seller_id, loan.as_of) for loan in loans}:
        decided = [loan for loan in loans if (loan.seller_id, loan.as_of) == key]
        if all(loan.disbursed_on + WINDOW <= LAST_ON for loan in decided):
            outcomes = [loan.outcome(WINDOW) for loan in decided]
            is_bad, is_late, is_early = (any(each) for each in zip(*outcomes, strict=True))
            yield *key, is_bad, is_late and not is_bad, is_early


def naive_vintages(loans: list[NaiveLoan]) -> Iterator[tuple[Any, ...]]:
    """Month, age, loans, bad loans, early payment defaults."""
    for first_on in {loan.disbursed_on.replace(day=1) for loan in loans}:
        cohort = [loan for loan in loans if loan.disbursed_on.replace(day=1) == first_on]
        month_end = (first_on + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        for days in range(30, 2 * WINDOW.days + 1, 30):
            if month_end + timedelta(days=days) <= LAST_ON:
                outcomes = [loan.outcome(timedelta(days=days)) for loan in cohort]
                bad, _, early = (sum(each) for each in zip(*outcomes, strict=True))
                yield first_on, days, len(cohort), bad, early


def naive_losses(versions: list[Version]) -> Iterator[tuple[Any, ...]]:
    """Loan, seller, principal, what was paid on it, share of the principal lost."""
    for row in known_rows(resolved(versions), "loans", LAST_ON):
        own = [each for each in versions if each.row.get("loan_id") == row["loan_id"]]
        installments = [each for each in known_rows(resolved(own), "repayments", LAST_ON) if each["amount_due"] > 0]
        paid = [each["amount_paid"] or 0 for each in installments]
        is_bad = any(loan.outcome(WINDOW)[0] for loan in naive_loans(own) if loan.disbursed_on + WINDOW <= LAST_ON)
        if is_bad and paid and row.get("principal"):
            lost_share = 0.0 if row["status"] == "repaid" else max(0.0, 1 - float(sum(paid)) / float(row["principal"]))
            yield row["loan_id"], row["seller_id"], row["principal"], sum(paid), lost_share


def _paid_on(installment: dict[str, Any]) -> date | None:
    if not is_settled(installment):
        return None
    paid_on: date = installment["paid_at"].date()
    return paid_on
