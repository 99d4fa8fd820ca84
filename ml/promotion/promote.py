"""Champion and challenger: a new version serves only if it is sound, and proven better than the one that serves."""

import logging
from datetime import UTC, datetime

from ml.config import load_config
from ml.errors import BadFeatures, BadModel
from ml.promotion.compare import judged_rows
from ml.promotion.gates import Contest, PromotionGate, comparison, contest, soundness
from ml.registry import store as registry
from ml.registry.champion import append_champion, registry_lock
from ml.registry.json_files import read_json, write_json
from ml.registry.pointer import Cause, read_champion
from ml.registry.version import ModelVersion
from tradeline.checked import Frozen
from tradeline.settings import Settings

log = logging.getLogger(__name__)


class Promotion(Frozen):
    """The decision on one version, as kept in its ``promotion.json``.

    ``gates``: every condition with its numbers; ``contest``: the figures beside the champion's, where there is one and
    it could be compared with. ``cause``: the person who asked for it, where one gave a reason. ``earlier``: the
    decisions before it, oldest first.
    """

    model_version: str
    champion: str | None
    is_promoted: bool
    is_forced: bool
    reason: str
    gates: tuple[PromotionGate, ...]
    contest: Contest | None = None
    decided_at: datetime
    cause: Cause | None = None
    earlier: tuple["Promotion", ...] = ()


def promote_or_keep(
    settings: Settings, model_version: str, force: bool = False, cause: Cause | None = None
) -> Promotion:
    """Let a version serve, or keep the one that serves nights as of the version's ``trained_as_of``.

    A version must be sound by itself and, where another serves, proven better on rows that neither was trained on. One
    that a person has withdrawn by a rollback is refused. ``force`` promotes whatever speaks against it, and is
    recorded with its ``cause``.

    Raises:
        BadModel: the version or its training set is absent or changed, or an earlier decision cannot be read.
    """
    challenger = registry.load(settings, model_version).version
    with registry_lock(settings):
        serving = _serving_name(settings, challenger)
        if serving == model_version:
            return read_promotion(settings, model_version)
        gates, found = _evaluate(settings, challenger, serving)
        failed = [gate.sentence for gate in gates if not gate.is_passed]
        is_forced = force and bool(failed)
        reason = failed[0] if failed else gates[-1].sentence
        promotion = Promotion(
            model_version=model_version,
            champion=serving,
            is_promoted=force or not failed,
            is_forced=is_forced,
            reason=f"forced, although {reason}" if is_forced else reason,
            gates=gates,
            contest=found,
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
    anew = "remove it: the version is then decided on anew"
    return read_json(settings.models / model_version / "promotion.json", Promotion, anew)


def _serving_name(settings: Settings, challenger: ModelVersion) -> str | None:
    champion = read_champion(settings)
    entry = champion.serving(challenger.trained_as_of) if champion else None
    return entry.model_version if entry else None


def _evaluate(
    settings: Settings, challenger: ModelVersion, serving: str | None
) -> tuple[tuple[PromotionGate, ...], Contest | None]:
    config = load_config()
    gates = [*_withdrawn(settings, challenger.model_version), *soundness(challenger, config.promotion)]
    found = None
    if serving is None:
        gates.append(PromotionGate(name="better", is_passed=True, sentence="no model serves yet"))
    else:
        rows, ours = judged_rows(settings, challenger, challenger)
        try:
            champion = registry.describe(settings, serving)
            theirs = judged_rows(settings, challenger, champion)[1]
            found = contest(rows, ours, theirs, champion, challenger.trained_as_of, config)
            gates += comparison(found, config.promotion)
        except (BadFeatures, BadModel) as error:
            # What cannot score serves nobody; a challenger that is sound takes over.
            gates.append(
                PromotionGate(name="better", is_passed=True, sentence=f"the champion {serving} cannot score: {error}")
            )
    return tuple(gates), found


def _withdrawn(settings: Settings, model_version: str) -> list[PromotionGate]:
    """A failed gate where a person does not want the version to serve."""
    champion = read_champion(settings)
    entry = champion.withdrawal(model_version) if champion else None
    if entry is None:
        return []
    why = f": {entry.cause.reason}" if entry.cause else ""
    sentence = f"it was withdrawn on {entry.promoted_at:%Y-%m-%d} by a rollback to {entry.model_version}{why}"
    return [PromotionGate(name="not_withdrawn", is_passed=False, sentence=sentence)]


def _record(settings: Settings, challenger: ModelVersion, promotion: Promotion) -> Promotion:
    """Keep the decision beside those before it; the same refusal again is kept once."""
    before = find_promotion(settings, challenger.model_version)
    if before is not None:
        earlier = (*before.earlier, before.model_copy(update={"earlier": ()}))
        promotion = promotion.model_copy(update={"earlier": earlier})
        if not promotion.is_promoted and _content(promotion) == _content(before):
            return before
    write_json(settings.models / challenger.model_version / "promotion.json", promotion)
    if promotion.is_promoted:
        append_champion(settings, challenger, promotion.decided_at)
    is_or_not = "promoted" if promotion.is_promoted else "not promoted"
    log.info("%s is %s: %s", challenger.model_version, is_or_not, promotion.reason)
    return promotion


def _content(promotion: Promotion) -> dict[str, object]:
    return promotion.model_dump(exclude={"decided_at", "earlier"})
