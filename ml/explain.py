"""Reasons: which narrow groups of features raise a seller's pd most, by exact Shapley contributions to the log-odds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ml.encode import Matrix
from ml.errors import BadModel
from ml.features import ModelFeature
from ml.learning.calibrate import Floats
from ml.registry.store import CreditModel
from tradeline.contracts.features import reasons_of_inputs

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


# The reason of a missing value, whichever group its feature is of: "late repayments" would suppose a loan.
NOT_KNOWN = "MODEL_NOT_KNOWN"


@dataclass(frozen=True)
class Reasons:
    """Reasons of many rows, one after the other: ``counts`` of shape (rows,), the rest of shape (reasons,).

    ``codes``: positions in ``reason_codes``; ``leading``: position of the feature that adds most to the reason;
    ``values``: the seller's own.
    """

    counts: NDArray[np.int64]
    codes: NDArray[np.int64]
    leading: NDArray[np.int64]
    values: Floats


def reason_codes(features: Sequence[ModelFeature]) -> list[str]:
    """The reasons that the features can give, in alphabetical order, and last that of what is missing."""
    return [*sorted({_reason(feature) for feature in features}), NOT_KNOWN]


def reason_contributions(model: CreditModel, values: Matrix) -> tuple[list[str], Matrix]:
    """The reason codes and what each adds to the log-odds before calibration: shape (rows, codes).

    A feature that is missing adds to ``NOT_KNOWN``. One with an expected sign whose value is as good as a typical good
    seller's adds nothing: its words would blame a seller for what it does well.

    Raises:
        BadModel: the contributions of a row do not add up to its log-odds.
    """
    names = reason_codes(model.version.features)
    return names, _by_reason(_reasons_of_values(model, values, names), _harm(model, values), len(names))


def reasons_of(model: CreditModel, values: Matrix) -> Reasons:
    """The reasons that raise each row's pd, most harmful first, at most ``reasons.at_most``.

    Calibration does not change the order: it never falls.

    Raises:
        BadModel: as ``reason_contributions``.
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
    """The reason codes of each row."""
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
    if not len(values):
        none = np.empty(0, np.int64)
        return Reasons(none, none, none, np.empty(0))
    names = reason_codes(model.version.features)
    reasons, harm = _reasons_of_values(model, values, names), _harm(model, values)
    by_reason = _by_reason(reasons, harm, len(names))
    order = np.argsort(-by_reason, axis=1, kind="stable")[:, : model.version.reasons.at_most]
    is_harmful = np.take_along_axis(by_reason, order, axis=1) > 0
    rows, _ = np.nonzero(is_harmful)
    codes = order[is_harmful]
    within = np.where(reasons[rows] == codes[:, None], harm[rows], -np.inf)
    leading = within.argmax(axis=1) if len(rows) else np.empty(0, np.int64)
    return Reasons(is_harmful.sum(axis=1), codes, leading, values[rows, leading].astype(np.float64))


def _contributions(model: CreditModel, values: Matrix) -> Matrix:
    found = model.predictor.contributions(values)
    gap = np.abs(found.sum(axis=1, dtype=np.float64) - model.predictor.margins(values))
    if len(gap) and gap.max() > TOLERANCE:
        raise BadModel(
            f"{model.version.model_version}: contributions of {int((gap > TOLERANCE).sum()):,} rows do not add up to "
            f"their log-odds (off by up to {gap.max():.4f}): train again, and report this"
        )
    return found


def _reason(feature: ModelFeature) -> str:
    """By today's catalogue, from which the words come; a feature that it does not have goes by its family."""
    return reasons_of_inputs().get(feature.name, f"MODEL_{feature.family.upper()}")


def _reasons_of_values(model: CreditModel, values: Matrix, names: list[str]) -> NDArray[np.int64]:
    """Position in ``names`` of the reason that each value gives: shape (rows, features)."""
    own = np.array([names.index(_reason(feature)) for feature in model.version.features], dtype=np.int64)
    return np.where(np.isnan(values), names.index(NOT_KNOWN), own)


def _harm(model: CreditModel, values: Matrix) -> Matrix:
    """Contributions without those that raise the pd of a seller for a value as good as typical."""
    found, features = _contributions(model, values)[:, :-1], model.version.features
    signs = np.array([{"+": 1, "-": -1, None: np.nan}[feature.expected_sign] for feature in features], np.float32)
    typical = np.array([np.nan if feature.typical is None else feature.typical for feature in features], np.float32)
    is_as_good = signs * (values - typical) <= 0
    return np.where(is_as_good, np.minimum(found, 0), found)


def _by_reason(reasons: NDArray[np.int64], harm: Matrix, count: int) -> Matrix:
    """Sums of ``harm`` by reason: shape (rows, count)."""
    places = np.arange(len(harm))[:, None] * count + reasons
    sums = np.bincount(places.ravel(), harm.ravel(), minlength=len(harm) * count)
    return sums.reshape(len(harm), count).astype(np.float32)


def _codes(model: CreditModel, reasons: Reasons) -> pa.Array:
    return pa.array(reason_codes(model.version.features)).take(pa.array(reasons.codes))


def _offsets(reasons: Reasons) -> pa.Array:
    return pa.array(np.concatenate([[0], np.cumsum(reasons.counts)]), pa.int32())
