"""A home of its own, the synthetic catalogue and the synthetic training set, and a training that is quick."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import ml.config
from tests.ml.synthetic import FEATURES, synthetic_frame, write_catalogue, write_training_set
from tradeline.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", threads=1)


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    return write_catalogue(tmp_path / "seller_features.yml", FEATURES)


@pytest.fixture
def training_set(tmp_path: Path) -> Path:
    return write_training_set(synthetic_frame(), tmp_path / "training.parquet")


@pytest.fixture(autouse=True, scope="package")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The real settings with fewer folds, trials and resamples: most tests ask what is trained, not how well."""
    settings = yaml.safe_load(ml.config.CONFIG.read_text(encoding="utf-8"))
    settings["split"]["folds"] = 3
    settings["search"]["trials"] = 2
    settings["evaluation"]["resamples"] = 100
    path = tmp_path_factory.mktemp("config") / "model.yml"
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ml.config, "CONFIG", path)
        yield
