"""A feed in which sellers come a day after their first orders: the gate stops the first such night, until the next."""

from datetime import date, timedelta

import pytest

from expectations.gate import run_gate
from ingest.admission import admit
from ingest.load import load, mark_built
from ingest.plan import plan_nights
from tests.ingest.extract import ask, land, row
from tradeline.errors import GateFailed
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


NIGHTS = [date(2018, 5, 1) + timedelta(days=days) for days in range(8)]


def land_orders(settings: Settings, number: int, unknown: list[str]) -> None:
    """Twenty orders, the first ones of unknown sellers."""
    sellers = unknown + ["old"] * (20 - len(unknown))
    orders = [row("orders", order_id=f"{number}-{i}", seller_id=seller_id) for i, seller_id in enumerate(sellers)]
    land(settings, "orders", *orders, night=NIGHTS[number])


def run(settings: Settings, night: date) -> bool:
    """One night's admission, gate and load; whether the gate let it pass."""
    plan = plan_nights(settings, night)
    assert plan is not None
    admission = admit(settings, plan, "run-1")
    try:
        run_gate(settings, "raw_in", admission, "run-1", [night])
    except GateFailed:
        return False
    load(settings, admission)
    mark_built(settings, plan)
    return True


@pytest.mark.parametrize("days_late", [1, 3])
def test_late_sellers_stop_no_night_for_ever(settings: Settings, days_late: int) -> None:
    land(settings, "sellers", row("sellers", seller_id="old"), night=NIGHTS[0])
    passed = []
    for number, night in enumerate(NIGHTS):
        land_orders(settings, number, [f"n{number}"] * 6)
        if number >= days_late:
            land(settings, "sellers", row("sellers", seller_id=f"n{number - days_late}"), night=night)
        passed.append(run(settings, night))
    assert passed == [False] * days_late + [True] * (len(NIGHTS) - days_late)
    arrived = ask(settings.warehouse, "select arrived_on, count(*) from raw.orders group by 1 order by 1")
    assert arrived == [(night, 14 + 6 * (number >= days_late)) for number, night in enumerate(NIGHTS)]


def test_sellers_that_never_come_stop_every_night(settings: Settings) -> None:
    land(settings, "sellers", row("sellers", seller_id="old"), night=NIGHTS[0])
    for number, night in enumerate(NIGHTS[:3]):
        land_orders(settings, number, [f"n{i}" for i in range(6)])
        assert not run(settings, night)
