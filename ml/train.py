"""Training: from a training set to one saved, immutable model version."""

import hashlib
import logging
import time
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version as installed
from pathlib import Path

import pandas as pd
import xgboost as xgb

from ml import booster as boosting
from ml.booster import Floats
from ml.catalogue import CATALOGUE, model_inputs, read_catalogue
from ml.config import ModelConfig, load_config
from ml.encode import Matrix, encode, fix_features
from ml.evaluate import evaluate
from ml.folds import cross_fit, seller_folds
from ml.registry import save
from ml.split import Mask, Split, split
from ml.training_set import check_matured, fingerprint, read_training_set
from ml.version import Calibration, ModelFeature, ModelVersion, Part, SplitSummary, name_version
from tradeline.settings import Settings

log = logging.getLogger(__name__)

ONE_THREAD_ROWS = 20_000
LIBRARIES = ("xgboost-cpu", "scikit-learn", "numpy", "pandas")


@dataclass(frozen=True)
class Fitted:
    """What the training rows gave."""

    booster: xgb.Booster
    parameters: boosting.Parameters
    rounds: int
    calibration: Calibration


def train(
    settings: Settings, training_set: Path, as_of: date, run_id: str, catalogue: Path = CATALOGUE
) -> ModelVersion:
    """Train, judge out-of-time and save a version under ``models/``; the same data gives the same version, bytes
    and all, and then nothing is written.

    Raises:
        NotEnoughData: too few matured rows; the numbers are in the message, and the serving model stays.
        BadFeatures: a feature is absent, infinite or not a number.
    """
    started = time.monotonic()
    config = load_config()
    frame = read_training_set(training_set, read_catalogue(catalogue))
    check_matured(frame, as_of)
    _report(frame)
    parts = split(frame, config)
    features = fix_features(frame[parts.train], model_inputs(catalogue))
    values = encode(frame, features)
    fitted = fit(values, frame, parts, features, config, settings.threads)
    content = bytes(fitted.booster.save_raw("ubj"))
    pd_ = boosting.pd_of(boosting.margin(fitted.booster, values[parts.out_of_time]), fitted.calibration)
    unnamed = ModelVersion(
        model_version="",
        run_id=run_id,
        training_set=_relative(training_set, settings.models),
        trained_as_of=as_of,
        label_kind=frame["label_kind"].iloc[0],
        data_fingerprint=fingerprint(training_set),
        model_fingerprint=hashlib.sha256(content).hexdigest(),
        features=features,
        parameters=fitted.parameters,
        rounds=fitted.rounds,
        calibration=fitted.calibration,
        score=config.score,
        reasons=config.reasons,
        split=_summary(frame, parts),
        out_of_time=evaluate(frame[parts.out_of_time], pd_, config),
        libraries={name: installed(name) for name in LIBRARIES},
    )
    version = unnamed.model_copy(update={"model_version": name_version(unnamed.model_dump(mode="json"))})
    is_new = save(settings, version, content)
    log.info(
        "model %s: %s, %d trees, %d features, %.1f s",
        version.model_version,
        "saved" if is_new else "the same as before, nothing written",
        fitted.rounds,
        len(features),
        time.monotonic() - started,
    )
    return version


def fit(
    values: Matrix,
    frame: pd.DataFrame,
    parts: Split,
    features: tuple[ModelFeature, ...],
    config: ModelConfig,
    threads: int,
) -> Fitted:
    """Find the number of trees and the calibration on rows that were not fitted, then fit on all train rows.

    Those rows are the validation slice or, where it holds too few bad ones, all train rows by cross-validation.
    """
    if len(frame) < ONE_THREAD_ROWS:
        threads = 1  # threads wait for each other at every split, on a busy machine most of the time
    parameters = boosting.booster_parameters(features, config)
    is_bad = frame["is_default"].to_numpy(bool)

    def part(mask: Mask) -> xgb.DMatrix:
        return boosting.matrix(values[mask], features, threads, is_bad[mask])

    def by_validation() -> tuple[int, Floats]:
        rounds_max, patience = config.booster.rounds_max, config.booster.early_stopping_rounds
        early = boosting.fit(part(parts.fit), parameters, rounds_max, threads, part(parts.validation), patience)
        rounds = early.best_iteration + 1
        return rounds, boosting.margin(early[:rounds], values[parts.validation])

    def by_folds() -> tuple[int, Floats]:
        log.info("few bad rows: trees and calibration by cross-validation over all train rows")
        train, small = parts.train, config.small
        folds = seller_folds(frame["seller_id"][train], small.folds, config.seed)
        return cross_fit(values[train], is_bad[train], folds, features, parameters, small.rounds_max, threads)

    is_small = is_bad[parts.validation].sum() < config.small.validation_bad_rows
    unseen = parts.train if is_small else parts.validation
    rounds, margins = by_folds() if is_small else by_validation()
    calibration = boosting.calibrate(margins, is_bad[unseen])
    return Fitted(boosting.fit(part(parts.train), parameters, rounds, threads), parameters, rounds, calibration)


def _summary(frame: pd.DataFrame, parts: Split) -> SplitSummary:
    def part(mask: Mask) -> Part:
        rows = frame[mask]
        return Part(
            rows=len(rows),
            bad_rows=int(rows["is_default"].sum()),
            first_on=rows["as_of"].min().date(),
            last_on=rows["as_of"].max().date(),
        )

    return SplitSummary(
        train=part(parts.train),
        fit=part(parts.fit),
        validation=part(parts.validation),
        out_of_time=part(parts.out_of_time),
        has_validation_gap=parts.has_validation_gap,
        has_out_of_time_gap=parts.has_out_of_time_gap,
    )


def _report(frame: pd.DataFrame) -> None:
    log.info(
        "training set: %s rows of %s sellers on %d decision days, %.1f%% bad, label %s",
        f"{len(frame):,}",
        f"{frame['seller_id'].nunique():,}",
        frame["as_of"].nunique(),
        100 * frame["is_default"].mean(),
        frame["label_kind"].iloc[0],
    )


def _relative(path: Path, folder: Path) -> str:
    resolved = path.resolve()
    return str(resolved.relative_to(folder) if resolved.is_relative_to(folder) else resolved)
