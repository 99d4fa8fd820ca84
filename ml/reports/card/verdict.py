"""What it comes to: the summary and the decision."""

from collections.abc import Iterator

from ml.learning.scorecard import Points
from ml.promotion.gates import PromotionGate, soundness
from ml.promotion.promote import Promotion
from ml.registry.pointer import Serving
from ml.reports.card.content import Decision, Event, State, Summary
from ml.reports.card.facts import Facts
from ml.reports.card.words import count, is_replayed, listed, spoken

UNDECIDED = "Nobody has decided on it yet; tradeline models promote does."


def summary(facts: Facts) -> Summary:
    """What a reader in a hurry needs."""
    version, own = facts.version, facts.version.evaluation
    state, because = _state(facts)
    serves = spoken(version, version.algorithm)
    outcome = version.label.describe(version.label_kind)
    replayed = "Replayed, not observed. " if is_replayed(version) else ""
    return Summary(
        what=f"{replayed}{serves[0].upper()}{serves[1:]} on {_used(facts)}, trained as of "
        f"{version.trained_as_of}, gives each seller a pd. Bad is: {outcome}.",
        algorithm=version.algorithm,
        judged_by=version.judged_by,
        rows=own.rows,
        bad_rows=own.bad_rows,
        auc=own.metrics["auc"],
        calibration_error=own.metrics["ece"],
        calibration_error_by_chance=own.ece_by_chance,
        pd_ratio=own.metrics["pd_ratio"],
        state=state,
        because=because,
    )


def decision(facts: Facts) -> Decision:
    """Whether it may serve, with every gate; before a decision, those that it can be held to by itself."""
    found, (state, because) = facts.decision, _state(facts)
    if found is None:
        gates: tuple[PromotionGate, ...] = tuple(soundness(facts.version, facts.config.promotion))
        beside = "The gates are those that it must pass by itself; comparing it with the champion is part of deciding."
    else:
        gates = found.gates
        beside = f"Judged beside {found.champion}." if found.champion else "No other model served its nights."
    failed = [gate.name for gate in gates if not gate.is_passed]
    passed = f"{len(gates) - len(failed)} of {count(len(gates), 'gates')} passed" + (
        f"; not {listed(failed)}." if failed else "."
    )
    return Decision(
        text=(because if found is None else f"{state[0].upper()}{state[1:]}: {because}", f"{beside} {passed}"),
        state=state,
        gates=gates,
        contest=found.contest if found else None,
        history=tuple(_history(facts)) or None,
    )


def _state(facts: Facts) -> tuple[State, str]:
    name, found = facts.version.model_version, facts.decision
    withdrawal = facts.champion.withdrawal(name) if facts.champion else None
    if withdrawal:
        return "withdrawn", f"{_withdrawn(withdrawal)}."
    if found is None:
        return "not decided yet", UNDECIDED
    if not found.is_promoted:
        return "refused", f"{found.reason}."
    return ("promoted by force" if found.is_forced else "promoted"), f"{found.reason}."


def _used(facts: Facts) -> str:
    features = count(len(facts.version.features), "features")
    if facts.scorecard and facts.version.algorithm == Points.name:
        return f"{len(facts.scorecard.characteristics)} of {features}"
    return features


def _history(facts: Facts) -> Iterator[Event]:
    """Decisions and rollbacks, the earliest first."""
    name, found = facts.version.model_version, facts.decision
    decisions = [*found.earlier, found] if found else []
    events = [Event(at=each.decided_at, what=_decided(each)) for each in decisions]
    for entry in facts.champion.history if facts.champion else ():
        if name in entry.withdraws:
            events.append(Event(at=entry.promoted_at, what=f"withdrawn: {_withdrawn(entry)}"))
        elif entry.model_version == name and entry.cause:
            events.append(Event(at=entry.promoted_at, what=f"serves again by a rollback{_asked(entry)}"))
    yield from sorted(events, key=lambda event: event.at)


def _decided(decision: Promotion) -> str:
    verdict = "promoted by force" if decision.is_forced else "promoted" if decision.is_promoted else "refused"
    return f"{verdict}{_asked(decision)}: {decision.reason}"


def _withdrawn(entry: Serving) -> str:
    return f"a rollback to {entry.model_version}{_asked(entry)}"


def _asked(one: Promotion | Serving) -> str:
    return f" by {one.cause.by} ({one.cause.reason})" if one.cause else ""
