"""Figures of a feature: its distribution over sellers, and the rate of default by its value."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.numbers.auc import Auc, Floats, univariate_auc
from tradeline.estimates import Estimate, wilson

BINS = 24
WHOLE_NUMBERS = 30
SKEWED = 20
CATEGORIES = 12
FIFTHS = 5


@dataclass(frozen=True)
class ValueBin:
    """Sellers whose value is from ``low`` to ``high``; both are the same where a bar stands for one value."""

    low: float
    high: float
    sellers: int

    @property
    def label(self) -> str:
        """Its range as a person reads it."""
        return _range(self.low, self.high)


@dataclass(frozen=True)
class RateGroup:
    """Loans of one fifth, value or category; ``is_missing``: those whose feature is not known."""

    label: str
    loans: int
    bad_loans: int
    is_missing: bool = False

    @property
    def rate(self) -> float:
        """The share that defaulted."""
        return self.bad_loans / self.loans

    @property
    def interval(self) -> Estimate:
        """Of the rate, 95% by Wilson."""
        return wilson(self.rate, self.loans)

    @property
    def title(self) -> str:
        """What the rate is of."""
        return f"{self.label}: {self.bad_loans} of {self.loans:,} bad"


@dataclass(frozen=True)
class Distribution:
    """A feature over the sellers of a night.

    ``quantiles``: minimum, 5th percentile, median, 95th percentile, maximum, and ``bins`` (on a logarithmic scale
    if ``is_log``) where it is a number; ``counts``: sellers by value where it is a category or a flag.
    """

    missing_share: float
    zero_share: float | None = None
    quantiles: tuple[float, ...] = ()
    bins: tuple[ValueBin, ...] = ()
    is_log: bool = False
    counts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Statistics:
    """The figures of one feature; ``auc`` is None for categories and for features that hardly vary."""

    distribution: Distribution
    groups: tuple[RateGroup, ...]
    auc: Auc | None


def describe(night: pd.Series, training: pd.DataFrame, name: str) -> Statistics:
    """``night``: the feature of each seller; ``training``: the training set's rows, with seller_id and is_default."""
    is_bad = training["is_default"].to_numpy(bool)
    if pd.api.types.is_numeric_dtype(night) and night.dtype != bool:
        values = _numbers(training[name])
        return Statistics(_distribution(_numbers(night)), _fifths(values, is_bad), _auc(training, name))
    is_flag = set(training[name].dropna()) <= {True, False}
    auc = _auc(training, name) if is_flag else None
    return Statistics(_distribution_of_names(night), _groups_of_names(training[name], is_bad), auc)


def _auc(training: pd.DataFrame, name: str) -> Auc | None:
    sellers = pd.factorize(training["seller_id"])[0].astype(np.int64)
    return univariate_auc(_numbers(training[name]), training["is_default"].to_numpy(bool), sellers)


def _numbers(values: pd.Series) -> Floats:
    return np.asarray(values.astype("Float64").to_numpy(np.float64, na_value=np.nan), dtype=np.float64)


def _distribution(values: Floats) -> Distribution:
    known = values[~np.isnan(values)]
    if not len(known):
        return Distribution(missing_share=1.0)
    is_log = _is_skewed(known)
    return Distribution(
        missing_share=1 - len(known) / len(values),
        zero_share=float((known == 0).mean()),
        quantiles=tuple(float(each) for each in np.quantile(known, [0, 0.05, 0.5, 0.95, 1])),
        bins=_bins_log(known) if is_log else _bins(known),
        is_log=is_log,
    )


def _distribution_of_names(values: pd.Series) -> Distribution:
    counts = Counter(str(value).lower() if isinstance(value, bool) else str(value) for value in values.dropna())
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return Distribution(missing_share=float(values.isna().mean()), counts=tuple(ordered))


def _is_skewed(known: Floats) -> bool:
    positive = known[known > 0]
    is_countable = bool((known == np.round(known)).all()) and known.max() - known.min() <= WHOLE_NUMBERS
    return not is_countable and known.min() >= 0 and len(positive) > 0 and known.max() > SKEWED * np.median(positive)


