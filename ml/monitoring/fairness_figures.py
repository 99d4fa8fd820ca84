"""Of one group of rows: how many sellers a pd would approve, how many default, and what of it is chance."""

from collections.abc import Sequence
from math import erfc, exp, log, sqrt
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from ml.evaluation.segments import SellerGroup
from ml.numbers.bootstrap import Floats
from tradeline.estimates import Z_95, Estimate, wilson

Calibrated = Literal["consistent", "overstated", "understated"]
Count = tuple[int, int]  # sellers approved, and all

EXPECTED_BAD_MIN = 5.0  # for the normal approximation (Cochran 1954, Biometrics 10:417-451)


class EvaluationRows:
    """The rows that a model is evaluated on."""

    def __init__(self, frame: pd.DataFrame, pd_: Floats, approve_below_pd: float) -> None:
        """``frame``: seller_id, as_of, is_default; ``pd_``: shape (rows,)."""
        self.sellers = pd.factorize(frame["seller_id"])[0]
        self.is_latest = (frame["as_of"] == frame.groupby("seller_id")["as_of"].transform("max")).to_numpy(bool)
        self.is_approved = pd_ < approve_below_pd
        self.is_bad = frame["is_default"].to_numpy(bool)
        self.pd = pd_

    def approved(self, group: SellerGroup) -> Count:
        """Of the sellers whose latest row is in the group."""
        latest = group.mask & self.is_latest
        return int(self.is_approved[latest].sum()), int(latest.sum())

    def default_rate(self, group: SellerGroup) -> Estimate:
        """With Wilson's interval for the effective number of rows, since those of a seller are alike."""
        is_bad = self.is_bad[group.mask]
        rate, rows = float(is_bad.mean()), len(is_bad)
        variance = self._seller_squares(group, is_bad - rate) / rows**2
        alike = rate * (1 - rate) / variance if variance else len(np.unique(self.sellers[group.mask]))
        return wilson(rate, min(rows, alike))

    def calibration(self, group: SellerGroup, level: float) -> Calibrated | None:
        """A z-test of outcomes minus pds, summed by seller, and of no less variance than the pds themselves have."""
        pd_, is_bad = self.pd[group.mask], self.is_bad[group.mask]
        if pd_.sum() < EXPECTED_BAD_MIN:
            return None
        variance = max(self._seller_squares(group, is_bad - pd_), float((pd_ * (1 - pd_)).sum()))
        excess = float((is_bad - pd_).sum())
        if erfc(abs(excess) / sqrt(2 * variance)) >= level:
            return "consistent"
        return "understated" if excess > 0 else "overstated"

    def _seller_squares(self, group: SellerGroup, gaps: Floats) -> float:
        """The sum over sellers of their squared sums."""
        return float((np.bincount(self.sellers[group.mask], weights=gaps) ** 2).sum())


def p_value(group: Count, reference: Count) -> float:
    """Fisher's exact test, two-sided: right for few sellers and for many."""
    from scipy.stats import fisher_exact

    table = [[approved, sellers - approved] for approved, sellers in (group, reference)]
    return float(fisher_exact(table).pvalue)


def share_ratio(group: Count, reference: Count) -> Estimate:
    """The ratio of two shares; the interval is Katz's on the log scale, with half a seller added (Walter 1975)."""
    value = (group[0] / group[1]) / (reference[0] / reference[1])
    halves = [(approved + 0.5, sellers + 0.5) for approved, sellers in (group, reference)]
    centre = log(halves[0][0] / halves[0][1]) - log(halves[1][0] / halves[1][1])
    half = Z_95 * sqrt(sum(1 / approved - 1 / sellers for approved, sellers in halves))
    return Estimate.around(value, exp(centre - half), exp(centre + half))


class GroupComparison(NamedTuple):
    """A group beside the one that is approved most often; None where it is that one, or there is nothing to compare."""

    is_reference: bool = False
    adverse_impact_ratio: Estimate | None = None
    p_value: float | None = None
    is_less_approved: bool = False


def compare(counts: Sequence[Count], sellers_min: int, significance: float) -> list[GroupComparison]:
    """The groups of one column, those of fewer than ``sellers_min`` left aside. The reference is the best of them, so
    any pair could have been the one compared: Bonferroni's correction is for all pairs, and without it a dozen groups
    that are alike would breach by chance."""
    large = [i for i, (_, sellers) in enumerate(counts) if sellers >= sellers_min]
    best = max(large, key=lambda i: (counts[i][0] / counts[i][1], counts[i][1])) if len(large) > 1 else None
    level = significance / max(1, len(large) * (len(large) - 1) // 2)

    def comparison(i: int) -> GroupComparison:
        if best is None or i == best or i not in large or counts[best][0] == 0:
            return GroupComparison(is_reference=i == best)
        chance = p_value(counts[i], counts[best])
        return GroupComparison(False, share_ratio(counts[i], counts[best]), chance, chance < level)

    return [comparison(i) for i in range(len(counts))]
