"""The summary of a version, and the decision on it."""

from collections.abc import Iterator
from typing import Any

from ml.learning.scorecard import Points
from ml.promotion.gates import soundness
from ml.promotion.promote import Promotion
from ml.registry.pointer import Serving
from ml.reports.card.facts import Facts, earned
from ml.reports.card.words import count, is_replayed, listed, sentence, spoken

UNDECIDED = "No decision has been made on it yet: `tradeline models promote` makes one."


def summary(facts: Facts) -> dict[str, Any]:
    """The top of the page: the version, its state, and the serving algorithm's figures on the evaluated rows."""
    version, own = facts.version, facts.version.evaluation
    state, because = _state(facts)
    replayed = "Replayed, not observed. " if is_replayed(version) else ""
    return {
        "what": f"{replayed}{sentence(spoken(version.algorithm))} on {_used(facts)}, trained as of "
        f"{version.trained_as_of}, gives each seller a pd. "
        f"Bad is: {version.label.describe(version.label_kind, earned(facts))}.",
        "algorithm": version.algorithm,
        "judged_by": version.judged_by,
        "rows": own.rows,
        "bad_rows": own.bad_rows,
        "auc": own.metrics["auc"],
        "calibration_error": own.metrics["ece"],
        "calibration_error_by_chance": own.ece_by_chance,
        "pd_ratio": own.metrics["pd_ratio"],
        "state": state,
        "because": because,
    }


def decision(facts: Facts) -> dict[str, Any]:
    """Whether it may serve, with every gate; before a decision, the gates that need no comparison with a champion."""
    found, (state, because) = facts.decision, _state(facts)
    if found is None:
        gates = tuple(soundness(facts.version, facts.config.promotion))
        beside = "These gates need no champion; the decision also compares the version with the champion."
    else:
        gates = found.gates
        beside = f"Compared with the champion {found.champion}." if found.champion else "There was no champion then."
    failed = [gate.name for gate in gates if not gate.is_passed]
    passed = f"{len(gates) - len(failed)} of {count(len(gates), 'gates')} passed"
    return {
        "text": (
            f"{sentence(state)}: {because}" if found else because,
            f"{beside} {passed}{f'; failed: {listed(failed)}' if failed else ''}.",
        ),
        "state": state,
        "gates": gates,
        "contest": found.contest if found else None,
        "history": _history(facts),
    }


def _state(facts: Facts) -> tuple[str, str]:
    name, found = facts.version.model_version, facts.decision
    withdrawal = facts.champion.withdrawal(name) if facts.champion else None
    if withdrawal:
        return "withdrawn", f"{_withdrawn(withdrawal)}."
    if found is None:
        return "not decided yet", UNDECIDED
    return _verdict(found), f"{found.reason}."


def _used(facts: Facts) -> str:
    features = count(len(facts.version.features), "features")
    if facts.scorecard and facts.version.algorithm == Points.name:
        return f"{len(facts.scorecard.characteristics)} of {features}"
    return features


def _history(facts: Facts) -> list[dict[str, Any]]:
    """Decisions and rollbacks, the earliest first: ``at`` (UTC) and ``what``."""
    found = facts.decision
    decisions = [*found.earlier, found] if found else []
    events = [{"at": each.decided_at, "what": f"{_verdict(each)}{_asked(each)}: {each.reason}"} for each in decisions]
    return sorted([*events, *_rollbacks(facts)], key=lambda event: event["at"])


def _rollbacks(facts: Facts) -> Iterator[dict[str, Any]]:
    name = facts.version.model_version
    for entry in facts.champion.history if facts.champion else ():
        if name in entry.withdraws:
            yield {"at": entry.promoted_at, "what": f"withdrawn: {_withdrawn(entry)}"}
        elif entry.model_version == name and entry.cause:
            yield {"at": entry.promoted_at, "what": f"serves again by a rollback{_asked(entry)}"}


def _verdict(decision: Promotion) -> str:
    return "promoted by force" if decision.is_forced else "promoted" if decision.is_promoted else "refused"


def _withdrawn(entry: Serving) -> str:
    return f"a rollback to {entry.model_version}{_asked(entry)}"


def _asked(one: Promotion | Serving) -> str:
    return f" by {one.cause.by} ({one.cause.reason})" if one.cause else ""
