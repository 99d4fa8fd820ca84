"""Champion and challenger: a new version serves only if it is sound, and not worse than the one that serves."""

import logging
import math
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from ml import registry
from ml.compare import judged_rows
from ml.config import PromotionConfig, load_config
from ml.errors import BadFeatures, BadModel
from ml.evaluate import Estimate, auc_difference
from ml.registry import Cause, fault_of, registry_lock
from ml.version import ModelVersion
from tradeline.settings import Settings

log = logging.getLogger(__name__)


class Promotion(BaseModel):
    """The decision on one version, as kept in its ``promotion.json``.

    ``cause``: the person who asked for it, where one gave a reason. ``earlier``: the decisions before it, oldest first.
    """

    model_config = ConfigDict(frozen=True)

    model_version: str
    champion: str | None
    is_promoted: bool
    is_forced: bool
    reason: str
    numbers: dict[str, float]
    decided_at: datetime
    cause: Cause | None = None
    earlier: tuple["Promotion", ...] = ()


def promote_or_keep(
    settings: Settings, model_version: str, force: bool = False, cause: Cause | None = None
) -> Promotion:
    """Let a version serve, or keep the one that serves nights as of the version's ``trained_as_of``.

    Both are judged on the challenger's out-of-time rows; where none serves, the version must be sound by itself. One
    that a person has withdrawn by a rollback is refused. ``force`` promotes whatever speaks against it, and is
    recorded with its ``cause``.

    Raises:
        BadModel: the version or its training set is absent or changed, or an earlier decision cannot be read.
    """
    challenger = registry.load(settings, model_version).version
    with registry_lock(settings):
        champion = registry.serving_model(settings, challenger.trained_as_of)
        if champion and champion.model_version == model_version:
            return read_promotion(settings, model_version)
        is_better, reason, numbers = _judge(settings, challenger, champion)
        is_forced = force and not is_better
        promotion = Promotion(
            model_version=model_version,
            champion=champion.model_version if champion else None,
            is_promoted=is_better or force,
            is_forced=is_forced,
            reason=f"forced, although {reason}" if is_forced else reason,
            numbers=numbers,
            decided_at=datetime.now(UTC),
            cause=cause,
        )
        return _record(settings, challenger, promotion)


def read_promotion(settings: Settings, model_version: str) -> Promotion:
    """The latest decision on a version.

    Raises:
        BadModel: none was made, or it cannot be read.
    """
    promotion = find_promotion(settings, model_version)
    if promotion is None:
        raise BadModel(f"no decision on {model_version} was made")
    return promotion


def find_promotion(settings: Settings, model_version: str) -> Promotion | None:
    """The latest decision on a version, if one was made.

    Raises:
        BadModel: it cannot be read.
    """
    path = settings.models / model_version / "promotion.json"
    if not path.exists():
        return None
    try:
        return Promotion.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise BadModel(
            f"{path} cannot be read ({fault_of(error)}); restore it from a backup or, if there is none, remove it: "
            "the version is then judged anew"
        ) from error


def _withdrawn(settings: Settings, model_version: str) -> str | None:
    """Why a person does not want the version to serve."""
    champion = registry.read_champion(settings)
    entry = champion.withdrawal(model_version) if champion else None
    if entry is None:
        return None
    why = f": {entry.cause.reason}" if entry.cause else ""
    return f"it was withdrawn on {entry.promoted_at:%Y-%m-%d} by a rollback to {entry.model_version}{why}"


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
    fault = _withdrawn(settings, challenger.model_version) or _fault(numbers, load_config().promotion)
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
    rows, ours = judged_rows(settings, challenger, challenger)
    _, theirs = judged_rows(settings, challenger, champion)
    return {
        **_named("auc_difference", auc_difference(rows, ours, theirs, load_config())),
        "champion_pd_ratio": float(theirs.mean()) / challenger.out_of_time.base_rate,
    }


def _named(name: str, estimate: Estimate) -> dict[str, float]:
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def _record(settings: Settings, challenger: ModelVersion, promotion: Promotion) -> Promotion:
    """Keep the decision beside those before it; the same refusal again is kept once."""
    before = find_promotion(settings, challenger.model_version)
    if before is not None:
        earlier = (*before.earlier, before.model_copy(update={"earlier": ()}))
        promotion = promotion.model_copy(update={"earlier": earlier})
        if not promotion.is_promoted and _content(promotion) == _content(before):
            return before
    registry.write_json(settings.models / challenger.model_version / "promotion.json", promotion)
    if promotion.is_promoted:
        registry.append_champion(settings, challenger, promotion.decided_at)
    is_or_not = "promoted" if promotion.is_promoted else "not promoted"
    log.info("%s is %s: %s", challenger.model_version, is_or_not, promotion.reason)
    return promotion


def _content(promotion: Promotion) -> dict[str, object]:
    return promotion.model_dump(exclude={"decided_at", "earlier"})
