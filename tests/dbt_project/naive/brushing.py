"""Signs of fake orders, from orders, payments, refunds and reviews."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

from tests.dbt_project.naive.buyers import buyers_of
from tests.dbt_project.naive.industry import changed_within, industry_changes
from tests.dbt_project.naive.known import Known, Values, key_of, ratio, total, within
from tests.dbt_project.naive.network import shops_of
from tests.dbt_project.random_market import Row


def brushing(known: Known, seller_id: str) -> Values:
    """One seller's features of the family."""
    recent = within(known.of("orders", seller_id), "paid_at", known.as_of, 90)
    young = {
        buyer for buyer in buyers_of(recent) if not within(known.bought_by(buyer), "paid_at", known.as_of, 335, skip=30)
    }
    exclusive = {buyer for buyer in buyers_of(recent) if shops_of(known, buyer, 90) == {seller_id}}
    values: Values = {
        "exclusive_buyer_sales_share_90d": ratio(
            total(row for row in recent if row["buyer_id"] in exclusive), total(recent)
        ),
        "young_buyer_share_90d": ratio(len(young), len(buyers_of(recent))),
        "returned_money_share_90d": _returned(known, seller_id),
    }
    return (
        values
        | _shape(recent)
        | _accounts(known, seller_id, recent)
        | _speed(known, seller_id)
        | _against_industry(known, seller_id)
        | _jumps(known, seller_id)
    )


def _shape(recent: list[Row]) -> Values:
    hours: dict[tuple[date, int], list[str]] = defaultdict(list)
    for row in recent:
        hours[row["paid_at"].date(), row["paid_at"].hour].append(row["buyer_id"])
    digits = Counter(str(int(row["amount"]))[-1] for row in recent)
    return {
        "peak_hour_orders_90d": max((len(bought) for bought in hours.values()), default=0),
        "peak_hour_orders_per_buyer_ratio_90d": max(
            (len(bought) / len(set(bought)) for bought in hours.values()), default=None
        ),
        "last_digit_excess_share_90d": max(digits.values()) / len(recent) - 0.1 if recent else None,
        "round_amount_share_90d": ratio(sum(row["amount"] % 10 == 0 for row in recent), len(recent)),
    }


def _accounts(known: Known, seller_id: str, recent: list[Row]) -> Values:
    own = known.seller(seller_id)
    self_orders = reciprocal_orders = 0
    accounts = {order["buyer_id"] for order in recent}
    buying = [shop for shop in known.tables["sellers"] if shop.get("buyer_id") in accounts]
    for order in recent:
        shops = [shop for shop in buying if shop["buyer_id"] == order["buyer_id"]]
        owners = {shop["owner_id"] for shop in shops if shop["owner_id"]}
        self_orders += own["owner_id"] in owners or own in shops
        reciprocal_orders += any(
            abs(bought["paid_at"].date() - order["paid_at"].date()) <= timedelta(days=30)
            for shop in shops
            if shop is not own
            for bought in within(known.of("orders", shop["seller_id"]), "paid_at", known.as_of, 400)
            if bought["buyer_id"] == own["buyer_id"]
        )
    return {
        "self_order_share_90d": ratio(self_orders, len(recent)),
        "reciprocal_order_share_90d": ratio(reciprocal_orders, len(recent)),
    }


def _returned(known: Known, seller_id: str) -> float | None:
    moved = within(known.of("payments", seller_id), "occurred_at", known.as_of, 90)
    sales = [row for row in moved if (row["kind"], row["direction"]) == ("sale", "in")]
    back = [row for row in moved if (row["kind"], row["direction"]) == ("transfer", "out") and row["counterparty_id"]]
    returned = [
        sale
        for sale in sales
        if any(
            row["counterparty_id"] == sale["counterparty_id"]
            and timedelta(0) <= row["occurred_at"] - sale["occurred_at"] <= timedelta(hours=72)
            for row in back
        )
    ]
    return ratio(total(returned), total(sales))


def _speed(known: Known, seller_id: str) -> Values:
    delivered = within(known.of("orders", seller_id), "delivered_at", known.as_of, 90)
    fast = [
        row
        for row in delivered
        if row.get("shipped_at") and row["delivered_at"] - row["shipped_at"] < timedelta(hours=6)
    ]
    reviews = within(known.of("reviews", seller_id), "reviewed_at", known.as_of, 90)
    praise = [row for row in reviews if row["rating"] == 5 and _is_fast(known, row)]
    return {
        "fast_delivery_share_90d": ratio(len(fast), len(delivered)),
        "fast_five_star_share_90d": ratio(len(praise), len(reviews)),
    }


def _is_fast(known: Known, review: Row) -> bool:
    """Less than a day after delivery, by the last of the order's rows of 30 nights when the review arrived."""
    night = known.histories["reviews", *key_of("reviews", review)][-1].arrived_on
    order = [
        version
        for version in known.histories["orders", *key_of("orders", review)]
        if version.row["seller_id"] == review["seller_id"] and night - timedelta(days=30) < version.arrived_on <= night
    ]
    delivered_at = order[-1].row.get("delivered_at") if order else None
    return delivered_at is not None and review["reviewed_at"] < delivered_at + timedelta(hours=24)


def _against_industry(known: Known, seller_id: str) -> Values:
    orders = len(within(known.of("orders", seller_id), "paid_at", known.as_of, 180))
    refunds = len(within(known.of("refunds", seller_id), "requested_at", known.as_of, 180))
    expected = ratio(
        orders * _industry(known, seller_id, "refunds", "requested_at", 180),
        _industry(known, seller_id, "orders", "paid_at", 180),
    )
    stars = [row for row in known.of("reviews", seller_id) if row["rating"] == 5]
    own = ratio(*(len(within(stars, "reviewed_at", known.as_of, days)) for days in (90, 365)))
    industry = ratio(*(_industry(known, seller_id, "reviews", "reviewed_at", days) for days in (90, 365)))
    return {
        "refund_shortfall_ratio_180d": (expected - refunds) / expected**0.5 if expected and expected > 0 else None,
        "reputation_growth_ratio_90d": None if own is None or industry is None else ratio(own, industry),
    }


def _industry(known: Known, seller_id: str, table: str, column: str, days: int) -> int:
    """Rows (reviews: of 5 stars) in the seller's industry."""
    changes = changed_within(industry_changes(known, seller_id, table), column, known.as_of, days)
    return sum(sign for sign, row in changes.signed if row.get("rating", 5) == 5)


def _jumps(known: Known, seller_id: str) -> Values:
    orders = known.of("orders", seller_id)
    now = within(orders, "paid_at", known.as_of, 60)
    before = within(orders, "paid_at", known.as_of, 120, skip=60)
    return {
        "sales_jump_ratio_60d": ratio(total(now) / 60, total(before) / Decimal(120)),
        "orders_jump_ratio_60d": ratio(len(now) / 60, len(before) / 120),
    }
