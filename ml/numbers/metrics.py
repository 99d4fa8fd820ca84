"""Figures of one vector of pds under row weights, fast enough to be resampled."""

from collections.abc import Sequence

import numpy as np

from ml.numbers.bootstrap import Floats, Mask, Ranking
from ml.numbers.reliability import calibration_error, equal_size_bins

RISKIEST_SHARE = 0.1
LOWEST_PD = 1e-15  # keeps the log loss of a pd of 0 or 1 finite


class Metrics:
    """Ranked, binned and with its losses taken once; each call is then a few passes over the rows."""

    def __init__(self, is_bad: Mask, pd_: Floats, bins: int) -> None:
        """``pd_``: shape (rows,)."""
        clipped = np.clip(pd_, LOWEST_PD, 1 - LOWEST_PD)
        self._ranking = Ranking(is_bad, pd_)
        self._codes = equal_size_bins(pd_, bins)
        self._pd = pd_
        self._is_bad = is_bad.astype(np.float64)
        self._gaps = pd_ - is_bad
        self._squares = self._gaps**2
        self._log_losses = -np.log(np.where(is_bad, clipped, 1 - clipped))

    def losses(self, weights: Floats) -> dict[str, float]:
        """auc, brier and log_loss: what two models are compared by."""
        return {"auc": self._ranking.auc_and_ks(weights)[0], **self._mean_losses(weights)}

    def __call__(self, weights: Floats) -> dict[str, float]:
        """auc, gini, ks, brier, log_loss, ece, lift of the riskiest tenth, and pd_ratio (mean pd over base rate).

        NaN where the weights leave a class empty that a figure needs. The bins of the ece are those of the sample.
        """
        auc, ks, lift = self._ranking.auc_ks_and_lift(weights, RISKIEST_SHARE)
        bad = float((weights * self._is_bad).sum())
        return {
            "auc": auc,
            "gini": 2 * auc - 1,
            "ks": ks,
            **self._mean_losses(weights),
            "ece": calibration_error(self._codes, weights * self._gaps, weights.sum()),
            "lift": lift,
            "pd_ratio": float((weights * self._pd).sum()) / bad if bad else float("nan"),
        }

    def _mean_losses(self, weights: Floats) -> dict[str, float]:
        total = weights.sum()
        return {
            "brier": float((weights * self._squares).sum() / total),
            "log_loss": float((weights * self._log_losses).sum() / total),
        }


def mean_figures(repeats: Sequence[dict[str, float]]) -> dict[str, float]:
    """Each figure, averaged over repeats."""
    return {name: sum(each[name] for each in repeats) / len(repeats) for name in repeats[0]}
