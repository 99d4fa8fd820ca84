"""Seller features on random markets: right on any day, blind to the future, the same however they were built."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt_project.later import with_later_arrivals
from tests.dbt_project.naive import naive_features
from tests.dbt_project.naive.known import Known, in_zone
from tests.dbt_project.naive.resolved import resolved
from tests.dbt_project.random_market import FIRST_ON, LAST_ON, NIGHTS, SELLERS, Version, random_market, write_raw
from tradeline.dbt import build
from tradeline.kept_manifest import DBT_PROJECT
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


INTERMEDIATE = DBT_PROJECT / "models" / "intermediate"
PARTIALS = sorted(path.stem for path in INTERMEDIATE.glob("*.sql") if 'materialized="partials"' in path.read_text())

LORD_HOWE = "Australia/Lord_Howe"  # half an hour of daylight saving

Rows = list[tuple[Any, ...]]


@pytest.fixture
def home(tmp_path: Path) -> Callable[..., Settings]:
    return lambda name, zone="UTC": Settings(home=tmp_path / name, timezone=zone)


def build_nights(
    settings: Settings, first_on: date | None, last_on: date | None, as_ofs: list[date], is_from_scratch: bool = False
) -> None:
    nights = {
        "arrived_from": first_on.isoformat() if first_on else None,
        "arrived_to": last_on.isoformat() if last_on else None,
    }
    nights_made = {"as_ofs": [as_of.isoformat() for as_of in as_ofs]}
    build(settings, "test", "seller_marts", nights | nights_made, is_from_scratch)


def rows_of(settings: Settings, query: str) -> Rows:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return sorted(connection.execute(query).fetchall(), key=repr)


def features_of(settings: Settings, as_of: date) -> Rows:
    return rows_of(settings, f"select * from marts.seller_features where as_of = '{as_of}'")


def assert_same_marts(pieces: Settings, whole: Settings) -> None:
    assert PARTIALS
    for table in (*(f"intermediate.{partial}" for partial in PARTIALS), "marts.seller_features"):
        assert rows_of(pieces, f"select * from {table}") == rows_of(whole, f"select * from {table}"), table


def approximately(value: object) -> object:
    """Money and counts are exact; a ratio may differ by the rounding of a double."""
    return pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value


@dataclass(frozen=True)
class Built:
    """A market in a home whose nights were built in two runs, the second on top of what the first has left."""

    settings: Settings
    seed: int
    versions: list[Version]
    as_ofs: list[date]


@pytest.fixture(scope="module", params=[(1, "UTC"), (2, LORD_HOWE)], ids=str)
def market(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Four nights, the last of which has a year before it."""
    seed, zone = request.param
    settings, versions = Settings(home=tmp_path_factory.mktemp("market"), timezone=zone), random_market(seed, zone)
    dice = random.Random(seed)
    days = [*dice.sample(range(20, NIGHTS - 30), 3), NIGHTS - dice.randrange(1, 30)]
    first, second, third, last = as_ofs = [FIRST_ON + timedelta(days=day) for day in sorted(days)]
    write_raw(settings, versions)
    build_nights(settings, FIRST_ON, second, [first, second])
    build_nights(settings, second + timedelta(days=1), last, [third, last])
    return Built(settings, seed, versions, as_ofs)


def test_features_equal_a_naive_recomputation(market: Built) -> None:
    with duckdb.connect(str(market.settings.warehouse), read_only=True) as connection:
        features = connection.execute("select * from marts.seller_features").fetchall()
        names = [column[0] for column in connection.description]
    assert len(features) == len(SELLERS) * len(market.as_ofs)
    told = resolved(in_zone(market.versions, market.settings.timezone))
    known = {as_of: Known(told, as_of) for as_of in market.as_ofs}
    for values in (dict(zip(names, row, strict=True)) for row in features):
        naive = naive_features(known[values["as_of"]], values["seller_id"])
        assert {name: values[name] for name in naive} == {name: approximately(value) for name, value in naive.items()}


def test_later_arrivals_change_no_earlier_feature(market: Built, home: Callable[..., Settings]) -> None:
    """Neither corrections of every row of every table nor new rows about the past or the future."""
    as_of, zone = market.as_ofs[-1], market.settings.timezone
    with_future = home("with_future", zone)
    write_raw(with_future, with_later_arrivals(market.versions, random_market(market.seed + 100, zone), as_of))
    build_nights(with_future, FIRST_ON, LAST_ON, [as_of])
    assert features_of(with_future, as_of) == features_of(market.settings, as_of) != []


def test_night_by_night_equals_one_pass(home: Callable[..., Settings]) -> None:
    """Where days change their length; in UTC, tests/end_to_end/test_nights.py asks it of what is published."""
    zone = LORD_HOWE
    versions = random_market(4, zone)
    before, single, kept, changed, dropped = (FIRST_ON + timedelta(days=day) for day in (31, 32, 50, 60, 70))
    whole, pieces = home("whole", zone), home("pieces", zone)
    write_raw(whole, versions)
    build_nights(whole, FIRST_ON, LAST_ON, [before, single, kept, LAST_ON], is_from_scratch=True)

    as_first_landed = [v for number, v in enumerate(versions) if v.arrived_on < changed or number % 3]
    write_raw(pieces, as_first_landed)
    build_nights(pieces, FIRST_ON, before, [before])
    build_nights(pieces, single, single, [single])
    build_nights(pieces, single + timedelta(days=1), LAST_ON, [kept, changed, dropped, LAST_ON])
    write_raw(pieces, versions)  # nights from ``changed`` on land again with other content
    build_nights(pieces, changed, LAST_ON, [LAST_ON])
    assert_same_marts(pieces, whole)

    build_nights(pieces, LAST_ON, LAST_ON, [LAST_ON])  # the last night once more
    build_nights(pieces, None, None, [single])  # nothing new, an old night again
    assert_same_marts(pieces, whole)

    build_nights(pieces, single, single, [])  # all that stood on a changed night goes along
    assert rows_of(pieces, "select distinct as_of from marts.seller_features") == [(before,)]
    for partial in PARTIALS:
        assert rows_of(pieces, f"select * from intermediate.{partial} where arrived_on > '{single}'") == [], partial
