"""What the project asks of an algorithm. A further one is a class with these members, named in ``ml/model.yml``."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple, Protocol, Self, TypeVar

import numpy as np
from pydantic import JsonValue

from ml.config import ModelConfig
from ml.encode import Matrix
from ml.features import ModelFeature
from ml.learning.calibrate import Floats
from ml.learning.folds import Fold
from ml.learning.rows import Flags, Rows
from tradeline.progress import track


class Predictor(Protocol):
    """What scoring and reasons need of a fitted model; ``contributions`` add up to ``margins`` in each row."""

    @abstractmethod
    def margins(self, values: Matrix) -> Floats:
        """Log-odds before calibration, shape (rows,)."""

    @abstractmethod
    def contributions(self, values: Matrix) -> Matrix:
        """Shape (rows, features + 1): what each feature adds to the margin, the last column the base value."""


class Saved(NamedTuple):
    """What a version keeps of a fitted model: ``content`` in its ``model.json``, ``file`` beside it."""

    content: dict[str, JsonValue]
    file: bytes = b""


class Algorithm(Predictor, ABC):
    """One way to learn who repays; an instance is a model that was fitted that way.

    ``name``: the key of its files, tables and figures. ``title``: what people read. ``colour``: of its curves.
    ``section``: the key in ``model.json`` of what it saves. ``file``: the name of its own file, if it has one.
    ``libraries``: distributions whose numbers a version records, beside those that every training uses.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    colour: ClassVar[str]
    section: ClassVar[str]
    file: ClassVar[str | None] = None
    libraries: ClassVar[tuple[str, ...]] = ()

    @classmethod
    @abstractmethod
    def fit(
        cls,
        rows: Rows,
        draws: Sequence[list[Fold]],
        features: tuple[ModelFeature, ...],
        config: ModelConfig,
        threads: int,
    ) -> tuple[Self, Floats]:
        """The model fitted on all rows, and each row's margin by a model that has not seen its seller, shape
        (draws, rows). The same rows and settings give the same model, to the bit."""

    @abstractmethod
    def save(self) -> Saved:
        """What ``load`` makes the same model from."""

    @classmethod
    @abstractmethod
    def load(cls, saved: Saved, features: tuple[ModelFeature, ...], threads: int) -> Self:
        """A saved model, ready to score ``features``."""

    @classmethod
    @abstractmethod
    def settings(cls, content: dict[str, JsonValue]) -> dict[str, float | int | str]:
        """What of the saved ``content`` is shown and compared: a few numbers and words by their dotted names."""

    @classmethod
    def spoken(cls) -> str:
        """The title in the middle of a sentence: "XGBoost", "the scorecard"."""
        return cls.title if cls.title[0].isupper() else f"the {cls.title}"


Fitted = TypeVar("Fitted", bound=Algorithm)


def cross_fit(
    fit: Callable[[Matrix, Flags], Fitted], rows: Rows, draws: Sequence[list[Fold]], title: str
) -> tuple[Fitted, Floats]:
    """``Algorithm.fit`` for one that needs no held-out rows to be fitted: once on all rows and once on each fold.

    ``fit`` takes values, shape (rows, features), and whether each row is bad.
    """
    unseen = np.empty((len(draws), len(rows.is_bad)))
    parts = [(repeat, *fold) for repeat, folds in enumerate(draws) for fold in folds]
    for repeat, fitted, held_out in track(parts, f"fitting {title} on folds", len(parts)):
        unseen[repeat, held_out] = fit(*rows.fitting(fitted)).margins(rows.values[held_out])
    return fit(*rows.fitting()), unseen
