import numpy as np
import pandas as pd
import pytest

from ml.config import ModelConfig, load_config
from ml.evaluation.choose import ScoredContender, choose
from ml.evaluation.contender import Contender
from ml.evaluation.evaluate import evaluate
from ml.learning.calibrate import Calibration
from ml.learning.registered import registered
from ml.numbers.bootstrap import Floats
from ml.numbers.ranks import rank_loss
from tests.ml.evaluation.graded import KNOWN_ON, graded


def judged(rows: pd.DataFrame, pds: Floats, config: ModelConfig) -> ScoredContender:
    is_bad = rows["is_default"].to_numpy(bool)
    found = evaluate(rows, pds, config, KNOWN_ON)
    calibration = Calibration(method="platt")
    return ScoredContender(
        Contender(calibration=calibration, evaluation=found, rank_loss=rank_loss(is_bad, pds, pds)), pds
    )


@pytest.mark.parametrize(
    ("rows", "noise", "serves"),
    [
        (4000, 0.0, "scorecard"),  # as good as the other
        (4000, 0.05, "xgboost"),  # better, and many bad rows to say so
        (300, 0.05, "scorecard"),  # better by more than the margin, but with so few bad rows it may be luck
        (300, 0.5, "xgboost"),  # so much better that few rows prove it
    ],
)
def test_xgboost_serves_by_the_margin_and_with_few_bad_rows_by_proof(rows: int, noise: float, serves: str) -> None:
    frame, true_pd = graded(rows, seed=5)
    config = load_config()
    worse = np.clip(true_pd + noise * np.random.default_rng(1).normal(size=rows), 0.001, 0.999)
    found = {"xgboost": judged(frame, true_pd, config), "scorecard": judged(frame, worse, config)}
    algorithm, choice = choose(frame, found, registered(), config)
    bad = int(frame["is_default"].sum())
    assert (bad < config.challenge.proven_below_bad_rows) == (rows == 300)
    assert algorithm == serves
    assert ("fewer than 100 bad rows" in choice.reason) == (rows == 300)
    if rows == 300 and serves == "scorecard":
        assert choice.auc_difference.value >= choice.auc_margin and choice.auc_difference.low <= 0
