"""What was known on a day, as plain rows, and the arithmetic that the families share."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from tests.dbt_project.random_market import Row, Version

Values = dict[str, Any]
KEYS = {
    "sellers": ("seller_id",),
    "orders": ("order_id", "seller_id"),
    "payments": ("payment_id",),
    "refunds": ("refund_id",),
    "reviews": ("review_id", "order_id", "seller_id"),
    "loans": ("loan_id",),
    "repayments": ("loan_id", "installment_no"),
}


@dataclass(frozen=True, eq=False)
class Known:
    """The latest version of every row that had arrived by ``as_of``; ``versions`` are all that ever arrive."""

    versions: list[Version] = field(repr=False)
    as_of: date

    @cached_property
    def landed(self) -> dict[str, list[Version]]:
        """What had arrived of each table, in the order of the nights; no table of which nothing had."""
        arrived: dict[str, list[Version]] = defaultdict(list)
        for version in sorted(self.versions, key=lambda version: version.arrived_on):
            if version.arrived_on <= self.as_of:
                arrived[version.table].append(version)
        return dict(arrived)

    @cached_property
    def histories(self) -> dict[tuple[Any, ...], list[Version]]:
        """The versions of each row by table and key, the oldest one first."""
        histories: dict[tuple[Any, ...], list[Version]] = defaultdict(list)
        for table, versions in self.landed.items():
            for version in versions:
                histories[table, *key_of(table, version.row)].append(version)
        return histories

    @cached_property
    def tables(self) -> dict[str, list[Row]]:
        """All sellers' rows by table; a table without rows is an empty list."""
        rows: dict[str, list[Row]] = defaultdict(list)
        for (table, *_), versions in self.histories.items():
            rows[table].append(versions[-1].row)
        return rows

    def of(self, table: str, seller_id: str) -> list[Row]:
        """One seller's rows of a table."""
        return self._by_seller[table, seller_id]

    def bought_by(self, buyer_id: str) -> list[Row]:
        """One buyer's orders, at all sellers."""
        return self._by_buyer[buyer_id]

    @cached_property
    def _by_seller(self) -> dict[tuple[str, str], list[Row]]:
        rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for table, known in self.tables.items():
            for row in known:
                if "seller_id" in row:
                    rows[table, row["seller_id"]].append(row)
        return rows

    @cached_property
    def _by_buyer(self) -> dict[str, list[Row]]:
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in self.tables["orders"]:
            rows[row["buyer_id"]].append(row)
        return rows

    def seller(self, seller_id: str) -> Row:
        """The seller's own row."""
        return self.of("sellers", seller_id)[0]


def key_of(table: str, row: Row) -> tuple[Any, ...]:
    """What tells a row of a table from others."""
    return tuple(row[name] for name in KEYS[table])


def in_zone(versions: list[Version], zone: str) -> list[Version]:
    """The same moments with the offset that clocks in the zone had then, so that ``date()`` is the business day."""

    def local(value: Any) -> Any:
        if not isinstance(value, datetime):
            return value
        # A fixed offset: between two times of one ZoneInfo, Python counts as if clocks never changed.
        offset = value.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
        assert offset is not None
        return value.replace(tzinfo=UTC).astimezone(timezone(offset))

    return [replace(each, row={name: local(value) for name, value in each.row.items()}) for each in versions]


def within(rows: Iterable[Row], column: str, as_of: date, days: int, skip: int = 0) -> list[Row]:
    """Rows whose moment in ``column`` is in the ``days`` days that end ``skip`` days before as_of, or on it."""
    last = as_of - timedelta(days=skip)
    return [row for row in rows if row.get(column) and last - timedelta(days=days) < row[column].date() <= last]


def total(rows: Iterable[Row], column: str = "amount") -> Decimal:
    """The exact sum of a column of money."""
    return sum((row[column] for row in rows), Decimal("0.00"))


def ratio(numerator: float | Decimal, denominator: float | Decimal) -> float | None:
    """None without a denominator."""
    return float(numerator) / float(denominator) if denominator else None


def growth(now: float | Decimal, before: float | Decimal) -> float | None:
    """The change as a part of what was before."""
    grown = ratio(now, before)
    return None if grown is None else grown - 1
