"""Rollback: an earlier version serves again, and those above it serve no more until someone promotes them again."""

import logging
from datetime import UTC, datetime
from pathlib import Path

from ml.errors import BadFeatures, BadModel
from ml.registry import store as registry
from ml.registry.champion import append_champion, registry_lock
from ml.registry.pointer import Cause, Champion, Serving, read_champion
from ml.registry.version import ModelVersion
from tradeline.checked import Frozen
from tradeline.contracts.features import CATALOGUE, read_catalogue
from tradeline.settings import Settings

log = logging.getLogger(__name__)


class Rollback(Frozen):
    """What a rollback does: ``serves`` takes the place of ``served``; ``withdraws`` serve no night any more."""

    served: str
    serves: str
    withdraws: tuple[str, ...]


def plan_rollback(settings: Settings, to: str | None = None, catalogue: Path = CATALOGUE) -> Rollback:
    """What a rollback to ``to``, or to the version that stands below the champion, would do; nothing is changed.

    The champion itself may be damaged: it is not read.

    Raises:
        BadModel: there is nothing to go back to, ``to`` serves already or never served, or is damaged.
        BadFeatures: the version needs a feature that ``catalogue`` no longer has.
    """
    champion = read_champion(settings)
    current = champion.serving() if champion else None
    if champion is None or current is None:
        raise BadModel("no model serves yet, so there is nothing to go back to: `tradeline models promote` lets one")
    target = _named(champion, current, to) if to else _below(champion, current)
    _check_features(registry.load(settings, target.model_version).version, catalogue)
    withdraws = _above(champion, target)
    return Rollback(served=current.model_version, serves=target.model_version, withdraws=withdraws)


def roll_back(settings: Settings, cause: Cause, to: str | None = None, catalogue: Path = CATALOGUE) -> Rollback:
    """Let an earlier version serve again, from the next scoring on; what was scored and published stays.

    The history of ``champion.json`` gets one more entry, atomically.

    Raises:
        BadModel, BadFeatures: as ``plan_rollback``.
    """
    with registry_lock(settings):
        plan = plan_rollback(settings, to, catalogue)
        version = registry.describe(settings, plan.serves)
        append_champion(settings, version, datetime.now(UTC), plan.withdraws, cause)
    log.info("%s serves again instead of %s: %s", plan.serves, plan.served, cause.reason)
    return plan


def _below(champion: Champion, current: Serving) -> Serving:
    below = [entry for entry in champion.in_force if entry.model_version != current.model_version]
    if not below:
        raise BadModel(
            f"{current.model_version} is the only version in force, so there is nothing to go back to: promote another "
            "with `tradeline models promote`, or name one that was withdrawn with --to"
        )
    return below[-1]


def _named(champion: Champion, current: Serving, to: str) -> Serving:
    if to == current.model_version:
        raise BadModel(f"{to} serves already")
    served = [entry for entry in champion.history if entry.model_version == to]
    if not served:
        raise BadModel(f"{to} was never promoted: decide on it with `tradeline models promote {to}`")
    return served[-1]


def _above(champion: Champion, target: Serving) -> tuple[str, ...]:
    """The versions in force that would keep the target from serving the latest nights, or did."""
    ranked = champion.in_force
    places = [place for place, entry in enumerate(ranked) if entry.model_version == target.model_version]
    if places:
        above = ranked[places[-1] + 1 :]
    else:  # it was withdrawn itself: what it stood upon then stays below it
        above = tuple(entry for entry in ranked if entry.trained_as_of > target.trained_as_of)
    return tuple(dict.fromkeys(entry.model_version for entry in above))


def _check_features(version: ModelVersion, catalogue: Path) -> None:
    known = {feature.name for feature in read_catalogue(catalogue)}
    missing = [feature.name for feature in version.features if feature.name not in known]
    if missing:
        raise BadFeatures(
            f"{version.model_version} needs {', '.join(missing)}, which the mart no longer has: it could not score "
            "a night; restore the column, name another version with --to, or train one"
        )
