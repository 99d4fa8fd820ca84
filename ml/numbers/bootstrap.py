"""Intervals by resampling whole sellers, since a seller's rows on several decision days are not independent."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.errors import NotEnoughData
from tradeline.estimates import Estimate
from tradeline.progress import track

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Statistic = Callable[[Floats], dict[str, float]]
MIDDLE = (0.025, 0.975)


def bootstrap(sellers: pd.Series, statistic: Statistic, resamples: int, seed: int) -> pd.DataFrame:
    """One row per resample, one column per figure that ``statistic`` returns.

    ``statistic`` takes row weights, shape (rows,): how often each row's seller was drawn. All its figures come from
    the same resamples, so differences between columns are paired.
    """
    codes, names = pd.factorize(sellers)
    random = np.random.default_rng(seed)
    repeats = track(range(resamples), "resampling sellers", resamples)
    drawn = (random.integers(len(names), size=len(names)) for _ in repeats)
    counts = (np.bincount(draw, minlength=len(names)).astype(np.float64) for draw in drawn)
    return pd.DataFrame([statistic(count[codes]) for count in counts])


def percentile_estimate(value: float, resampled: pd.Series) -> Estimate:
    """The value with the middle 95% of the resamples, widened to hold it; those without the figure (NaN) are left out.

    Raises:
        NotEnoughData: no resample has the figure.
    """
    low, high = _quantiles(resampled)
    return Estimate.around(value, low, high)


def basic_estimate(value: float, resampled: pd.Series) -> Estimate:
    """The interval of a figure that noise can only raise, as it does a largest or an absolute difference.

    Its resamples lie above the sample as it lies above what is true, so their quantiles are reflected: the basic
    bootstrap interval (Davison and Hinkley 1997, section 5.2), not below 0 and widened to hold the value.

    Raises:
        NotEnoughData: no resample has the figure.
    """
    low, high = _quantiles(resampled)
    return Estimate.around(value, max(0.0, 2 * value - high), 2 * value - low)


def _quantiles(resampled: pd.Series) -> tuple[float, float]:
    known = resampled.dropna()
    if known.empty:
        raise NotEnoughData("no resample of the sellers holds rows of both classes: wait for more bad rows")
    low, high = known.quantile(list(MIDDLE))
    return float(low), float(high)


class Ranking:
    """Rows ranked once by risk, so that weighted AUC, KS and lift cost one pass per resample."""

    def __init__(self, is_bad: Mask, risk: Floats) -> None:
        """``risk``: shape (rows,), higher is riskier, without NaN; ties are allowed."""
        self._order = np.argsort(risk, kind="stable")
        self._is_bad = is_bad[self._order].astype(np.float64)
        ranked = risk[self._order]
        self._tie_starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])

    def auc_and_ks(self, weights: Floats) -> tuple[float, float]:
        """Area under the ROC curve (half for ties) and the Kolmogorov-Smirnov distance; NaN where a class is empty."""
        return _auc_and_ks(*self._ties(weights))

    def auc_ks_and_lift(self, weights: Floats, riskiest_share: float) -> tuple[float, float, float]:
        """Also the bad rate of the riskiest share of the weight over that of all; ties on its edge count in part."""
        good, bad = self._ties(weights)
        if not bad.any():
            return float("nan"), float("nan"), float("nan")
        taken = np.cumsum((good + bad)[::-1])
        riskiest_bad = np.interp(riskiest_share * taken[-1], np.r_[0.0, taken], np.r_[0.0, np.cumsum(bad[::-1])])
        return *_auc_and_ks(good, bad), float(riskiest_bad / (riskiest_share * bad.sum()))

    def _ties(self, weights: Floats) -> tuple[Floats, Floats]:
        """The weight of good and of bad rows for each distinct risk, the lowest first."""
        ordered = weights[self._order]
        bad_weights = ordered * self._is_bad
        return (
            np.add.reduceat(ordered - bad_weights, self._tie_starts),
            np.add.reduceat(bad_weights, self._tie_starts),
        )


def _auc_and_ks(good: Floats, bad: Floats) -> tuple[float, float]:
    bad_total, good_total = bad.sum(), good.sum()
    if bad_total == 0 or good_total == 0:
        return float("nan"), float("nan")
    good_up_to, bad_up_to = np.cumsum(good), np.cumsum(bad)
    auc = (bad * (good_up_to - good / 2)).sum() / (bad_total * good_total)
    return float(auc), float(np.abs(good_up_to / good_total - bad_up_to / bad_total).max())
