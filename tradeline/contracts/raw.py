"""The raw contract: every raw table's columns, types, keys and allowed values.

Validation, the warehouse's ``raw`` schema, dbt's sources and docs/raw_contract.md are derived from this file or
checked against it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Type = Literal["text", "timestamp", "date", "amount", "integer", "rate", "currency", "exchange_rate"]

SQL_TYPES: dict[Type, str] = {
    "text": "varchar",
    "timestamp": "timestamp",
    "date": "date",
    "amount": "decimal(18, 2)",
    "integer": "integer",
    "rate": "double",
    "currency": "varchar",
    "exchange_rate": "decimal(27, 15)",
}

# Times and days outside of these are slips or stand-ins (0001-01-01, 1970-01-01, 9999-12-31).
EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)
# A window of a year draws on at most 366 nights, so sums over it stay below decimal(18, 2)'s 10 000 million millions.
AMOUNT_MAX = 1e12
NIGHT_AMOUNT_MAX = 1e13
TERM_DAYS_MAX = 11_000
ANNUAL_RATE_MAX = 3
EXCHANGE_RATE_MIN, EXCHANGE_RATE_MAX = 1e-8, 1e8
# For how many days without a rate the last one counts: the Spring Festival, with its weekends, takes more than a week.
RATE_AGE_DAYS_MAX = 10


@dataclass(frozen=True)
class Column:
    """One column of a raw table.

    ``is_required``: the column must be there and hold a value; optional ones may be absent or null.
    ``is_event``: the time of something that has happened, so never after the arrival day.
    ``years_ahead``: how far after the arrival day any other time or day may lie.
    ``allowed``: the values of an enumeration; ``at_least``/``at_most``: bounds, both included.
    """

    name: str
    type: Type = "text"
    is_required: bool = True
    is_event: bool = False
    years_ahead: int = 0
    allowed: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    description: str = ""

    @property
    def is_id(self) -> bool:
        """Whether it names something: a seller, a buyer, an order."""
        return self.name.endswith("_id")

    @property
    def is_flow(self) -> bool:
        """Whether it is an amount that features add up; balances are not."""
        return self.type == "amount" and self.at_least is not None


@dataclass(frozen=True)
class Table:
    """One raw table; ``key`` names one row, ``references_*`` asks for a seller or loan known by the row's night.

    ``rate_days``: of a table whose amounts may be in another currency, the columns whose first value is the day of the
    rate that converts them.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    description: str
    references_seller: bool = True
    references_loan: bool = False
    rate_days: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """The column of that name; ``KeyError`` if the contract has none."""
        return {column.name: column for column in self.columns}[name]

    @property
    def amounts(self) -> tuple[Column, ...]:
        """The columns that are in a currency."""
        return tuple(column for column in self.columns if column.type == "amount")


def _text(name: str, description: str, *, required: bool = False, allowed: tuple[str, ...] = ()) -> Column:
    return Column(name, is_required=required, allowed=allowed, description=description)


def _event(name: str, description: str, *, required: bool = False) -> Column:
    return Column(name, "timestamp", required, is_event=True, description=description)


def _amount(name: str, description: str, *, required: bool = False) -> Column:
    return Column(name, "amount", required, at_least=0, at_most=AMOUNT_MAX, description=description)


SELLER_ID = _text("seller_id", "The shop.", required=True)
ORDER_ID = _text("order_id", "The order; one that spans several sellers has one row for each.", required=True)
CURRENCY = Column(
    "currency", "currency", False, description="What the row's amounts landed in; none is the deployment's currency."
)

SELLERS = Table(
    "sellers",
    ("seller_id",),
    (
        SELLER_ID,
        _text("seller_type", "What the seller is in law.", required=True, allowed=("individual", "business")),
        _event("registered_at", "When the shop was opened.", required=True),
        _text("industry", "What the shop mainly sells."),
        _text("region", "Where the shop is."),
        _text("owner_id", "The person or firm behind one or several shops."),
        _text("buyer_id", "The account under which the seller buys."),
        _text("status", "The shop's standing.", allowed=("active", "suspended", "closed")),
    ),
    "The shops of the marketplace.",
    references_seller=False,
)

FX_RATES = Table(
    "fx_rates",
    ("currency", "rate_on"),
    (
        Column("currency", "currency", description="The currency that is converted."),
        Column("rate_on", "date", is_event=True, description="The day of the rate."),
        Column(
            "rate",
            "exchange_rate",
            at_least=EXCHANGE_RATE_MIN,
            at_most=EXCHANGE_RATE_MAX,
            description="Units of the deployment's currency for one unit of this one.",
        ),
    ),
    "Daily rates of exchange, for amounts in other currencies.",
    references_seller=False,
)

