"""Ties that calibration makes."""

import numpy as np
import pytest

from ml.numbers.ranks import RankLoss, rank_loss


def test_a_step_ties_rows_and_costs_auc() -> None:
    # Before, the bad rows are above all good ones; after, the two in the middle share a pd: one pair of four is a tie.
    bad, margins = np.array([False, False, True, True]), np.array([-2.0, -1.0, 1.0, 2.0])
    assert rank_loss(bad, margins, np.array([0.1, 0.3, 0.3, 0.6])) == RankLoss(
        distinct_margins=4, distinct_pds=3, tied_share=0.5, auc_before=1, auc_after=0.875, auc_loss=0.125
    )


def test_a_rising_line_costs_nothing() -> None:
    random = np.random.default_rng(1)
    margins = random.normal(size=500)
    found = rank_loss(random.random(500) < 0.3, margins, 1 / (1 + np.exp(-0.8 * margins - 1)))
    assert (found.distinct_margins, found.distinct_pds, found.tied_share, found.auc_loss) == (500, 500, 0, 0)


def test_one_pd_for_all_ranks_nobody() -> None:
    found = rank_loss(np.array([True, False, True]), np.array([3.0, 1.0, 2.0]), np.full(3, 0.5))
    assert (found.distinct_pds, found.tied_share, found.auc_after) == (1, 1, 0.5)
    assert found.auc_loss == pytest.approx(0.5)
