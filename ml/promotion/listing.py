"""What stands in the registry, for people: every version, damaged or not, and what was decided on it."""

from datetime import date, datetime
from difflib import get_close_matches
from typing import Literal

from ml.errors import BadModel
from ml.learning.split import JudgedBy
from ml.promotion.promote import Promotion, find_promotion
from ml.registry import store as registry
from ml.registry.pointer import Champion, Serving, read_champion
from ml.registry.version import ModelVersion
from tradeline.checked import Frozen
from tradeline.estimates import Estimate
from tradeline.settings import Settings

State = Literal["champion", "promoted", "withdrawn", "refused", "undecided", "damaged"]


class Standing(Frozen):
    """How a version stands. ``is_champion``: it serves the latest nights, damaged or not; ``since``: UTC.

    ``champion`` and ``promoted`` versions are in force, the latter for nights before another's; ``withdrawn`` ones
    were, until a rollback.
    """

    state: State
    is_champion: bool
    since: datetime | None
    why: str


class Line(Frozen):
    """One version in the list; a damaged one may have nothing but its name and what is wrong."""

    model_version: str
    standing: Standing
    trained_as_of: date | None = None
    label_kind: str | None = None
    algorithm: str | None = None
    train_rows: int | None = None
    train_bad_rows: int | None = None
    judged_by: JudgedBy | None = None
    judged_rows: int | None = None
    judged_bad_rows: int | None = None
    auc: Estimate | None = None
    brier: Estimate | None = None


class Listing(Frozen):
    """Every version, the one trained latest last. ``fault``: why ``champion.json`` cannot say which one serves."""

    champion: str | None
    fault: str | None
    versions: tuple[Line, ...]


class Shown(Frozen):
    """One version with all that is known of it; ``served``: the entries of the history that name it."""

    version: ModelVersion
    standing: Standing
    decision: Promotion | None
    served: tuple[Serving, ...]


def list_all(settings: Settings) -> Listing:
    """Every version and how it stands; damage is named, not raised."""
    champion, fault = None, None
    try:
        champion = read_champion(settings)
    except BadModel as error:
        fault = str(error)
    serving = champion.serving() if champion else None
    lines = tuple(_line(settings, champion, name) for name in registry.version_names(settings))
    return Listing(champion=serving.model_version if serving else None, fault=fault, versions=lines)


def show(settings: Settings, model_version: str | None = None) -> Shown:
    """One version, by default the champion.

    Raises:
        BadModel: there is no such version, none serves, or its ``model.json`` or ``champion.json`` is damaged.
    """
    champion = read_champion(settings)
    serving = champion.serving() if champion else None
    name = model_version or (serving.model_version if serving else None)
    if name is None:
        raise BadModel(
            "no model serves yet: `tradeline status` says when one can be trained; or name a version, "
            "`tradeline models list` has them"
        )
    version = registry.describe(settings, name)
    decision, fault = _decision(settings, version)
    history = champion.history if champion else ()
    return Shown(
        version=version,
        standing=_standing(champion, name, decision, fault),
        decision=decision,
        served=tuple(entry for entry in history if name in (entry.model_version, *entry.withdraws)),
    )


def find_version(settings: Settings, text: str) -> str:
    """The name of the version that ``text`` names or is the beginning of.

    Raises:
        BadModel: there is none, or several begin so.
    """
    names = registry.version_names(settings)
    found = [name for name in names if name == text] or [name for name in names if name.startswith(text)]
    if len(found) == 1:
        return found[0]
    if found:
        raise BadModel(f"{text} may be {', '.join(found)}: give more of the name")
    nearest = get_close_matches(text, names, n=1, cutoff=0)
    if not nearest:
        raise BadModel(f"there is no model {text}: none is trained yet in {settings.models}")
    raise BadModel(f"there is no model {text}; the nearest is {nearest[0]}, and `tradeline models list` shows all")


def _line(settings: Settings, champion: Champion | None, name: str) -> Line:
    try:
        version = registry.describe(settings, name)
    except BadModel as error:
        return Line(model_version=name, standing=_standing(champion, name, None, str(error)))
    decision, fault = _decision(settings, version)
    train, found = version.split.fitted, version.evaluation
    return Line(
        model_version=name,
        standing=_standing(champion, name, decision, fault),
        trained_as_of=version.trained_as_of,
        label_kind=version.label_kind,
        algorithm=version.algorithm,
        train_rows=train.rows,
        train_bad_rows=train.bad_rows,
        judged_by=version.judged_by,
        judged_rows=found.rows,
        judged_bad_rows=found.bad_rows,
        auc=found.metrics["auc"],
        brier=found.metrics["brier"],
    )


def _decision(settings: Settings, version: ModelVersion) -> tuple[Promotion | None, str | None]:
    """The decision on a version, and what is wrong with its files."""
    decision = None
    try:
        decision = find_promotion(settings, version.model_version)
        registry.check_algorithms(settings, version)
    except BadModel as error:
        return decision, str(error)
    return decision, None


def _standing(champion: Champion | None, name: str, decision: Promotion | None, fault: str | None) -> Standing:
    serving = champion.serving() if champion else None
    is_champion = serving is not None and serving.model_version == name

    def stands(state: State, since: datetime | None, why: str) -> Standing:
        return Standing(state=state, is_champion=is_champion, since=since, why=why)

    if fault:
        return stands("damaged", None, fault)
    entry = next((each for each in reversed(champion.in_force if champion else ()) if each.model_version == name), None)
    if entry:
        return stands("champion" if is_champion else "promoted", entry.promoted_at, _why(entry, decision))
    withdrawal = champion.withdrawal(name) if champion else None
    if withdrawal:
        return stands("withdrawn", withdrawal.promoted_at, _why(withdrawal, None))
    if decision and not decision.is_promoted:
        return stands("refused", decision.decided_at, decision.reason)
    lost = "it was promoted, but champion.json does not say so: " if decision else ""
    return stands("undecided", None, f"{lost}decide on it with `tradeline models promote {name}`")


def _why(entry: Serving, decision: Promotion | None) -> str:
    if entry.cause:
        return f"rolled back to {entry.model_version}: {entry.cause.reason}"
    return decision.reason if decision else ""
