"""The kinds of bad days: what each does to a night, and what the pipeline is expected to make of it."""

from dataclasses import dataclass
from typing import Literal

from simulator.faults import changes
from simulator.faults.changes import Change, every_file, first_file, many_rows_more, one_row_more, one_value

Effect = Literal["stops", "warns", "nothing"]
Where = Literal["admission", "raw_in", "features_out"]

EVERY_TABLE = ("sellers", "orders", "payments", "refunds", "reviews", "loans", "repayments")
EVENTS = ("orders", "payments", "refunds", "reviews")
WITH_PRICES = ("orders", "payments", "refunds")


@dataclass(frozen=True)
class Expected:
    """What is expected of a run.

    ``effect``: it ``stops`` and nothing is published, it ``warns`` and the night is published, or it makes ``nothing``
    of the fault. ``where``: the step or gate that does so. ``says``: a part of what it says. ``days_later``: the run of
    which night, counted from the fault's.
    """

    effect: Effect
    where: Where
    says: str = ""
    days_later: int = 0

    def __str__(self) -> str:
        when = {0: "", 1: ", the next night"}.get(self.days_later, f", {self.days_later} nights later")
        says = f' "{self.says}"' if self.says else ""
        return f"admitted unharmed{when}" if self.effect == "nothing" else f"{self.where} {self.effect}{when}:{says}"


@dataclass(frozen=True)
class Kind:
    """A kind of fault; ``tables`` are those that it spoils, as far as they have landed that night."""

    name: str
    does: str
    tables: tuple[str, ...]
    change: Change
    expected: tuple[Expected, ...]


def _refused(says: str) -> tuple[Expected, ...]:
    return (Expected("stops", "admission", says),)


def _set_aside(says: str) -> tuple[Expected, ...]:
    return (Expected("warns", "admission", f"rows set aside: {says}"),)


def _gated(effect: Effect, says: str, days_later: int = 0) -> tuple[Expected, ...]:
    return (Expected(effect, "raw_in", says, days_later),)


TOO_MANY_ASIDE = _gated("stops", "at most TRADELINE_SET_ASIDE_SHARE_MAX of a night's rows of a table to be set aside")
NO_ORDERS = _gated("warns", "table_name=orders row_count=0")
NIGHT_IS_MISSED = Expected("warns", "features_out", "arrivals on as_of where nights come that often")
NIGHT_WAS_MISSED = Expected("warns", "raw_in", "no longer a gap before a night than nine in ten", days_later=1)
OTHER_UNIT = _gated("stops", "a night's median amount to be within 20 times")

