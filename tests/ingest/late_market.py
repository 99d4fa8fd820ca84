"""Random arrivals in any order: sellers after their orders, loans after their installments, versions of both.

``counted`` works out by plain Python what the warehouse's tables must hold, night by night, from the words of the raw
contract: what counts on a night is, for each key, the newest row landed by then that names a seller (loan) known by
then; a row is in its table under each night on which what counts has changed.
"""

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from tests.ingest.extract import Row, land, row
from tradeline.settings import Settings

NIGHTS = [date(2018, 5, 1) + timedelta(days=days) for days in range(9)]
KEYS = {
    "orders": ("order_id", "seller_id"),
    "payments": ("payment_id",),
    "loans": ("loan_id",),
    "repayments": ("loan_id", "installment_no"),
}
NAMES = {"orders": "seller_id", "payments": "seller_id", "loans": "seller_id", "repayments": "loan_id"}
NAMED = ("seller_id", "order_id", "payment_id", "loan_id")
Landed = dict[str, dict[date, list[Row]]]
Counted = set[tuple[str, date, tuple[str, ...], str]]


def arrivals(seed: int) -> Landed:
    """Rows by table and night; ``amount`` (or what stands for it) tells versions of a key apart."""
    chance = random.Random(seed)
    landed: Landed = defaultdict(lambda: defaultdict(list))
    for seller in range(6):
        for night in chance.sample(NIGHTS, chance.choice([0, 1, 1, 1, 2])):
            landed["sellers"][night].append(row("sellers", seller_id=f"s{seller}"))
    landed["sellers"][chance.choice(NIGHTS)].append(row("sellers", seller_id="first"))
    for table, key in KEYS.items():
        for name in range(10):
            for night in chance.sample(NIGHTS, chance.choice([1, 1, 2, 4])):
                landed[table][night] += _versions(chance, table, key[0], name)
    return {table: {night: _distinct(rows, KEYS.get(table, ())) for night, rows in nights.items()}
            for table, nights in landed.items()}  # fmt: skip


def together(markets: Iterable[Landed]) -> Landed:
    """Several markets in one home: none of them has a name in common with another."""
    found: Landed = defaultdict(lambda: defaultdict(list))
    for number, landed in enumerate(markets):
        for table, nights in landed.items():
            for night, rows in nights.items():
                found[table][night] += [_renamed(made, f"market-{number}-") for made in rows]
    return {table: dict(nights) for table, nights in found.items()}


def _renamed(made: Row, before: str) -> Row:
    return made | {name: before + made[name] for name in NAMED if made.get(name)}


def _versions(chance: random.Random, table: str, key: str, name: int) -> list[Row]:
    """One version of a row, now and then twice in the night or unusable for another reason."""
    amount = f"{chance.choice([1, 999_999_999_999])}.{chance.randrange(100):02}"
    # An order keeps its seller; a payment or a loan may turn out to be another's.
    seller = f"s{name % 6 if table == 'orders' or chance.random() < 0.8 else chance.randrange(6)}"
    paid_at = f"2018-05-01 09:00:00.{chance.randrange(10**6):06}"
    changes: dict[str, Row] = {
        "orders": {"seller_id": seller, "amount": amount, "paid_at": paid_at},
        "payments": {"seller_id": seller, "amount": amount},
        "loans": {"seller_id": seller, "principal": amount, "annual_rate": str(chance.random())},
        "repayments": {"installment_no": str(chance.choice([1, 2])), "amount_due": amount},
    }  # fmt: skip
    made = row(table, **{key: f"k{name}"}, **changes[table])
    if chance.random() < 0.1:
        faulty = {"orders": "buyer_id", "payments": "kind", "loans": "applied_at", "repayments": "due_on"}
        return [made | {faulty[table]: ""}]
    return [made] * chance.choice([1, 1, 1, 2])


def _distinct(rows: list[Row], key: tuple[str, ...]) -> list[Row]:
    """Without rows that another of the night contradicts: those would stop it."""
    first: dict[tuple[str, ...], Row] = {}
    return [made for made in rows if not key or first.setdefault(tuple(made[name] for name in key), made) == made]


def put(settings: Settings, landed: Landed, *, as_parquet: bool = False) -> None:
    for table, nights in landed.items():
        for night, rows in nights.items():
            if rows:
                land(settings, table, *rows, night=night, name="part-0.parquet" if as_parquet else "part-0.csv")


def counted(landed: Landed) -> Counted:
    """What the tables must hold: table, night, key and the version's ``amount``."""
    found: Counted = set()
    before: dict[tuple[str, tuple[str, ...]], tuple[date, Row]] = {}
    for night in NIGHTS:
        known = {
            "seller_id": {made["seller_id"] for on in NIGHTS if on <= night for made in landed["sellers"].get(on, [])}
        }
        known["loan_id"] = {
            made["loan_id"] for _, made in _usable(landed, "loans", night) if made["seller_id"] in known["seller_id"]
        }
        for table, key in KEYS.items():
            newest: dict[tuple[str, ...], tuple[date, Row]] = {}
            for on, made in _usable(landed, table, night):
                if made[NAMES[table]] in known[NAMES[table]]:
                    newest[tuple(made[name] for name in key)] = (on, made)
            for values, version in newest.items():
                if before.get((table, values)) != version:
                    before[table, values] = version
                    found.add((table, night, values, _told(version[1])))
    return found


def _usable(landed: Landed, table: str, night: date) -> list[tuple[date, Row]]:
    """The rows landed by a night that have all that is required, in the order of nights."""
    return [(on, made) for on in NIGHTS if on <= night for made in landed[table].get(on, []) if "" not in made.values()]


def _told(made: Row) -> str:
    return " ".join(made.get(name, "") for name in ("amount", "paid_at", "principal", "annual_rate", "amount_due"))


TOLD = {
    "orders": "concat_ws(' ', amount, strftime(paid_at, '%Y-%m-%d %H:%M:%S.%f'), '', '', '')",
    "payments": "concat_ws(' ', amount, '', '', '', '')",
    "loans": "concat_ws(' ', '', '', principal, annual_rate, '')",
    "repayments": "concat_ws(' ', '', '', '', '', amount_due)",
}
