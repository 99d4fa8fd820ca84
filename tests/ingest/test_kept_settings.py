"""A home whose settings are lost is not built on in another currency or with other days."""

from typing import Any

import duckdb
import pytest

from ingest.kept_settings import check_settings_kept
from ingest.load import load
from tests.ingest.extract import admitted, ask, land, plan
from tradeline.errors import Damaged
from tradeline.settings import SETTINGS_FILE, Settings

pytestmark = pytest.mark.slow


@pytest.fixture
def brazil(settings: Settings) -> Settings:
    """A home that has loaded a night with settings of its own."""
    land(settings, "sellers")
    land(settings, "orders")
    given = Settings(home=settings.home, currency="BRL", timezone="America/Sao_Paulo")
    load(given, admitted(given))
    return given


def test_the_settings_that_it_was_built_with_are_right(brazil: Settings) -> None:
    check_settings_kept(brazil)
    kept = ("BRL", "America/Sao_Paulo", "duckdb", str(brazil.warehouse.parent))
    assert ask(brazil.warehouse, "from raw.deployment") == [kept]


def test_a_home_of_an_earlier_release_is_duckdbs(brazil: Settings) -> None:
    with duckdb.connect(str(brazil.warehouse)) as connection:
        connection.execute(
            "alter table raw.deployment drop column engine; alter table raw.deployment drop column folder"
        )
    check_settings_kept(brazil)
    with pytest.raises(Damaged, match="built by duckdb, and TRADELINE_ENGINE is spark"):
        check_settings_kept(brazil.model_copy(update={"engine": "spark"}))


def test_a_home_of_spark_stays_where_it_is(brazil: Settings) -> None:
    with duckdb.connect(str(brazil.warehouse)) as connection:
        connection.execute("update raw.deployment set engine = 'spark', folder = '/elsewhere/warehouse'")
    with pytest.raises(Damaged, match="built by spark, and TRADELINE_ENGINE is duckdb"):
        check_settings_kept(brazil)
    with pytest.raises(Damaged, match="made in /elsewhere/warehouse, and know no other place"):
        check_settings_kept(brazil.model_copy(update={"engine": "spark"}))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "amounts are in BRL, and TRADELINE_CURRENCY is CNY"),
        (
            {"currency": "EUR", "timezone": "America/Sao_Paulo"},
            "to BRL; amounts in EUR need a home of their own",
        ),
        ({"currency": "BRL"}, "days are those of America/Sao_Paulo, and TRADELINE_TIMEZONE is not set"),
    ],
)
def test_lost_settings_stop_the_plan_and_say_what_to_set(brazil: Settings, given: dict[str, Any], said: str) -> None:
    before = brazil.warehouse.read_bytes()
    with pytest.raises(Damaged, match="(?i)" + said) as raised:
        plan(Settings(home=brazil.home, **given))
    assert SETTINGS_FILE in str(raised.value) and brazil.warehouse.read_bytes() == before


def test_another_zone_may_be_asked_for_by_name(brazil: Settings) -> None:
    asked = Settings(home=brazil.home, currency="BRL", timezone="UTC")
    load(asked, admitted(asked))
    check_settings_kept(Settings(home=brazil.home, currency="BRL"))


def test_a_warehouse_of_an_earlier_release_may_be_built_on(brazil: Settings) -> None:
    with duckdb.connect(brazil.warehouse) as connection:
        connection.execute("drop table raw.deployment")
    check_settings_kept(Settings(home=brazil.home))
