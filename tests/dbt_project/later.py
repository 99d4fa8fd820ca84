"""What may arrive after a day: the known rows told otherwise, and new rows about the past and the future."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from tests.dbt_project.random_market import Row, Version
from tradeline.contracts.raw import BY_NAME


def with_later_arrivals(versions: list[Version], others: list[Version], as_of: date) -> list[Version]:
    """The market, and on the night after ``as_of`` every row known by then spoilt and all of another market's rows."""
    night = as_of + timedelta(days=1)
    later = [
        replace(version, arrived_on=night, row=_spoilt(version)) for version in versions if version.arrived_on <= as_of
    ]
    later += [
        replace(version, arrived_on=night, row=_renamed(version)) for version in others if version.table != "sellers"
    ]
    return one_per_night(versions + later)


def one_per_night(versions: list[Version]) -> list[Version]:
    """Of several versions of a key on a night, the last of the list."""
    latest = {(version.table, version.arrived_on, *key_of(version)): version for version in versions}
    return list(latest.values())


def key_of(version: Version) -> tuple[Any, ...]:
    """The values of its table's key."""
    return tuple(version.row[column] for column in BY_NAME[version.table].key)


def _spoilt(version: Version) -> Row:
    """The row with every number, moment and text changed that is no part of its key or of its contract's words."""
    kept = {*BY_NAME[version.table].key, "seller_id", "status", "direction", "kind", "seller_type", "reason", "rating"}
    changed: Row = {"amount": 99999, "amount_paid": 0, "rating": 1, "status": None}
    row: Row = {}
    for name, value in version.row.items():
        if isinstance(value, datetime) and name not in kept:
            row[name] = value - timedelta(days=3)
        elif isinstance(value, str) and name not in kept:
            row[name] = "other"
        else:
            row[name] = changed.get(name, value) if name != "status" or version.table == "sellers" else value
    return row


def _renamed(version: Version) -> Row:
    """Another market's row as a new one of this market's."""
    names = {"order_id", "payment_id", "refund_id", "review_id", "loan_id"}
    return {name: f"new-{value}" if name in names else value for name, value in version.row.items()}
