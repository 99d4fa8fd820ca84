"""The population stability index of one column: its bins, its value, and what of it chance explains.

The index compares two samples' shares of the same bins, ``sum((now - before) * ln(now / before))``. Where nothing has
changed, samples of n and m rows give about ``(1 / n + 1 / m)`` times a chi-squared variable with one degree of freedom
less than there are bins (Yurdakul and Naranjo 2020, "Statistical properties of the population stability index", Journal
of Risk Model Validation 14(4)).
"""

import numpy as np
from numpy.typing import NDArray

from ml.numbers.bootstrap import Floats
from tradeline.checked import Frozen

Column = NDArray[np.floating]

# Added to each bin in which either sample has a row: without it a bin that empties makes the index infinite. Simulated
# from 100 rows on, false alarms stay at or below the nominal rate with it, also where bins are rare.
PSEUDO_COUNT = 0.5


class FeatureBaseline(Frozen):
    """Rows in each bin of a column, the missing ones last.

    A number's bins reach up to each of ``edges``, included, and above the last; a category has one for each name.
    """

    name: str
    edges: tuple[float, ...] | None
    categories: tuple[str, ...] | None
    counts: tuple[int, ...]


def bin_number(name: str, column: Column, bins: int) -> FeatureBaseline:
    """Numbers, shape (rows,), NaN where missing, in bins as equally filled as ties allow."""
    edges = _edges(column[~np.isnan(column)], bins)
    return FeatureBaseline(name=name, edges=edges, categories=None, counts=_counts(column, edges, None))


def bin_category(name: str, column: Column, categories: tuple[str, ...]) -> FeatureBaseline:
    """Codes of ``categories``, shape (rows,), NaN where missing."""
    counts = _counts(column, None, categories)
    return FeatureBaseline(name=name, edges=None, categories=categories, counts=counts)


def count_again(baseline: FeatureBaseline, column: Column) -> Floats:
    """Rows of another sample of the same column in each bin of the first."""
    return np.array(_counts(column, baseline.edges, baseline.categories), np.float64)


def index(before: Floats, now: Floats) -> float:
    """The index of two samples counted in the same bins."""
    is_used = before + now > 0
    then, after = before[is_used] + PSEUDO_COUNT, now[is_used] + PSEUDO_COUNT
    then, after = then / then.sum(), after / after.sum()
    return float(((after - then) * np.log(after / then)).sum())


def critical_value(before: Floats, now: Floats, noise: float, confidence: float) -> float:
    """What the index stays below with ``confidence`` if nothing has changed; ``noise`` is ``1 / n + 1 / m``.

    Bins that are empty in both samples leave no freedom to differ.
    """
    from scipy.stats import chi2

    freedom = int((before + now > 0).sum()) - 1
    return noise * float(chi2.ppf(confidence, freedom)) if freedom else 0.0


def _edges(present: Column, bins: int) -> tuple[float, ...]:
    """Quantiles, each once; a value at the top that many rows share gets a bin of its own, as any other does."""
    if not len(present):
        return ()
    low, high = present.min(), present.max()
    cuts = np.quantile(present, np.arange(1, bins) / bins, method="inverted_cdf")
    cuts = np.where(cuts < high, cuts, np.nextafter(high, present.dtype.type(-np.inf)))
    return tuple(np.unique(np.append(cuts, high) if low == high else cuts).tolist())


def _counts(column: Column, edges: tuple[float, ...] | None, categories: tuple[str, ...] | None) -> tuple[int, ...]:
    present = column[~np.isnan(column)]
    if categories is not None:
        bins, size = present.astype(np.intp), len(categories)
    else:
        bins, size = np.searchsorted(np.array(edges, np.float64), present), len(edges or ()) + 1
    return (*np.bincount(bins, minlength=size).tolist(), len(column) - len(present))
