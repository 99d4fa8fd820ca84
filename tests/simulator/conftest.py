"""A small simulated market with one published night, and homes of it to spoil."""

import os
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline import steps
from simulator.market import Market
from simulator.simulate import simulate
from tests.once import made_once
from tradeline.settings import Settings

MARKET = Market(sellers=120, days=60, seed=1, until=date(2026, 6, 30))
# All seven tables have rows on this night and the next; the seven nights after it have landed too.
ON = date(2026, 6, 20)
EVE = ON - timedelta(days=1)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home that has published the eve of ``ON``; copy it, never change it."""
    return Settings(home=made_once(tmp_path_factory, "published", lambda home: publish_eve(Settings(home=home))))


def publish_eve(settings: Settings) -> None:
    """Fill an empty home."""
    simulate(settings, MARKET)
    make_nights(settings, "base", [EVE])


@pytest.fixture
def home(published: Settings, tmp_path: Path) -> Settings:
    """A home of this test's own that has published the eve of ``ON``."""
    return copy_of(published, tmp_path)


def copy_of(settings: Settings, folder: Path) -> Settings:
    """A copy of a home."""
    copy = Settings(home=folder / "home")
    link_landing(settings, copy)
    for path in settings.home.iterdir():
        if path.is_dir() and path.name != "landing":
            shutil.copytree(path, copy.home / path.name)
    return copy


def link_landing(settings: Settings, copy: Settings) -> None:
    """The same landed files in another home, as links: files are only ever replaced, never written to."""
    shutil.copytree(settings.landing, copy.landing, copy_function=os.link)


def build_nights(settings: Settings, run_id: str, nights: list[date]) -> None:
    """As seller_marts does."""
    steps.raw_gate(settings, run_id, nights)
    steps.build_marts(settings, run_id, nights)
    steps.gate(settings, run_id, "features_out", nights)


def make_nights(settings: Settings, run_id: str, nights: list[date]) -> None:
    """As seller_marts and loan_eligibility do, one after the other."""
    build_nights(settings, run_id, nights)
    steps.score(settings, run_id, nights)
    steps.gate(settings, run_id, "scores_out", nights)
    steps.decide(settings, run_id, nights)
    steps.gate(settings, run_id, "offers_out", nights)
    steps.publish(settings, run_id, nights)
