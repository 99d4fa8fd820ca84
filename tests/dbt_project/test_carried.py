"""Pairs that a night carries on from the night before are, row by row, those that it would have made whole."""

import shutil
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt_project.random_market import LAST_ON, Version, random_market, write_raw
from tradeline.dbt import build, run_dbt
from tradeline.settings import Settings

pytestmark = pytest.mark.slow

START = LAST_ON - timedelta(days=60)


def make(settings: Settings, as_of: date, since: date | None, project: str | None = None) -> bool:
    """Make a night's pairs, with the arrivals since a day; whether some were carried on."""
    nights = {"arrived_from": since and since.isoformat(), "arrived_to": as_of.isoformat(), "as_ofs": [str(as_of)]}
    others = {"project": project} if project else {}
    run_dbt(settings, "night", ["run", "--select", "+buyer_pairs"], nights | others)
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return bool(connection.execute("from features.buyer_pairs where as_of < ?", [as_of]).fetchall())


def pairs(settings: Settings) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute("select * exclude (as_of) from features.buyer_pairs order by all").fetchall()


def made_whole(settings: Settings, as_of: date, folder: Path) -> list[tuple[Any, ...]]:
    """The same night's pairs in a copy of the home that has nothing to go on from."""
    other = Settings(home=folder / f"whole-{as_of}")
    other.warehouse.parent.mkdir(parents=True)
    shutil.copyfile(settings.warehouse, other.warehouse)
    with duckdb.connect(str(other.warehouse)) as connection:
        connection.execute("delete from features.carried_nights")
    assert not make(other, as_of, None)
    return pairs(other)


def told_otherwise(versions: list[Version], since: date) -> list[Version]:
    """The market with every order that arrived since a day paid an hour and a day earlier, for another amount."""
    return [
        replace(version, row=version.row | {"amount": Decimal(7), "paid_at": version.row["ordered_at"]})
        if version.table == "orders" and version.arrived_on >= since
        else version
        for version in versions
    ]


def test_carried_pairs_are_those_of_a_table_made_whole(tmp_path: Path) -> None:
    settings, market = Settings(home=tmp_path / "home"), random_market(5)
    write_raw(settings, market)
    assert not make(settings, START, market[0].arrived_on.replace(year=2023))
    last = START
    for days in (1, 2, 3, 7, 31):  # nights that follow each other, and nights that were missed
        as_of = START + timedelta(days=days)
        assert make(settings, as_of, last + timedelta(days=1)), days
        last = as_of
    assert make(settings, last, None)  # the same night again
    assert pairs(settings) == made_whole(settings, last, tmp_path)

    relanded = last - timedelta(days=9)
    write_raw(settings, told_otherwise(market, relanded))
    as_of = last + timedelta(days=1)
    before = pairs(settings)
    assert not make(settings, as_of, relanded)  # nights that it stood on are made again
    assert make(settings, as_of + timedelta(days=1), as_of + timedelta(days=1))
    assert pairs(settings) == made_whole(settings, as_of + timedelta(days=1), tmp_path)
    assert pairs(settings) != before


def test_pairs_are_made_whole_where_there_is_nothing_to_go_on_from(tmp_path: Path) -> None:
    settings, market = Settings(home=tmp_path), random_market(6)
    write_raw(settings, market)
    day = timedelta(days=1)
    assert not make(settings, START, market[0].arrived_on.replace(year=2023))
    assert not make(settings, START - 3 * day, None)  # an earlier night
    assert not make(settings, START + 29 * day, START + day)  # too long after it
    assert not make(settings, START + 30 * day, START + 30 * day, project="other")  # made by other SQL
    assert not make(settings, START + 31 * day, START + 31 * day)
    assert make(settings, START + 32 * day, START + 32 * day)


def test_whole_nights_go_on_from_each_other(tmp_path: Path) -> None:
    """Other partials, which are made later in a night than the pairs, leave what was kept of them alone."""
    settings, market = Settings(home=tmp_path), random_market(8)
    write_raw(settings, market)
    arrived_from = market[0].arrived_on.replace(year=2023)
    for as_of in (START, START + timedelta(days=1), START + timedelta(days=2)):
        nights = {"arrived_from": str(arrived_from), "arrived_to": str(as_of), "as_ofs": [str(as_of)]}
        build(settings, "night", "seller_marts", nights, is_from_scratch=as_of == START)
        with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
            assert connection.execute("select table_name, as_of from features.carried_nights").fetchall() == [
                ("buyer_pairs", as_of)
            ]
            older = connection.execute("from features.buyer_pairs where as_of < ?", [as_of]).fetchall()
        assert bool(older) == (as_of != START)
        arrived_from = as_of + timedelta(days=1)


def test_a_training_set_leaves_the_pairs_of_the_night_alone(tmp_path: Path) -> None:
    settings, market = Settings(home=tmp_path), random_market(7)
    write_raw(settings, market)
    nights = {"arrived_from": "2023-01-01", "arrived_to": str(START), "as_ofs": [str(START)]}
    run_dbt(settings, "night", ["run", "--select", "+seller_features"], nights)
    training = {"spine_kind": "training", "training_as_of": str(START)}
    run_dbt(settings, "training", ["run", "--select", "+buyer_pairs", "+buyer_windows"], training)
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        assert connection.execute("from features.buyer_pairs_of_training").fetchall()
    assert make(settings, START + timedelta(days=1), START + timedelta(days=1))
