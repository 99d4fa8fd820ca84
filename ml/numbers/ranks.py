"""What calibration does to the ranking: ties that it makes, and the AUC that they cost."""

import numpy as np

from ml.numbers.bootstrap import Floats, Mask, Ranking
from tradeline.checked import Frozen


class RankLoss(Frozen):
    """Rows before and after calibration; ``tied_share``: of the rows, those that share their pd with another row."""

    distinct_margins: int
    distinct_pds: int
    tied_share: float
    auc_before: float
    auc_after: float
    auc_loss: float


def rank_loss(is_bad: Mask, margins: Floats, pd_: Floats) -> RankLoss:
    """Compare ``margins`` (log-odds before calibration) with ``pd_``, both of shape (rows,); both classes occur."""
    _, counts = np.unique(pd_, return_counts=True)
    weights = np.ones(len(pd_))
    before, after = (Ranking(is_bad, each).auc_and_ks(weights)[0] for each in (margins, pd_))
    return RankLoss(
        distinct_margins=len(np.unique(margins)),
        distinct_pds=len(counts),
        tied_share=float(counts[counts > 1].sum() / len(pd_)),
        auc_before=before,
        auc_after=after,
        auc_loss=before - after,
    )
