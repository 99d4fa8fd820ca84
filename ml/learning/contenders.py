"""An algorithm fitted and calibrated; all are fitted on the same rows and calibrated the same way: on the margins that
each row gets from a model that has not seen its seller."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.config import ModelConfig
from ml.features import ModelFeature
from ml.learning.algorithm import Algorithm
from ml.learning.calibrate import Calibration, Floats, calibrate
from ml.learning.folds import Fold, seller_folds
from ml.learning.rows import Rows


@dataclass(frozen=True)
class Learned:
    """A fitted model with its calibration; of the rows that it was fitted on, each one's margin and pd by a model, and
    a calibration, that have not seen its seller: shape (repeats, rows)."""

    model: Algorithm
    calibration: Calibration
    unseen_margins: Floats
    unseen_pds: Floats


def draw_folds(rows: Rows, repeats: int, config: ModelConfig) -> list[list[Fold]]:
    """Folds of sellers, drawn ``repeats`` times."""
    draws = range(config.seed, config.seed + repeats)
    return [seller_folds(rows.sellers, rows.is_bad, config.split.folds, seed) for seed in draws]


def learn(
    algorithm: type[Algorithm],
    rows: Rows,
    draws: Sequence[list[Fold]],
    features: tuple[ModelFeature, ...],
    config: ModelConfig,
    threads: int,
) -> Learned:
    """Fit on all rows; calibrate on all held-out margins, and for each row's own pd on those of the other folds."""
    model, unseen = algorithm.fit(rows, draws, features, config, threads)
    pds = np.empty_like(unseen)
    for repeat, folds in enumerate(draws):
        for others, held_out in folds:
            by_others = calibrate(unseen[repeat, others], rows.is_bad[others], config.calibration)
            pds[repeat, held_out] = by_others.pd_of(unseen[repeat, held_out])
    return Learned(model, calibrate(unseen, rows.is_bad, config.calibration), unseen, pds)
