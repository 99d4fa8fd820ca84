"""What happened in a seller's industry, where each change counts in the industry of its seller on that night."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from tests.dbt_project.naive.known import Known, key_of, within
from tests.dbt_project.random_market import Row

Changes = list[tuple[int, Row]]


def industry_changes(known: Known, seller_id: str, table: str) -> Changes:
    """Rows of a table as they arrived in the industry (sign 1), and as later ones there replaced them (sign -1)."""
    return _changes(known, table)[known.seller(seller_id)["industry"]]


@lru_cache(maxsize=16)
def _changes(known: Known, table: str) -> dict[Any, Changes]:
    """The changes by industry; a seller who is not known yet is in none, as one without an industry."""
    latest: dict[tuple[Any, ...], Row] = {}
    changes: dict[Any, Changes] = defaultdict(list)
    for version in known.landed[table]:
        key = key_of(table, version.row)
        for sign, row in ((1, version.row), (-1, latest.get(key))):
            if row:
                changes[_industry_on(known, row["seller_id"], version.arrived_on)].append((sign, row))
        latest[key] = version.row
    return changes


def _industry_on(known: Known, seller_id: str, night: date) -> Any:
    versions = [version for version in known.histories["sellers", seller_id] if version.arrived_on <= night]
    return versions[-1].row["industry"] if versions else None


def sold(changes: Changes, as_of: date, days: int, skip: int = 0) -> Decimal:
    """The sales of some days, of orders as they changed."""
    return sum(
        (sign * row["amount"] for sign, row in changes if within([row], "paid_at", as_of, days, skip)), Decimal(0)
    )
