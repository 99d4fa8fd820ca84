"""Reasons: which families of features raise a seller's pd most, by exact Shapley contributions to the log-odds."""

import numpy as np

from ml.booster import matrix
from ml.encode import Matrix
from ml.registry import CreditModel

CHUNK_ROWS = 50_000


def reasons_of(model: CreditModel, values: Matrix, at_most: int) -> list[list[str]]:
    """For each row the codes ``MODEL_<FAMILY>`` of the families that raise its pd, most harmful first.

    Calibration does not change the order: its slope is positive.
    """
    chunks = range(0, len(values), CHUNK_ROWS)
    return [codes for start in chunks for codes in _explain(model, values[start : start + CHUNK_ROWS], at_most)]


def family_contributions(model: CreditModel, values: Matrix) -> tuple[list[str], Matrix]:
    """The families, in alphabetical order, and what each adds to the log-odds before calibration: shape (rows,
    families)."""
    features = model.version.features
    families = sorted({feature.family for feature in features})
    contributions = model.booster.predict(matrix(values, features, model.threads), pred_contribs=True)[:, :-1]
    belongs = np.array([[feature.family == family for family in families] for feature in features], dtype=np.float32)
    return families, np.asarray(contributions @ belongs, dtype=np.float32)


def _explain(model: CreditModel, values: Matrix, at_most: int) -> list[list[str]]:
    families, harm = family_contributions(model, values)
    codes = np.array([f"MODEL_{family.upper()}" for family in families])
    order = np.argsort(-harm, axis=1, kind="stable")[:, :at_most]
    is_harmful = np.take_along_axis(harm, order, axis=1) > 0
    return [list(codes[row][keep]) for row, keep in zip(order, is_harmful, strict=True)]
