"""A random market as raw rows with every awkward arrival: late, corrected, duplicated, regressed, withdrawn, at odds.

The rows go straight into the warehouse's ``raw`` schema: what is tested here begins behind the gate.
"""

import random
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from ingest.raw_schema import ensure_raw_schema
from tests.dbt_project.contradictions import contradicted
from tradeline.contracts.raw import BY_NAME
from tradeline.settings import Settings

FIRST_ON = date(2024, 1, 1)
NIGHTS = 430
LAST_ON = FIRST_ON + timedelta(days=NIGHTS)
SELLERS = [f"seller-{number}" for number in range(8)]
BUYERS = [f"buyer-{number}" for number in range(12)]
REGIONS = ["north", "south", None]
INDUSTRIES = ["food", "toys", None]

Row = dict[str, Any]


@dataclass(frozen=True)
class Version:
    """One version of a raw row and the night on which it arrived."""

    table: str
    arrived_on: date
    row: Row


def random_market(seed: int, zone: str = "UTC") -> list[Version]:
    """Versions of all tables, at most one per key and night, told in UTC by a marketplace that lives in a zone."""
    dice = random.Random(seed)
    versions = [version for name in SELLERS for version in _seller(dice, name)]
    orders = [_order(dice, f"order-{number}") for number in range(600)]
    versions += [version for order in orders for version in order]
    for number in range(40):  # the same buyer once more at the same moment
        twice = dice.choice(orders)
        versions += [replace(version, row=version.row | {"order_id": f"again-{number}"}) for version in twice]
    for number in range(600):
        versions += _plain(dice, "payments", f"payment-{number}", _payment)
    sales = [version.row for version in versions if version.row.get("kind") == "sale"]
    for number in range(24):
        versions += _standing(dice, f"standing-{number}")
    for number in range(60):
        versions += _transfer_back(dice, f"back-{number}", dice.choice(sales))
    for number in range(200):
        versions += _plain(dice, "refunds", f"refund-{number}", _refund)
        versions += _review(dice, f"review-{number}", dice.choice(orders)[-1].row)
    for number in range(24):
        versions += _loan(dice, f"loan-{number}")
    # Dice of their own, so that the market is the same but for what contradicts itself.
    others = random.Random(seed)
    versions = [replace(version, row=contradicted(others, version.table, version.row)) for version in versions]
    told = [version for version in versions if version.arrived_on <= LAST_ON]
    return told if zone == "UTC" else [_in_utc(version, ZoneInfo(zone)) for version in told]


def _in_utc(version: Version, zone: ZoneInfo) -> Version:
    row = {
        name: value.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
        for name, value in version.row.items()
    }
    return replace(version, row=row)


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
            told = [version for version in versions if version.table == table]
            columns = {name: [version.row.get(name) for version in told] for name in names}
            columns |= {"arrived_on": [version.arrived_on for version in told]}
            connection.register("told", pa.table({name: _texts(values) for name, values in columns.items()}))
            connection.execute(f"delete from raw.{table}")
            connection.execute(f"insert into raw.{table} by name select *, 'made by a test' as source_file from told")
            connection.unregister("told")
            connection.execute(
                f"insert into raw.arrivals select arrived_on, '{table}', 1, count(*), 0 from raw.{table} group by all"
            )
        connection.execute("commit")


def _texts(values: list[Any]) -> pa.Array:
    """Values as texts, which DuckDB makes the column's type of: one statement is much faster than one for each row."""
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def known_rows(versions: list[Version], table: str, as_of: date) -> list[Row]:
    """The latest version of each key of a table as known on a day, by plain Python."""
    latest: dict[tuple[Any, ...], Version] = {}
    for version in sorted((v for v in versions if v.table == table), key=lambda v: v.arrived_on):
        if version.arrived_on <= as_of:
            latest[tuple(version.row[column] for column in BY_NAME[table].key)] = version
    return [version.row for version in latest.values()]


def _moment(dice: random.Random, day: date) -> datetime:
    return datetime.combine(day, time(dice.choice([9, 9, *range(24)]), dice.randrange(60)))


def _amount(dice: random.Random) -> Decimal:
    return dice.choice([Decimal(dice.randrange(100, 20000)) / 100, Decimal(dice.randrange(1, 20)) * 10])


def _arrival(dice: random.Random, table: str, row: Row, moment: datetime) -> Version:
    late_days = dice.choice([0, 0, 0, 0, 1, 2, 15])
    return Version(table, moment.date() + timedelta(days=late_days), row)


def _one_a_night(versions: list[Version]) -> list[Version]:
    return list({version.arrived_on: version for version in versions}.values())


