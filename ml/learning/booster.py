"""XGBoost: trees whose number, and where rows suffice their parameters, are found on held-out sellers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import xgboost as xgb
from pydantic import JsonValue

from ml.config import ModelConfig
from ml.encode import Matrix
from ml.features import ModelFeature
from ml.learning.algorithm import Algorithm, Saved
from ml.learning.alike import Alike
from ml.learning.calibrate import Floats
from ml.learning.folds import Fold
from ml.learning.grow import Parameters, booster_parameters, container, cross_grow, grow, whole_numbers
from ml.learning.rows import Rows
from ml.learning.search import Trial, best_of, search
from pages import palette
from tradeline.checked import Frozen
from tradeline.progress import track

ONE_THREAD_ROWS = 20_000
ALIKE_ROWS = 5_000  # from here on, explaining one row of each kind is quicker


class BoosterRecipe(Frozen):
    """How the trees were grown; ``trials`` in the order in which they were drawn, none without a search."""

    parameters: Parameters
    rounds: int
    trials: tuple[Trial, ...] = ()


@dataclass(frozen=True)
class Trees(Algorithm):
    """Trees grown by gradient boosting."""

    name, title, colour = "xgboost", "XGBoost", palette.MAIN
    section, file = "booster", "model.ubj"
    libraries = ("xgboost-cpu", "optuna")

    booster: xgb.Booster
    features: tuple[ModelFeature, ...]
    recipe: BoosterRecipe
    threads: int

    @classmethod
    def fit(
        cls,
        rows: Rows,
        draws: Sequence[list[Fold]],
        features: tuple[ModelFeature, ...],
        config: ModelConfig,
        threads: int,
    ) -> tuple[Self, Floats]:
        """Search, find the number of trees on held-out sellers, and grow them on all rows."""
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
                unseen[repeat, held_out] = _margins(grown, rows.values[held_out])
        booster = grow(container(rows.fitting(), features, threads), parameters, rounds, threads)
        recipe = BoosterRecipe(parameters=parameters, rounds=rounds, trials=trials)
        return cls(booster, features, recipe, threads), unseen

    def margins(self, values: Matrix) -> Floats:
        """Log-odds before calibration, shape (rows,)."""
        return _margins(self.booster, values)

    def contributions(self, values: Matrix) -> Matrix:
        """Exact Shapley values of the margin, shape (rows, features + 1), the last column the base value.

        TreeSHAP, Lundberg et al. 2020, path-dependent.
        """
        if len(values) >= ALIKE_ROWS and self._alike:
            return self._alike.contributions(values)
        found = self.booster.predict(container((values, None), self.features, self.threads), pred_contribs=True)
        return np.asarray(found, dtype=np.float32)

    @cached_property
    def _alike(self) -> Alike | None:
        return Alike.of(self.booster)

    def save(self) -> Saved:
        """The recipe, and the trees in XGBoost's own format."""
        return Saved(self.recipe.model_dump(mode="json"), bytes(self.booster.save_raw("ubj")))

    @classmethod
    def load(cls, saved: Saved, features: tuple[ModelFeature, ...], threads: int) -> Self:
        """The trees, which score on ``threads`` threads."""
        booster = xgb.Booster({"nthread": threads})
        booster.load_model(bytearray(saved.file))
        return cls(booster, features, BoosterRecipe.model_validate(saved.content), threads)

    @classmethod
    def settings(cls, content: dict[str, JsonValue]) -> dict[str, float | int | str]:
        """XGBoost's parameters without the constraints, which are the features' signs, and how many trees there are."""
        recipe = BoosterRecipe.model_validate(content)
        kept = {name: value for name, value in recipe.parameters.items() if name != "monotone_constraints"}
        return {f"parameters.{name}": value for name, value in kept.items()} | {"rounds": recipe.rounds}


def _margins(booster: xgb.Booster, values: Matrix) -> Floats:
    return np.asarray(booster.inplace_predict(values, predict_type="margin"), dtype=np.float64)
