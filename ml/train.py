"""Training: from a training set to one saved, immutable model version that holds all contenders."""

import hashlib
import logging
import time
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version as installed
from pathlib import Path

import pandas as pd
from pydantic import JsonValue

from ml.config import ModelConfig, load_config
from ml.encode import Matrix, encode, fix_features
from ml.evaluation.choose import ScoredContender, choose, evaluate_contender, mean_pds
from ml.evaluation.contender import Choice
from ml.evaluation.scored_rows import scored_rows_content
from ml.features import ModelFeature
from ml.learning.calibrate import Floats
from ml.learning.contenders import Learned, draw_folds
from ml.learning.contenders import learn as learn_one
from ml.learning.registered import registered
from ml.learning.rows import Rows
from ml.learning.screening import LeftOut, screen
from ml.learning.split import Mask, Split, split
from ml.monitoring.fairness import Fairness, Pack, assess, check_unprotected, load_pack
from ml.monitoring.stability import Baseline, Stability, drift, make_baseline, unseen_categories
from ml.registry.code_version import code_version
from ml.registry.store import save
from ml.registry.version import ModelVersion, Part, SplitSummary, fingerprint_key, name_version
from ml.training_set import check_matured, read_training_set
from tradeline.contracts.features import CATALOGUE, model_inputs, read_catalogue
from tradeline.contracts.label import load_label
from tradeline.contracts.policy import approve_below_pd
from tradeline.files import content_hash
from tradeline.settings import Settings

log = logging.getLogger(__name__)

LIBRARIES = ("scikit-learn", "numpy", "pandas")  # of every training; each algorithm has its own


@dataclass(frozen=True)
class TrainingData:
    """A training set with its split, encoded: ``values`` of shape (rows, features)."""

    frame: pd.DataFrame
    parts: Split
    features: tuple[ModelFeature, ...]
    left_out: tuple[LeftOut, ...]
    values: Matrix

    @property
    def fitted(self) -> Rows:
        """The training rows."""
        rows = self.frame[self.parts.fitted]
        is_bad, is_fitting = rows["is_default"].to_numpy(bool), ~rows["is_indeterminate"].to_numpy(bool)
        return Rows(self.values[self.parts.fitted], is_bad, is_fitting, rows["seller_id"])


@dataclass(frozen=True)
class TrainingResult:
    """What the contenders came to, and what the one that serves does to whom."""

    learned: dict[str, Learned]
    judged: dict[str, ScoredContender]
    algorithm: str
    choice: Choice
    baseline: Baseline
    stability: Stability | None
    fairness: Fairness


def train(
    settings: Settings, training_set: Path, as_of: date, run_id: str, catalogue: Path = CATALOGUE
) -> ModelVersion:
    """Train all contenders, evaluate them and save a version under ``models/``; the same data gives the same version,
    bytes and all, and then nothing is written.

    Raises:
        NotEnoughData: too few matured rows; the numbers are in the message, and the serving model stays.
        BadFeatures: a feature is absent, infinite, not a number or a protected field.
    """
    started = time.monotonic()
    config, pack = load_config(), load_pack(settings.jurisdiction)
    data = read(settings, training_set, as_of, config, pack, catalogue)
    result = learn(data, as_of, config, pack, settings.threads)
    rows = data.frame[data.parts.judged]
    parts, files = _saved(result)
    files["judged.parquet"] = scored_rows_content(rows, {name: judged.pds for name, judged in result.judged.items()})
    unnamed = ModelVersion(
        model_version="",
        run_id=run_id,
        training_set=_relative(training_set, settings.models),
        trained_as_of=as_of,
        label_kind=data.frame["label_kind"].iloc[0],
        label=load_label(),
        data_fingerprint=content_hash(training_set),
        code_version=code_version(),
        features=data.features,
        left_out=data.left_out,
        algorithm=result.algorithm,
        choice=result.choice,
        contenders={name: judged.contender for name, judged in result.judged.items()},
        **{fingerprint_key(name): hashlib.sha256(content).hexdigest() for name, content in files.items()},
        **parts,
        score=config.score,
        reasons=config.reasons,
        split=_summary(data),
        baseline=result.baseline,
        stability=result.stability,
        fairness=result.fairness,
        libraries={name: installed(name) for name in _libraries(result)},
    )
    version = unnamed.model_copy(update={"model_version": name_version(unnamed.model_dump(mode="json"))})
    is_new = save(settings, version, files)
    log.info(
        "model %s: %s, served by %s, %.1f s",
        version.model_version,
        "saved" if is_new else "the same as before, nothing written",
        version.algorithm,
        time.monotonic() - started,
    )
    return version


