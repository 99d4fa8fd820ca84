"""The simulated market: the same numbers give the same rows, however they are worked out, and they hold together."""

import hashlib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.admission import admit
from ingest.plan import plan_nights
from simulator import simulate as simulator
from simulator.days import Block
from simulator.expand import MARKET_TABLES, Shard, Written
from simulator.market import Market, is_there, market_of, truth_folder
from simulator.simulate import simulate
from tests.command import tradeline
from tradeline.contracts.raw import Table
from tradeline.errors import BadInput
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


UNTIL = date(2026, 6, 30)
NAMES = [table.name for table in MARKET_TABLES]
MARKET = Market(sellers=250, days=140, seed=7, until=UNTIL)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("simulated") / "home")
    simulate(settings, MARKET)
    return settings


def test_in_another_time_zone_the_same_market_has_the_same_days_and_is_admitted(
    tmp_path: Path,
) -> None:
    zone, changed = "Australia/Lord_Howe", date(2026, 4, 5)  # ahead of UTC; clocks go back by half an hour that day
    market = Market(sellers=40, days=120, seed=7, until=UNTIL)
    there, utc = Settings(home=tmp_path / "there", timezone=zone), Settings(home=tmp_path / "utc")
    for settings in (there, utc):
        simulate(settings, market)
    plan = plan_nights(there, UNTIL)
    assert plan is not None
    admit(there, plan, "run")

    for table in MARKET_TABLES:
        times = [column.name for column in table.columns if column.type == "timestamp"]
        shown = [f"timezone('{zone}', timezone('UTC', {column}))" for column in times]
        pairs = [
            (here, as_meant)
            for row, meant in zip(_by_key(there, table, shown), _by_key(utc, table, times), strict=True)
            for here, as_meant in zip(row, meant, strict=True)
            if as_meant is not None
        ]
        assert pairs
        assert [here.date() for here, _ in pairs] == [as_meant.date() for _, as_meant in pairs]
        if table.name != "sellers":  # some shops are years older
            assert {here.date() for here, as_meant in pairs if here != as_meant} <= {changed}
    unordered = "select count(*) from orders where paid_at < ordered_at or delivered_at < shipped_at"
    assert tables(there).execute(unordered).fetchall() == [(0,)]


def _by_key(settings: Settings, table: Table, columns: list[str]) -> list[tuple[Any, ...]]:
    key = ", ".join([*table.key, "arrived_on"])
    return tables(settings).execute(f"select {', '.join(columns)} from {table.name} order by {key}").fetchall()


def contents(settings: Settings) -> dict[str, str]:
    """Every Parquet file of a home, by its path, as a fingerprint."""
    home = settings.home.resolve()
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest() for path in home.rglob("*.parquet")
    }


