"""A market told by payments alone holds together as the marketplace does."""

from dataclasses import replace
from pathlib import Path

import pytest

from simulator import simulate as simulator
from simulator.market import is_there, market_of
from simulator.simulate import simulate
from tests.simulator import test_market
from tests.simulator.test_market import MARKET, contents, tables
from tradeline.errors import BadInput
from tradeline.settings import Settings

pytestmark = pytest.mark.slow

BANK = replace(MARKET, is_payments_only=True)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("bank") / "home")
    simulate(settings, BANK)
    return settings


def test_the_rows_do_not_depend_on_blocks_and_shards(
    bank: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither do fees of overdrafts, which follow from balances."""
    monkeypatch.setattr(simulator, "BLOCK_DAYS_MAX", 9)
    other = Settings(home=tmp_path / "other")
    simulate(other, BANK)
    assert contents(other) == contents(bank)


def test_it_has_accounts_and_no_orders(bank: Settings) -> None:
    assert {path.name for path in bank.landing.iterdir() if path.is_dir()} == {
        "sellers", "payments", "loans", "repayments",
    }  # fmt: skip
    kinds = dict(tables(bank).execute("select kind, count(*) from payments group by kind").fetchall())
    assert all(kinds[kind] > 50 for kind in ("settlement", "salary", "penalty", "sale", "purchase"))
    [(named, cash)] = tables(bank).execute("select count(order_id), count_if(method = 'cash') from payments").fetchall()
    assert named == 0 and cash > 100


def test_its_balances_add_up(bank: Settings) -> None:
    test_market.test_balances_add_up(bank)


def test_a_penalty_ends_a_day_below_zero(bank: Settings) -> None:
    query = "select min(balance_after), max(balance_after) from payments where kind = 'penalty'"
    [(lowest, highest)] = tables(bank).execute(query).fetchall()
    assert lowest < highest < 0


def test_a_home_goes_on_as_it_is(bank: Settings) -> None:
    assert market_of(bank, {}) == BANK and is_there(bank, BANK)
    with pytest.raises(BadInput, match="--payments-only"):
        simulate(bank, MARKET)
