"""A home of its own, the synthetic catalogue and the synthetic training set."""

from pathlib import Path

import pytest

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
