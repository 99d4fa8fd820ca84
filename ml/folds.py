"""Cross-validation for small training sets: with few bad rows, one validation slice tells more of luck than of rows."""

import numpy as np
import pandas as pd
import xgboost as xgb
from numpy.typing import NDArray

from ml.booster import Floats, Parameters, fit, margin, matrix
from ml.encode import Matrix
from ml.version import ModelFeature

Rows = NDArray[np.intp]


def seller_folds(sellers: pd.Series, count: int, seed: int) -> list[tuple[Rows, Rows]]:
    """Row numbers of (fit, held out) for each fold; all rows of a seller are in one fold."""
    codes, names = pd.factorize(sellers)
    fold = (np.random.default_rng(seed).permutation(len(names)) % count)[codes]
    return [(np.flatnonzero(fold != number), np.flatnonzero(fold == number)) for number in range(count)]


def cross_fit(
    values: Matrix,
    is_bad: NDArray[np.bool_],
    folds: list[tuple[Rows, Rows]],
    features: tuple[ModelFeature, ...],
    parameters: Parameters,
    rounds_max: int,
    threads: int,
) -> tuple[int, Floats]:
    """The number of trees with the least held-out log loss over all folds, and each row's margin, shape (rows,), from
    the booster that has not seen its seller."""
    boosters: list[xgb.Booster] = []
    losses = np.zeros(rounds_max)
    for fitted, held_out in folds:
        parts = [matrix(values[rows], features, threads, is_bad[rows]) for rows in (fitted, held_out)]
        curve: dict[str, dict[str, list[float]]] = {}
        boosters.append(fit(parts[0], parameters, rounds_max, threads, parts[1], curve=curve))
        losses += len(held_out) * np.array(curve["validation"]["logloss"])
    rounds = int(losses.argmin()) + 1
    margins = np.empty(len(values))
    for booster, (_, held_out) in zip(boosters, folds, strict=True):
        margins[held_out] = margin(booster[:rounds], values[held_out])
    return rounds, margins