def read(
    settings: Settings, training_set: Path, as_of: date, config: ModelConfig, pack: Pack, catalogue: Path
) -> TrainingData:
    """Read, check, split and encode a training set; categories and typical values are those of the training rows.

    Raises:
        NotEnoughData, BadFeatures: as ``train``.
    """
    inputs = model_inputs(catalogue)
    check_unprotected(inputs, pack)
    frame = read_training_set(settings, training_set, read_catalogue(catalogue))
    check_matured(frame, as_of)
    _report(frame)
    parts = split(frame, config)
    kept, left_out = screen(frame[parts.fitted], inputs, config.screening)
    features = fix_features(frame[parts.fitted], kept)
    return TrainingData(frame, parts, features, left_out, encode(frame, features))


def learn(data: TrainingData, as_of: date, config: ModelConfig, pack: Pack, threads: int) -> TrainingResult:
    """Fit, calibrate and evaluate all contenders, choose one, and look at its stability and fairness."""
    rows = data.fitted
    draws = draw_folds(rows, data.parts.repeats, config)
    algorithms = registered()
    titles = ", ".join(each.title for each in algorithms.values())
    log.info("%s are fitted on %s rows", titles, f"{len(rows.is_bad):,}")
    learned = {name: learn_one(each, rows, draws, data.features, config, threads) for name, each in algorithms.items()}
    judged = {
        name: evaluate_contender(each, data.frame, data.values, data.parts, as_of, config)
        for name, each in learned.items()
    }
    judged_rows = data.frame[data.parts.judged]
    algorithm, choice = choose(judged_rows, judged, algorithms, config)
    served_pds = mean_pds(judged[algorithm].pds)
    # One repeat's pds, not their mean: these spread as far as one model's do.
    seen = learned[algorithm].unseen_pds[0]
    baseline = make_baseline(rows.values, seen, data.features, config.stability, rows.sellers)
    is_later = data.parts.judged_by == "out_of_time"
    return TrainingResult(
        learned=learned,
        judged=judged,
        algorithm=algorithm,
        choice=choice,
        baseline=baseline,
        stability=_shift(baseline, data, served_pds, config) if is_later else None,
        fairness=assess(judged_rows, served_pds, approve_below_pd(), pack),
    )


def _saved(result: TrainingResult) -> tuple[dict[str, JsonValue], dict[str, bytes]]:
    """What the algorithms keep in ``model.json``, by section, and the content of their files, by name."""
    parts: dict[str, JsonValue] = {}
    files: dict[str, bytes] = {}
    for each in result.learned.values():
        saved = each.model.save()
        parts[each.model.section] = saved.content
        if each.model.file:
            files[each.model.file] = saved.file
    return parts, files


def _libraries(result: TrainingResult) -> list[str]:
    """What a version records the numbers of, each once."""
    own = (name for each in result.learned.values() for name in each.model.libraries)
    return list(dict.fromkeys((*own, *LIBRARIES)))


def _shift(baseline: Baseline, data: TrainingData, pds: Floats, config: ModelConfig) -> Stability:
    """How the evaluation rows differ from the training rows."""
    rows = data.frame[data.parts.judged]
    unseen = unseen_categories(rows, data.features)
    return drift(baseline, data.values[data.parts.judged], pds, config.stability, rows["seller_id"], unseen)


def _summary(data: TrainingData) -> SplitSummary:
    def part(mask: Mask) -> Part:
        rows = data.frame[mask]
        return Part(
            rows=len(rows),
            bad_rows=int(rows["is_default"].sum()),
            first_on=rows["as_of"].min().date(),
            last_on=rows["as_of"].max().date(),
        )

    parts = data.parts
    return SplitSummary(
        judged_by=parts.judged_by, fitted=part(parts.fitted), judged=part(parts.judged), repeats=parts.repeats
    )


def _report(frame: pd.DataFrame) -> None:
    log.info(
        "training set: %s rows of %s sellers on %d decision days, %.1f%% bad, %.1f%% indeterminate, label %s",
        f"{len(frame):,}",
        f"{frame['seller_id'].nunique():,}",
        frame["as_of"].nunique(),
        100 * frame["is_default"].mean(),
        100 * frame["is_indeterminate"].mean(),
        frame["label_kind"].iloc[0],
    )


def _relative(path: Path, folder: Path) -> str:
    resolved = path.resolve()
    return str(resolved.relative_to(folder) if resolved.is_relative_to(folder) else resolved)
