"""Both contenders on the same judged rows, and which of them serves."""

import logging
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from ml.config import ModelConfig
from ml.encode import Matrix
from ml.judging.contender import Algorithm, Choice, Contender
from ml.judging.evaluate import auc_difference, evaluate
from ml.learning.calibrate import Floats
from ml.learning.contenders import Learned
from ml.learning.split import Split
from ml.numbers.ranks import rank_loss

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Judged:
    """One contender with its pds of the judged rows, shape (repeats, rows)."""

    contender: Contender
    pds: Floats


def judge(
    learned: Learned, frame: pd.DataFrame, values: Matrix, parts: Split, known_on: date, config: ModelConfig
) -> Judged:
    """Metrics of one contender on the judged rows: out of time, or each by models that have not seen its seller.

    Raises:
        Immature: an outcome among them is not known on ``known_on``.
    """
    rows = frame[parts.judged]
    if parts.judged_by == "out_of_time":
        margins = learned.predictor.margins(values[parts.judged])[None, :]
        pds = learned.calibration.pd_of(margins)
        known_sellers = frame["seller_id"][parts.fitted]
    else:
        margins, pds, known_sellers = learned.unseen_margins, learned.unseen_pds, None
    is_bad = rows["is_default"].to_numpy(bool)
    return Judged(
        Contender(
            calibration=learned.calibration,
            evaluation=evaluate(rows, pds, config, known_on, known_sellers),
            rank_loss=rank_loss(is_bad, margins[0], learned.calibration.pd_of(margins[0])),
        ),
        pds,
    )


def choose(rows: pd.DataFrame, trees: Judged, card: Judged, config: ModelConfig) -> tuple[Algorithm, Choice]:
    """XGBoost serves if it ranks better than the scorecard by the configured margin; else the simpler one does.

    With few bad rows such a difference may be luck: then its interval must also lie above 0.
    """
    margin, proven_below = config.challenge.auc_margin, config.challenge.proven_below_bad_rows
    difference = auc_difference(rows, trees.pds, card.pds, config)
    must_be_proven = rows["is_default"].sum() < proven_below
    is_better = difference.value >= margin and (difference.low > 0 or not must_be_proven)
    needed = f"{margin} above is what it needs to serve"
    if must_be_proven:
        needed += f", and with fewer than {proven_below} bad rows an interval above 0"
    reason = f"XGBoost's AUC minus the scorecard's is {difference}; {needed}"
    log.info("%s serves: %s", "XGBoost" if is_better else "the scorecard", reason)
    choice = Choice(auc_difference=difference, auc_margin=margin, reason=reason)
    return "xgboost" if is_better else "scorecard", choice


def mean_pds(pds: Floats) -> Floats:
    """Over repeats: shape (rows,)."""
    return np.asarray(pds.mean(axis=0))
