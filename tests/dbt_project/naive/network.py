"""What a seller's buyers do at other shops."""

from datetime import timedelta
from functools import lru_cache

from tests.dbt_project.naive.buyers import buyers_of
from tests.dbt_project.naive.known import Known, Values, ratio, total, within
from tests.dbt_project.naive.resolved import counted, is_settled

BAD_DAYS = timedelta(days=90)


def network(known: Known, seller_id: str) -> Values:
    """One seller's features of the family."""
    orders = known.of("orders", seller_id)
    year, recent = within(orders, "paid_at", known.as_of, 365), within(orders, "paid_at", known.as_of, 90)
    degrees = [len(shops_of(known, buyer, 90)) for buyer in buyers_of(recent)]
    long_standing = buyers_of(within(orders, "paid_at", known.as_of, 185, skip=180))
    bad = _defaulted(known) - {seller_id}
    shared = {buyer for buyer in buyers_of(year) if shops_of(known, buyer, 365) & bad}
    with_defaulted: Values = {
        "defaulted_shop_buyers_365d": len(shared),
        "defaulted_shop_buyer_share_365d": ratio(len(shared), len(buyers_of(year))),
        "defaulted_shop_buyer_sales_share_365d": ratio(
            total(row for row in year if row["buyer_id"] in shared), total(year)
        ),
    }
    return {
        "shops_per_buyer_ratio_90d": ratio(sum(degrees), len(degrees)),
        "shared_buyer_share_90d": ratio(sum(degree > 1 for degree in degrees), len(degrees)),
        "long_standing_buyer_sales_share_90d": ratio(
            total(row for row in recent if row["buyer_id"] in long_standing), total(recent)
        ),
        **(with_defaulted if known.tables["loans"] else dict.fromkeys(with_defaulted)),
    }


def shops_of(known: Known, buyer_id: str, days: int) -> set[str]:
    """The sellers of whom a buyer bought in the last days."""
    return {row["seller_id"] for row in within(known.bought_by(buyer_id), "paid_at", known.as_of, days)}


@lru_cache(maxsize=4)
def _defaulted(known: Known) -> set[str]:
    return {row["seller_id"] for row in known.tables["sellers"] if _has_defaulted(known, row["seller_id"])}


def _has_defaulted(known: Known, seller_id: str) -> bool:
    loans = known.of("loans", seller_id)
    if any(loan["status"] == "written_off" for loan in loans):
        return True
    for row in counted(loans, known.tables["repayments"]):
        until = min(known.as_of, row["paid_at"].date()) if is_settled(row) else known.as_of
        if until - row["due_on"] >= BAD_DAYS:
            return True
    return False
