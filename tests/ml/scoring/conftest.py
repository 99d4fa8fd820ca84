"""One version, served by one contender and then by the other, and a night of sellers."""

from pathlib import Path

import pandas as pd
import pytest

from ml.registry import store as registry
from ml.registry.store import CreditModel
from ml.registry.version import name_version
from ml.train import train
from tests.ml.synthetic import FEATURES, TRAINED_AS_OF, synthetic_frame, write_catalogue, write_training_set
from tradeline.settings import Settings


@pytest.fixture(scope="package")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one version, the catalogue and the training set that it was made from."""
    home = tmp_path_factory.mktemp("trained")
    catalogue = write_catalogue(home / "catalogue.yml", FEATURES)
    training_set = write_training_set(synthetic_frame(), home / "training.parquet")
    train(Settings(home=home, threads=1), training_set, TRAINED_AS_OF, "run", catalogue)
    return home


@pytest.fixture(params=["xgboost", "scorecard"])
def model(request: pytest.FixtureRequest, settings: Settings, trained: Path) -> CreditModel:
    """The version in a home of its own, served by one contender and then by the other."""
    home = Settings(home=trained)
    (name,) = registry.version_names(home)
    version = registry.describe(home, name)
    files = {name: registry.read_file(home, version, name) for name in ("model.ubj", "judged.parquet")}
    served = version.model_copy(update={"algorithm": request.param})
    named = served.model_copy(update={"model_version": name_version(served.model_dump(mode="json"))})
    registry.save(settings, named, files)
    return registry.load(settings, named.model_version)


@pytest.fixture
def tonight() -> pd.DataFrame:
    return synthetic_frame(seed=21, sellers=400, months=1)
