"""Features by hand of any market: also of one that has payments alone."""

from collections.abc import Callable, Iterator
from datetime import date

from tests.dbt_project.naive import naive_features
from tests.dbt_project.naive.credit import credit
from tests.dbt_project.naive.data_quality import data_quality
from tests.dbt_project.naive.growth import growth_features
from tests.dbt_project.naive.known import Known, Values
from tests.dbt_project.naive.payments import payments
from tests.dbt_project.naive.sales import sales
from tests.dbt_project.naive.seasonality import seasonality
from tests.dbt_project.naive.tenure import tenure
from tests.dbt_project.naive.volatility import volatility
from tests.dbt_project.random_market import Row, Version

ByHand = Callable[[str], Values]
INCOME = ("sale", "settlement", "salary")
OF_REFUNDS = ("net_sales_", "refund_rate_", "refund_amount_", "dispute_", "quality_refund_", "not_received_refund_")


def features_by_hand(versions: list[Version], as_of: date) -> ByHand:
    """Each seller's features on a day; without orders, those of the families that payments tell as well."""
    known = Known(versions, as_of)
    if known.tables["orders"]:
        return lambda seller_id: _as_far_as_known(known, naive_features(known, seller_id))
    sold = Known([*versions, *_as_sales(known)], as_of)

    def told_by_payments(seller_id: str) -> Values:
        values: Values = {}
        for family in (sales, growth_features, volatility, seasonality, credit, tenure):
            values |= family(sold, seller_id)
        for family in (payments, data_quality):
            values |= family(known, seller_id)
        return values | dict.fromkeys(name for name in values if name.startswith("median_order"))  # of orders alone

    return told_by_payments


def _as_far_as_known(known: Known, values: Values) -> Values:
    """Where no refunds have ever landed, nobody knows how many there were."""
    if known.tables["refunds"]:
        return values
    return values | dict.fromkeys(name for name in values if name.startswith(OF_REFUNDS))


def _as_sales(known: Known) -> Iterator[Version]:
    """What orders and refunds would have told: a payment that turns out to be another's, or nothing of the kind, takes
    back what it was."""
    payments = [versions for (table, *_), versions in known.histories.items() if table == "payments"]
    for versions in payments:
        for before, now in zip([None, *versions], versions, strict=False):
            told = _as_sale(now.row)
            for key, row in (_as_sale(before.row) if before else {}).items():
                if key not in told:
                    yield Version(key[0], now.arrived_on, row | {"paid_at": None, "requested_at": None})
            for key, row in told.items():
                yield Version(key[0], now.arrived_on, row)


def _as_sale(payment: Row) -> dict[tuple[str, str], Row]:
    """A payment as the order or refund that it speaks of, by table and seller."""
    kind, seller_id = (payment["kind"], payment["direction"]), payment["seller_id"]
    if kind in {(income, "in") for income in INCOME}:
        told = {"order_id": payment["payment_id"], "status": "paid", "ordered_at": payment["occurred_at"]}
        empty = dict.fromkeys(("buyer_id", "cancelled_at", "delivered_at", "category", "buyer_region", "freight"))
        return {("orders", seller_id): payment | empty | told | {"paid_at": payment["occurred_at"]}}
    if kind == ("refund", "out"):
        told = {"refund_id": payment["payment_id"], "requested_at": payment["occurred_at"]}
        return {("refunds", seller_id): payment | told}
    return {}
