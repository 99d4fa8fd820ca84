"""A home from which the pages of the features are made."""

import pytest

from tests.dbt_project.random_market import FIRST_ON, LAST_ON, random_market, write_raw
from tradeline.dbt import build
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings


@pytest.fixture(scope="package")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with the last night's mart and a training set of a random market."""
    settings = Settings(home=tmp_path_factory.mktemp("built"))
    write_raw(settings, random_market(11))
    first, last = FIRST_ON.isoformat(), LAST_ON.isoformat()
    with warehouse_lock(settings):
        build(settings, "night", "seller_marts", {"arrived_from": first, "arrived_to": last, "as_ofs": [last]})
        build(settings, "training", "training", {"training_as_of": last, "spine_kind": "training"})
    return settings
