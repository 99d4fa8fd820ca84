"""The area under the ROC curve of one feature alone, with its interval where a seller has several rows."""

import numpy as np
from numpy.typing import NDArray

from tradeline.estimates import Z_95, Estimate

Floats = NDArray[np.float64]
FEWEST = 5


class Auc(Estimate):
    """How often a bad row's value is above a good one's, ties counting half, and its 95% interval.

    ``rows`` and ``bad_rows`` are those where the feature is known.
    """

    rows: int
    bad_rows: int

    @property
    def is_told_apart(self) -> bool:
        """Whether the interval leaves 0.5, the value of a feature without information, outside."""
        return self.low > 0.5 or self.high < 0.5


def univariate_auc(values: Floats, is_bad: NDArray[np.bool_], sellers: NDArray[np.int64]) -> Auc | None:
    """The AUC of ``values`` as they are, higher counting as riskier; None where it has no interval worth its name.

    That is so where fewer than ``FEWEST`` bad rows, or good ones, hold another value than the commonest: the
    normal approximation behind the interval needs some. All arrays are of shape (rows,); NaN values are left out. The
    interval is that of DeLong, DeLong and Clarke-Pearson (1988, Biometrics 44:837-845), with a seller's rows summed
    before the variance is taken, since they are not independent (Obuchowski 1997, Biometrics 53:567-578); with one row
    a seller the two are the same.
    """
    known = ~np.isnan(values)
    values, is_bad, sellers = values[known], is_bad[known], sellers[known]
    bad, good = values[is_bad], values[~is_bad]
    if min(_off_the_commonest(values, bad), _off_the_commonest(values, good)) < FEWEST:
        return None
    beaten = _share_below(good, bad)  # of each bad row, the share of the good ones below it
    beating = 1 - _share_below(bad, good)
    auc = float(beaten.mean())
    variance = _variance(beaten - auc, beating - auc, sellers[is_bad], sellers[~is_bad])
    error = float(np.sqrt(max(0.0, variance)))  # a sum of squares, but for rounding
    low, high = max(0.0, auc - Z_95 * error), min(1.0, auc + Z_95 * error)
    return Auc(value=auc, low=low, high=high, rows=len(values), bad_rows=len(bad))


def _off_the_commonest(values: Floats, own: Floats) -> int:
    distinct, counts = np.unique(values, return_counts=True)
    return int((own != distinct[counts.argmax()]).sum()) if len(values) else 0


def _share_below(others: Floats, values: Floats) -> Floats:
    """Of each value, the share of the others that lie below it, ties counting half."""
    ordered = np.sort(others)
    below = np.searchsorted(ordered, values, side="left") + np.searchsorted(ordered, values, side="right")
    return np.asarray(below / (2 * len(others)), dtype=np.float64)


def _variance(bad: Floats, good: Floats, bad_sellers: NDArray[np.int64], good_sellers: NDArray[np.int64]) -> float:
    sellers, codes = np.unique(np.r_[bad_sellers, good_sellers], return_inverse=True)
    bad_codes, good_codes = codes[: len(bad)], codes[len(bad) :]
    of_bad = np.bincount(bad_codes, weights=bad, minlength=len(sellers))
    of_good = np.bincount(good_codes, weights=good, minlength=len(sellers))
    return (
        _unbiased(len(np.unique(bad_codes))) * float((of_bad**2).sum()) / len(bad) ** 2
        + _unbiased(len(np.unique(good_codes))) * float((of_good**2).sum()) / len(good) ** 2
        + 2 * _unbiased(len(sellers)) * float((of_bad * of_good).sum()) / (len(bad) * len(good))
    )


def _unbiased(count: int) -> float:
    return count / (count - 1) if count > 1 else 1.0