def tables(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Every landed table as a view with arrived_on."""
    connection = duckdb.connect()
    for table in (name for name in NAMES if (settings.landing / name).exists()):
        files = f"{settings.landing / table}/*/*.parquet"
        connection.execute(f"create view {table} as from read_parquet('{files}', hive_partitioning = true)")
    return connection


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(simulated: Settings, tmp_path: Path) -> None:
    again, other = (Settings(home=tmp_path / name) for name in ("again", "other"))
    report = simulate(again, MARKET)
    assert contents(again) == contents(simulated)
    assert report.new_files == len(contents(again)) and set(report.rows) == set(NAMES)
    simulate(other, Market(sellers=250, days=140, seed=8, until=UNTIL))
    assert contents(other).keys() & contents(simulated).keys()
    assert contents(other) != contents(simulated)


def test_simulating_again_changes_no_file_and_mends_those_that_were_changed(simulated: Settings) -> None:
    before = contents(simulated)
    assert simulate(simulated, MARKET).new_files == 0
    night = simulated.landing / "orders" / f"arrived_on={UNTIL}"
    next(night.iterdir()).write_bytes(b"")
    (night / "fault-more.parquet").write_bytes(b"")
    assert simulate(simulated, MARKET).new_files == 1
    assert contents(simulated) == before


def test_the_rows_do_not_depend_on_the_size_of_the_blocks(
    simulated: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulator, "BLOCK_DAYS_MAX", 7)
    weekly = Settings(home=tmp_path / "weekly")
    simulate(weekly, MARKET)
    assert contents(weekly) == contents(simulated)


def test_the_rows_do_not_depend_on_how_the_sellers_are_shared_out(
    simulated: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulator, "SELLERS_PER_SHARD", 100)
    shared = Settings(home=tmp_path / "shared")
    simulate(shared, MARKET)
    ours, theirs = tables(simulated), tables(shared)
    for table in NAMES:
        rows = ours.execute(f"select * from {table} order by all").fetchall()
        assert rows and rows == theirs.execute(f"select * from {table} order by all").fetchall(), table


def test_going_on_leaves_the_earlier_nights_as_they_are(simulated: Settings, tmp_path: Path) -> None:
    going = Settings(home=tmp_path / "going")
    simulate(going, Market(sellers=250, days=140, seed=7, until=UNTIL - timedelta(days=20)))
    first_on = UNTIL - timedelta(days=159)
    earlier = contents(going)
    simulate(going, market_of(going, {}, UNTIL))
    later = contents(going)
    assert later.items() > earlier.items()
    nights = {path.split("arrived_on=")[1][:10] for path in later if path.startswith("landing/orders/")}
    assert nights == {str(first_on + timedelta(days=day)) for day in range(160)}


def test_a_simulation_that_was_broken_off_is_finished_by_the_next(
    simulated: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Settings(home=tmp_path / "broken")
    write = Shard.write

    def fails_later(self: Shard, block: Block) -> dict[str, Written]:
        if block.first_day > 0:
            raise OSError("no space left")
        return write(self, block)

    monkeypatch.setattr(simulator, "BLOCK_DAYS_MAX", 30)
    monkeypatch.setattr(Shard, "write", fails_later)
    with pytest.raises(OSError, match="no space left"):
        simulate(broken, MARKET)
    assert not is_there(broken, MARKET) and not list(broken.landing.glob(".simulating-*"))
    monkeypatch.undo()
    simulate(broken, MARKET)
    assert is_there(broken, MARKET) and contents(broken) == contents(simulated)


def test_every_night_is_admitted_and_only_repeated_rows_are_set_aside(simulated: Settings) -> None:
    plan = plan_nights(simulated, UNTIL)
    assert plan and len(plan.nights) == 140
    with duckdb.connect(str(admit(simulated, plan, "simulated")), read_only=True) as admission:
        reasons = admission.execute("select table_name, reason, count(*) from raw.set_aside group by all").fetchall()
        rows = admission.execute("select sum(row_count) from raw.arrivals").fetchall()[0][0]
    assert {(table, reason) for table, reason, _ in reasons} <= {("payments", "repeats a row of the same night")}
    assert sum(count for *_, count in reasons) < 0.002 * rows


def test_balances_add_up(simulated: Settings) -> None:
    found = (
        tables(simulated)
        .execute(
            """
        with moves as (
            select distinct on (payment_id) *, if(direction = 'in', amount, -amount) as moved from payments
        ),
        steps as (
            -- Movements of one second have no order of their own, so balances are compared at the ends of seconds.
            select seller_id, occurred_at, sum(moved) as moved, array_agg(balance_after) as balances
            from moves group by all
        ),
        ends as (
            select *, lag(balances) over (partition by seller_id order by occurred_at) as earlier from steps
        )
        select count(*), count_if(not list_bool_or(list_transform(
            earlier, lambda before: list_contains(balances, (before + moved)::decimal(18, 2))
        )))
        from ends where earlier is not null
        """
        )
        .fetchall()
    )
    [(pairs, wrong)] = found
    # The last nights lack what arrives late; a gap there leaves two balances that do not meet.
    assert pairs > 5_000 and wrong <= 0.002 * pairs


def test_an_order_only_ever_goes_on(simulated: Settings) -> None:
    found = (
        tables(simulated)
        .execute(
            """
        with versions as (
            select *, list_position(['created', 'paid', 'shipped', 'delivered', 'cancelled'], status) as step,
                row_number() over (partition by order_id, seller_id order by arrived_on) as version
            from orders
        )
        select count(*), count_if(later.step < earlier.step), count_if(later.shipped_at <> earlier.shipped_at),
            count_if(later.amount <> earlier.amount),
            count_if(later.status = 'delivered' and later.delivered_at is null)
        from versions as later join versions as earlier
            on later.order_id = earlier.order_id and later.version = earlier.version + 1
        """
        )
        .fetchall()
    )
    [(pairs, back, other_shipping, corrected, undelivered)] = found
    assert pairs > 2_000 and (back, other_shipping, undelivered) == (0, 0, 0)
    assert 0 < corrected < 0.02 * pairs


def test_loans_are_repaid_in_their_installments_or_written_off(simulated: Settings) -> None:
    found = (
        tables(simulated)
        .execute(
            """
        with ends as (select loan_id, max(status) filter (status in ('repaid', 'written_off')) as ending from loans
                      group by 1),
        paid as (select loan_id, installment_no, max(amount_paid) as paid, max(amount_due) as due from repayments
                 group by all)
        select ending, count(distinct loan_id), count_if(paid >= due), count(*) from ends join paid using (loan_id)
        where ending is not null group by 1
        """
        )
        .fetchall()
    )
    repaid = {ending: counts for ending, *counts in found}["repaid"]
    assert repaid[0] > 20 and repaid[1] == repaid[2] == 3 * repaid[0]


def test_truth_covers_every_open_seller_and_every_loan(simulated: Settings) -> None:
    truth = truth_folder(simulated)
    connection = tables(simulated)
    sellers, low, high = connection.execute(
        f"""select count(distinct seller_id), min(true_pd), max(true_pd)
        from read_parquet('{truth}/seller_days/*/*.parquet')"""
    ).fetchall()[0]
    assert sellers == connection.execute("select count(distinct seller_id) from sellers").fetchall()[0][0]
    assert 0 < low < 0.01 and 0.3 < high < 1
    [(loans, without)] = connection.execute(
        f"""select count(*), count_if(true_pd is null) from (select distinct loan_id from loans
        where status = 'disbursed') left join read_parquet('{truth}/loans/*/*.parquet') using (loan_id)"""
    ).fetchall()
    assert loans > 50 and without == 0
    fakes, of_orders = connection.execute(
        f"""select count(*), count_if(order_id in (select order_id from orders))
        from read_parquet('{truth}/fake_orders/*/*.parquet')"""
    ).fetchall()[0]
    assert fakes > 100 and of_orders > 0.95 * fakes


@pytest.mark.parametrize(
    ("numbers", "until", "says"),
    [
        ({"sellers": 0}, UNTIL, "make no market"),
        ({"days": -3}, UNTIL, "make no market"),
        ({"seed": 9}, UNTIL, "holds the market --sellers 250 --days 140 --seed 7, not"),
        ({}, UNTIL - timedelta(days=1), "has reached 2026-06-30"),
    ],
)
def test_what_makes_no_market_is_refused(simulated: Settings, numbers: dict[str, int], until: date, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        simulate(simulated, market_of(simulated, numbers, until))


def test_a_home_with_other_data_is_refused(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    folder = settings.landing / "sellers" / "arrived_on=2026-01-01"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("seller_id\n")
    with pytest.raises(BadInput, match="holds other data; simulate into a home of its own"):
        simulate(settings, MARKET)
    assert [path.name for path in settings.home.rglob("*") if path.is_file()] == ["a.csv"]


def test_the_command_line_simulates_spoils_a_night_and_mends_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    small = ("--sellers", "20", "--days", "30", "--until", "2026-06-30")
    assert tradeline(home, "simulate", *small).returncode == 0
    before = contents(Settings(home=home))
    spoilt = tradeline(home, "simulate", "--fault", "missing_column", "--on", "2026-06-29")
    assert spoilt.returncode == 0 and "admission stops" in spoilt.stderr, spoilt.stderr
    assert contents(Settings(home=home)) != before
    assert tradeline(home, "simulate").returncode == 0
    assert contents(Settings(home=home)) == before
    for arguments, says in (
        (("--fault", "bad_hair", "--on", "2026-06-29"), "is no kind of fault; the kinds are"),
        (("--fault", "missing_column"), "go together"),
        (("--fault", "missing_column", "--on", "2020-01-01"), "2020-01-01 has not landed"),
    ):
        refused = tradeline(home, "simulate", *arguments)
        assert refused.returncode == 1 and says in refused.stderr and "Traceback" not in refused.stderr
