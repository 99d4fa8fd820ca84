"""Reasons: which families of features raise a seller's pd most, by exact Shapley contributions to the log-odds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ml.encode import Matrix
from ml.errors import BadModel
from ml.features import ModelFeature
from ml.learning.calibrate import Floats
from ml.versions.registry import CreditModel

CHUNK_ROWS = 20_000
TOLERANCE = 1e-3  # of the log-odds; the contributions are sums of float32

DETAIL = pa.struct(
    [
        ("reason_code", pa.string()),
        ("feature", pa.string()),
        ("seller_value", pa.float64()),
        ("typical_value", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Reasons:
    """Reasons of many rows, one after the other: ``counts`` of shape (rows,), the rest of shape (reasons,).

    ``leading``: position of the feature that adds most within the reason's family; ``values``: the seller's own.
    """

    counts: NDArray[np.int64]
    families: NDArray[np.int64]
    leading: NDArray[np.int64]
    values: Floats


def family_names(features: Sequence[ModelFeature]) -> list[str]:
    """The families of the model's features, in alphabetical order."""
    return sorted({feature.family for feature in features})


def family_contributions(model: CreditModel, values: Matrix) -> tuple[list[str], Matrix]:
    """The families and what each adds to the log-odds before calibration: shape (rows, families).

    Raises:
        BadModel: the contributions of a row do not add up to its log-odds.
    """
    names = family_names(model.version.features)
    return names, _by_family(model.version.features, names, _contributions(model, values)[:, :-1])


def reasons_of(model: CreditModel, values: Matrix) -> Reasons:
    """The families that raise each row's pd, most harmful first, at most ``reasons.at_most``.

    Calibration does not change the order: it never falls.

    Raises:
        BadModel: as ``family_contributions``.
    """
    starts = range(0, max(len(values), 1), CHUNK_ROWS)  # one empty piece where nobody is to be explained
    found = [_explain(model, values[start : start + CHUNK_ROWS]) for start in starts]
    return Reasons(*(np.concatenate([getattr(each, name) for each in found]) for name in Reasons.__dataclass_fields__))


def spread(reasons: Reasons, is_explained: NDArray[np.bool_]) -> Reasons:
    """The same reasons among all rows: ``is_explained`` of shape (rows,), the others have none."""
    counts = np.zeros(len(is_explained), np.int64)
    counts[is_explained] = reasons.counts
    return replace(reasons, counts=counts)


def codes_array(model: CreditModel, reasons: Reasons) -> pa.ListArray:
    """The reason codes ``MODEL_<FAMILY>`` of each row."""
    return pa.ListArray.from_arrays(_offsets(reasons), _codes(model, reasons))


def details_array(model: CreditModel, reasons: Reasons) -> pa.ListArray:
    """Beside each code its leading feature, the seller's value and a typical good seller's; null for a category."""
    features = model.version.features
    names = pa.array([feature.name for feature in features]).take(pa.array(reasons.leading))
    typical = pa.array([feature.typical for feature in features], pa.float64()).take(pa.array(reasons.leading))
    is_category = np.array([feature.is_category for feature in features])[reasons.leading]
    own = pa.array(reasons.values, pa.float64(), mask=is_category | np.isnan(reasons.values))
    rows = pa.StructArray.from_arrays([_codes(model, reasons), names, own, typical], fields=list(DETAIL))
    return pa.ListArray.from_arrays(_offsets(reasons), rows)


def _explain(model: CreditModel, values: Matrix) -> Reasons:
    features, at_most = model.version.features, model.version.reasons.at_most
    names = family_names(features)
    if not len(values):
        none = np.empty(0, np.int64)
        return Reasons(none, none, none, np.empty(0))
    contributions = _contributions(model, values)[:, :-1]
    harm = _by_family(features, names, contributions)
    order = np.argsort(-harm, axis=1, kind="stable")[:, :at_most]
    is_harmful = np.take_along_axis(harm, order, axis=1) > 0
    rows, _ = np.nonzero(is_harmful)
    families = order[is_harmful]
    belongs = np.array([names.index(feature.family) for feature in features])
    within = np.where(belongs[None, :] == families[:, None], contributions[rows], -np.inf)
    leading = within.argmax(axis=1) if len(rows) else np.empty(0, np.int64)
    return Reasons(is_harmful.sum(axis=1), families, leading, values[rows, leading].astype(np.float64))


def _contributions(model: CreditModel, values: Matrix) -> Matrix:
    found = model.predictor.contributions(values)
    gap = np.abs(found.sum(axis=1, dtype=np.float64) - model.predictor.margins(values))
    if len(gap) and gap.max() > TOLERANCE:
        raise BadModel(
            f"{model.version.model_version}: contributions of {int((gap > TOLERANCE).sum()):,} rows do not add up to "
            f"their log-odds (off by up to {gap.max():.4f}): train again, and report this"
        )
    return found


def _by_family(features: Sequence[ModelFeature], names: list[str], contributions: Matrix) -> Matrix:
    belongs = np.array([[feature.family == name for name in names] for feature in features], dtype=np.float32)
    return np.asarray(contributions @ belongs, dtype=np.float32)


def _codes(model: CreditModel, reasons: Reasons) -> pa.Array:
    codes = [f"MODEL_{name.upper()}" for name in family_names(model.version.features)]
    return pa.array(codes).take(pa.array(reasons.families))


def _offsets(reasons: Reasons) -> pa.Array:
    return pa.array(np.concatenate([[0], np.cumsum(reasons.counts)]), pa.int32())
