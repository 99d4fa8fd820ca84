"""How XGBoost grows trees, and how many."""

from collections.abc import Sequence

import numpy as np
import xgboost as xgb

from ml.config import ModelConfig
from ml.encode import Matrix
from ml.features import ModelFeature
from ml.learning.folds import Fold
from ml.learning.rows import Flags, Rows
from tradeline.progress import track

Parameters = dict[str, float | int | str]


def booster_parameters(features: Sequence[ModelFeature], config: ModelConfig, bad_rows: int) -> Parameters:
    """XGBoost's parameters: the configured ones, the seed and each feature's monotone constraint.

    The classes are not weighted: a weighted loss would shift every pd, and the ranks do not need it.
    """
    signs = {"+": "1", "-": "-1", None: "0"}
    small = config.booster.small_parameters if bad_rows < config.booster.small_bad_rows else {}
    return {
        "objective": "binary:logistic",
        "eval_metric": "logloss",
        "tree_method": "hist",
        "seed": config.seed,
        "monotone_constraints": f"({','.join(signs[feature.expected_sign] for feature in features)})",
        **whole_numbers(config.booster.parameters | small),
    }


def whole_numbers(parameters: dict[str, float]) -> Parameters:
    """XGBoost takes 3 for a depth, not 3.0."""
    return {name: int(value) if value == int(value) else value for name, value in parameters.items()}


def container(
    rows: tuple[Matrix, Flags | None], features: Sequence[ModelFeature], threads: int, *, is_named: bool = True
) -> xgb.DMatrix:
    """XGBoost's own container of values and, to fit on, outcomes; with names and types, so that a column in another
    order raises.

    ``is_named`` is False where trees only grow until they stop: with names, XGBoost's Python decodes all of them eight
    times a round to compare them, which takes as long as growing a small tree.
    """
    return xgb.DMatrix(
        *rows,
        feature_names=[feature.name for feature in features] if is_named else None,
        feature_types=["c" if feature.is_category else "q" for feature in features],
        enable_categorical=True,
        nthread=threads,
    )


def grow(data: xgb.DMatrix, parameters: Parameters, rounds: int, threads: int) -> xgb.Booster:
    """Boost ``rounds`` trees."""
    return xgb.train({**parameters, "nthread": threads}, data, rounds, verbose_eval=False)


def grow_until_it_stops(
    data: xgb.DMatrix, held_out: xgb.DMatrix, parameters: Parameters, config: ModelConfig, threads: int
) -> xgb.Booster:
    """Boost until the held-out log loss has not fallen for ``early_stopping_rounds``."""
    return xgb.train(
        {**parameters, "nthread": threads},
        data,
        config.booster.rounds_max,
        evals=[(held_out, "held_out")],
        early_stopping_rounds=config.booster.early_stopping_rounds,
        verbose_eval=False,
    )


def cross_grow(
    rows: Rows,
    folds: Sequence[Fold],
    features: tuple[ModelFeature, ...],
    parameters: Parameters,
    config: ModelConfig,
    threads: int,
) -> tuple[int, list[xgb.Booster]]:
    """One booster per fold, and the median of the numbers of trees at which they stopped.

    Rows that are not for fitting neither grow nor stop trees.
    """
    boosters = []
    for fold in track(folds, "growing trees on a fold", len(folds)):
        fitted, held_out = (container(rows.fitting(part), features, threads, is_named=False) for part in fold)
        boosters.append(grow_until_it_stops(fitted, held_out, parameters, config, threads))
    rounds = int(np.median([booster.best_iteration + 1 for booster in boosters]))
    return rounds, boosters