def _seller(dice: random.Random, name: str) -> list[Version]:
    """Two shops to an owner, a buying account for most, and now and then another industry, owner or status."""
    number = int(name.split("-")[1])
    row: Row = {
        "seller_id": name,
        "seller_type": "business",
        "registered_at": datetime(2023, 6, 1) + timedelta(days=number),
        "industry": INDUSTRIES[number % 3],
        "region": REGIONS[number % 2],
        "owner_id": None if number == 7 else f"owner-{number // 2}",
        "buyer_id": None if number == 6 else f"buyer-{number}",
    }
    versions = [Version("sellers", FIRST_ON + timedelta(days=dice.randrange(20)), row)]
    for night in dice.sample(range(30, NIGHTS), 2):
        changed = {"industry": dice.choice(INDUSTRIES), "status": dice.choice([None, "active", "suspended"])}
        row = row | changed | {"owner_id": dice.choice([row["owner_id"], "owner-0"])}
        versions.append(Version("sellers", FIRST_ON + timedelta(days=night), row))
    return _one_a_night(versions)


def _order(dice: random.Random, order_id: str) -> list[Version]:
    day = dice.randrange(NIGHTS)
    ordered_at = _moment(dice, FIRST_ON + timedelta(days=day))
    row: Row = {
        "order_id": order_id,
        "seller_id": dice.choice(SELLERS if day < 320 else SELLERS[1:]),  # the first shop falls asleep
        "buyer_id": dice.choice([dice.choice(BUYERS), f"guest-{dice.randrange(80)}"]),
        "buyer_region": dice.choice(REGIONS),
        "status": "created",
        "ordered_at": ordered_at,
        "promised_at": dice.choice([None, ordered_at + timedelta(days=4)]),
        "amount": _amount(dice),
    }
    versions = [_arrival(dice, "orders", row, ordered_at)]
    moment = ordered_at
    for status in ("paid", "shipped", dice.choice(["delivered", "delivered", "cancelled"])):
        moment += timedelta(hours=dice.choice([1, 4, dice.randrange(1, 100)]), minutes=dice.randrange(60))
        row = row | {"status": status, f"{status}_at": moment}
        versions.append(_arrival(dice, "orders", row, moment))
    if dice.random() < 0.3:
        corrected = row | {"amount": _amount(dice), "buyer_id": dice.choice(BUYERS), "buyer_region": "west"}
        if dice.random() < 0.3:  # another moment of payment, or none at all
            corrected["paid_at"] = dice.choice([None, ordered_at + timedelta(hours=dice.randrange(1, 60))])
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


def _payment(dice: random.Random, key: str, moment: datetime) -> Row:
    direction = dice.choice(["in", "out"])
    ins = ["sale", "sale", "transfer", "loan_disbursement", "settlement", "salary", "other"]
    outs = ["payout", "fee", "penalty", "purchase", "refund", "transfer", "loan_repayment"]
    kind = dice.choice(ins if direction == "in" else outs)
    others: dict[str, list[str | None]] = {
        "purchase": [f"supplier-{number}" for number in range(4)],
        "fee": ["platform"],
        "payout": ["bank", None],
        "salary": ["employer"],
    }
    return {
        "payment_id": key,
        "seller_id": dice.choice(SELLERS),
        "counterparty_id": dice.choice(others.get(kind, [*BUYERS, None])),
        "direction": direction,
        "kind": kind,
        "method": dice.choice([None, "wallet", "cash", "Cash"]),
        "amount": _amount(dice),
        "occurred_at": moment,
        "balance_after": dice.choice([None, Decimal(dice.randrange(-1000, 90000)) / 100]),
    }


def _standing(dice: random.Random, key: str) -> list[Version]:
    """Payments to one payee about every month, of about one amount; some payees are paid otherwise now and then."""
    moment, amount = _moment(dice, FIRST_ON + timedelta(days=dice.randrange(NIGHTS))), _amount(dice)
    row = {"seller_id": dice.choice(SELLERS), "counterparty_id": key, "direction": "out", "kind": "transfer"}
    versions = []
    for number in range(dice.choice([2, 4, 6])):
        told = row | {"payment_id": f"{key}-{number}", "amount": amount, "occurred_at": moment}
        versions.append(_arrival(dice, "payments", told | {"method": None, "balance_after": None}, moment))
        moment += timedelta(days=dice.choice([24, 25, 30, 31, 36, 37] if number == 2 else [25, 28, 30, 31, 36]))
        amount = (amount * Decimal(dice.choice(["1", "1", "1", "1.1", "1.2"]))).quantize(Decimal("0.01"))
    return versions


