"""The two algorithms that every training fits: XGBoost and, as its floor, a weight-of-evidence scorecard.

Both learn from the same rows and are calibrated the same way: on the margins that each row gets from a model that has
not seen its seller.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ml.config import ModelConfig
from ml.encode import Matrix
from ml.features import ModelFeature
from ml.learning.booster import (
    BoosterRecipe,
    Trees,
    booster_parameters,
    container,
    cross_grow,
    grow,
    whole_numbers,
)
from ml.learning.calibrate import Calibration, Floats, calibrate
from ml.learning.folds import Fold, RowNumbers, seller_folds
from ml.learning.rows import Rows
from ml.learning.scorecard import Scorecard, contributions, fit_scorecard, margins
from ml.learning.search import best_of, search
from tradeline.progress import track

log = logging.getLogger(__name__)

ONE_THREAD_ROWS = 20_000


class Predictor(Protocol):
    """What scoring and reasons need of an algorithm; ``contributions`` add up to ``margins`` in each row."""

    def margins(self, values: Matrix) -> Floats:
        """Log-odds before calibration, shape (rows,)."""

    def contributions(self, values: Matrix) -> Matrix:
        """Shape (rows, features + 1): what each feature adds to the margin, the last column the base value."""


@dataclass(frozen=True)
class Points:
    """A scorecard as a predictor."""

    scorecard: Scorecard
    features: tuple[ModelFeature, ...]

    def margins(self, values: Matrix) -> Floats:
        """Log-odds before calibration, shape (rows,)."""
        return margins(self.scorecard, values, self.features)

    def contributions(self, values: Matrix) -> Matrix:
        """Shapley values of an additive model from the training mean, shape (rows, features + 1), last the base."""
        return contributions(self.scorecard, values, self.features)


@dataclass(frozen=True)
class Learned:
    """An algorithm that has learned; of the rows it learned from, each one's margin and pd by a model, and a
    calibration, that have not seen its seller: shape (repeats, rows)."""

    predictor: Predictor
    calibration: Calibration
    unseen_margins: Floats
    unseen_pds: Floats


def draw_folds(rows: Rows, repeats: int, config: ModelConfig) -> list[list[Fold]]:
    """Folds of sellers, drawn ``repeats`` times."""
    draws = range(config.seed, config.seed + repeats)
    return [seller_folds(rows.sellers, rows.is_bad, config.split.folds, seed) for seed in draws]


def learn_trees(
    rows: Rows, draws: Sequence[list[Fold]], features: tuple[ModelFeature, ...], config: ModelConfig, threads: int
) -> tuple[Learned, Trees, BoosterRecipe]:
    """Search, find the number of trees on held-out sellers, calibrate there, and grow on all rows."""
    if len(rows.is_bad) < ONE_THREAD_ROWS:
        threads = 1  # threads wait for each other at every split, on a busy machine most of the time
    parameters = booster_parameters(features, config, int(rows.is_bad.sum()))
    trials = search(rows, draws[0], features, parameters, config, threads)
    parameters |= whole_numbers(best_of(trials))
    drawn = track(draws, "growing trees on folds", len(draws))
    found = [cross_grow(rows, folds, features, parameters, config, threads) for folds in drawn]
    rounds = int(np.median([count for count, _ in found]))
    unseen = np.empty((len(draws), len(rows.is_bad)))
    for repeat, (folds, (_, boosters)) in enumerate(zip(draws, found, strict=True)):
        for (_, held_out), booster in zip(folds, boosters, strict=True):
            grown = booster[: min(rounds, booster.num_boosted_rounds())]
            unseen[repeat, held_out] = Trees(grown, features, threads).margins(rows.values[held_out])
    trees = Trees(grow(container(rows.fitting(), features, threads), parameters, rounds, threads), features, threads)
    learned = _calibrated(trees, unseen, rows, draws, config)
    return learned, trees, BoosterRecipe(parameters=parameters, rounds=rounds, trials=trials)


def learn_scorecard(
    rows: Rows, draws: Sequence[list[Fold]], features: tuple[ModelFeature, ...], config: ModelConfig
) -> tuple[Learned, Scorecard]:
    """Fit a scorecard on all rows, and one on each fold to calibrate by."""

    def fit(chosen: RowNumbers | None = None) -> Points:
        return Points(fit_scorecard(*rows.fitting(chosen), features, config.scorecard, config.seed), features)

    unseen = np.empty((len(draws), len(rows.is_bad)))
    parts = [(repeat, *fold) for repeat, folds in enumerate(draws) for fold in folds]
    for repeat, fitted, held_out in track(parts, "fitting scorecards on folds", len(parts)):
        unseen[repeat, held_out] = fit(fitted).margins(rows.values[held_out])
    points = fit()
    return _calibrated(points, unseen, rows, draws, config), points.scorecard


def _calibrated(
    predictor: Predictor, unseen: Floats, rows: Rows, draws: Sequence[list[Fold]], config: ModelConfig
) -> Learned:
    """The calibration from all held-out margins; for each row's own pd, from those of the other folds."""
    pds = np.empty_like(unseen)
    for repeat, folds in enumerate(draws):
        for others, held_out in folds:
            by_others = calibrate(unseen[repeat, others], rows.is_bad[others], config.calibration)
            pds[repeat, held_out] = by_others.pd_of(unseen[repeat, held_out])
    return Learned(predictor, calibrate(unseen, rows.is_bad, config.calibration), unseen, pds)
