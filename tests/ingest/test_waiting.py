"""Rows that name a seller or loan that is not known yet wait, and are taken up on the night on which it is."""

import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.admission import admit
from ingest.contract import TABLES
from ingest.load import load, mark_built
from ingest.plan import NightPlan, plan_nights
from tests.ingest.extract import ask, build, path_of
from tests.ingest.late_market import KEYS, NIGHTS, TOLD, Counted, arrivals, counted, put
from tradeline.settings import Settings

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


@pytest.mark.parametrize("seed", range(12))
def test_any_arrivals_in_any_runs_count_as_worked_out_by_hand(tmp_path: Path, seed: int) -> None:
    landed = arrivals(seed)
    at_once, in_runs = home(tmp_path, "at-once"), home(tmp_path, "in-runs")
    for settings in (at_once, in_runs):
        put(settings, landed, as_parquet=seed % 2 == 1)
    build(at_once, NIGHTS[-1])
    build_in_runs(in_runs, random.Random(seed))
    assert held(at_once.warehouse) == counted(landed)
    assert everything(in_runs.warehouse) == everything(at_once.warehouse)


@pytest.mark.parametrize("seed", range(100, 106))
def test_nights_that_land_again_or_are_built_again_count_as_if_built_once(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    landed, other = arrivals(seed), arrivals(seed + 1000)
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
