"""From a frame to the matrix that XGBoost sees; the same for training, evaluation and scoring."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.errors import BadFeatures
from ml.features import ModelFeature
from tradeline.contracts.features import Feature

Matrix = NDArray[np.float32]


def fix_features(frame: pd.DataFrame, features: Sequence[Feature]) -> tuple[ModelFeature, ...]:
    """The model's inputs as the training rows have them: categories in alphabetical order, and what is typical of
    the good ones (``is_default`` is false)."""
    good = frame[~frame["is_default"].to_numpy(bool)]
    return tuple(
        ModelFeature(
            name=feature.name,
            family=feature.family,
            expected_sign=feature.expected_sign,
            categories=_categories(frame[feature.name]) if feature.is_category else None,
            typical=None if feature.is_category else _median(good[feature.name]),
        )
        for feature in features
    )


def encode(frame: pd.DataFrame, features: Sequence[ModelFeature]) -> Matrix:
    """Shape (rows, features): numbers as they are, categories as their code, anything missing or unseen as NaN.

    Raises:
        BadFeatures: a feature is absent, not a number where one is due, or infinite; none is ever filled in.
    """
    check_present(frame, features)
    matrix = np.empty((len(frame), len(features)), dtype=np.float32)
    for position, feature in enumerate(features):
        matrix[:, position] = _column(frame[feature.name], feature)
    counts = np.isinf(matrix).sum(axis=0).tolist()
    if any(counts):
        found = [f"{feature.name} ({count:,} rows)" for feature, count in zip(features, counts, strict=True) if count]
        raise BadFeatures(f"infinite values in {', '.join(found)}: a ratio without a denominator is null, not infinite")
    return matrix


def check_present(frame: pd.DataFrame, features: Sequence[ModelFeature]) -> None:
    """Refuse a frame that lacks one of the model's features, whatever else it has.

    Raises:
        BadFeatures: names what is absent.
    """
    missing = [feature.name for feature in features if feature.name not in frame.columns]
    if missing:
        raise BadFeatures(
            f"the model needs {', '.join(missing)}, which the features do not have: "
            "restore or rename the column back, or train a model on the features as they are now (DAG `credit_model`)"
        )


def _column(values: pd.Series, feature: ModelFeature) -> NDArray[np.float32]:
    if feature.categories is not None:
        codes = pd.Index(feature.categories, dtype=object).get_indexer(pd.Index(values, dtype=object))
        return np.where(codes < 0, np.nan, codes).astype(np.float32)
    try:
        return values.to_numpy(dtype=np.float32, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise BadFeatures(f"feature {feature.name} should be a number: {error}") from error


def _categories(values: pd.Series) -> tuple[str, ...]:
    return tuple(sorted(str(value) for value in values.dropna().unique()))


def _median(values: pd.Series) -> float | None:
    known = pd.to_numeric(values, errors="coerce").dropna()
    return float(known.median()) if len(known) else None
