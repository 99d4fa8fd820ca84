"""What a version was made of and for: its purpose, data, label and exclusions."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ml.evaluation.evaluate import label_text
from ml.numbers.bootstrap import Mask
from ml.reports.card.facts import Facts, earned
from ml.reports.card.words import count, is_replayed, listed, percent
from tradeline.contracts.label import LABEL, LabelDefinition, load_label

CHANGED = "tradeline/contracts/label.yml has another number by now; the reason given there is for that number."
# What was screened, by the reason of it: what it is called, and why.
SCREENED = {
    "no_value": ("features without a value", "Null in every training row."),
    "one_value": ("features with one value", "The same in every training row."),
    "calendar": (
        "features that follow the calendar",
        "Their windows reach back before the first record, so their values grow with the decision day.",
    ),
}


def purpose(facts: Facts) -> dict[str, Any]:
    """What the pd is for, and for whom it is meant."""
    declined = percent(facts.version.fairness.approve_below_pd)
    if is_replayed(facts.version):
        meant = (
            "It ranks sellers who have no loan history yet. No repaid or unpaid loan was in its training data, "
            "so its pd is no rate of loss for prices or provisions."
        )
    else:
        meant = "It is meant for loans like those it was trained on, to sellers who pass the policy's knock-outs."
    served = (
        "The probability of default (pd) of each seller, every night. The policy turns it into a grade, a limit "
        f"and a price, and declines from a pd of {declined} on. A seller who is declined or limited gets the reasons."
    )
    return {"text": (served, meant)}


def data(facts: Facts) -> dict[str, Any]:
    """Which tables and rows, and what it takes to make the version again."""
    version, frame = facts.version, facts.frame
    return {
        "text": (
            f"{count(len(frame), facts.row_word)} of {frame['seller_id'].nunique():,} sellers, decided from "
            f"{frame['as_of'].min():%Y-%m-%d} to {frame['as_of'].max():%Y-%m-%d}, with what was known of each on its "
            "day and no later.",
            f"The raw tables behind the features: {listed(list(facts.sources))}.",
        ),
        "sources": [{"table": name, "share": share} for name, share in facts.sources.items()],
        "parts": [_part(name, frame[mask]) for name, mask in _parts(facts).items() if mask.any()],
        "origin": {
            "training set": version.training_set,
            "fingerprint (SHA-256)": version.data_fingerprint,
            "run": version.run_id,
            "code": version.code_version,
            "libraries": ", ".join(f"{name} {release}" for name, release in sorted(version.libraries.items())),
        },
    }


def label(facts: Facts) -> dict[str, Any]:
    """What is bad, and why it is defined so."""
    version, replayed = facts.version, is_replayed(facts.version)
    marked = (
        f"Replayed, not observed: the outcomes below are worked out from later {earned(facts)}, and no loan stands "
        "behind them. That holds for every rate of default on this page."
    )
    observed = "Observed: every outcome is that of a loan which was disbursed and has run its performance window."
    return {
        "text": (
            f"{label_text(version.label_kind)}. Bad: {version.label.describe(version.label_kind, earned(facts))}.",
            marked if replayed else observed,
        ),
        "is_replayed": replayed,
        "terms": [*_terms(version.label, replayed)],
    }


def exclusions(facts: Facts) -> dict[str, Any]:
    """Which rows and features were not used for training or evaluation."""
    return {
        "text": (
            f"{count(_indeterminate(facts), 'rows')} left out of fitting, {facts.gap.sum():,} in the gap, which "
            f"nothing used, and {count(len(facts.version.left_out), 'features')} left out of training. The others "
            "below are never in a training set.",
        ),
        "exclusions": [*_exclusions(facts), *_screened(facts)],
    }


def _exclusions(facts: Facts) -> Iterator[dict[str, Any]]:
    """``what`` was left out and ``why``, and how many ``rows`` where they can be counted."""
    version, definition = facts.version, facts.version.label
    yield {
        "what": f"immature {facts.row_word}",
        "why": f"Decided after {facts.frame['as_of'].max():%Y-%m-%d}, they had not run their performance window by "
        f"{version.trained_as_of}. They are never in a training set, and a metric on them is refused.",
    }
    yield {
        "what": "indeterminate rows, from fitting",
        "rows": _indeterminate(facts),
        "why": f"Late by {definition.indeterminate_from_days_past_due} to {definition.bad_days_past_due - 1} days at "
        "worst. Calibration and every metric count them as not bad, since a pd is of all loans.",
    }
    cross_validated = "Cross-validated: there is no gap between training and evaluated rows."
    by_time = f"Decided before {version.split.judged.first_on}, the first evaluated day, and not mature by then."
    yield {
        "what": "rows in the gap",
        "rows": int(facts.gap.sum()),
        "why": by_time if version.judged_by == "out_of_time" else cross_validated,
    }
    if is_replayed(version):
        why = f"Fewer than {definition.replay_minimum_orders} orders in 90 days: the policy makes them no offer, so "
        yield {"what": "sellers with few orders", "why": f"{why}nothing is replayed."}
    else:
        yield {
            "what": "sellers without loans",
            "why": "How declined sellers, and those who never applied, would have paid is unknown. No outcome is made "
            "up for them (no reject inference), so the pd of sellers unlike any borrower is extrapolated.",
        }
    protected = ", ".join(facts.pack.protected)
    yield {"what": "protected fields", "why": f"Never inputs, nor anything derived from them: {protected}."}


def _screened(facts: Facts) -> Iterator[dict[str, Any]]:
    for reason, (what, why) in SCREENED.items():
        names = [each.name for each in facts.version.left_out if each.reason == reason]
        if names:
            yield {"what": what, "rows": len(names), "why": f"{why} {', '.join(names)}."}


def _indeterminate(facts: Facts) -> int:
    return int(facts.frame[facts.fitted]["is_indeterminate"].sum())


def _parts(facts: Facts) -> dict[str, Mask]:
    if facts.version.judged_by == "cross_validation":
        return {"trained and evaluated on": facts.evaluated}
    return {"trained on": facts.fitted, "in the gap, unused": facts.gap, "evaluated on": facts.evaluated}


def _part(name: str, rows: pd.DataFrame) -> dict[str, Any]:
    """Rows of the training set that share a use."""
    return {
        "name": name,
        "rows": len(rows),
        "bad_rows": int(rows["is_default"].sum()),
        "indeterminate_rows": int(rows["is_indeterminate"].sum()),
        "early_payment_defaults": int(rows["is_early_payment_default"].sum()),
        "sellers": rows["seller_id"].nunique(),
        "decision_days": rows["as_of"].nunique(),
        "first_on": rows["as_of"].min().date(),
        "last_on": rows["as_of"].max().date(),
    }


def _terms(definition: LabelDefinition, replayed: bool) -> Iterator[dict[str, str]]:
    """The numbers that made this label, each with the comment above it in ``tradeline/contracts/label.yml``."""
    present, reasons = load_label(), _comments(LABEL)
    for name, value in definition.model_dump().items():
        if name == "loans_minimum_matured" or name.startswith("replay_") == replayed:
            is_same = getattr(present, name) == getattr(definition, name)
            yield {"name": name, "value": _value(value), "reason": reasons[name] if is_same else CHANGED}


def _value(value: float | Mapping[str, float]) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {each:g}" for name, each in value.items())
    return f"{value:g}"


def _comments(path: Path) -> dict[str, str]:
    """The comment above each key of a YAML file; a key without one shares the last key's."""
    found: dict[str, str] = {}
    lines: list[str] = []
    is_open = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            lines = [*lines, line] if is_open else [line]
        elif line and not line.startswith(" "):
            found[line.partition(":")[0]] = " ".join(each.lstrip("# ") for each in lines)
        is_open = line.startswith("#")
    return found
