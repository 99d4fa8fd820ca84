"""One published night, from which the tests of what comes afterwards begin."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from serving.publish import publish
from tests.once import made_once
from tests.serving.built import build_night
from tradeline.settings import Settings


@pytest.fixture(scope="session")
def one_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the run "first" has published 2018-08-31, with the mark 1."""
    return made_once(tmp_path_factory, "one-night", _publish)


def _publish(home: Path) -> None:
    settings, night = Settings(home=home), date(2018, 8, 31)
    build_night(settings, night, "first")
    publish(settings, [night], "first")


@pytest.fixture
def published(one_night: Path, settings: Settings) -> Settings:
    """A copy of it, which the test may change."""
    shutil.copytree(one_night, settings.home)
    return settings
