"""All contenders on the same evaluation rows, and which of them serves."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from ml.config import ModelConfig
from ml.encode import Matrix
from ml.evaluation.contender import Choice, Contender
from ml.evaluation.evaluate import auc_difference, evaluate
from ml.learning.algorithm import Algorithm
from ml.learning.calibrate import Floats
from ml.learning.contenders import Learned
from ml.learning.split import Split
from ml.numbers.ranks import rank_loss
from tradeline.estimates import Estimate

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ScoredContender:
    """One contender with its pds of the evaluation rows, shape (repeats, rows)."""

    contender: Contender
    pds: Floats


def evaluate_contender(
    learned: Learned, frame: pd.DataFrame, values: Matrix, parts: Split, known_on: date, config: ModelConfig
) -> ScoredContender:
    """Metrics of one contender on the evaluation rows: out of time, or each by models that have not seen its seller.

    Raises:
        Immature: an outcome among them is not known on ``known_on``.
    """
    rows = frame[parts.judged]
    if parts.judged_by == "out_of_time":
        margins = learned.model.margins(values[parts.judged])[None, :]
        pds = learned.calibration.pd_of(margins)
        known_sellers = frame["seller_id"][parts.fitted]
    else:
        margins, pds, known_sellers = learned.unseen_margins, learned.unseen_pds, None
    is_bad = rows["is_default"].to_numpy(bool)
    return ScoredContender(
        Contender(
            calibration=learned.calibration,
            evaluation=evaluate(rows, pds, config, known_on, known_sellers),
            rank_loss=rank_loss(is_bad, margins[0], learned.calibration.pd_of(margins[0])),
        ),
        pds,
    )


def choose(
    rows: pd.DataFrame,
    judged: Mapping[str, ScoredContender],
    algorithms: Mapping[str, type[Algorithm]],
    config: ModelConfig,
) -> tuple[str, Choice]:
    """The name of the algorithm that serves: the last, simplest one, unless one before it ranks better by the margin.

    Each is compared with the one that would serve without it. With few bad rows a difference may be luck: then its
    interval must also lie above 0.
    """
    *others, serves = algorithms
    reasons = []
    for name in reversed(others):
        difference = auc_difference(rows, judged[name].pds, judged[serves].pds, config)
        is_better, needed = _is_better(rows, difference, config)
        challenger, simpler = algorithms[name].spoken(), algorithms[serves].spoken()
        reasons.append(f"{challenger}'s AUC minus {simpler}'s is {difference}; {needed}")
        serves = name if is_better else serves
    reason = "; ".join(reasons)
    log.info("%s serves: %s", algorithms[serves].spoken(), reason)
    return serves, Choice(auc_difference=difference, auc_margin=config.challenge.auc_margin, reason=reason)


def _is_better(rows: pd.DataFrame, difference: Estimate, config: ModelConfig) -> tuple[bool, str]:
    """Whether an algorithm with that difference of AUC takes the place of a simpler one, and what it takes."""
    margin, proven_below = config.challenge.auc_margin, config.challenge.proven_below_bad_rows
    needed = f"{margin} above is what it needs to serve"
    if rows["is_default"].sum() >= proven_below:
        return difference.value >= margin, needed
    needed += f", and with fewer than {proven_below} bad rows an interval above 0"
    return difference.value >= margin and difference.low > 0, needed


def mean_pds(pds: Floats) -> Floats:
    """Over repeats: shape (rows,)."""
    return np.asarray(pds.mean(axis=0))
