"""Cutting one feature into bins whose bad rate rises, or falls, from each to the next."""

import numpy as np
from numpy.typing import NDArray

from ml.config import ScorecardConfig
from ml.features import ModelFeature
from ml.learning.scorecard.card import Characteristic, Column, bins_of
from ml.numbers.bootstrap import Floats, Mask
from tradeline.contracts.features import Sign

# Cut by quantiles, not by a tree: a tree's cuts have seen the outcome before optbinning does, and overfit.
PREBINS = 10
EDGE_DIGITS = 4  # significant: what a reader of the card can remember
DECIMALS = 6  # far above the noise in the last bits of a sum, which differs between machines
TRENDS = {"+": "ascending", "-": "descending", None: "auto_asc_desc"}


def bin_feature(column: Column, is_bad: Mask, feature: ModelFeature, config: ScorecardConfig) -> Characteristic | None:
    """The feature's bins, or None where it cannot be cut in two; its coefficient is 1 until a regression weighs it.

    ``column``, shape (rows,), holds numbers, or codes of ``feature.categories``; NaN is missing. ``is_bad`` holds both
    classes. The bins have the highest information value (Navas-Palencia 2020, arXiv:2001.08025) of those that keep to
    the expected sign, ``bins_max``, ``bin_share_min`` of the rows and ``bin_bad_rows_min`` of either class in each.
    """
    edges, groups = _bins(column, is_bad, feature, config)
    if not edges and not groups:
        return None
    bins = bins_of(column, edges, groups, feature.categories)
    count = len(groups) if groups else len(edges or ()) + 1
    bad = np.bincount(bins[is_bad], minlength=count + 1)
    good = np.bincount(bins[~is_bad], minlength=count + 1)
    woe = _weights_of_evidence(bad, good, feature.expected_sign, config)
    return Characteristic(
        name=feature.name,
        family=feature.family,
        edges=edges,
        groups=groups,
        woe=tuple(woe[:-1].tolist()),
        missing_woe=float(woe[-1]),
        coefficient=1.0,
        mean_woe=round(float(((bad + good) * woe).sum() / len(column)), DECIMALS),
        information_value=round(float(((bad / bad.sum() - good / good.sum()) * woe).sum()), DECIMALS),
    )


def _bins(
    column: Column, is_bad: Mask, feature: ModelFeature, config: ScorecardConfig
) -> tuple[tuple[float, ...] | None, tuple[tuple[str, ...], ...] | None]:
    """Edges of a number or groups of a category, empty where it cannot be cut; the other is None."""
    known = ~np.isnan(column)
    if feature.categories is None:
        return _cut(column[known], is_bad[known], len(column), feature.expected_sign, config), None
    return None, _group(column[known].astype(np.intp), is_bad[known], len(column), feature.categories, config)


def _weights_of_evidence(
    bad: NDArray[np.intp], good: NDArray[np.intp], sign: Sign | None, config: ScorecardConfig
) -> Floats:
    """Of each bin, the last being the missing one; shape (bins + 1,).

    Each bin is joined by one bad row and as many good ones as come with it on average: none is infinite, small ones
    are drawn to 0. That could turn two of nearly the same rate round, so the sign is kept. A few missing rows say
    nothing.
    """
    odds = bad.sum() / good.sum()
    woe = np.log((bad + 1) / (good + 1 / odds) / odds)
    if sign == "+":
        woe[:-1] = np.maximum.accumulate(woe[:-1])
    elif sign == "-":
        woe[:-1] = np.minimum.accumulate(woe[:-1])
    rows = bad + good
    if rows[-1] < config.bin_share_min * rows.sum():
        woe[-1] = 0.0
    return np.asarray(np.round(woe, DECIMALS), dtype=np.float64)


def _cut(known: Column, is_bad: Mask, rows: int, sign: Sign | None, config: ScorecardConfig) -> tuple[float, ...]:
    """Inner edges; none where no cut leaves enough rows on either side."""
    # It imports a second's worth of solvers, none of which scoring needs.
    from optbinning import OptimalBinning

    edges = _prebins(known)
    rows_min = config.bin_share_min * rows
    if not edges or len(known) < 2 * rows_min:
        return ()
    binning = OptimalBinning(
        user_splits=list(range(1, len(edges) + 1)),
        monotonic_trend=TRENDS[sign],
        max_n_bins=config.bins_max,
        min_bin_size=rows_min / len(known),
        min_bin_n_event=config.bin_bad_rows_min,
        min_bin_n_nonevent=config.bin_bad_rows_min,
    )
    parts = bins_of(known, edges, None, None)
    kept = binning.fit(parts.astype(np.float64), is_bad.astype(np.int64)).splits
    return tuple(edges[int(part) - 1] for part in kept)


def _prebins(known: Column) -> tuple[float, ...]:
    """Edges that cut the rows into ``PREBINS`` parts as equal as ties let them be, rounded for a reader."""
    distinct, counts = np.unique(known, return_counts=True)
    part = np.floor(PREBINS * (np.cumsum(counts) - counts / 2) / max(len(known), 1))
    return tuple(sorted({float(f"{edge:.{EDGE_DIGITS}g}") for edge in distinct[1:][np.diff(part) > 0].tolist()}))


def _group(
    codes: NDArray[np.intp], is_bad: Mask, rows: int, categories: tuple[str, ...], config: ScorecardConfig
) -> tuple[tuple[str, ...], ...]:
    """Categories in the order of their bad rates, cut like a number; one without rows is in no group."""
    seen = np.bincount(codes, minlength=len(categories))
    bad = np.bincount(codes[is_bad], minlength=len(categories))
    order = np.argsort(bad / np.maximum(seen, 1), kind="stable")
    places = np.argsort(order, kind="stable").astype(np.float32)
    edges = _cut(places[codes], is_bad, rows, "+", config)
    groups = np.split(order, [int(edge) for edge in edges]) if edges else []
    return tuple(tuple(sorted(categories[code] for code in group if seen[code])) for group in groups)
