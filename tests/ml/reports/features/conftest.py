"""A home from which the pages of the features are made."""

import pytest

from tests.dbt_project.built import built_home
from tradeline.settings import Settings


@pytest.fixture(scope="package")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with the marts and the training set of a random market."""
    return Settings(home=built_home(tmp_path_factory))
