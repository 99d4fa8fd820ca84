"""Which rows a model is trained on and which it is evaluated on.

The split is by time, with a whole performance window between the two: every outcome in training was known on the first
out-of-time decision day, so a seller who is in both parts reveals nothing about a later loan that was not known when it
was decided. A history too short for that, or with too few bad loans, is cross-validated by seller instead.
"""

import logging
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.config import CrossValidationConfig, Minimum, ModelConfig
from ml.errors import NotEnoughData

log = logging.getLogger(__name__)

Mask = NDArray[np.bool_]
JudgedBy = Literal["out_of_time", "cross_validation"]


@dataclass(frozen=True)
class Split:
    """Row masks over one training set, shape (rows,); rows in neither are used by nothing.

    Cross-validated, both masks hold all rows, and folds are drawn ``repeats`` times.
    """

    judged_by: JudgedBy
    fitted: Mask
    judged: Mask
    repeats: int


def split(frame: pd.DataFrame, config: ModelConfig) -> Split:
    """Cut the rows of a training set by decision day, if that leaves enough.

    ``frame``: columns seller_id, as_of, matures_on, is_default, is_indeterminate. Indeterminate rows fit nothing, so
    they do not count towards what training needs.

    Raises:
        NotEnoughData: there are too few rows for cross-validation, too.
    """
    is_bad, is_fitting = frame["is_default"].to_numpy(bool), ~frame["is_indeterminate"].to_numpy(bool)
    require_minimum(frame["seller_id"][is_fitting], is_bad[is_fitting], config.cross_validation)
    as_of = frame["as_of"]
    out_of_time_from = as_of[as_of > as_of.max() - pd.Timedelta(days=config.split.out_of_time_days)].min()
    train = ((as_of < out_of_time_from) & (frame["matures_on"] <= out_of_time_from)).to_numpy()
    out_of_time = (as_of >= out_of_time_from).to_numpy()
    for part, mask in (("train", train), ("out-of-time", out_of_time)):
        log.info("split: %s", _described(part, as_of[mask], is_bad[mask]))
    learned = train & is_fitting
    learned_of = _fewest_sellers(frame["seller_id"][learned], is_bad[learned])
    is_small = _is_too_small(is_bad[learned], is_bad[out_of_time], config.minimum)
    if not is_small and learned_of >= config.cross_validation.class_sellers:
        return Split("out_of_time", train, out_of_time, repeats=1)
    is_short = len(frame) <= config.cross_validation.repeats_up_to_rows
    repeats = config.cross_validation.repeats if is_short else 1
    log.info("split: too few rows or sellers a performance window apart; all are cross-validated, %d times", repeats)
    everything = np.ones(len(frame), dtype=bool)
    return Split("cross_validation", everything, everything, repeats)


def require_minimum(sellers: pd.Series, is_bad: Mask, minimum: CrossValidationConfig) -> None:
    """Refuse to train on too few rows, or too few of either class.

    Raises:
        NotEnoughData: says what there is, what is needed and what to do until then.
    """
    rows, bad = len(is_bad), int(is_bad.sum())
    if rows < minimum.rows or _smaller_class(is_bad) < minimum.class_rows:
        raise NotEnoughData(
            f"{rows:,} matured rows, {rows - bad:,} good and {bad:,} bad; needed are {minimum.rows:,} rows with at "
            f"least {minimum.class_rows} of each class: lend on by the knock-outs of the policy alone, in small "
            "amounts, until more outcomes are known"
        )
    if _fewest_sellers(sellers, is_bad) < minimum.class_sellers:
        good_of, bad_of = (sellers[chosen].nunique() for chosen in (~is_bad, is_bad))
        raise NotEnoughData(
            f"{rows:,} matured rows, {rows - bad:,} good of {good_of:,} sellers and {bad:,} bad of {bad_of:,}; needed "
            f"are at least {minimum.class_sellers} sellers in each class, since a seller's rows are alike: lend on by "
            "the knock-outs of the policy alone, in small amounts, until outcomes of more sellers are known"
        )


def _is_too_small(train: Mask, out_of_time: Mask, minimum: Minimum) -> bool:
    return (
        len(train) < minimum.train_rows
        or _smaller_class(train) < minimum.train_class_rows
        or _smaller_class(out_of_time) < minimum.out_of_time_class_rows
    )


def _smaller_class(is_bad: Mask) -> int:
    bad = int(is_bad.sum())
    return min(bad, len(is_bad) - bad)


def _described(part: str, as_of: pd.Series, is_bad: Mask) -> str:
    if not len(is_bad):
        return f"{part} no rows"
    return f"{part} {len(is_bad):,} rows, {is_bad.mean():.1%} bad, {as_of.min():%Y-%m-%d} to {as_of.max():%Y-%m-%d}"


def _fewest_sellers(sellers: pd.Series, is_bad: Mask) -> int:
    """Of how many sellers the rows of the class with fewer sellers are."""
    return min(sellers[chosen].nunique() for chosen in (~is_bad, is_bad))
