"""Champion and challenger: a new version serves only if it is sound, and not worse than the one that serves."""

import logging
import math
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, ConfigDict

from ml import registry
from ml.booster import Floats
from ml.config import PromotionConfig, load_config
from ml.errors import BadFeatures, BadModel
from ml.evaluate import Estimate, auc_difference
from ml.score import predict_pd
from ml.training_set import fingerprint, read_training_set
from ml.version import ModelVersion
from tradeline.settings import Settings

log = logging.getLogger(__name__)


class Promotion(BaseModel):
    """The decision on one version, as kept in its ``promotion.json``."""

    model_config = ConfigDict(frozen=True)

    model_version: str
    champion: str | None
    is_promoted: bool
    is_forced: bool
    reason: str
    numbers: dict[str, float]
    decided_at: datetime


def promote_or_keep(settings: Settings, model_version: str, force: bool = False) -> Promotion:
    """Let a version serve, or keep the one that serves nights as of the version's ``trained_as_of``.

    Both are judged on the challenger's out-of-time rows; where none serves, the version must be sound by itself.
    ``force`` promotes whatever the rows say, and is recorded.

    Raises:
        BadModel: the version or its training set is absent or changed.
    """
    challenger = registry.load(settings, model_version).version
    champion = registry.serving_model(settings, challenger.trained_as_of)
    if champion and champion.model_version == model_version:
        return read_promotion(settings, model_version)
    is_better, reason, numbers = _judge(settings, challenger, champion)
    is_forced = force and not is_better
    reason = f"forced, although {reason}" if is_forced else reason
    return _record(settings, challenger, champion, is_better or force, is_forced, reason, numbers)


def read_promotion(settings: Settings, model_version: str) -> Promotion:
    """The decision that was made on a version.

    Raises:
        BadModel: none was made.
    """
    path = settings.models / model_version / "promotion.json"
    if not path.exists():
        raise BadModel(f"no decision on {model_version} was made")
    return Promotion.model_validate_json(path.read_bytes())


def _judge(
    settings: Settings, challenger: ModelVersion, champion: ModelVersion | None
) -> tuple[bool, str, dict[str, float]]:
    found = challenger.out_of_time
    numbers = {
        **_named("auc", found.metrics["auc"]),
        "base_rate": found.base_rate,
        "pd_ratio": found.mean_pd / found.base_rate,
        **{f"auc_gain_over_{name}": gain.value for name, gain in found.auc_gains.items()},
    }
    reason = "no model serves yet"
    if champion is not None:
        try:
            numbers |= _comparison(settings, challenger, champion)
            difference, ratio = numbers["auc_difference"], numbers["pd_ratio"]
            reason = f"its AUC is the champion's {difference:+.3f}, its mean pd {ratio:.2f} times the observed rate"
        except BadFeatures as error:
            reason = f"the champion {champion.model_version} cannot score today's features: {error}"
    fault = _fault(numbers, load_config().promotion)
    return fault is None, fault or reason, numbers


def _fault(numbers: dict[str, float], rule: PromotionConfig) -> str | None:
    """What speaks against the version; the champion's numbers are absent where there is none to compare with."""
    loss, ratio = -numbers.get("auc_difference", 0.0), numbers["pd_ratio"]
    if loss > rule.auc_margin:
        return f"its AUC is {loss:.3f} below the champion's, more than the {rule.auc_margin} allowed"
    if numbers["auc_low"] <= 0.5:
        return f"its AUC of {numbers['auc']:.3f} may be chance: the interval begins at {numbers['auc_low']:.3f}"
    # After a jump in defaults every model is off: then the one that is nearer is the better.
    is_nearer = abs(math.log(ratio)) < abs(math.log(numbers.get("champion_pd_ratio", 1.0)))
    if not (rule.pd_ratio_min <= ratio <= rule.pd_ratio_max or is_nearer):
        bounds = f"{rule.pd_ratio_min} to {rule.pd_ratio_max}"
        return f"its mean pd is {ratio:.2f} times the observed rate of default, outside {bounds}"
    return None


def _comparison(settings: Settings, challenger: ModelVersion, champion: ModelVersion) -> dict[str, float]:
    path = _training_set(settings, challenger)
    first_on = pd.Timestamp(challenger.split.out_of_time.first_on)

    def rows_and_pd(version: ModelVersion) -> tuple[pd.DataFrame, Floats]:
        frame = read_training_set(path, version.features)
        rows = frame[frame["as_of"] >= first_on]
        return rows, predict_pd(registry.load(settings, version.model_version), rows)

    (rows, ours), (_, theirs) = rows_and_pd(challenger), rows_and_pd(champion)
    return {
        **_named("auc_difference", auc_difference(rows, ours, theirs, load_config())),
        "champion_pd_ratio": float(theirs.mean()) / challenger.out_of_time.base_rate,
    }


def _training_set(settings: Settings, version: ModelVersion) -> Path:
    """Where the version's training set lies now: a rerun may have exported the same bytes under another name."""
    recorded = settings.models / version.training_set
    for path in (recorded, *sorted(recorded.parent.glob("*.parquet"))):
        if path.exists() and fingerprint(path) == version.data_fingerprint:
            return path
    raise BadModel(f"the training set {recorded} of {version.model_version} is absent or changed: train again")


def _named(name: str, estimate: Estimate) -> dict[str, float]:
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def _record(
    settings: Settings,
    challenger: ModelVersion,
    champion: ModelVersion | None,
    is_promoted: bool,
    is_forced: bool,
    reason: str,
    numbers: dict[str, float],
) -> Promotion:
    promotion = Promotion(
        model_version=challenger.model_version,
        champion=champion.model_version if champion else None,
        is_promoted=is_promoted,
        is_forced=is_forced,
        reason=reason,
        numbers=numbers,
        decided_at=datetime.now(UTC),
    )
    registry.write_json(settings.models / challenger.model_version / "promotion.json", promotion)
    if is_promoted:
        registry.append_champion(settings, challenger, promotion.decided_at)
    log.info("%s is %s: %s", challenger.model_version, "promoted" if is_promoted else "not promoted", reason)
    return promotion
