"""The same figures for parts of the rows: kinds of sellers, sizes, tenure bands, decision months.

Their intervals are analytic, not resampled, so that dozens of small parts cost next to nothing.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.numbers.auc import univariate_auc
from ml.numbers.bootstrap import Floats, Mask
from tradeline.checked import Frozen
from tradeline.estimates import Z_95, Estimate

CATEGORIES = ("seller_type", "industry", "region")
CATEGORIES_SHOWN = 12  # the largest; the rest are one segment
OTHER = "other"
UNKNOWN = "unknown"
SIZE = "sales_amount_90d"
SIZES = ("small", "medium", "large")
TENURE = "tenure_days"
GROUPED_BY = (*CATEGORIES, SIZE, TENURE)  # the columns that ``seller_groups`` reads


class SellerGroup(NamedTuple):
    """Some of the rows; ``detail``: what makes them so where the name does not say it."""

    by: str
    name: str
    mask: Mask
    detail: str = ""


class Segment(Frozen):
    """Figures of some of the rows.

    ``auc`` is None where either class has fewer rows than ``evaluation.segment_bad_rows``, or its rows share one pd;
    ``pd_ratio`` (mean pd over base rate) where there are fewer bad rows, or its interval has no end.
    """

    by: str
    name: str
    detail: str
    rows: int
    bad_rows: int
    base_rate: float
    mean_pd: float
    auc: Estimate | None
    pd_ratio: Estimate | None


def seller_groups(frame: pd.DataFrame) -> tuple[SellerGroup, ...]:
    """Rows by seller type, industry, region (the largest of each), size (terciles of sales) and tenure band, each
    where its column has values; the rows without one are a group of their own."""
    return (*_categories(frame), *_sizes(frame), *_tenures(frame))


def months(frame: pd.DataFrame) -> tuple[SellerGroup, ...]:
    """Rows by the month of their decision, the earliest first."""
    month = pd.to_datetime(frame["as_of"]).dt.strftime("%Y-%m")
    return tuple(SellerGroup("month", name, (month == name).to_numpy(bool)) for name in sorted(month.unique()))


def unseen_sellers(frame: pd.DataFrame, known_sellers: Iterable[str]) -> tuple[SellerGroup, ...]:
    """Rows of sellers that training did not have, if there are any."""
    mask = ~frame["seller_id"].isin(list(known_sellers)).to_numpy(bool)
    return (SellerGroup("seller", "unseen", mask, "not in the rows that were fitted"),) if mask.any() else ()


def segments_of(groups: Iterable[SellerGroup], frame: pd.DataFrame, pd_: Floats, fewest: int) -> tuple[Segment, ...]:
    """Figures of each group of the rows of ``frame`` (seller_id, is_default). ``pd_``: shape (repeats, rows)."""
    sellers, is_bad = pd.factorize(frame["seller_id"])[0], frame["is_default"].to_numpy(bool)
    return tuple(_segment(each, sellers[each.mask], is_bad[each.mask], pd_[:, each.mask], fewest) for each in groups)


def _segment(group: SellerGroup, sellers: NDArray[np.int64], is_bad: Mask, pd_: Floats, fewest: int) -> Segment:
    rows, bad = len(is_bad), int(is_bad.sum())
    return Segment(
        by=group.by,
        name=group.name,
        detail=group.detail,
        rows=rows,
        bad_rows=bad,
        base_rate=bad / rows,
        mean_pd=float(pd_.mean()),
        auc=_auc(sellers, is_bad, pd_) if min(bad, rows - bad) >= fewest else None,
        pd_ratio=_ratio(sellers, is_bad, pd_.mean(axis=0)) if bad >= fewest else None,
    )


def _categories(frame: pd.DataFrame) -> Iterator[SellerGroup]:
    for by in CATEGORIES:
        if not _has(frame, by):
            continue
        names = frame[by].astype(object).where(frame[by].notna(), UNKNOWN).astype(str)
        shown = names.value_counts().sort_index().sort_values(ascending=False, kind="stable").index[:CATEGORIES_SHOWN]
        names = names.where(names.isin(shown), OTHER)
        ordered = dict.fromkeys((*shown, OTHER))
        yield from (SellerGroup(by, name, mask) for name in ordered if (mask := (names == name).to_numpy(bool)).any())


def _sizes(frame: pd.DataFrame) -> Iterator[SellerGroup]:
    if not _has(frame, SIZE):
        return
    sales = frame[SIZE].to_numpy(np.float64, na_value=np.nan)
    known = ~np.isnan(sales)
    low, high = np.quantile(sales[known], [1 / 3, 2 / 3])
    masks = (sales <= low, (sales > low) & (sales <= high), sales > high, ~known)
    edges = (f"up to {low:,.2f}", f"above {low:,.2f} up to {high:,.2f}", f"above {high:,.2f}")
    details = (*(f"{SIZE} {edge}" for edge in edges), f"no {SIZE}")
    for name, mask, detail in zip((*SIZES, UNKNOWN), masks, details, strict=True):
        if mask.any():
            yield SellerGroup("size", name, mask, detail)


def _tenures(frame: pd.DataFrame) -> Iterator[SellerGroup]:
    if not _has(frame, TENURE):
        return
    days = frame[TENURE].to_numpy(np.float64, na_value=np.nan)
    bands = {
        "under 180 days": days < 180,
        "180 to 365 days": (days >= 180) & (days <= 365),
        "over 365 days": days > 365,
        UNKNOWN: np.isnan(days),
    }
    yield from (SellerGroup("tenure", name, mask) for name, mask in bands.items() if mask.any())


def _has(frame: pd.DataFrame, column: str) -> bool:
    return column in frame.columns and bool(frame[column].notna().any())


def _auc(sellers: NDArray[np.int64], is_bad: Mask, pd_: Floats) -> Estimate | None:
    """With the interval of DeLong and Obuchowski; over repeats the mean of each end, which is no narrower than theirs.

    Averaging repeats takes away noise of the folds but none of the rows'.
    """
    repeats = [found for each in pd_ if (found := univariate_auc(each, is_bad, sellers))]
    if len(repeats) < len(pd_):
        return None
    value, low, high = np.mean([(each.value, each.low, each.high) for each in repeats], axis=0)
    return Estimate.around(value, low, high)


def _ratio(sellers: NDArray[np.int64], is_bad: Mask, pd_: Floats) -> Estimate | None:
    """Mean pd over base rate; the interval is that of the linearised ratio of two seller totals (Cochran 1977, 6.4),
    on the log scale since a ratio of few defaults is skewed; None where that has no end."""
    _, codes = np.unique(sellers, return_inverse=True)
    pds, bad = np.bincount(codes, weights=pd_), np.bincount(codes, weights=is_bad)
    ratio = pds.sum() / bad.sum()
    count = len(pds)
    variance = ((pds - ratio * bad) ** 2).sum() * (count / (count - 1) if count > 1 else 1.0)
    if not pds.sum():
        return None
    with np.errstate(over="ignore"):
        factor = np.exp(Z_95 * np.sqrt(variance) / pds.sum())
        high = ratio * factor
    return Estimate.around(ratio, ratio / factor, high) if np.isfinite(high) else None