KINDS: tuple[Kind, ...] = (
    Kind(
        "missing_column",
        "The orders come without their amount column.",
        ("orders",),
        first_file("orders", "select * exclude (nth, amount) from rows"),
        _refused("column amount: is required but missing"),
    ),
    Kind(
        "wrong_type",
        "The orders' times come as seconds since 1970.",
        ("orders",),
        first_file("orders", "select * exclude (nth) replace (epoch(ordered_at)::bigint as ordered_at) from rows"),
        _refused("not a time"),
    ),
    Kind(
        "unknown_enum_value",
        "A payment is of a kind that the contract does not have.",
        ("payments",),
        one_value("payments", "kind", "'gift'"),
        _refused("column kind: 'gift' is none of"),
    ),
    Kind(
        "negative_amount",
        "An order has an amount below zero.",
        ("orders",),
        one_value("orders", "amount", "-1 - abs(amount)"),
        _refused("is negative; amount is never negative"),
    ),
    Kind(
        "too_many_decimals",
        "An order's amount has a fraction of a cent.",
        ("orders",),
        first_file(
            "orders",
            "select * exclude (nth) replace ((amount + if(nth = 1, 0.0005, 0))::decimal(18, 4) as amount) from rows",
        ),
        _refused("has more than 2 decimals"),
    ),
    Kind(
        "rating_out_of_bounds",
        "A review gives six stars of five.",
        ("reviews",),
        one_value("reviews", "rating", "6"),
        _refused("column rating: '6' is above 5"),
    ),
    Kind(
        "null_key",
        "An order has no order_id.",
        ("orders",),
        one_value("orders", "order_id", "null"),
        _refused("column order_id: has no value but is part of the key"),
    ),
    Kind(
        "duplicate_key",
        "An order comes twice in one night, with two amounts.",
        ("orders",),
        one_row_more("orders", "(amount + 1)::decimal(18, 2) as amount"),
        _refused("the night has several different rows for order_id, seller_id"),
    ),
    Kind(
        "event_after_arrival",
        "An order was placed two days after it arrived.",
        ("orders",),
        one_value("orders", "ordered_at", "timestamp '{on}' + interval 2 day"),
        _refused("is after the day on which the file arrived"),
    ),
    Kind(
        "truncated_parquet",
        "The upload of a Parquet file of orders broke off half-way.",
        ("orders",),
        changes.truncated,
        _refused("the Parquet file is truncated or damaged"),
    ),
    Kind(
        "csv_broken_quotes",
        "The orders come as CSV, with quotes inside a quoted value that are not doubled.",
        ("orders",),
        changes.as_csv(changes.marked_as(b'"a "regular" buyer"')),
        _refused("a quote is never closed or out of place"),
    ),
    Kind(
        "csv_ragged_row",
        "The orders come as CSV, one row with a value too many.",
        ("orders",),
        changes.as_csv(changes.marked_as(b"buyer,more")),
        _refused("the row has more or fewer values than the header has columns"),
    ),
    Kind(
        "csv_latin1",
        "The orders come as CSV in Latin-1 instead of UTF-8.",
        ("orders",),
        changes.as_csv(changes.marked_as("josé".encode("latin1"))),
        _refused("the text is not UTF-8"),
    ),
    Kind(
        "csv_byte_order_mark",
        "The orders come as CSV with a byte-order mark.",
        ("orders",),
        changes.harmless_csv(lambda content: changes.BYTE_ORDER_MARK + content),
        (Expected("nothing", "admission"),),
    ),
    Kind(
        "csv_windows_line_ends",
        "The orders come as CSV with line ends of CR and LF.",
        ("orders",),
        changes.harmless_csv(lambda content: content.replace(b"\n", b"\r\n")),
        (Expected("nothing", "admission"),),
    ),
    Kind(
        "unknown_column",
        "The orders come with a column that the contract does not have.",
        ("orders",),
        first_file("orders", "select * exclude (nth), 'red' as colour from rows"),
        (Expected("warns", "admission", "orders: not in the contract and ignored: colour"),),
    ),
    Kind(
        "empty_file",
        "A file of orders has no bytes.",
        ("orders",),
        changes.emptied,
        _refused("is empty"),
    ),
    Kind(
        "empty_day",
        "The night's folders are there, and no file is in them.",
        EVERY_TABLE,
        changes.folders_left_empty,
        _refused("the upload is not finished"),
    ),
    Kind(
        "file_without_rows",
        "The orders are a file with columns and no rows.",
        ("orders",),
        every_file("select * exclude (nth) from rows where false"),
        NO_ORDERS,
    ),
    Kind("missing_file", "There is no file of orders.", ("orders",), changes.removed, NO_ORDERS),
    Kind(
        "payment_of_unknown_seller",
        "A payment names a seller that nobody has heard of.",
        ("payments",),
        one_row_more("payments", "'fault-' || payment_id as payment_id", "'nobody' as seller_id"),
        _set_aside("seller_id names a seller that is not known by that night"),
    ),
    Kind(
        "repayment_of_unknown_loan",
        "An installment names a loan that nobody has heard of.",
        ("repayments",),
        one_row_more("repayments", "'nothing' as loan_id"),
        _set_aside("loan_id names a loan that is not known by that night"),
    ),
    Kind(
        "review_without_date",
        "A review does not say when it was written.",
        ("reviews",),
        one_row_more("reviews", "'fault-' || review_id as review_id", "null as reviewed_at"),
        _set_aside("reviewed_at is required but has no value"),
    ),
    Kind(
        "order_without_buyer",
        "An order does not say who bought.",
        ("orders",),
        one_row_more("orders", "'fault-' || order_id as order_id", "null as buyer_id"),
        _set_aside("buyer_id is required but has no value"),
    ),
    Kind(
        "repeated_row",
        "An order comes twice in one night, equal in everything.",
        ("orders",),
        one_row_more("orders"),
        _set_aside("order_id repeats a row of the same night"),
    ),
    Kind(
        "many_payments_of_unknown_sellers",
        "A tenth more payments, five at least, name a seller that nobody has heard of.",
        ("payments",),
        many_rows_more("payments", "'fault-' || copy as payment_id", "'nobody' as seller_id"),
        TOO_MANY_ASIDE,
    ),
    Kind(
        "many_reviews_without_date",
        "A tenth more reviews, five at least, do not say when they were written.",
        ("reviews",),
        many_rows_more("reviews", "'fault-' || copy as review_id", "null as reviewed_at"),
        TOO_MANY_ASIDE,
    ),
    Kind(
        "many_repeated_rows",
        "A tenth of the orders, five at least, come twice in one night.",
        ("orders",),
        many_rows_more("orders"),
        TOO_MANY_ASIDE,
    ),
    Kind(
        "night_sent_twice",
        "All files of the night come again under another name, the same night.",
        EVERY_TABLE,
        changes.sent_twice,
        TOO_MANY_ASIDE,
    ),
    Kind(
        "night_sent_again_next_day",
        "The night's files come again the next day, in place of that day's own.",
        EVERY_TABLE,
        changes.sent_again_next_day,
        _gated("warns", "to be the same as in the night before", days_later=1),
    ),
    Kind(
        "missing_night",
        "Nothing comes that night.",
        EVERY_TABLE,
        changes.removed,
        (NIGHT_IS_MISSED, NIGHT_WAS_MISSED),
    ),
    Kind(
        "night_a_week_late",
        "The night's rows come seven days later, but for those that something newer has replaced by then. Until then "
        "nobody knows the sellers who were new that night, and their rows wait.",
        EVERY_TABLE,
        changes.a_week_late,
        (NIGHT_IS_MISSED, NIGHT_WAS_MISSED, Expected("nothing", "raw_in", days_later=7)),
    ),
    Kind(
        "half_the_volume",
        "Every other order, payment, refund and review is gone.",
        EVENTS,
        every_file("select * exclude (nth) from rows where nth % 2 = 1"),
        _gated("warns", "a night's rows of a table to be usual"),
    ),
    Kind(
        "column_turned_empty",
        "The orders no longer say when they were paid.",
        ("orders",),
        every_file("select * exclude (nth, paid_at) from rows"),
        _gated("warns", "column_name=paid_at"),
    ),
    Kind(
        "category_renamed",
        "The most frequent category of the night's orders has another name.",
        ("orders",),
        changes.category_renamed,
        _gated("warns", "no category to be replaced by a new one"),
    ),
    Kind(
        "prices_times_100",
        "Amounts of orders, payments and refunds come in cents.",
        WITH_PRICES,
        every_file("select * exclude (nth) replace ((amount * 100)::decimal(18, 2) as amount) from rows"),
        OTHER_UNIT,
    ),
    Kind(
        "prices_times_100_in_one_industry",
        "Amounts of orders, payments and refunds come in cents for the sellers of one industry.",
        WITH_PRICES,
        changes.hundredfold_in_one_industry,
        _gated("stops", "sellers' amounts to be within 20 times of what is usual for them"),
    ),
)

BY_NAME: dict[str, Kind] = {kind.name: kind for kind in KINDS}
