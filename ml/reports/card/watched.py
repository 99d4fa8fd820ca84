"""What is watched over time and between groups: vintages, stability, fairness."""

from collections.abc import Hashable, Iterator
from itertools import groupby
from typing import Any

from ml.monitoring.fairness import Fairness, GroupOutcome
from ml.reports.card.content import (
    Age,
    Cohort,
    FairnessSection,
    GroupRow,
    PolicyGate,
    StabilitySection,
    Vintages,
)
from ml.reports.card.facts import Facts
from ml.reports.card.words import count, is_replayed, listed, percent

DRIFTED = 15  # features shown, those that moved most


def vintages(facts: Facts) -> Vintages:
    """Cohorts of loans at equal age."""
    version = facts.version
    age = version.label.performance_window_days
    cohorts = tuple(_cohorts(facts))
    return Vintages(
        text=tuple(_told(cohorts, age)) if cohorts else (_untold(facts),), judged_age_days=age, cohorts=cohorts or None
    )


def stability(facts: Facts) -> StabilitySection:
    """Whether the judged rows are like those that it learned from."""
    found = facts.version.stability
    nightly = "Every scored night is compared with what it learned from, too; tradeline models stability tells."
    if found is None:
        text = "Cross-validated: the judged rows are those that it learned from, so nothing later could have moved."
        return StabilitySection(text=(text, nightly), pd=None, features=None)
    worst = tuple(sorted(found.features, key=lambda each: (-each.psi, each.name))[:DRIFTED])
    told = [each.name for each in found.told]
    moved = f"{count(len(told), 'features')} moved: {listed(told[:DRIFTED])}" if told else "no feature moved"
    return StabilitySection(
        text=(
            f"Of {found.rows:,} judged rows against {found.rows_before:,} that it learned from, the pd's index (PSI) "
            f"is {found.pd.psi:.3f}, {_band(found.pd.band)}; chance explains {found.pd.critical:.3f}.",
            f"By more than the convention of {facts.config.stability.psi_watch:g} and by more than chance, {moved}.",
            nightly,
        ),
        pd=found.pd,
        features=worst,
    )


def fairness(facts: Facts) -> FairnessSection:
    """Whose pd passes, group by group, and what the jurisdiction holds that to."""
    found, policy = facts.version.fairness, facts.pack.jurisdiction
    return FairnessSection(
        text=tuple(_fair(found)),
        jurisdiction=found.jurisdiction,
        note=policy.note,
        source=f"{policy.source.removesuffix('.')}; as of {policy.as_of}.",
        gates=tuple(
            PolicyGate(by=gate.by, adverse_impact_ratio_min=gate.adverse_impact_ratio_min, action=gate.action)
            for gate in policy.gates
        )
        or None,
        groups=tuple(_group(each) for each in found.groups) or None,
    )


def _cohorts(facts: Facts) -> Iterator[Cohort]:
    rows = facts.vintages.to_dict("records")
    for cohort_on, own in groupby(rows, key=lambda row: row["cohort_on"]):
        ages = list(own)
        yield Cohort(cohort_on=cohort_on.date(), loans=ages[0]["loans"], ages=tuple(map(_age, ages)))


def _age(row: dict[Hashable, Any]) -> Age:
    return Age(
        age_days=row["age_days"],
        bad_loans=row["bad_loans"],
        bad_share=row["bad_loans"] / row["loans"],
        early_payment_default_share=row["early_payment_defaults"] / row["loans"],
    )


def _told(cohorts: tuple[Cohort, ...], age_days: int) -> Iterator[str]:
    yield (
        f"{count(len(cohorts), 'cohorts')}, each the loans disbursed in one month. A cohort is shown at an age only "
        "once all of it is that old, so cohorts are compared at equal age and none can still grow."
    )
    reached = sorted({age.age_days for cohort in cohorts for age in cohort.ages if age.age_days <= age_days})
    compared = max(reached, default=cohorts[0].ages[0].age_days)
    at = [(cohort, age) for cohort in cohorts for age in cohort.ages if age.age_days == compared]
    (best, low), (worst, high) = (pick(at, key=lambda one: one[1].bad_share) for pick in (min, max))
    latest, last = at[-1]
    yield (
        f"At {compared} days the best was {best.cohort_on:%Y-%m} with {percent(low.bad_share)} bad, the worst "
        f"{worst.cohort_on:%Y-%m} with {percent(high.bad_share)}, the latest {latest.cohort_on:%Y-%m} with "
        f"{percent(last.bad_share)} ({last.bad_loans:,} of {latest.loans:,})."
    )


def _untold(facts: Facts) -> str:
    if is_replayed(facts.version):
        return "There are none: no loan was observed, and a replayed outcome has no age."
    return "There are none: the training set was exported without vintages, or no cohort has reached 30 days."


def _band(band: str) -> str:
    return {"stable": "stable", "watch": "to be watched", "alarm": "an alarm"}[band]


def _fair(found: Fairness) -> Iterator[str]:
    declined = percent(found.approve_below_pd)
    judged = [(group.adverse_impact_ratio.value, group) for group in found.groups if group.adverse_impact_ratio]
    yield (
        f"By the pd alone: a pd below {declined} passes, on the rows that judge it. The adverse impact ratio is a "
        "group's share whose pd passes over the highest's. What is decided on all sellers of a night, by every rule, "
        "with limits and prices, is told by `tradeline models fairness`."
    )
    if judged:
        ratio, lowest = min(judged, key=lambda one: one[0])
        chance = "more than" if lowest.is_less_approved else "no more than"
        told = f"{lowest.by} {lowest.group}: {ratio:.2f}, a difference of {chance} chance explains"
        yield f"The lowest of {len(judged)} is that of {told}."
    else:
        yield "No group has enough sellers to be compared with another."
    yield from (f"Breach ({breach.action}): {breach.sentence}." for breach in found.breaches)
    if not found.breaches:
        yield f"No gate of the jurisdiction {found.jurisdiction} is breached."
    off = [f"{group.by} {group.group} ({group.calibration})" for group in found.miscalibrated]
    yield f"Groups whose mean pd is off by more than chance explains: {listed(off)}."
    yield from (f"{note[0].upper()}{note[1:]}." for note in found.notes)


def _group(outcome: GroupOutcome) -> GroupRow:
    content = outcome.model_dump(exclude={"p_value"}) | {"detail": outcome.detail or None}
    return GroupRow.model_validate(content)
