"""Fitting XGBoost, and turning its margin into a pd."""

from collections.abc import Sequence

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from ml.config import ModelConfig
from ml.encode import Matrix
from ml.version import Calibration, ModelFeature

Floats = NDArray[np.float64]
Parameters = dict[str, float | int | str]


def booster_parameters(features: Sequence[ModelFeature], config: ModelConfig) -> Parameters:
    """XGBoost's parameters: the configured ones, the seed and each feature's monotone constraint."""
    signs = {"+": "1", "-": "-1", None: "0"}
    return {
        "objective": "binary:logistic",
        "eval_metric": "logloss",
        "tree_method": "hist",
        "seed": config.seed,
        "monotone_constraints": f"({','.join(signs[feature.expected_sign] for feature in features)})",
        **{name: int(value) if value == int(value) else value for name, value in config.booster.parameters.items()},
    }


def matrix(
    values: Matrix, features: Sequence[ModelFeature], threads: int, is_bad: NDArray[np.bool_] | None = None
) -> xgb.DMatrix:
    """XGBoost's own container, with names and types, so that a column in another order raises."""
    return xgb.DMatrix(
        values,
        is_bad,
        feature_names=[feature.name for feature in features],
        feature_types=["c" if feature.is_category else "q" for feature in features],
        enable_categorical=True,
        nthread=threads,
    )


def fit(
    data: xgb.DMatrix,
    parameters: Parameters,
    rounds: int,
    threads: int,
    validation: xgb.DMatrix | None = None,
    early_stopping_rounds: int | None = None,
    curve: dict[str, dict[str, list[float]]] | None = None,
) -> xgb.Booster:
    """Boost ``rounds`` trees, or fewer where the validation log loss stops falling; ``curve`` gets that loss."""
    return xgb.train(
        {**parameters, "nthread": threads},
        data,
        rounds,
        evals=[(validation, "validation")] if validation is not None else [],
        early_stopping_rounds=early_stopping_rounds,
        evals_result=curve,
        verbose_eval=False,
    )


def margin(booster: xgb.Booster, values: Matrix) -> Floats:
    """Log-odds before calibration, shape (rows,)."""
    return np.asarray(booster.inplace_predict(values, predict_type="margin"), dtype=np.float64)


def calibrate(margins: Floats, is_bad: NDArray[np.bool_]) -> Calibration:
    """Platt's scaling on rows that the booster has not seen; a slope that is not positive would reverse the ranks,
    so then only the level is corrected."""
    fitted = LogisticRegression(C=100).fit(margins[:, None], is_bad)
    slope, intercept = float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
    if slope <= 0:
        slope, intercept = 1.0, float(_logit(is_bad.mean()) - margins.mean())
    return Calibration(slope=slope, intercept=intercept)


def pd_of(margins: Floats, calibration: Calibration) -> Floats:
    """Probability of default, shape (rows,)."""
    return np.asarray(1 / (1 + np.exp(-(calibration.slope * margins + calibration.intercept))))


def _logit(share: float) -> float:
    return float(np.log(share / (1 - share)))
