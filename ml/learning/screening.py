"""Which features of a training set a model may use: those that differ between sellers and not with the calendar.

In the first year of a platform's records a window of 365 days fills as the calendar goes on, so that features over it
differ between early and late loans. For a model that used them every later night would lie outside its training data.
"""

import logging
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from ml.config import ScreeningConfig
from ml.errors import BadFeatures
from tradeline.checked import Frozen
from tradeline.contracts.features import Feature

log = logging.getLogger(__name__)

Reason = Literal["no_value", "one_value", "calendar"]


class LeftOut(Frozen):
    """A feature that the model does not use. ``calendar_correlation``: Spearman's with the decision day, where that is
    the reason."""

    name: str
    reason: Reason
    calendar_correlation: float | None = None

    def __str__(self) -> str:
        """For a log or a page."""
        words = {"no_value": "has no value", "one_value": "has one value", "calendar": "follows the calendar"}
        return f"{self.name} {words[self.reason]}"


def screen(
    frame: pd.DataFrame, features: Sequence[Feature], config: ScreeningConfig
) -> tuple[list[Feature], tuple[LeftOut, ...]]:
    """The features that a model may use on the rows of ``frame`` (as_of and every feature), and those left out.

    Raises:
        BadFeatures: none is left.
    """
    day = frame["as_of"].rank().to_numpy(np.float64)
    found = {feature.name: _fault(frame[feature.name], feature, day, config) for feature in features}
    left_out = tuple(fault for fault in found.values() if fault)
    kept = [feature for feature in features if found[feature.name] is None]
    if not kept:
        raise BadFeatures("no feature differs between sellers: look at marts.seller_features of these days")
    if left_out:
        log.info("%d of %d features are left out: %s", len(left_out), len(features), "; ".join(map(str, left_out)))
    return kept, left_out


def _fault(values: pd.Series, feature: Feature, day: np.ndarray, config: ScreeningConfig) -> LeftOut | None:
    present = values.notna().to_numpy()
    if not present.any():
        return LeftOut(name=feature.name, reason="no_value")
    if present.all() and values.nunique() == 1:
        return LeftOut(name=feature.name, reason="one_value")
    if feature.is_category:
        return None
    correlation = _spearman(values[present], day[present])
    if abs(correlation) > config.calendar_correlation_max:
        return LeftOut(name=feature.name, reason="calendar", calendar_correlation=correlation)
    return None


def _spearman(values: pd.Series, day: np.ndarray) -> float:
    """0 where either does not vary."""
    ranks = values.rank().to_numpy(np.float64)
    if ranks.std() == 0 or day.std() == 0:
        return 0.0
    return float(np.corrcoef(ranks, day)[0, 1])
