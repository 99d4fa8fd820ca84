"""What is known about one model version: the content of ``models/<model_version>/model.json``."""

import hashlib
import json
from datetime import date
from pathlib import PurePath
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue

from ml.config import ReasonsConfig, ScoreConfig
from ml.evaluation.contender import Choice, Contender
from ml.evaluation.evaluate import Evaluation
from ml.features import ModelFeature
from ml.learning.calibrate import Calibration
from ml.learning.screening import LeftOut
from ml.learning.split import JudgedBy
from ml.monitoring.fairness import Fairness
from ml.monitoring.stability import Baseline, Stability
from tradeline.checked import Frozen
from tradeline.contracts.label import LabelDefinition

# Which run and code made a version and where its training set lay are not part of what it is.
CIRCUMSTANCES = ("model_version", "run_id", "training_set", "code_version")

Content = TypeVar("Content", bound=BaseModel)


class Part(Frozen):
    """Rows of one part of the split."""

    rows: int
    bad_rows: int
    first_on: date
    last_on: date


class SplitSummary(Frozen):
    """``fitted``: rows that the algorithms were fitted on; ``judged``: rows behind the metrics.

    Out of time, a whole performance window lies between the two. Cross-validated, they are the same rows, each scored
    by models that have not seen its seller, one for each of ``repeats`` drawings of the folds.
    """

    judged_by: JudgedBy
    fitted: Part
    judged: Part
    repeats: int


class ModelVersion(Frozen):
    """One immutable model version, with all that scoring needs: ``score`` and ``reasons`` are the settings with which
    it was trained, so that a later change of ``model.yml`` does not reach what it decides.

    Beside these fields stand what each algorithm saved, under its ``section``, and the SHA-256 of its file:
    ``model_fingerprint`` is that of ``model.ubj``, as ``judged_fingerprint`` is that of ``judged.parquet``.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JsonValue]

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
    algorithm: str
    choice: Choice
    contenders: dict[str, Contender]
    judged_fingerprint: str
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
        """Of the algorithm that serves."""
        return self.contenders[self.algorithm].evaluation

    @property
    def judged_by(self) -> JudgedBy:
        """Whether the metrics are out of time or cross-validated."""
        return self.split.judged_by

    @property
    def parts(self) -> dict[str, dict[str, JsonValue]]:
        """What the algorithms have saved, each under its section."""
        return {section: saved for section, saved in self.__pydantic_extra__.items() if isinstance(saved, dict)}

    def part(self, section: str, kind: type[Content]) -> Content:
        """What an algorithm has saved under its section, as ``kind``.

        Raises:
            KeyError: the version has no such algorithm.
        """
        return kind.model_validate(self.parts[section])

    def fingerprint_of(self, file: str) -> str | None:
        """The SHA-256 of a file that was saved beside ``model.json``; None of a file that was not."""
        found: str | None = getattr(self, fingerprint_key(file), None)
        return found


def fingerprint_key(file: str) -> str:
    """Under which key the SHA-256 of a version's file is: ``model_fingerprint`` of ``model.ubj``."""
    return f"{PurePath(file).stem}_fingerprint"


def name_version(content: dict[str, Any]) -> str:
    """The name of a version, ``<trained_as_of>-<first 8 hex of its content's SHA-256>``.

    ``content`` holds the JSON values of a ``ModelVersion``. A rerun on the same data has the same name.
    """
    kept = {key: value for key, value in content.items() if key not in CIRCUMSTANCES}
    digest = hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()
    return f"{content['trained_as_of']}-{digest[:8]}"
