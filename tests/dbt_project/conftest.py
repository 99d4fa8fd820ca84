"""A warehouse where every model has been built once, shared by the tests that only look at it or remake its nights."""

import pytest

from tests.dbt_project.built import built_home
from tradeline.settings import Settings


@pytest.fixture(scope="package")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Every model of a random market: features of the month-ends and the last night, decisions and training set."""
    return Settings(home=built_home(tmp_path_factory))
