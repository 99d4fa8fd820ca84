"""A weight-of-evidence scorecard: the floor that is trained beside XGBoost, and serves where XGBoost is no better.

``card`` holds what was fitted and scores with it by numpy alone; ``binning`` and ``fit`` make it; ``points`` is what
the rest of the project sees of it.
"""

from ml.learning.scorecard.card import Characteristic, Scorecard, contributions, margins
from ml.learning.scorecard.fit import fit_scorecard
from ml.learning.scorecard.points import Points

__all__ = ["Characteristic", "Points", "Scorecard", "contributions", "fit_scorecard", "margins"]
