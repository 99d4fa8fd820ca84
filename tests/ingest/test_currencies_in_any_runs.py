"""Random rows in several currencies and random rates, in any runs, count as plain Python converts them."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from ingest.admission import admit
from ingest.load import load, mark_built
from ingest.plan import plan_nights
from tests.ingest.extract import Row, ask, build, land, path_of, row
from tradeline.contracts.raw import RATE_AGE_DAYS_MAX, TABLES
from tradeline.settings import Settings

pytestmark = pytest.mark.slow

NIGHTS = [date(2018, 5, 1) + timedelta(days=days) for days in range(8)]
KEYS = {"orders": "order_id", "payments": "payment_id"}
Nights = dict[date, list[Row]]
Counted = list[tuple[str, date, str, Decimal, Decimal | None]]
EVERYTHING = [table.name for table in TABLES] + ["arrivals", "set_aside"]


def market(seed: int) -> dict[str, Nights]:
    """Rows by table and night: rates with gaps and corrections, rows of days up to two weeks ago, a late seller."""
    chance = random.Random(seed)
    landed: dict[str, Nights] = defaultdict(lambda: defaultdict(list))
    landed["sellers"][NIGHTS[0]].append(row("sellers"))
    landed["sellers"][NIGHTS[4]].append(row("sellers", seller_id="s2"))
    for night in NIGHTS:
        for currency in ("EUR", "USD"):
            ages = {chance.choice([0, 0, 1, 3, 12]) for _ in range(chance.choice([0, 0, 2]))}
            for rate_on in [night - timedelta(age) for age in sorted(ages)]:
                rate = f"{chance.uniform(0.5, 9):.9f}"
                landed["fx_rates"][night].append({"currency": currency, "rate_on": str(rate_on), "rate": rate})
    landed["fx_rates"][NIGHTS[-1]].append({"currency": "CNY", "rate_on": str(NIGHTS[-1]), "rate": "1.0"})
    for table, key in KEYS.items():
        for number in range(30):
            for night in chance.sample(NIGHTS, chance.choice([1, 1, 2, 3])):
                landed[table][night].append(_made(chance, table, key, number, night))
    return landed


def _made(chance: random.Random, table: str, key: str, number: int, night: date) -> Row:
    moment = f"{night - timedelta(chance.choice([0, 1, 4, 13]))} 0{chance.randrange(10)}:00:00"
    return row(
        table,
        **{key: f"{number}", "ordered_at" if table == "orders" else "occurred_at": moment},
        seller_id=chance.choice(["s1", "s1", "s2"]) if table == "payments" else "s1",
        currency=chance.choice(["", "CNY", "EUR", "usd", "USD"]),
        amount=f"{chance.uniform(0, 1000):.2f}",
    )


def counted(landed: dict[str, Nights]) -> Counted:
    """What the tables must hold: each row converted as on the night on which it enters its table."""
    found: Counted = []
    for table, key in KEYS.items():
        by_key: dict[str, dict[date, Row]] = defaultdict(dict)
        for night, rows in landed[table].items():
            for each in rows:
                by_key[each[key]][night] = each
        for name, versions in by_key.items():
            found += [(table, *entry) for entry in _entries(name, versions, landed)]
    return sorted(found, key=str)


def _entries(
    name: str, versions: dict[date, Row], landed: dict[str, Nights]
) -> Iterator[tuple[date, str, Decimal, Decimal | None]]:
    before = None
    for night in NIGHTS:
        ready = [on for on, each in versions.items() if on <= night and _rate(each, night, landed) is not None]
        if ready and max(ready) != before:
            before = max(ready)
            rate, amount = _rate(versions[before], night, landed), Decimal(versions[before]["amount"])
            assert rate is not None
            converted = (amount * rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
            is_foreign = versions[before]["currency"].upper() not in ("", "CNY")
            yield night, name, converted, rate if is_foreign else None


def _rate(each: Row, night: date, landed: dict[str, Nights]) -> Decimal | None:
    """The rate that converts a row that enters its table on a night; None while it cannot."""
    if each["seller_id"] == "s2" and night < NIGHTS[4]:
        return None
    currency, day = each["currency"].upper(), date.fromisoformat((each.get("occurred_at") or each["ordered_at"])[:10])
    if currency in ("", "CNY"):
        return Decimal(1)
    rates = [
        (date.fromisoformat(rate["rate_on"]), arrived_on, Decimal(rate["rate"]))
        for arrived_on, rows in landed["fx_rates"].items()
        for rate in rows
        if rate["currency"] == currency and arrived_on <= night
    ]
    known = [rate for rate in rates if timedelta(0) <= day - rate[0] <= timedelta(RATE_AGE_DAYS_MAX)]
    return max(known)[2] if known else None


def put(settings: Settings, landed: dict[str, Nights], name: str = "part-0.csv") -> Settings:
    for table, nights in landed.items():
        for night, rows in nights.items():
            land(settings, table, *rows, night=night, name=name)
    return settings


def held(database: Path) -> Counted:
    found = [
        (table, *each)
        for table, key in KEYS.items()
        for each in ask(database, f"select arrived_on, {key}, amount, converted.rate from raw.{table}")
    ]
    return sorted(found, key=str)


def everything(database: Path) -> dict[str, list[tuple[object, ...]]]:
    return {name: ask(database, f"from raw.{name} order by all") for name in EVERYTHING}


@pytest.mark.parametrize(("seed", "name"), [(1, "part-0.csv"), (2, "part-0.parquet")])
def test_any_runs_and_rebuilds_hold_what_plain_python_converts(tmp_path: Path, seed: int, name: str) -> None:
    chance, landed = random.Random(seed), market(seed)
    at_once, in_runs = (put(Settings(home=tmp_path / home), landed, name) for home in ("at-once", "in-runs"))
    build(at_once, NIGHTS[-1])
    for night in sorted({*chance.sample(NIGHTS, 4), NIGHTS[-1]}):
        build(in_runs, night)
    expected = counted(landed)
    assert held(at_once.warehouse) == expected
    assert sum(rate is not None for *_, rate in expected) > 10
    assert ask(at_once.warehouse, "select count(taken_up_on) > 0, count(replaced_on) > 0 from raw.set_aside") == [
        (True, True)
    ]
    assert everything(in_runs.warehouse) == everything(at_once.warehouse)
    again = plan_nights(in_runs, NIGHTS[-1], chance.choice(NIGHTS))
    assert again is not None
    load(in_runs, admit(in_runs, again, "again"))
    mark_built(in_runs, again)
    assert everything(in_runs.warehouse) == everything(at_once.warehouse)


def test_a_rate_that_lands_later_changes_no_earlier_night(tmp_path: Path) -> None:
    landed, settings = market(4), Settings(home=tmp_path / "home")
    put(settings, landed)
    build(settings, NIGHTS[5])
    before = held(settings.warehouse)
    path = path_of(settings, "fx_rates", NIGHTS[6])
    path.unlink(missing_ok=True)
    rates = [
        {"currency": currency, "rate_on": str(night), "rate": "3"}
        for currency in ("EUR", "USD")
        for night in NIGHTS[:6]
    ]
    landed["fx_rates"][NIGHTS[6]] = rates
    land(settings, "fx_rates", *rates, night=NIGHTS[6])
    build(settings, NIGHTS[-1])
    after = held(settings.warehouse)
    assert after == counted(landed)
    assert [each for each in after if each[1] <= NIGHTS[5]] == before
