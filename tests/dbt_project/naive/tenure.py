"""How long a shop has been there, how alive it is, and what else its owner has."""

from itertools import pairwise
from statistics import fmean

from tests.dbt_project.naive.known import Known, Values, ratio, total, within
from tests.dbt_project.random_market import Row


def tenure(known: Known, seller_id: str) -> Values:
    """One seller's features of the family."""
    seller, sale_days = known.seller(seller_id), _sale_days(known, seller_id)
    registered_days = (known.as_of - seller["registered_at"].date()).days
    return {
        "tenure_days": max(registered_days, sale_days["days_since_first_sale"] or 0),
        "seller_type": seller["seller_type"],
        "industry": seller["industry"],
        "region": seller["region"],
        "seller_status": seller.get("status") or "active",
        **sale_days,
        **_owner(known, seller),
    }


def _sale_days(known: Known, seller_id: str) -> Values:
    sold = within(known.of("orders", seller_id), "paid_at", known.as_of, 365)
    ages = sorted({(known.as_of - row["paid_at"].date()).days for row in sold})
    gaps = [later - earlier for earlier, later in pairwise(ages)]
    return {
        "days_since_first_sale": ages[-1] if ages else None,
        "days_since_last_sale": ages[0] if ages else None,
        "is_dormant": not ages or ages[0] >= 30,
        "dormancy_ratio_365d": ratio(ages[0], fmean(gaps)) if gaps else None,
    }


def _owner(known: Known, seller: Row) -> Values:
    if seller["owner_id"] is None:
        return dict.fromkeys(("owner_shops", "owner_inactive_shops", "owner_sales_amount_90d"))
    owned = [row for row in known.tables["sellers"] if row["owner_id"] == seller["owner_id"]]
    others = [row for row in owned if row["seller_id"] != seller["seller_id"]]
    orders = [order for row in others for order in known.of("orders", row["seller_id"])]
    return {
        "owner_shops": len(others),
        "owner_inactive_shops": sum((row.get("status") or "active") != "active" for row in others),
        "owner_sales_amount_90d": total(within(orders, "paid_at", known.as_of, 90)),
    }
