"""A bounded, seeded search over XGBoost's parameters: what is tried follows from the seed alone."""

import logging
from collections.abc import Sequence

import numpy as np
import optuna

from ml.config import ModelConfig, SearchConfig
from ml.features import ModelFeature
from ml.learning.folds import Fold
from ml.learning.grow import Parameters, container, grow_until_it_stops, whole_numbers
from ml.learning.rows import Rows
from tradeline.checked import Frozen

log = logging.getLogger(__name__)

LOGARITHMIC = ("min_child_weight", "reg_lambda", "reg_alpha")
RANGES = tuple(name for name in SearchConfig.model_fields if name not in ("trials", "folds", "bad_rows"))


class Trial(Frozen):
    """One draw of the search: what was tried and the held-out log loss."""

    parameters: dict[str, float]
    log_loss: float


def search(
    rows: Rows,
    folds: Sequence[Fold],
    features: tuple[ModelFeature, ...],
    parameters: Parameters,
    config: ModelConfig,
    threads: int,
) -> tuple[Trial, ...]:
    """Try ``trials`` sets of parameters, by Optuna's tree-structured Parzen estimator (Bergstra et al. 2011).

    Each is evaluated by the mean log loss of the rows held out by the first ``search.folds`` folds. The first trial has
    the configured values of what is searched. Empty where those rows hold too few bad ones to show more than luck.
    """
    chosen = [[rows.fitting(part) for part in fold] for fold in folds[: config.search.folds]]
    held_out = [is_bad for _, (_, is_bad) in chosen]
    if config.search.trials == 0 or sum(is_bad.sum() for is_bad in held_out) < config.search.bad_rows:
        return ()
    parts = [[container(part, features, threads, is_named=False) for part in fold] for fold in chosen]
    held_out_rows = sum(map(len, held_out))
    tried: list[Trial] = []

    def loss(trial: optuna.Trial) -> float:
        drawn = _draw(trial, config.search)
        total = 0.0
        for data, unseen in parts:
            booster = grow_until_it_stops(data, unseen, {**parameters, **whole_numbers(drawn)}, config, threads)
            total += unseen.num_row() * float(booster.best_score)
        tried.append(Trial(parameters=drawn, log_loss=total / held_out_rows))
        log.info("search: trial %d of %d, log loss %.5f", len(tried), config.search.trials, total / held_out_rows)
        return total / held_out_rows

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=config.seed))
    study.enqueue_trial({name: value for name, value in parameters.items() if name in RANGES})
    study.optimize(loss, n_trials=config.search.trials)
    return tuple(tried)


def best_of(tried: Sequence[Trial]) -> dict[str, float]:
    """The parameters with the least loss; none where nothing was tried."""
    return tried[int(np.argmin([each.log_loss for each in tried]))].parameters if tried else {}


def _draw(trial: optuna.Trial, ranges: SearchConfig) -> dict[str, float]:
    drawn: dict[str, float] = {"max_depth": trial.suggest_int("max_depth", *ranges.max_depth)}
    for name in RANGES:
        if name != "max_depth":
            drawn[name] = trial.suggest_float(name, *getattr(ranges, name), log=name in LOGARITHMIC)
    return drawn
