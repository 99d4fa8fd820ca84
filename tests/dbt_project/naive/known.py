"""What was known on a day, as plain rows, and the arithmetic that the families share."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from tests.dbt_project.random_market import Row, Version, known_rows

Values = dict[str, Any]


@dataclass(frozen=True)
class Known:
    """The latest version of every row that had arrived by ``as_of``; ``versions`` are all that ever arrive."""

    versions: list[Version] = field(repr=False)
    as_of: date

    @cached_property
    def tables(self) -> dict[str, list[Row]]:
        """All sellers' rows by table; a table without rows is an empty list."""
        rows: dict[str, list[Row]] = defaultdict(list)
        for table in {version.table for version in self.versions}:
            rows[table] = known_rows(self.versions, table, self.as_of)
        return rows

    def of(self, table: str, seller_id: str) -> list[Row]:
        """One seller's rows of a table."""
        return self._by_seller[table, seller_id]

    @cached_property
    def _by_seller(self) -> dict[tuple[str, str], list[Row]]:
        rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for table, known in self.tables.items():
            for row in known:
                if "seller_id" in row:
                    rows[table, row["seller_id"]].append(row)
        return rows

    def seller(self, seller_id: str) -> Row:
        """The seller's own row."""
        return self.of("sellers", seller_id)[0]

    def night(self, as_of: date) -> "Known":
        """What was known on another day."""
        return Known(self.versions, as_of)


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
