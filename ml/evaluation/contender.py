"""An algorithm that may serve, calibrated and evaluated, and why one of them does."""

from ml.evaluation.evaluate import Evaluation
from ml.learning.calibrate import Calibration
from ml.numbers.ranks import RankLoss
from tradeline.checked import Frozen
from tradeline.estimates import Estimate


class Contender(Frozen):
    """One algorithm, calibrated and evaluated."""

    calibration: Calibration
    evaluation: Evaluation
    rank_loss: RankLoss


class Choice(Frozen):
    """Why an algorithm serves; ``auc_difference``: the AUC of the first that ``model.yml`` names minus that of the one
    which would serve without it, on the same rows."""

    auc_difference: Estimate
    auc_margin: float
    reason: str
