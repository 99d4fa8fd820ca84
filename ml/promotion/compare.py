"""Two versions beside each other: evaluated on the same rows, and what differs in how they were made."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from ml.config import load_config
from ml.errors import BadFeatures, BadModel
from ml.evaluation.evaluate import auc_difference, evaluate
from ml.evaluation.scored_rows import read_scored_rows
from ml.learning.split import JudgedBy
from ml.numbers.bootstrap import Floats
from ml.registry import store as registry
from ml.registry.version import ModelVersion
from ml.score import predict_pd
from ml.training_set import read_training_set
from tradeline.checked import Frozen
from tradeline.errors import BadInput
from tradeline.estimates import Estimate
from tradeline.files import content_hash
from tradeline.settings import Settings

Scored = tuple[pd.DataFrame, Floats]


class ComparedVersion(Frozen):
    """One version on the rows.

    ``metrics``: those of an ``Evaluation``. ``known_rows``: rows up to the last day that it was trained on, no test
    for it. ``fault``: why it cannot score the rows; then it has no figures.
    """

    model_version: str
    label_kind: str
    known_rows: int
    metrics: dict[str, Estimate] = Field(default_factory=dict)
    mean_pd: float | None = None
    pd_ratio: float | None = None
    fault: str | None = None


class VersionDifference(Frozen):
    """Something that the versions do not share; None where a version does not have it."""

    name: str
    first: float | str | None
    second: float | str | None


class VersionComparison(Frozen):
    """Two versions on the evaluation rows of ``judge``, the one trained later.

    ``auc_difference``: the first's AUC minus the second's, paired; None where either cannot score the rows.
    """

    judge: str
    judged_by: JudgedBy
    label_kind: str
    rows: int
    bad_rows: int
    first_on: date
    last_on: date
    base_rate: float
    first: ComparedVersion
    second: ComparedVersion
    auc_difference: Estimate | None
    features_of_first: tuple[str, ...]
    features_of_second: tuple[str, ...]
    differences: tuple[VersionDifference, ...]


def compare(settings: Settings, first: str, second: str) -> VersionComparison:
    """Evaluate two versions on the same rows and name what differs.

    Raises:
        BadInput: they are one and the same.
        BadModel: a version is damaged, or the training set of the later one is absent or changed.
    """
    if first == second:
        raise BadInput(f"{first} would be compared with itself: name two versions")
    ours, theirs = registry.load(settings, first).version, registry.load(settings, second).version
    judge = max(ours, theirs, key=lambda version: (version.trained_as_of, version.model_version))
    our_rows, their_rows = _try_rows(settings, judge, ours), _try_rows(settings, judge, theirs)
    our_names, their_names = ({feature.name for feature in version.features} for version in (ours, theirs))
    return VersionComparison(
        judge=judge.model_version,
        judged_by=judge.judged_by,
        label_kind=judge.label_kind,
        **judge.split.judged.model_dump(),
        base_rate=judge.evaluation.base_rate,
        first=_judged(judge, ours, our_rows),
        second=_judged(judge, theirs, their_rows),
        auc_difference=_auc_difference(our_rows, their_rows),
        features_of_first=tuple(sorted(our_names - their_names)),
        features_of_second=tuple(sorted(their_names - our_names)),
        differences=(*_setting_differences(ours, theirs), *_feature_differences(ours, theirs)),
    )


def judged_rows(settings: Settings, judge: ModelVersion, version: ModelVersion) -> Scored:
    """The evaluation rows of ``judge`` with the features of ``version``, and its pds, shape (repeats, rows).

    Of ``judge`` itself the pds are those that were kept: cross-validated, no row's is by a model that knew its seller.

    Raises:
        BadFeatures: the rows lack a feature of the version.
        BadModel: the training set of ``judge`` is absent or changed, or the version is.
    """
    frame = read_training_set(settings, training_set_of(settings, judge), version.features)
    rows = frame[frame["as_of"] >= pd.Timestamp(judge.split.judged.first_on)]
    if version.model_version == judge.model_version:
        return rows, read_scored_rows(registry.read_file(settings, judge, "judged.parquet"), judge.algorithm)[1]
    return rows, np.atleast_2d(predict_pd(registry.load(settings, version.model_version), rows))


def training_set_of(settings: Settings, version: ModelVersion) -> Path:
    """Where the version's training set lies now: a rerun may have exported the same bytes under another name."""
    recorded = settings.models / version.training_set
    for path in (recorded, *sorted(recorded.parent.glob("*.parquet"))):
        if path.exists() and content_hash(path) == version.data_fingerprint:
            return path
    raise BadModel(f"the training set {recorded} of {version.model_version} is absent or changed: train again")


