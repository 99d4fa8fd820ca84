"""The split by time: train, validation (the latest part of train) and out-of-time, without overlap.

Between train and out-of-time lies the whole performance window: no outcome that trains the model was still unknown
on the first out-of-time decision day. A young loan programme has no history long enough for that; for it train is all
that was decided before, matured by today, and the split says that it has no gap.
"""

import logging
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.config import Minimum, ModelConfig
from ml.errors import NotEnoughData

log = logging.getLogger(__name__)

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Split:
    """Row masks over one training set, shape (rows,).

    ``train`` holds ``fit``, ``validation`` and, where ``has_validation_gap``, the rows of the gap between them.
    ``has_out_of_time_gap``: a performance window lies between train and out-of-time.
    """

    train: Mask
    fit: Mask
    validation: Mask
    out_of_time: Mask
    validation_from: date
    out_of_time_from: date
    has_validation_gap: bool
    has_out_of_time_gap: bool


def split(frame: pd.DataFrame, config: ModelConfig) -> Split:
    """Cut the rows of a training set (columns as_of, matures_on, is_default) by decision day.

    Raises:
        NotEnoughData: a part has too few rows, or too few of either class.
    """
    as_of, matures_on, is_bad = (frame["as_of"], frame["matures_on"], frame["is_default"].to_numpy(bool))
    minimum = config.minimum
    out_of_time_from = as_of[as_of > as_of.max() - pd.Timedelta(days=config.split.out_of_time_days)].min()
    train = ((as_of < out_of_time_from) & (matures_on <= out_of_time_from)).to_numpy()
    has_out_of_time_gap = not (_is_young(train, is_bad, minimum) and frame["label_kind"].iloc[0] in config.split.young)
    if not has_out_of_time_gap:
        out_of_time_from = _later_share_from(as_of, config.split.young_out_of_time_share)
        train = (as_of < out_of_time_from).to_numpy()
        log.info("split: too few rows for a performance window between train and out-of-time")
    out_of_time = (as_of >= out_of_time_from).to_numpy()
    _require("train", is_bad[train], minimum.train_rows, minimum.train_class_rows)
    _require("out-of-time", is_bad[out_of_time], 1, minimum.out_of_time_class_rows)

    validation_from = _validation_from(as_of[train], is_bad[train], config.split.validation_share, minimum)
    validation = train & (as_of >= validation_from).to_numpy()
    before = train & ~validation
    matured = before & (matures_on <= validation_from).to_numpy()
    has_gap = _smaller_class(is_bad[matured]) >= minimum.train_class_rows
    fit = matured if has_gap else before
    parts = (("fit", fit), ("validation", validation), ("out-of-time", out_of_time))
    log.info("split: %s", "; ".join(_described(name, as_of[mask], is_bad[mask]) for name, mask in parts))
    if not has_gap:
        log.info("split: too few rows for a performance window between fit and validation")
    days = validation_from.date(), out_of_time_from.date()
    return Split(train, fit, validation, out_of_time, *days, has_gap, has_out_of_time_gap)


def _is_young(train: Mask, is_bad: Mask, minimum: Minimum) -> bool:
    return train.sum() < minimum.train_rows or _smaller_class(is_bad[train]) < minimum.train_class_rows


def _later_share_from(as_of: pd.Series, share: float) -> pd.Timestamp:
    """The first of the latest decision days that hold about this share of the rows."""
    return pd.Timestamp(as_of.sort_values().iloc[int(len(as_of) * (1 - share))])


def _validation_from(as_of: pd.Series, is_bad: Mask, share: float, minimum: Minimum) -> pd.Timestamp:
    """The latest day from which on there are enough rows of each class, with enough left before it."""
    for day in sorted(as_of.unique(), reverse=True)[:-1]:
        later = (as_of >= day).to_numpy()
        enough = min(_smaller_class(is_bad[later]), _smaller_class(is_bad[~later])) >= minimum.validation_class_rows
        if enough and later.mean() >= share:
            return pd.Timestamp(day)
    raise NotEnoughData(
        f"the {as_of.nunique()} train decision days cannot be cut in two parts with at least "
        f"{minimum.validation_class_rows} good and {minimum.validation_class_rows} bad rows each: wait for more"
    )


def _smaller_class(is_bad: Mask) -> int:
    bad = int(is_bad.sum())
    return min(bad, len(is_bad) - bad)


def _require(part: str, is_bad: Mask, rows: int, class_rows: int) -> None:
    if len(is_bad) < rows or _smaller_class(is_bad) < class_rows:
        bad = int(is_bad.sum())
        raise NotEnoughData(
            f"{part}: {len(is_bad):,} matured rows, {len(is_bad) - bad:,} good and {bad:,} bad; "
            f"needed are {max(rows, 2 * class_rows):,} rows with at least {class_rows} of each class"
        )


def _described(part: str, as_of: pd.Series, is_bad: Mask) -> str:
    return f"{part} {len(is_bad):,} rows, {is_bad.mean():.1%} bad, {as_of.min():%Y-%m-%d} to {as_of.max():%Y-%m-%d}"
