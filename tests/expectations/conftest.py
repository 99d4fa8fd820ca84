"""A home of its own for each test, with a warehouse that meets every expectation."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from tests.expectations.warehouse import AS_OF, make_raw, make_warehouse
from tradeline.settings import Settings


@pytest.fixture(scope="session")
def good_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse, and an admission of AS_OF beside a warehouse that has the 28 nights before it; made once."""
    folder = tmp_path_factory.mktemp("good")
    make_warehouse(folder / "warehouse.duckdb")
    make_raw(folder / "raw_warehouse.duckdb", date(2018, 8, 3), 28, is_admission=False)
    make_raw(folder / "admission.duckdb", AS_OF, 1)
    return folder


@pytest.fixture
def empty_home(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path / "home")
    settings.warehouse.parent.mkdir(parents=True)
    return settings


@pytest.fixture
def settings(empty_home: Settings, good_files: Path) -> Settings:
    """A home whose warehouse holds one good night of all marts; nothing is published."""
    shutil.copy(good_files / "warehouse.duckdb", empty_home.warehouse)
    return empty_home


@pytest.fixture
def admission(empty_home: Settings, good_files: Path) -> Path:
    """The admission of one good night, in a home whose warehouse knows 28 nights before."""
    shutil.copy(good_files / "raw_warehouse.duckdb", empty_home.warehouse)
    return Path(shutil.copy(good_files / "admission.duckdb", empty_home.home / "admission.duckdb"))
