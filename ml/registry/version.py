"""What is known about one model version: the content of ``models/<model_version>/model.json``."""

import hashlib
import json
from datetime import date
from typing import Any

from ml.config import ReasonsConfig, ScoreConfig
from ml.features import ModelFeature
from ml.judging.contender import Algorithm, Choice, Contender
from ml.judging.evaluate import Evaluation
from ml.learning.booster import BoosterRecipe
from ml.learning.calibrate import Calibration
from ml.learning.scorecard import Scorecard
from ml.learning.screening import LeftOut
from ml.learning.split import JudgedBy
from ml.monitoring.fairness import Fairness
from ml.monitoring.stability import Baseline, Stability
from tradeline.checked import Frozen
from tradeline.contracts.label import LabelDefinition

# Which run and code made a version and where its training set lay are not part of what it is.
CIRCUMSTANCES = ("model_version", "run_id", "training_set", "code_version")


class Part(Frozen):
    """Rows of one part of the split."""

    rows: int
    bad_rows: int
    first_on: date
    last_on: date


class SplitSummary(Frozen):
    """``fitted``: rows that both algorithms learned from; ``judged``: rows behind the metrics.

    Judged out of time, a whole performance window lies between the two. Cross-validated, they are the same rows, each
    judged by models that have not seen its seller, one for each of ``repeats`` drawings of the folds.
    """

    judged_by: JudgedBy
    fitted: Part
    judged: Part
    repeats: int


class ModelVersion(Frozen):
    """One immutable model version, with all that scoring needs: ``score`` and ``reasons`` are the settings with which
    it was trained, so that a later change of ``model.yml`` does not reach what it decides.

    ``model_fingerprint`` and ``judged_fingerprint`` are the SHA-256 of ``model.ubj`` and ``judged.parquet``.
    """

    model_version: str
    run_id: str
    training_set: str
    trained_as_of: date
    label_kind: str
    label: LabelDefinition
    data_fingerprint: str
    code_version: str
    features: tuple[ModelFeature, ...]
    left_out: tuple[LeftOut, ...]
    algorithm: Algorithm
    choice: Choice
    contenders: dict[Algorithm, Contender]
    model_fingerprint: str
    judged_fingerprint: str
    booster: BoosterRecipe
    scorecard: Scorecard
    score: ScoreConfig
    reasons: ReasonsConfig
    split: SplitSummary
    baseline: Baseline
    stability: Stability | None
    fairness: Fairness
    libraries: dict[str, str]

    @property
    def calibration(self) -> Calibration:
        """From the served algorithm's margin to a pd."""
        return self.contenders[self.algorithm].calibration

    @property
    def evaluation(self) -> Evaluation:
        """The served algorithm, judged."""
        return self.contenders[self.algorithm].evaluation

    @property
    def judged_by(self) -> JudgedBy:
        """Whether the metrics are out of time or cross-validated."""
        return self.split.judged_by


def name_version(content: dict[str, Any]) -> str:
    """The name of a version, ``<trained_as_of>-<first 8 hex of its content's SHA-256>``.

    ``content`` holds the JSON values of a ``ModelVersion``. A rerun on the same data has the same name.
    """
    kept = {key: value for key, value in content.items() if key not in CIRCUMSTANCES}
    digest = hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()
    return f"{content['trained_as_of']}-{digest[:8]}"
