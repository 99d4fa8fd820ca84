"""Intervals by resampling whole sellers, since a seller's rows on several decision days are not independent."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], dict[str, float]]


def bootstrap(sellers: pd.Series, statistic: Statistic, resamples: int, seed: int) -> pd.DataFrame:
    """One row per resample, one column per figure that ``statistic`` returns.

    ``statistic`` takes row weights, shape (rows,): how often each row's seller was drawn. All its figures come from
    the same resamples, so differences between columns are paired.
    """
    codes, names = pd.factorize(sellers)
    random = np.random.default_rng(seed)
    drawn = (random.integers(len(names), size=len(names)) for _ in range(resamples))
    counts = (np.bincount(draw, minlength=len(names)).astype(np.float64) for draw in drawn)
    return pd.DataFrame([statistic(count[codes]) for count in counts])


class Ranking:
    """Rows ranked once by risk, so that weighted AUC and KS cost one pass per resample."""

    def __init__(self, is_bad: NDArray[np.bool_], risk: Floats) -> None:
        """``risk``: shape (rows,), higher is riskier, without NaN; ties are allowed."""
        self._order = np.argsort(risk, kind="stable")
        self._is_bad = is_bad[self._order].astype(np.float64)
        ranked = risk[self._order]
        self._tie_starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])

    def auc_and_ks(self, weights: Floats) -> tuple[float, float]:
        """Area under the ROC curve (half for ties) and the Kolmogorov-Smirnov distance; NaN where a class is empty."""
        ordered = weights[self._order]
        bad = np.add.reduceat(ordered * self._is_bad, self._tie_starts)
        good = np.add.reduceat(ordered * (1 - self._is_bad), self._tie_starts)
        bad_total, good_total = bad.sum(), good.sum()
        if bad_total == 0 or good_total == 0:
            return float("nan"), float("nan")
        good_up_to, bad_up_to = np.cumsum(good), np.cumsum(bad)
        auc = (bad * (good_up_to - good / 2)).sum() / (bad_total * good_total)
        return float(auc), float(np.abs(good_up_to / good_total - bad_up_to / bad_total).max())
