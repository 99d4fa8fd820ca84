"""What counts where a status and a time, two times, or a time and an amount of a raw row contradict each other.

Real exports are full of such rows, so nearly all are read, by the rule that harms seller and lender least; a row is set
aside only where both readings would be wrong. The soft checks of admission, its count of such rows and the table in
docs/raw_contract.md come from this file; dbt_project/models/staging applies it, and a test holds each line to that.
"""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["status", "time", "both", "amount", "derived", "not known", "set aside"]

STEPS = "ordered_at, paid_at, shipped_at, delivered_at"


@dataclass(frozen=True)
class Rule:
    """One line of the table.

    ``case``: what contradicts what. ``verdict``: what counts; ``derived`` where a rule gives what nothing tells.
    ``reading``: how the row is read, or for ``set aside`` what to send instead. ``condition``: SQL over the table's
    columns, true of such rows; empty where the other side is in another table.
    """

    name: str
    table: str
    case: str
    verdict: Verdict
    reading: str
    condition: str = ""


RULES: tuple[Rule, ...] = (
    Rule(
        "shop_sells_while_not_active",
        "sellers",
        "status suspended or closed, and orders go on",
        "status",
        "Not active, so no offer; the sales count.",
    ),
    Rule(
        "shop_registered_after_its_first_sale",
        "sellers",
        "registered_at after a sale of the last 365 days",
        "time",
        "Its tenure counts from the first of these sales.",
    ),
    Rule("shop_without_status", "sellers", "no status", "derived", "Active.", "status is null"),
    Rule(
        "cancelled_without_time",
        "orders",
        "status cancelled, no cancelled_at",
        "status",
        "Cancelled at the latest of its other times: never too early, and the same however often the row arrives.",
        "status = 'cancelled' and cancelled_at is null",
    ),
    Rule(
        "cancelled_time_without_status",
        "orders",
        "cancelled_at, another status, no later time",
        "time",
        "Cancelled.",
        f"status <> 'cancelled' and cancelled_at >= greatest({STEPS})",
    ),
    Rule(
        "went_on_after_cancellation",
        "orders",
        "cancelled_at, another status, and the order was placed, paid, shipped or delivered later",
        "status",
        "Not cancelled: the order went on.",
        f"status <> 'cancelled' and cancelled_at < greatest({STEPS})",
    ),
    Rule(
        "cancelled_and_delivered",
        "orders",
        "status cancelled, and shipped_at or delivered_at",
        "both",
        "Cancelled, on the day of cancelled_at; its delivery is measured as any other.",
        "status = 'cancelled' and (shipped_at is not null or delivered_at is not null)",
    ),
    Rule(
        "cancelled_without_payment",
        "orders",
        "status cancelled, no paid_at",
        "time",
        "It was never paid, so it was no sale, whatever was shipped.",
        "status = 'cancelled' and paid_at is null",
    ),
    Rule(
        "paid_without_time",
        "orders",
        "status paid, shipped or delivered, no paid_at",
        "status",
        "A sale at ordered_at: most marketplaces take the money then, and cash on delivery follows the order.",
        "status in ('paid', 'shipped', 'delivered') and paid_at is null",
    ),
    Rule(
        "paid_time_before_status",
        "orders",
        "status created, and paid_at",
        "time",
        "Paid.",
        "status = 'created' and paid_at is not null",
    ),
    Rule(
        "shipped_without_time",
        "orders",
        "status shipped or delivered, no shipped_at",
        "not known",
        "Its time to ship is not measured: neither late nor in time.",
        "status in ('shipped', 'delivered') and shipped_at is null",
    ),
    Rule(
        "shipped_time_before_status",
        "orders",
        "status created or paid, and shipped_at",
        "time",
        "Shipped.",
        "status in ('created', 'paid') and shipped_at is not null",
    ),
    Rule(
        "delivered_without_time",
        "orders",
        "status delivered, no delivered_at",
        "not known",
        "Its delivery is not measured: neither late nor in time.",
        "status = 'delivered' and delivered_at is null",
    ),
    Rule(
        "delivered_time_before_status",
        "orders",
        "status created, paid or shipped, and delivered_at",
        "time",
        "Delivered.",
        "status in ('created', 'paid', 'shipped') and delivered_at is not null",
    ),
    Rule(
        "paid_before_ordered",
        "orders",
        "paid_at before ordered_at",
        "derived",
        "Paid at ordered_at.",
        "paid_at < ordered_at",
    ),
    Rule(
        "cancelled_before_ordered",
        "orders",
        "status cancelled, cancelled_at before ordered_at",
        "derived",
        "Cancelled at ordered_at.",
        "status = 'cancelled' and cancelled_at < ordered_at",
    ),
    Rule(
        "promised_before_ordered",
        "orders",
        "promised_at before ordered_at",
        "not known",
        "Nothing was promised: neither late nor in time.",
        "promised_at < ordered_at",
    ),
    Rule(
        "shipped_or_delivered_just_before_ordered",
        "orders",
        "shipped_at or delivered_at less than 24 hours before ordered_at",
        "derived",
        "At ordered_at: clocks differ, and many exports give days only.",
        "(shipped_at < ordered_at and shipped_at > ordered_at - interval 24 hour) "
        "or (delivered_at < ordered_at and delivered_at > ordered_at - interval 24 hour)",
    ),
    Rule(
        "shipped_or_delivered_long_before_ordered",
        "orders",
        "shipped_at or delivered_at 24 hours or more before ordered_at",
        "not known",
        "When is not known, and not measured.",
        "shipped_at <= ordered_at - interval 24 hour or delivered_at <= ordered_at - interval 24 hour",
    ),
    Rule(
        "shipped_just_before_paid",
        "orders",
        "shipped_at less than 24 hours before paid_at, and not delivered before paid_at",
        "derived",
        "Shipped at paid_at, so in time.",
        "shipped_at < paid_at and shipped_at > paid_at - interval 24 hour "
        "and (delivered_at is null or delivered_at >= paid_at)",
    ),
    Rule(
        "shipped_long_before_paid",
        "orders",
        "shipped_at 24 hours or more before paid_at",
        "both",
        "As with cash on delivery: a sale at paid_at; a time to ship from payment is not measured.",
        "shipped_at <= paid_at - interval 24 hour",
    ),
    Rule(
        "delivered_before_paid",
        "orders",
        "delivered_at before paid_at",
        "both",
        "As with cash on delivery: delivered at delivered_at, a sale at paid_at.",
        "delivered_at < paid_at",
    ),
    Rule(
        "delivered_before_shipped",
        "orders",
        "delivered_at before shipped_at",
        "time",
        "delivered_at counts; shipped_at is not known, so the delivery was neither late to leave nor too fast.",
        "delivered_at < shipped_at",
    ),
    Rule(
        "sale_taken_back",
        "payments",
        "kind sale, direction out",
        "both",
        "Money back to a buyer: read as a refund.",
        "kind = 'sale' and direction = 'out'",
    ),
    Rule(
        "payout_returned",
        "payments",
        "kind payout, direction in",
        "both",
        "The seller's own money, back from its bank: read as a transfer, no income.",
        "kind = 'payout' and direction = 'in'",
    ),
    Rule(
        "disbursement_taken_back",
        "payments",
        "kind loan_disbursement, direction out",
        "both",
        "Money back to the lender: read as a loan_repayment.",
        "kind = 'loan_disbursement' and direction = 'out'",
    ),
    Rule(
        "repayment_returned",
        "payments",
        "kind loan_repayment, direction in",
        "both",
        "Money back from the lender: read as a loan_disbursement, no income.",
        "kind = 'loan_repayment' and direction = 'in'",
    ),
    Rule(
        "cost_given_back",
        "payments",
        "kind refund, fee or purchase, direction in",
        "both",
        "Income of the kind other; what was refunded, charged or bought stays as it was.",
        "kind in ('refund', 'fee', 'purchase') and direction = 'in'",
    ),
    Rule(
        "refunded_just_before_requested",
        "refunds",
        "completed_at less than 24 hours before requested_at",
        "derived",
        "Completed at requested_at.",
        "completed_at < requested_at and completed_at > requested_at - interval 24 hour",
    ),
    Rule(
        "refunded_long_before_requested",
        "refunds",
        "completed_at 24 hours or more before requested_at",
        "not known",
        "It counts at requested_at; how long it took is not measured.",
        "completed_at <= requested_at - interval 24 hour",
    ),
    Rule(
        "reviewed_before_delivered",
        "reviews",
        "reviewed_at before the order's delivered_at",
        "both",
        "It counts at reviewed_at; with 5 stars it is one of less than 24 hours after delivery.",
    ),
    Rule(
        "disbursed_without_time",
        "loans",
        "status disbursed, repaid or written_off, no disbursed_at",
        "status",
        "Paid out on the day of decided_at; without one, or if it is earlier, of applied_at.",
        "status in ('disbursed', 'repaid', 'written_off') and disbursed_at is null",
    ),
    Rule(
        "applied_but_disbursed",
        "loans",
        "status applied, and disbursed_at",
        "time",
        "Disbursed: money that is out is a loan.",
        "status = 'applied' and disbursed_at is not null",
    ),
    Rule(
        "declined_but_disbursed",
        "loans",
        "status declined, and disbursed_at",
        "set aside",
        "send it as disbursed if the money is out, without disbursed_at if it is not",
        "status = 'declined' and disbursed_at is not null",
    ),
    Rule(
        "applied_but_decided",
        "loans",
        "status applied, and decided_at",
        "status",
        "Not decided yet: an application.",
        "status = 'applied' and decided_at is not null and disbursed_at is null",
    ),
    Rule(
        "decided_without_time",
        "loans",
        "status other than applied, no decided_at",
        "status",
        "Decided; nothing is measured from the day of a decision.",
        "status <> 'applied' and decided_at is null",
    ),
    Rule(
        "decided_before_applied",
        "loans",
        "decided_at before applied_at",
        "both",
        "As with an offer that came first; the application's day counts.",
        "decided_at < applied_at",
    ),
    Rule(
        "disbursed_before_decided",
        "loans",
        "disbursed_at before decided_at",
        "both",
        "The payout's day counts.",
        "disbursed_at < decided_at",
    ),
    Rule(
        "disbursed_before_applied",
        "loans",
        "disbursed_at on a day before applied_at",
        "time",
        "Applied for on the day of disbursed_at, so that the features of the decision do not know of the loan.",
        "disbursed_at::date < applied_at::date",
    ),
    Rule(
        "lent_without_amount",
        "loans",
        "status disbursed, repaid or written_off, principal missing or 0",
        "not known",
        "A loan of an unknown amount: in no sum or share of principals.",
        "status in ('disbursed', 'repaid', 'written_off') and coalesce(principal, 0) = 0",
    ),
    Rule(
        "asked_for_an_amount",
        "loans",
        "status applied or declined, and principal, term_days or annual_rate",
        "status",
        "What was asked for or offered; nothing was lent.",
        "status in ('applied', 'declined') and disbursed_at is null "
        "and (principal is not null or term_days is not null or annual_rate is not null)",
    ),
    Rule(
        "lent_without_terms",
        "loans",
        "status disbursed, repaid or written_off, no term_days or annual_rate",
        "not known",
        "Empty in the credit record; what is due is said by the installments.",
        "status in ('disbursed', 'repaid', 'written_off') and (term_days is null or annual_rate is null)",
    ),
    Rule(
        "repaid_with_open_installments",
        "loans",
        "status repaid, and installments without a full payment",
        "status",
        "Nothing is outstanding or past due. Nobody knows when such an installment was paid: it does not count.",
    ),
    Rule(
        "written_off_with_paid_installments",
        "loans",
        "status written_off, and every installment is paid",
        "status",
        "In default from the first night that told of it.",
    ),
    Rule(
        "disbursed_with_paid_installments",
        "loans",
        "status disbursed, and every installment is paid",
        "both",
        "An open loan with nothing outstanding, until its status is repaid.",
    ),
    Rule(
        "installments_without_a_loan",
        "loans",
        "status applied or declined, and installments",
        "status",
        "A plan: nothing of it is due, late or owed.",
    ),
    Rule(
        "nothing_due",
        "repayments",
        "amount_due 0, with or without paid_at",
        "amount",
        "As after an early payoff: not due, not late, not counted.",
        "amount_due = 0",
    ),
    Rule(
        "paid_without_amount",
        "repayments",
        "paid_at, no amount_paid",
        "time",
        "Paid in full at paid_at.",
        "paid_at is not null and amount_paid is null",
    ),
    Rule(
        "paid_on_an_unknown_day",
        "repayments",
        "amount_paid at least amount_due, no paid_at",
        "amount",
        "Paid in full on the first night that told so or, if no night before told otherwise, in time: on due_on or, if "
        "that was earlier, that night.",
        "amount_due > 0 and amount_paid >= amount_due and paid_at is null",
    ),
    Rule(
        "paid_in_part_on_an_unknown_day",
        "repayments",
        "amount_paid below amount_due, no paid_at",
        "amount",
        "The rest is owed.",
        "amount_paid > 0 and amount_paid < amount_due and paid_at is null",
    ),
    Rule(
        "paid_time_with_a_part",
        "repayments",
        "paid_at, amount_paid below amount_due, also 0",
        "amount",
        "The rest is owed, and past due from due_on on.",
        "amount_paid < amount_due and paid_at is not null",
    ),
    Rule(
        "paid_too_much",
        "repayments",
        "amount_paid above amount_due",
        "both",
        "Paid in full; the surplus pays nothing else.",
        "amount_paid > amount_due and amount_due > 0",
    ),
    Rule(
        "paid_early",
        "repayments",
        "paid_at on a day before due_on",
        "both",
        "Paid early, whatever the day; also before the loan was paid out.",
        "paid_at::date < due_on",
    ),
)


def rules_of(table: str) -> list[Rule]:
    """The rules of a raw table, in the order of the page."""
    return [rule for rule in RULES if rule.table == table]
