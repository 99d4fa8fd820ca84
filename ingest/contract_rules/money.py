"""Payments against their kind, refunds and reviews against their times."""

from ingest.contract_rules.rule import Rule

MONEY_RULES: tuple[Rule, ...] = (
    Rule(
        "sale_taken_back",
        "payments",
        "kind sale or settlement, direction out",
        "both",
        "Money back to a buyer: read as a refund.",
        "kind in ('sale', 'settlement') and direction = 'out'",
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
        "kind refund, fee, penalty or purchase, direction in",
        "both",
        "Money in of the kind other, no income; what was refunded, charged or bought stays as it was.",
        "kind in ('refund', 'fee', 'penalty', 'purchase') and direction = 'in'",
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
)
