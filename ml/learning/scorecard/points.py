"""The scorecard as an algorithm that a version may be served by."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from pydantic import JsonValue

from ml.config import ModelConfig
from ml.encode import Matrix
from ml.features import ModelFeature
from ml.learning.algorithm import Algorithm, Saved, cross_fit
from ml.learning.calibrate import Floats
from ml.learning.folds import Fold
from ml.learning.rows import Flags, Rows
from ml.learning.scorecard.card import Scorecard, contributions, margins
from ml.learning.scorecard.fit import fit_scorecard
from pages import palette


@dataclass(frozen=True)
class Points(Algorithm):
    """A weight-of-evidence scorecard."""

    name, title, colour = "scorecard", "scorecard", palette.ACCENT
    section = "scorecard"
    libraries = ("optbinning",)

    scorecard: Scorecard
    features: tuple[ModelFeature, ...]

    @classmethod
    def fit(
        cls,
        rows: Rows,
        draws: Sequence[list[Fold]],
        features: tuple[ModelFeature, ...],
        config: ModelConfig,
        threads: int,
    ) -> tuple[Self, Floats]:
        """A scorecard of all rows, and one of each fold; ``threads`` makes no difference."""

        def fitted(values: Matrix, is_bad: Flags) -> Scorecard:
            return fit_scorecard(values, is_bad, features, config.scorecard, config.seed)

        return cross_fit(lambda *part: cls(fitted(*part), features), rows, draws, "scorecards")

    def margins(self, values: Matrix) -> Floats:
        """Log-odds before calibration, shape (rows,)."""
        return margins(self.scorecard, values, self.features)

    def contributions(self, values: Matrix) -> Matrix:
        """Shapley values of an additive model from the training mean, shape (rows, features + 1), last the base."""
        return contributions(self.scorecard, values, self.features)

    def save(self) -> Saved:
        """All of it is in ``model.json``."""
        return Saved(self.scorecard.model_dump(mode="json"))

    @classmethod
    def load(cls, saved: Saved, features: tuple[ModelFeature, ...], threads: int) -> Self:
        """The scorecard; it scores by numpy alone, on one thread."""
        return cls(Scorecard.model_validate(saved.content), features)

    @classmethod
    def settings(cls, content: dict[str, JsonValue]) -> dict[str, float | int | str]:
        """The features that it has taken."""
        found = Scorecard.model_validate(content).characteristics
        return {"features": ", ".join(each.name for each in found) or "none, base rate only"}
