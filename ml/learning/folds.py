"""Folds by seller: no seller's loans are on both sides, and each fold has its part of the bad ones."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

RowNumbers = NDArray[np.intp]
Fold = tuple[RowNumbers, RowNumbers]


def seller_folds(sellers: pd.Series, is_bad: NDArray[np.bool_], count: int, seed: int) -> list[Fold]:
    """Row numbers of (fit, held out) for each of ``count`` folds, drawn by ``seed``.

    All rows of a seller are in one fold; sellers with a bad row are dealt out evenly, then the others.
    """
    codes, names = pd.factorize(sellers)
    has_bad = np.bincount(codes, weights=is_bad, minlength=len(names)) > 0
    shuffled = np.random.default_rng(seed).permutation(len(names))
    dealt = shuffled[np.argsort(~has_bad[shuffled], kind="stable")]
    fold_of_seller = np.empty(len(names), dtype=np.intp)
    fold_of_seller[dealt] = np.arange(len(names)) % count
    fold = fold_of_seller[codes]
    return [(np.flatnonzero(fold != number), np.flatnonzero(fold == number)) for number in range(count)]