ORDERS = Table(
    "orders",
    ("order_id", "seller_id"),
    (
        ORDER_ID,
        SELLER_ID,
        _text("buyer_id", "Who bought.", required=True),
        _text(
            "status",
            "How far the order has come.",
            required=True,
            allowed=("created", "paid", "shipped", "delivered", "cancelled"),
        ),
        _event("ordered_at", "When it was placed.", required=True),
        _event("paid_at", "When it was paid."),
        _event("shipped_at", "When the seller handed it to the carrier."),
        Column("promised_at", "timestamp", False, years_ahead=5, description="When delivery was promised for."),
        _event("delivered_at", "When the buyer got it."),
        _event("cancelled_at", "When it was called off."),
        _amount("amount", "Price of the goods of this seller, without freight.", required=True),
        _amount("freight", "What the buyer paid for carriage."),
        _text("category", "Main category of the goods."),
        _text("buyer_region", "Where the buyer is."),
        CURRENCY,
    ),
    "Orders, one row per seller in the order.",
    rate_days=("ordered_at",),
)

PAYMENTS = Table(
    "payments",
    ("payment_id",),
    (
        _text("payment_id", "The movement of money.", required=True),
        SELLER_ID,
        _text("order_id", "The order that it settles."),
        _text("counterparty_id", "Who paid or was paid."),
        _text("direction", "Into or out of the seller's account.", required=True, allowed=("in", "out")),
        _text(
            "kind",
            "What the money was for.",
            required=True,
            allowed=(
                "sale",
                "refund",
                "payout",
                "fee",
                "purchase",
                "transfer",
                "loan_disbursement",
                "loan_repayment",
                # What a bank or a wallet tells of accounts that have no orders behind them.
                "settlement",
                "salary",
                "penalty",
                "other",
            ),
        ),
        _text("method", "Card, voucher, wallet and so on; cash where notes are paid in or taken out."),
        _amount("amount", "How much, never negative: direction says which way.", required=True),
        _event("occurred_at", "When the money moved.", required=True),
        Column(
            "balance_after",
            "amount",
            False,
            at_most=AMOUNT_MAX,
            description="The account's balance afterwards; may be negative.",
        ),
        CURRENCY,
    ),
    "Movements on the sellers' payment accounts.",
    rate_days=("occurred_at",),
)

REFUNDS = Table(
    "refunds",
    ("refund_id",),
    (
        _text("refund_id", "The refund.", required=True),
        ORDER_ID,
        SELLER_ID,
        _amount("amount", "What the buyer gets back.", required=True),
        _text(
            "reason",
            "Why.",
            allowed=("not_received", "not_as_described", "damaged", "changed_mind", "dispute", "other"),
        ),
        _event("requested_at", "When the buyer asked.", required=True),
        _event("completed_at", "When the money was back."),
        CURRENCY,
    ),
    "Money given back to buyers.",
    rate_days=("requested_at",),
)

REVIEWS = Table(
    "reviews",
    ("review_id", "order_id", "seller_id"),
    (
        _text("review_id", "The review; not unique by itself.", required=True),
        ORDER_ID,
        SELLER_ID,
        _text("buyer_id", "Who wrote it."),
        Column("rating", "integer", at_least=1, at_most=5, description="Stars, 1 (worst) to 5 (best)."),
        _event("reviewed_at", "When it was written.", required=True),
    ),
    "Buyers' ratings of orders.",
)

LOANS = Table(
    "loans",
    ("loan_id",),
    (
        _text("loan_id", "The loan or the application for one.", required=True),
        SELLER_ID,
        _event("applied_at", "When the seller asked.", required=True),
        _event("decided_at", "When the lender answered."),
        _text(
            "status",
            "How far the loan has come.",
            required=True,
            allowed=("applied", "declined", "disbursed", "repaid", "written_off"),
        ),
        _amount("principal", "What was lent."),
        Column(
            "term_days",
            "integer",
            False,
            at_least=1,
            at_most=TERM_DAYS_MAX,
            description="Days from disbursement to the last installment.",
        ),
        Column(
            "annual_rate",
            "rate",
            False,
            at_least=0,
            at_most=ANNUAL_RATE_MAX,
            description="Yearly interest, 0.12 for 12%.",
        ),
        _event("disbursed_at", "When the money was paid out."),
        CURRENCY,
    ),
    "Loan applications and loans.",
    rate_days=("disbursed_at", "applied_at"),
)

REPAYMENTS = Table(
    "repayments",
    ("loan_id", "installment_no"),
    (
        _text("loan_id", "The loan.", required=True),
        Column(
            "installment_no",
            "integer",
            at_least=1,
            at_most=TERM_DAYS_MAX,
            description="1 for the first installment.",
        ),
        Column("due_on", "date", years_ahead=50, description="The day on which it is due."),
        _amount("amount_due", "What is due.", required=True),
        _event("paid_at", "When it was paid in full or, until then, last paid towards."),
        _amount("amount_paid", "What has been paid."),
        CURRENCY,
    ),
    "Installments of loans, due and paid.",
    references_seller=False,
    references_loan=True,
    rate_days=("due_on",),
)

# What rows of others refer to comes before them.
TABLES: tuple[Table, ...] = (SELLERS, FX_RATES, ORDERS, PAYMENTS, REFUNDS, REVIEWS, LOANS, REPAYMENTS)
BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}
