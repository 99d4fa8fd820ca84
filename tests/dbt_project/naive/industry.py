"""What happened in a seller's industry, where each change counts in the industry of its seller on that night."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from tests.dbt_project.naive.known import Known, key_of, within
from tests.dbt_project.random_market import Row


@dataclass(frozen=True, eq=False)
class Changes:
    """Rows as they came (sign 1) and as they were replaced (sign -1)."""

    signed: list[tuple[int, Row]] = field(default_factory=list)


def industry_changes(known: Known, seller_id: str, table: str) -> Changes:
    """Rows of a table as they arrived in the industry (sign 1), and as later ones there replaced them (sign -1)."""
    return _changes(known, table)[known.seller(seller_id)["industry"]]


@lru_cache(maxsize=16)
def _changes(known: Known, table: str) -> dict[Any, Changes]:
    """The changes by industry; a seller who is not known yet is in none, as one without an industry."""
    latest: dict[tuple[Any, ...], Row] = {}
    changes: dict[Any, Changes] = defaultdict(Changes)
    for version in known.landed.get(table, []):
        key = key_of(table, version.row)
        for sign, row in ((1, version.row), (-1, latest.get(key))):
            if row:
                changes[_industry_on(known, row["seller_id"], version.arrived_on)].signed.append((sign, row))
        latest[key] = version.row
    return changes


def _industry_on(known: Known, seller_id: str, night: date) -> Any:
    versions = [version for version in known.histories["sellers", seller_id] if version.arrived_on <= night]
    return versions[-1].row["industry"] if versions else None


@lru_cache(maxsize=4096)  # the industry's are asked for by each of its sellers
def changed_within(changes: Changes, column: str, as_of: date, days: int, skip: int = 0) -> Changes:
    """Those whose moment in ``column`` is in the ``days`` days that end ``skip`` days before as_of."""
    return Changes([(sign, row) for sign, row in changes.signed if within([row], column, as_of, days, skip)])


def sold(changes: Changes, as_of: date, days: int, skip: int = 0) -> Decimal:
    """The sales of some days, of orders as they changed."""
    found = changed_within(changes, "paid_at", as_of, days, skip)
    return sum((sign * row["amount"] for sign, row in found.signed), Decimal(0))
