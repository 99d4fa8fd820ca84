"""The simulated market's main statistics lie in the ranges that docs/simulator.md states."""

from datetime import date

import pytest

from simulator.market import Market
from simulator.simulate import simulate
from simulator.statistics import Statistic, definitions
from tests.simulator.landed import market_statistics
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


NAMES = [one.name for group in definitions().groups for one in group.statistics]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Statistic]:
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    simulate(settings, Market(sellers=2000, days=400, seed=1, until=date(2026, 6, 30)))
    return {one.name: one for one in market_statistics(settings, settings.home / "truth")}


@pytest.mark.parametrize("name", NAMES)
def test_statistic_is_in_its_range(measured: dict[str, Statistic], name: str) -> None:
    one = measured[name]
    assert one.is_met, f"{one.title}: {one.value}, but should be {one.low} to {one.high}"
