"""Rows that name a seller or loan that is not known yet wait, and are taken up on the night on which it is."""

import random
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.admission import admit
from ingest.load import load, mark_built
from ingest.plan import NightPlan, plan_nights
from tests.ingest.extract import ask, build, land, path_of, row
from tests.ingest.late_market import KEYS, NIGHTS, TOLD, Counted, arrivals, counted, put, together
from tradeline.contracts.raw import TABLES
from tradeline.errors import BadInput
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


FIRST, SECOND, THIRD, FOURTH = NIGHTS[:4]


def held(database: Path) -> Counted:
    """What the tables hold, as ``counted`` has it; every row, so that one that is there twice is seen."""
    rows = [
        (table, night, tuple(values), told)
        for table, key in KEYS.items()
        for night, values, told in ask(
            database,
            f"select arrived_on, [{', '.join(f'{name}::varchar' for name in key)}], {TOLD[table]} from raw.{table}",
        )
    ]
    assert len(rows) == len(set(rows))
    return set(rows)


def everything(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every raw row to the bit, and the ledgers of what landed, was set aside and taken up."""
    names = [table.name for table in TABLES] + ["arrivals", "set_aside"]
    return {name: ask(database, f"from raw.{name} order by all") for name in names}


def home(tmp_path: Path, name: str) -> Settings:
    return Settings(home=tmp_path / name)


def build_anew(settings: Settings, force_from: date) -> NightPlan:
    found = plan_nights(settings, NIGHTS[-1], force_from)
    assert found is not None
    load(settings, admit(settings, found, "anew"))
    mark_built(settings, found)
    return found


def build_in_runs(settings: Settings, chance: random.Random) -> None:
    """Build all nights in runs of random length."""
    for night in NIGHTS:
        if night == NIGHTS[-1] or chance.random() < 0.5:
            while plan_nights(settings, night):
                build(settings, night)


@pytest.mark.parametrize("seeds", [(0, 2), (1, 3)], ids=["csv", "parquet"])
def test_any_arrivals_in_any_runs_count_as_worked_out_by_hand(tmp_path: Path, seeds: tuple[int, ...]) -> None:
    landed = together(map(arrivals, seeds))
    at_once, in_runs = home(tmp_path, "at-once"), home(tmp_path, "in-runs")
    for settings in (at_once, in_runs):
        put(settings, landed, as_parquet=seeds[0] == 1)
    build(at_once, NIGHTS[-1])
    build_in_runs(in_runs, random.Random(seeds[0]))
    assert held(at_once.warehouse) == counted(landed)
    assert everything(in_runs.warehouse) == everything(at_once.warehouse)


def test_nights_that_land_again_or_are_built_again_count_as_if_built_once(tmp_path: Path) -> None:
    chance = random.Random(100)
    landed, other = together(map(arrivals, (100, 101))), together(map(arrivals, (1100, 1101)))
    changed, once = home(tmp_path, "changed"), home(tmp_path, "once")
    put(changed, landed)
    build_in_runs(changed, chance)
    night = chance.choice(NIGHTS)
    for table in landed:
        path_of(changed, table, night).unlink(missing_ok=True)
        landed[table][night] = other[table].get(night, [])
    for settings in (changed, once):
        put(settings, landed)
        for table in landed:
            folder = path_of(settings, table, night).parent
            if folder.exists() and not any(folder.iterdir()):
                folder.rmdir()
    build_in_runs(changed, chance)
    if plan_nights(changed, NIGHTS[-1]):
        build(changed, NIGHTS[-1])
    build_anew(changed, chance.choice(NIGHTS))
    build(once, NIGHTS[-1])
    assert held(changed.warehouse) == counted(landed)
    assert everything(changed.warehouse) == everything(once.warehouse)


def seller(settings: Settings, seller_id: str, night: date) -> Path:
    return land(settings, "sellers", row("sellers", seller_id=seller_id), night=night)


@pytest.fixture
def market(settings: Settings) -> Settings:
    """A home in which seller s0 and one order of it are known from the first night on."""
    seller(settings, "s0", FIRST)
    land(settings, "orders", row("orders", order_id="o0", seller_id="s0"), night=FIRST)
    return settings


AMOUNTS = "select arrived_on, amount::varchar from raw.orders where order_id = 'o1' order by 1"
SETTLED = "select arrived_on, taken_up_on, replaced_on from raw.set_aside order by 1"


def order(settings: Settings, amount: int, night: date) -> None:
    land(settings, "orders", row("orders", amount=f"{amount}.00"), night=night, name=f"{amount}.csv")


def test_the_newest_of_the_versions_that_wait_is_taken_up_and_later_ones_replace_it(market: Settings) -> None:
    for amount, night in enumerate(NIGHTS[:4], start=1):
        order(market, amount, night)
    seller(market, "s1", THIRD)
    for night in NIGHTS[:4]:
        build(market, night)
    assert ask(market.warehouse, AMOUNTS) == [(THIRD, "3.00"), (FOURTH, "4.00")]
    assert ask(market.warehouse, SETTLED) == [(FIRST, None, THIRD), (SECOND, None, THIRD)]


def test_a_version_that_waits_is_taken_up_where_none_comes_with_the_seller(market: Settings) -> None:
    order(market, 1, FIRST)
    order(market, 2, SECOND)
    seller(market, "s1", THIRD)
    for night in NIGHTS[:3]:
        build(market, night)
    assert ask(market.warehouse, AMOUNTS) == [(THIRD, "2.00")]
    assert ask(market.warehouse, SETTLED) == [(FIRST, None, THIRD), (SECOND, THIRD, None)]
    taken_up = "select source_file from raw.orders where order_id = 'o1'"
    assert ask(market.warehouse, taken_up) == [(f"orders/arrived_on={SECOND}/2.csv",)]
    assert ask(market.warehouse, "select count(*) from raw.arrivals where arrived_on = '2018-05-03'") == [(1,)]


def test_a_version_of_another_seller_replaces_one_that_waits(market: Settings) -> None:
    land(market, "payments", row("payments", amount="1.00"), night=FIRST)
    land(market, "payments", row("payments", seller_id="s0", amount="2.00"), night=SECOND)
    seller(market, "s1", THIRD)
    for night in NIGHTS[:3]:
        build(market, night)
    assert ask(market.warehouse, "select arrived_on, amount::varchar from raw.payments") == [(SECOND, "2.00")]
    assert ask(market.warehouse, SETTLED) == [(FIRST, None, SECOND)]


def test_an_installment_waits_for_its_loan_that_waits_for_its_seller(market: Settings) -> None:
    land(market, "repayments", night=FIRST)
    land(market, "loans", night=SECOND)
    seller(market, "s1", THIRD)
    for night in NIGHTS[:3]:
        build(market, night)
    assert ask(
        market.warehouse, "select arrived_on from raw.loans union all select arrived_on from raw.repayments"
    ) == [
        (THIRD,),
        (THIRD,),
    ]
    assert ask(market.warehouse, SETTLED) == [(FIRST, THIRD, None), (SECOND, THIRD, None)]


def test_a_row_with_another_fault_does_not_wait(market: Settings) -> None:
    land(market, "orders", row("orders", buyer_id=""), *[row("orders", order_id="o2")] * 2, night=SECOND)
    seller(market, "s1", THIRD)
    build(market, THIRD)
    assert ask(market.warehouse, "select order_id from raw.orders where arrived_on = '2018-05-03'") == [("o2",)]
    assert ask(market.warehouse, "select row_number, reason, taken_up_on from raw.set_aside order by 1") == [
        (1, "is required but has no value", None),
        (2, "names a seller that is not known by that night", THIRD),
        (3, "repeats a row of the same night", None),
    ]


def test_a_row_is_taken_up_as_it_landed_to_the_bit(market: Settings) -> None:
    text = 'a "toy",\nor \\ two \u00e9\U0001f600'
    exact: dict[str, Any] = {
        "order_id": "007",
        "seller_id": "s1",
        "buyer_id": text,
        "status": "paid",
        "ordered_at": datetime(2018, 5, 1, 23, 59, 59, 999999),
        "paid_at": None,
        "amount": Decimal("999999999999.99"),
        "freight": Decimal("0.10"),
        "category": "",
    }
    loan: dict[str, Any] = {"loan_id": "l1", "seller_id": "s1", "status": "applied", "annual_rate": 0.1 + 0.2}
    land(market, "orders", exact, night=SECOND, name="part-0.parquet")
    applied = loan | {"applied_at": datetime(2018, 5, 1), "term_days": 30}
    land(market, "loans", applied, night=SECOND, name="part-0.parquet")
    build(market, SECOND)
    path_of(market, "orders", SECOND, "part-0.parquet").rename(path_of(market, "orders", SECOND, "moved.parquet"))
    seller(market, "s1", THIRD)
    build(market, THIRD)
    names = ", ".join(exact)
    assert ask(market.warehouse, f"select {names} from raw.orders where arrived_on = '{THIRD}'") == [
        tuple((exact | {"category": None}).values())
    ]
    assert ask(market.warehouse, "select annual_rate, term_days, principal from raw.loans") == [(0.1 + 0.2, 30, None)]


def test_a_row_waits_again_when_its_seller_is_taken_back(market: Settings) -> None:
    order(market, 1, FIRST)
    path = seller(market, "s1", THIRD)
    land(market, "orders", row("orders", order_id="o9", seller_id="s0"), night=THIRD)
    build(market, THIRD)
    assert ask(market.warehouse, AMOUNTS) == [(THIRD, "1.00")]
    path.unlink()
    path.parent.rmdir()
    build(market, THIRD)
    assert ask(market.warehouse, AMOUNTS) == []
    assert ask(market.warehouse, SETTLED) == [(FIRST, None, None)]
    seller(market, "s1", FOURTH)
    build(market, FOURTH)
    assert ask(market.warehouse, AMOUNTS) == [(FOURTH, "1.00")]


def test_a_change_of_the_night_on_which_a_row_landed_changes_what_is_taken_up(market: Settings) -> None:
    order(market, 1, SECOND)
    seller(market, "s1", THIRD)
    build(market, THIRD)
    land(market, "orders", row("orders", amount="7.00"), night=SECOND, name="1.csv")
    assert build(market, THIRD).arrived_from == SECOND
    assert ask(market.warehouse, AMOUNTS) == [(THIRD, "7.00")]


def test_a_load_may_die_or_come_twice(market: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest import load as loading

    order(market, 1, FIRST)
    build(market, SECOND)
    before = everything(market.warehouse)
    seller(market, "s1", THIRD)
    found = plan_nights(market, THIRD)
    assert found is not None
    admission = admit(market, found, "run-1")

    def die(connection: duckdb.DuckDBPyConnection) -> None:
        raise duckdb.Error("killed")

    with monkeypatch.context() as patch, pytest.raises(duckdb.Error, match="killed"):
        patch.setattr(loading, "_settle", die)
        load(market, admission)
    assert everything(market.warehouse) == before
    load(market, admission)
    once = everything(market.warehouse)
    load(market, admission)
    assert everything(market.warehouse) == once
    # The marts were not built: the next run takes the same night up again.
    build(market, THIRD)
    assert everything(market.warehouse) == once
    assert ask(market.warehouse, AMOUNTS) == [(THIRD, "1.00")]


def test_a_refused_file_takes_nothing_up_until_it_is_mended(market: Settings) -> None:
    order(market, 1, FIRST)
    build(market, SECOND)
    seller(market, "s1", THIRD)
    land(market, "orders", row("orders", amount="twelve"), night=THIRD)
    for _ in range(2):
        with pytest.raises(BadInput):
            build(market, THIRD)
    assert ask(market.warehouse, AMOUNTS) == []
    land(market, "orders", row("orders", order_id="o2"), night=THIRD)
    build(market, THIRD)
    assert ask(market.warehouse, AMOUNTS) == [(THIRD, "1.00")]


def test_a_warehouse_of_an_earlier_release_is_built_again(market: Settings, tmp_path: Path) -> None:
    order(market, 1, FIRST)
    seller(market, "s1", THIRD)
    build(market, THIRD)
    expected = everything(market.warehouse)
    with duckdb.connect(market.warehouse) as connection:
        for column in ("waits_for", "taken_up_on", "replaced_on", "hint"):
            connection.execute(f"alter table raw.set_aside drop {column}")
        connection.execute("delete from raw.orders where order_id = 'o1'")
        connection.execute("update raw.nights set definitions_fingerprint = 'of an earlier release'")
    build(market, THIRD)
    assert everything(market.warehouse) == expected


def test_a_night_onto_a_warehouse_of_an_earlier_release_adds_its_columns(market: Settings) -> None:
    build(market, SECOND)
    with duckdb.connect(market.warehouse) as connection:
        for column in ("waits_for", "taken_up_on", "replaced_on", "hint"):
            connection.execute(f"alter table raw.set_aside drop {column}")
    order(market, 1, THIRD)
    build(market, THIRD)
    assert ask(market.warehouse, "select waits_for, taken_up_on from raw.set_aside") == [("sellers", None)]


def test_the_log_and_the_report_say_how_many_wait_and_were_taken_up(
    market: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    land(market, "orders", row("orders"), row("orders", order_id="o2", seller_id="s2"), night=SECOND)
    build(market, SECOND)
    assert "orders: 0 rows taken up whose seller has arrived, 2 wait for it" in caplog.messages
    seller(market, "s1", THIRD)
    found = plan_nights(market, THIRD)
    assert found is not None
    report = load(market, admit(market, found, "run-1"))
    assert "orders: 1 rows taken up whose seller has arrived, 1 wait for it" in caplog.messages
    assert (report.rows["orders"], report.set_aside_rows) == (1, 0)