def _transfer_back(dice: random.Random, key: str, sale: Row) -> list[Version]:
    """A transfer to the payer of a sale, before it, soon or late after it, which may turn out to be something else."""
    moment = sale["occurred_at"] + timedelta(hours=dice.choice([-1, 0, 5, 72, 73]))
    row = sale | {"payment_id": key, "direction": "out", "kind": "transfer", "occurred_at": moment}
    versions = [_arrival(dice, "payments", row, moment)]
    if dice.random() < 0.3:
        corrected_at = moment + timedelta(days=dice.randrange(30))
        versions.append(_arrival(dice, "payments", row | {"kind": "other"}, corrected_at))
    return _one_a_night(versions)


def _refund(dice: random.Random, key: str, moment: datetime) -> Row:
    row = {"refund_id": key, "order_id": "any", "seller_id": dice.choice(SELLERS), "amount": _amount(dice)}
    completed_at = dice.choice([None, moment + timedelta(hours=dice.randrange(200))])
    reason = dice.choice(["dispute", "damaged", "not_as_described", "not_received", None])
    return row | {"reason": reason, "requested_at": moment, "completed_at": completed_at}


def _review(dice: random.Random, key: str, order: Row) -> list[Version]:
    """A review of a real order, of its seller, often soon after it was delivered."""
    begin = order.get("delivered_at") or order["ordered_at"]
    moment = begin + timedelta(hours=dice.choice([2, 20, 30, dice.randrange(300)]))
    row: Row = {"review_id": key, "order_id": order["order_id"], "seller_id": order["seller_id"]}
    row |= {"buyer_id": order["buyer_id"], "rating": dice.choice([1, 2, 3, 4, 5, 5, 5]), "reviewed_at": moment}
    versions = [_arrival(dice, "reviews", row, moment)]
    if dice.random() < 0.3:
        corrected = row | {"rating": dice.randrange(1, 6), "reviewed_at": moment - timedelta(hours=dice.randrange(50))}
        versions.append(_arrival(dice, "reviews", corrected, moment + timedelta(days=dice.randrange(30))))
    return _one_a_night(versions)


def _loan(dice: random.Random, loan_id: str) -> list[Version]:
    """An application and, where it is granted, three installments: early, in time, late, in part or never paid."""
    applied_at = _moment(dice, FIRST_ON + timedelta(days=dice.randrange(NIGHTS)))
    row: Row = {"loan_id": loan_id, "seller_id": dice.choice(SELLERS), "applied_at": applied_at, "status": "applied"}
    versions = [_arrival(dice, "loans", row, applied_at)]
    decided_at = applied_at + timedelta(hours=dice.randrange(60))
    if dice.random() < 0.3:
        declined = row | {"decided_at": decided_at, "status": "declined"}
        return _one_a_night([*versions, _arrival(dice, "loans", declined, decided_at)])
    row |= {"decided_at": decided_at, "status": "disbursed", "principal": _amount(dice) * 3, "term_days": 90}
    row |= {"annual_rate": Decimal("0.18"), "disbursed_at": decided_at + timedelta(hours=1)}
    versions.append(_arrival(dice, "loans", row, decided_at))
    if (ending := dice.choice(["disbursed", "repaid", "written_off"])) != "disbursed":
        ended_at = decided_at + timedelta(days=dice.randrange(60, 200))
        versions.append(_arrival(dice, "loans", row | {"status": ending}, ended_at))
    installments = [_installment(dice, loan_id, number, decided_at, row["principal"]) for number in (1, 2, 3)]
    return _one_a_night(versions) + [version for installment in installments for version in installment]


def _installment(
    dice: random.Random, loan_id: str, number: int, decided_at: datetime, principal: Decimal
) -> list[Version]:
    due_on = decided_at.date() + timedelta(days=30 * number)
    row: Row = {"loan_id": loan_id, "installment_no": number, "due_on": due_on, "amount_due": principal / 3}
    row["amount_due"] = row["amount_due"].quantize(Decimal("0.01"))
    versions = [_arrival(dice, "repayments", row, decided_at)]
    for part in dice.choice([(), (Decimal(1),), (Decimal(1),), (Decimal("0.4"),), (Decimal("0.4"), Decimal(1))]):
        paid_at = datetime.combine(due_on, time(12)) + timedelta(days=dice.choice([-9, -1, 0, 3, 40, 100]))
        paid = (row["amount_due"] * part).quantize(Decimal("0.01"))
        versions.append(_arrival(dice, "repayments", row | {"paid_at": paid_at, "amount_paid": paid}, paid_at))
    return _one_a_night(versions)
