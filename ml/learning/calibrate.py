"""From a margin to a probability: what a model's log-odds were worth on rows that it had not seen.

Whoever reads a version imports this; scikit-learn, which takes a second to import, only who fits one.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ml.config import CalibrationConfig
from tradeline.checked import Frozen

Floats = NDArray[np.float64]


class Calibration(Frozen):
    """``platt``: the log-odds of default are ``slope * margin + intercept``, the slope positive.

    ``isotonic``: the pd runs straight from knot to knot, ``knot_margins`` and ``knot_pds`` both ascending, and is flat
    outside them. A straight line between the blocks' centres, instead of isotonic regression's steps, ties few rows.
    """

    method: Literal["platt", "isotonic"]
    slope: float = 1.0
    intercept: float = 0.0
    knot_margins: tuple[float, ...] = ()
    knot_pds: tuple[float, ...] = ()

    def pd_of(self, margins: Floats) -> Floats:
        """Probability of default, the same shape as ``margins``."""
        if self.method == "isotonic":
            return np.interp(margins, self.knot_margins, self.knot_pds)
        return np.asarray(1 / (1 + np.exp(-(self.slope * margins + self.intercept))))


def calibrate(margins: Floats, is_bad: NDArray[np.bool_], config: CalibrationConfig) -> Calibration:
    """Fit on rows that the model has not seen; shapes (rows,) or (repeats, rows) of margins and (rows,).

    Isotonic regression (Zadrozny and Elkan 2002) needs many bad rows; with fewer than ``isotonic_bad_rows`` it is
    Platt's scaling (1999).
    """
    repeats = np.atleast_2d(margins)
    flat, outcomes = repeats.ravel(), np.tile(is_bad, len(repeats))
    if is_bad.sum() >= config.isotonic_bad_rows:
        return _isotonic(flat, outcomes)
    return _platt(flat, outcomes)


def _platt(margins: Floats, is_bad: NDArray[np.bool_]) -> Calibration:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=100).fit(margins[:, None], is_bad)
    slope, intercept = float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
    if slope <= 0:  # would reverse the ranks: correct the level alone
        slope, intercept = 1.0, float(_logit(is_bad.mean()) - margins.mean())
    return Calibration(method="platt", slope=slope, intercept=intercept)


def _isotonic(margins: Floats, is_bad: NDArray[np.bool_]) -> Calibration:
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression().fit_transform(margins, is_bad)
    pds, block = np.unique(fitted, return_inverse=True)
    rows = np.bincount(block)
    centres = np.bincount(block, weights=margins) / rows
    # A block without a bad row, or with nothing else, would claim certainty.
    smoothed = np.clip(pds, 0.5 / (rows + 1), 1 - 0.5 / (rows + 1))
    return Calibration(
        method="isotonic",
        knot_margins=tuple(centres.tolist()),
        knot_pds=tuple(np.maximum.accumulate(smoothed).tolist()),
    )


def _logit(share: float) -> float:
    return float(np.log(share / (1 - share)))