def _bins(known: Floats) -> tuple[ValueBin, ...]:
    """Equal bins over the middle 98%; the first and the last bin hold what lies beyond."""
    if (known == np.round(known)).all() and known.max() - known.min() <= WHOLE_NUMBERS:
        whole = range(int(known.min()), int(known.max()) + 1)
        return tuple(ValueBin(value, value, int((known == value).sum())) for value in whole)
    low, high = np.quantile(known, [0.01, 0.99])
    if low == high:
        low, high = known.min(), known.max()
    return _counted(known, np.linspace(low, high, BINS + 1))


def _bins_log(known: Floats) -> tuple[ValueBin, ...]:
    """Bins of equal ratio over the positive values; zeros have a bin of their own."""
    positive = known[known > 0]
    edges = np.geomspace(float(np.quantile(positive, 0.01)), float(positive.max()), BINS + 1)
    bins = _counted(positive, edges)
    zeros = int((known == 0).sum())
    return (ValueBin(0.0, 0.0, zeros), *bins) if zeros else bins


def _counted(values: Floats, edges: Floats) -> tuple[ValueBin, ...]:
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    return tuple(ValueBin(float(a), float(b), int(n)) for a, b, n in zip(edges, edges[1:], counts, strict=False))


def _fifths(values: Floats, is_bad: NDArray[np.bool_]) -> tuple[RateGroup, ...]:
    """Loans by fifths of the known values, or by value where there are no more than five; then those without one.

    Zeros are a group of their own where they are a fifth or more.
    """
    is_known = ~np.isnan(values)
    known, bad = values[is_known], is_bad[is_known]
    codes = _codes_of_fifths(known) if len(known) else known
    groups = [_group(known[codes == code], bad[codes == code]) for code in np.unique(codes)]
    return (*groups, *_missing(~is_known, is_bad))


def _codes_of_fifths(known: Floats) -> NDArray[np.int64]:
    distinct = np.unique(known)
    is_zero = known == 0
    if len(distinct) <= FIFTHS:
        edges = distinct[1:]
    elif is_zero.mean() >= 1 / FIFTHS and known.min() == 0:
        others = max(2, FIFTHS - round(FIFTHS * float(is_zero.mean())))
        positive = known[~is_zero]
        edges = np.r_[positive.min(), np.quantile(positive, np.linspace(0, 1, others + 1)[1:-1])]
    else:
        edges = np.quantile(known, np.linspace(0, 1, FIFTHS + 1)[1:-1])
    return np.searchsorted(np.unique(edges), known, side="right").astype(np.int64)


def _group(values: Floats, is_bad: NDArray[np.bool_]) -> RateGroup:
    return RateGroup(_range(values.min(), values.max()), len(values), int(is_bad.sum()))


def _groups_of_names(values: pd.Series, is_bad: NDArray[np.bool_]) -> tuple[RateGroup, ...]:
    names = values.map(lambda value: str(value).lower() if isinstance(value, bool) else value)
    groups = [
        RateGroup(str(name), int((names == name).sum()), int(is_bad[(names == name).to_numpy(bool)].sum()))
        for name in sorted(names.dropna().unique())
    ]
    return (*groups[:CATEGORIES], *_missing(values.isna().to_numpy(bool), is_bad))


def _missing(is_missing: NDArray[np.bool_], is_bad: NDArray[np.bool_]) -> tuple[RateGroup, ...]:
    if not is_missing.any():
        return ()
    return (RateGroup("missing", int(is_missing.sum()), int(is_bad[is_missing].sum()), is_missing=True),)


def top_rate(groups: Sequence[RateGroup], base_rate: float) -> float:
    """Where the scale of the rates of default ends: thrice that of all, or a little above the highest."""
    return min(1.0, max(0.02, 3 * base_rate, *(1.15 * each.rate for each in groups if not each.is_missing)))


def _range(low: float, high: float) -> str:
    ends = figure(low), figure(high)
    return " to ".join(dict.fromkeys(ends))


def figure(value: float) -> str:
    """A number as a person reads it: three digits, thousands set apart, millions as 1.23 M."""
    if abs(value) >= 1e6:
        return f"{value / 1e6:,.3g} M"
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"
