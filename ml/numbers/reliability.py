"""Whether pds are right on average: reliability by bins of pd, and the calibration error that chance alone leaves."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.numbers.bootstrap import Floats, Mask, basic_estimate
from tradeline.checked import Frozen
from tradeline.estimates import Estimate, wilson


class ReliabilityBin(Frozen):
    """Rows of about the same pd; ``bad_rate`` has Wilson's interval, its rows counting as independent."""

    rows: int
    mean_pd: float
    bad_rate: Estimate


def equal_size_bins(pd_: Floats, bins: int) -> NDArray[np.int64]:
    """The bin of each row, shape (rows,), 0 the lowest pds: about as many rows in each.

    Rows of one pd share a bin, whatever their order, so bins of a pd with many ties differ in size or stay empty.
    """
    _, places, counts = np.unique(pd_, return_inverse=True, return_counts=True)
    middles = np.cumsum(counts) - counts / 2
    return np.asarray(middles[places] * bins // len(pd_), dtype=np.int64)


def calibration_error(codes: NDArray[np.int64], gaps: Floats, total: float) -> float:
    """The expected calibration error (ECE): the distance of mean pd and bad rate, over bins.

    ``codes``: each row's bin; ``gaps``: its weight * (pd - outcome); both of shape (rows,). ``total``: of the weights.
    """
    return float(np.abs(np.bincount(codes, weights=gaps)).sum() / total)


def reliability(is_bad: Mask, pd_: Floats, bins: int) -> tuple[ReliabilityBin, ...]:
    """The bins that hold rows, by rising pd. ``pd_``: shape (repeats, rows), each repeat binned by its own pds and a
    bin the mean over repeats."""
    codes = np.concatenate([equal_size_bins(each, bins) for each in pd_])
    rows, pds, bad = (
        np.bincount(codes, weights=each, minlength=bins) / len(pd_)
        for each in (np.ones(pd_.size), pd_.ravel(), np.tile(is_bad, len(pd_)))
    )
    return tuple(
        ReliabilityBin(rows=round(rows[i]), mean_pd=pds[i] / rows[i], bad_rate=wilson(bad[i] / rows[i], rows[i]))
        for i in np.flatnonzero(rows)
    )


def errors_by_chance(pd_: Floats, bins: int, draws: int, seed: int) -> Floats:
    """Shape (draws,): the calibration error where each row defaults with exactly its pd, independently of the others.

    ``pd_``: shape (repeats, rows); the mean over repeats, which share one fate per row.
    """
    repeats, rows = pd_.shape
    codes = np.concatenate([equal_size_bins(each, bins) + bins * i for i, each in enumerate(pd_)])
    random = np.random.default_rng(seed)

    def draw() -> float:
        return calibration_error(codes, (pd_ - (random.random(rows) < pd_)).ravel(), rows * repeats)

    return np.array([draw() for _ in range(draws)])


def error_estimate(value: float, resampled: pd.Series, by_chance: Floats) -> Estimate:
    """A calibration error with a 95% interval of the true one: the basic bootstrap's, from 0 where no more than 2.5% of
    perfectly calibrated models would show a higher one."""
    found = basic_estimate(value, resampled)
    is_chance = value <= np.quantile(by_chance, 0.975)
    return Estimate(value=value, low=0.0, high=found.high) if is_chance else found
