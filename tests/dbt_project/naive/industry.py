"""What happened in a seller's industry, where each change counts in the industry of its seller on that night."""

from datetime import date
from decimal import Decimal

from ingest.contract import BY_NAME
from tests.dbt_project.naive.known import Known, within
from tests.dbt_project.random_market import Row, known_rows

Changes = list[tuple[int, Row]]


def industry_changes(known: Known, seller_id: str, table: str) -> Changes:
    """Rows of a table as they arrived in the industry (sign 1), and as later ones there replaced them (sign -1)."""
    industry, sellers = known.seller(seller_id)["industry"], [v for v in known.versions if v.table == "sellers"]
    latest: dict[tuple[str, ...], Row] = {}
    changes: Changes = []
    arrived = [version for version in known.versions if version.table == table and version.arrived_on <= known.as_of]
    for version in sorted(arrived, key=lambda version: version.arrived_on):
        key = tuple(version.row[name] for name in BY_NAME[table].key)
        there = {row["seller_id"]: row["industry"] for row in known_rows(sellers, "sellers", version.arrived_on)}
        for sign, row in ((1, version.row), (-1, latest.get(key))):
            if row and there.get(row["seller_id"]) == industry:
                changes.append((sign, row))
        latest[key] = version.row
    return changes


def sold(changes: Changes, as_of: date, days: int, skip: int = 0) -> Decimal:
    """The sales of some days, of orders as they changed."""
    return sum(
        (sign * row["amount"] for sign, row in changes if within([row], "paid_at", as_of, days, skip)), Decimal(0)
    )
