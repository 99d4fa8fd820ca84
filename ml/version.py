"""What is known about one model version: the content of ``models/<model_version>/model.json``."""

import hashlib
import json
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict

from ml.catalogue import Sign
from ml.config import ReasonsConfig, ScoreConfig
from ml.evaluate import Evaluation


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelFeature(_Frozen):
    """An input of the model; ``categories`` are the names seen in training, in the order of their codes."""

    name: str
    family: str
    expected_sign: Sign | None
    categories: tuple[str, ...] | None

    @property
    def is_category(self) -> bool:
        """Whether its values are names, not numbers."""
        return self.categories is not None


class Calibration(_Frozen):
    """Platt's scaling: the log-odds of default are ``slope * margin + intercept``; the slope is positive."""

    slope: float
    intercept: float


class Part(_Frozen):
    """One part of the split."""

    rows: int
    bad_rows: int
    first_on: date
    last_on: date


class SplitSummary(_Frozen):
    """The parts of the split; ``has_*_gap``: a performance window lies before validation, before out-of-time."""

    train: Part
    fit: Part
    validation: Part
    out_of_time: Part
    has_validation_gap: bool
    has_out_of_time_gap: bool = True


class ModelVersion(_Frozen):
    """One immutable model version, with all that scoring needs: ``score`` and ``reasons`` are the settings with which
    it was trained, so that a later change of ``model.yml`` does not reach what it decides."""

    model_version: str
    run_id: str
    training_set: str
    trained_as_of: date
    label_kind: str
    data_fingerprint: str
    model_fingerprint: str
    features: tuple[ModelFeature, ...]
    parameters: dict[str, float | int | str]
    rounds: int
    calibration: Calibration
    score: ScoreConfig
    reasons: ReasonsConfig
    split: SplitSummary
    out_of_time: Evaluation
    libraries: dict[str, str]


def name_version(content: dict[str, Any]) -> str:
    """The name of a version, ``<trained_as_of>-<first 8 hex of its content's SHA-256>``.

    ``content`` holds the JSON values of a ``ModelVersion``. Which run made it and where the training set lay are not
    part of what it is, so a rerun on the same data has the same name.
    """
    kept = {key: value for key, value in content.items() if key not in ("model_version", "run_id", "training_set")}
    digest = hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()
    return f"{content['trained_as_of']}-{digest[:8]}"
