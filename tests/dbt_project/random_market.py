"""A random market as raw rows with every awkward arrival: late, corrected, duplicated, regressed, withdrawn.

The rows go straight into the warehouse's ``raw`` schema: what is tested here begins behind the gate.
"""

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from ingest.contract import BY_NAME
from ingest.raw_schema import ensure_raw_schema
from tradeline.settings import Settings

FIRST_ON = date(2024, 1, 1)
NIGHTS = 240
LAST_ON = FIRST_ON + timedelta(days=NIGHTS)
SELLERS = [f"seller-{number}" for number in range(8)]
BUYERS = [f"buyer-{number}" for number in range(12)]

Row = dict[str, Any]


@dataclass(frozen=True)
class Version:
    """One version of a raw row and the night on which it arrived."""

    table: str
    arrived_on: date
    row: Row


def random_market(seed: int) -> list[Version]:
    """Versions of all tables, at most one per key and night."""
    dice = random.Random(seed)
    versions = [Version("sellers", FIRST_ON + timedelta(days=dice.randrange(20)), _seller(name)) for name in SELLERS]
    for number in range(300):
        versions += _order(dice, f"order-{number}")
        versions += _plain(dice, "payments", f"payment-{number}", _payment)
    for number in range(120):
        versions += _plain(dice, "refunds", f"refund-{number}", _refund)
        versions += _plain(dice, "reviews", f"review-{number}", _review)
    return [version for version in versions if version.arrived_on <= LAST_ON]


def write_raw(settings: Settings, versions: list[Version]) -> None:
    """Put the versions into the ``raw`` schema of the warehouse, in place of what it held."""
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        ensure_raw_schema(connection)
        connection.execute("create schema if not exists ml")
        connection.execute("begin")
        connection.execute("delete from raw.arrivals")
        for table in sorted({version.table for version in versions}):
            names = [column.name for column in BY_NAME[table].columns]
            rows = [
                [*(version.row.get(name) for name in names), version.arrived_on, "made by a test"]
                for version in versions
                if version.table == table
            ]
            connection.execute(f"delete from raw.{table}")
            connection.executemany(f"insert into raw.{table} values ({', '.join('?' * len(rows[0]))})", rows)
            connection.execute(
                f"insert into raw.arrivals select arrived_on, '{table}', 1, count(*), 0 from raw.{table} group by all"
            )
        connection.execute("commit")


def known_rows(versions: list[Version], table: str, as_of: date) -> list[Row]:
    """The latest version of each key of a table as known on a day, by plain Python."""
    latest: dict[tuple[Any, ...], Version] = {}
    for version in sorted((v for v in versions if v.table == table), key=lambda v: v.arrived_on):
        if version.arrived_on <= as_of:
            latest[tuple(version.row[column] for column in BY_NAME[table].key)] = version
    return [version.row for version in latest.values()]


def _moment(dice: random.Random, day: date) -> datetime:
    return datetime.combine(day, time(dice.randrange(24), dice.randrange(60)))


def _amount(dice: random.Random) -> Decimal:
    return Decimal(dice.randrange(100, 20000)) / 100


def _seller(name: str) -> Row:
    return {"seller_id": name, "seller_type": "business", "registered_at": datetime(2023, 6, 1)}


def _order(dice: random.Random, order_id: str) -> list[Version]:
    ordered_at = _moment(dice, FIRST_ON + timedelta(days=dice.randrange(NIGHTS)))
    row: Row = {
        "order_id": order_id,
        "seller_id": dice.choice(SELLERS),
        "buyer_id": dice.choice(BUYERS),
        "status": "created",
        "ordered_at": ordered_at,
        "promised_at": dice.choice([None, ordered_at + timedelta(days=4)]),
        "amount": _amount(dice),
    }
    versions = [_arrival(dice, "orders", row, ordered_at)]
    moment = ordered_at
    for status in ("paid", "shipped", dice.choice(["delivered", "delivered", "cancelled"])):
        moment += timedelta(hours=dice.randrange(1, 80))
        row = row | {"status": status, f"{status}_at": moment}
        versions.append(_arrival(dice, "orders", row, moment))
    if dice.random() < 0.3:
        corrected = row | {"amount": _amount(dice), "buyer_id": dice.choice(BUYERS)}
        versions.append(_arrival(dice, "orders", corrected, moment + timedelta(days=dice.randrange(20))))
    return _one_a_night(versions)


def _plain(dice: random.Random, table: str, key: str, make: Any) -> list[Version]:
    moment = _moment(dice, FIRST_ON + timedelta(days=dice.randrange(NIGHTS)))
    row = make(dice, key, moment)
    versions = [_arrival(dice, table, row, moment)]
    if dice.random() < 0.2:  # the same again, another night
        versions.append(_arrival(dice, table, row, moment + timedelta(days=3)))
    if dice.random() < 0.2:  # corrected, even the day of the event
        corrected = make(dice, key, moment - timedelta(days=dice.randrange(5)))
        versions.append(_arrival(dice, table, corrected, moment + timedelta(days=dice.randrange(30))))
    return _one_a_night(versions)


def _arrival(dice: random.Random, table: str, row: Row, moment: datetime) -> Version:
    late_days = dice.choice([0, 0, 0, 0, 1, 2, 15])
    return Version(table, moment.date() + timedelta(days=late_days), row)


def _one_a_night(versions: list[Version]) -> list[Version]:
    return list({version.arrived_on: version for version in versions}.values())


def _payment(dice: random.Random, key: str, moment: datetime) -> Row:
    direction = dice.choice(["in", "out"])
    kind = dice.choice(["sale", "transfer"] if direction == "in" else ["payout", "fee", "purchase", "refund"])
    return {
        "payment_id": key,
        "seller_id": dice.choice(SELLERS),
        "direction": direction,
        "kind": kind,
        "amount": _amount(dice),
        "occurred_at": moment,
    }


def _refund(dice: random.Random, key: str, moment: datetime) -> Row:
    reason = dice.choice(["dispute", "damaged", None])
    row = {"refund_id": key, "order_id": "any", "seller_id": dice.choice(SELLERS), "amount": _amount(dice)}
    return row | {"reason": reason, "requested_at": moment}


def _review(dice: random.Random, key: str, moment: datetime) -> Row:
    # The seller is part of a review's key, so it must not change with a correction.
    seller_id = SELLERS[int(key.split("-")[1]) % len(SELLERS)]
    row = {"review_id": key, "order_id": "any", "seller_id": seller_id}
    return row | {"rating": dice.randrange(1, 6), "reviewed_at": moment}