def _try_rows(settings: Settings, judge: ModelVersion, version: ModelVersion) -> Scored | BadFeatures:
    try:
        return judged_rows(settings, judge, version)
    except BadFeatures as error:
        return error


def _judged(judge: ModelVersion, version: ModelVersion, scored: Scored | BadFeatures) -> ComparedVersion:
    about = {"model_version": version.model_version, "label_kind": version.label_kind}
    if isinstance(scored, BadFeatures):
        return ComparedVersion(**about, known_rows=0, fault=str(scored))
    rows, pd_ = scored
    found = evaluate(rows, pd_, load_config(), judge.trained_as_of)
    is_known = rows["as_of"] <= pd.Timestamp(version.split.fitted.last_on)
    return ComparedVersion(
        **about,
        known_rows=0 if version.model_version == judge.model_version else int(is_known.sum()),
        metrics=found.metrics,
        mean_pd=found.mean_pd,
        pd_ratio=found.mean_pd / found.base_rate,
    )


def _auc_difference(ours: Scored | BadFeatures, theirs: Scored | BadFeatures) -> Estimate | None:
    if isinstance(ours, BadFeatures) or isinstance(theirs, BadFeatures):
        return None
    return auc_difference(ours[0], ours[1], theirs[1], load_config())


def _setting_differences(ours: ModelVersion, theirs: ModelVersion) -> Iterator[VersionDifference]:
    first, second = _settings(ours), _settings(theirs)
    for name in first | second:
        if first.get(name) != second.get(name):
            yield VersionDifference(name=name, first=first.get(name), second=second.get(name))


def _settings(version: ModelVersion) -> dict[str, float | str]:
    """Everything that is set for or found by training but the models themselves and the features."""
    calibration = version.calibration.model_dump(exclude={"knot_margins", "knot_pds"})
    algorithms = registry.algorithms_of(version).items()
    sections: dict[str, dict[str, Any]] = {
        **{name: each.settings(version.parts[each.section]) for name, each in algorithms},
        "calibration": calibration,
        "score": version.score.model_dump(),
        "reasons": version.reasons.model_dump(),
    }
    return {
        "algorithm": version.algorithm,
        "judged_by": version.judged_by,
        "label_kind": version.label_kind,
        **{f"{name}.{key}": value for name, part in sections.items() for key, value in part.items()},
        **{f"library {name}": number for name, number in version.libraries.items()},
    }


def _feature_differences(ours: ModelVersion, theirs: ModelVersion) -> Iterator[VersionDifference]:
    others = {feature.name: feature for feature in theirs.features}
    for feature in ours.features:
        other = others.get(feature.name, feature)
        if feature.expected_sign != other.expected_sign:
            signs = feature.expected_sign, other.expected_sign
            yield VersionDifference(name=f"{feature.name}: expected sign", first=signs[0], second=signs[1])
        first, second = set(feature.categories or ()), set(other.categories or ())
        if first != second:
            own = ", ".join(sorted(first - second)), ", ".join(sorted(second - first))
            yield VersionDifference(name=f"{feature.name}: names of its own", first=own[0], second=own[1])
