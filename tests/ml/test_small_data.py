"""A programme that has just begun: a few hundred loans, 30 to 80 of them bad."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ml.errors import NotEnoughData
from ml.learning.booster import BoosterRecipe, Trees
from ml.learning.scorecard import Points, Scorecard
from ml.numbers.bootstrap import Ranking
from ml.registry import store as registry
from ml.score import predict_pd
from ml.train import train
from tests.ml.synthetic import TRAINED_AS_OF, synthetic_frame, write_training_set
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


def young(seed: int, rows: int, bad_share: float) -> pd.DataFrame:
    """One loan per seller on three days; defaults thinned out to about ``bad_share``."""
    frame = synthetic_frame(seed, sellers=rows // 3 + 1, months=3).head(rows)
    frame["seller_id"] = [f"s{number}" for number in range(rows)]
    kept = np.random.default_rng(seed).random(rows) < bad_share / frame["is_default"].mean()
    return frame.assign(is_default=frame["is_default"] & kept, label_kind="loan_default")


@pytest.mark.parametrize(("seed", "rows", "bad_share"), [(1, 300, 0.12), (2, 600, 0.1), (3, 1000, 0.07)])
def test_it_is_sane_calibrated_and_honest_about_what_it_does_not_know(
    settings: Settings, catalogue: Path, tmp_path: Path, seed: int, rows: int, bad_share: float
) -> None:
    path = write_training_set(young(seed, rows, bad_share), tmp_path / "young.parquet")
    version = train(settings, path, TRAINED_AS_OF, "run", catalogue)
    found = version.evaluation
    assert 30 <= found.bad_rows <= 80
    assert version.judged_by == "cross_validation" and version.split.repeats == 4
    recipe = version.part(Trees.section, BoosterRecipe)
    assert recipe.parameters["max_depth"] == 2 and recipe.trials == ()
    assert len(version.part(Points.section, Scorecard).characteristics) <= found.bad_rows / 3
    auc = found.metrics["auc"]
    assert auc.high - auc.low > 0.08
    later = young(seed + 10, 6000, bad_share)
    pds = predict_pd(registry.load(settings, version.model_version), later)
    is_bad = later["is_default"].to_numpy(bool)
    true_auc = Ranking(is_bad, pds).auc_and_ks(np.ones(len(later)))[0]
    assert auc.low - 0.02 < true_auc < auc.high + 0.02
    assert 0.67 < pds.mean() / is_bad.mean() < 1.5


def test_below_the_minimum_it_is_refused_and_nothing_is_left_behind(
    settings: Settings, catalogue: Path, tmp_path: Path
) -> None:
    frame = young(1, 299, 0.12)
    path = write_training_set(frame, tmp_path / "too_young.parquet")
    with pytest.raises(NotEnoughData, match=r"299 matured rows, .* needed are 300 rows with at least 30 of each class"):
        train(settings, path, TRAINED_AS_OF, "run", catalogue)
    assert not settings.models.exists()
