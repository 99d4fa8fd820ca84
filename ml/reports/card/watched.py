"""What is watched over time and between groups: vintages, losses, stability, fairness."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np

from ml.monitoring.fairness import Fairness
from ml.reports.card.facts import SELLERS_MIN, Facts
from ml.reports.card.words import count, is_replayed, listed, percent, sentence, share_interval

DRIFTED = 15  # features shown, those that moved most
BANDS = {"stable": "stable", "watch": "to be watched", "alarm": "an alarm"}


def vintages(facts: Facts) -> dict[str, Any]:
    """Cohorts of loans at equal age."""
    age, cohorts = facts.version.label.performance_window_days, [*_cohorts(facts)]
    text = tuple(_compared(cohorts, age)) if cohorts else (_absent(facts),)
    return {"text": text, "judged_age_days": age, "cohorts": cohorts}


def losses(facts: Facts) -> dict[str, Any]:
    """The mean share of principal that bad loans did not bring back, and whether the interval holds the policy's."""
    return {
        "text": tuple(_of_losses(facts)),
        "loans": len(facts.losses),
        "sellers": facts.losses["seller_id"].nunique(),
        "assumed": facts.assumed_loss,
        "observed": facts.observed_loss,
        "is_outside": facts.loss_warning is not None,
    }


def stability(facts: Facts) -> dict[str, Any]:
    """Whether the evaluated rows are like the training rows."""
    found = facts.version.stability
    nightly = "Every scored night is compared with the training rows too: see `tradeline models stability`."
    if found is None:
        text = "Cross-validated: the evaluated rows are the training rows, so there are no later rows to compare."
        return {"text": (text, nightly)}
    names = [each.name for each in found.told]
    moved = f"{len(names)}, {listed(names[:DRIFTED])}" if names else "none"
    return {
        "text": (
            f"Of {found.rows:,} evaluated rows against {found.rows_before:,} training rows, the pd's index (PSI) "
            f"is {found.pd.psi:.3f}, {BANDS[found.pd.band]}; chance explains {found.pd.critical:.3f}.",
            f"Features moved by more than chance and the convention ({facts.config.stability.psi_watch:g}): {moved}.",
            nightly,
        ),
        "pd": found.pd,
        "features": sorted(found.features, key=lambda each: (-each.psi, each.name))[:DRIFTED],
    }


def fairness(facts: Facts) -> dict[str, Any]:
    """Whose pd passes, group by group, and the gates of the jurisdiction."""
    found, policy = facts.version.fairness, facts.pack.jurisdiction
    return {
        "text": tuple(_fair(found)),
        "jurisdiction": found.jurisdiction,
        "note": policy.note,
        "source": f"{policy.source.removesuffix('.')}; as of {policy.as_of}.",
        "gates": [gate.model_dump(include={"by", "adverse_impact_ratio_min", "action"}) for gate in policy.gates],
        "groups": found.groups,
    }


def _cohorts(facts: Facts) -> Iterator[dict[str, Any]]:
    """The loans disbursed in the month that begins on ``cohort_on``, at each age that all of them have reached."""
    for cohort_on, rows in groupby(facts.vintages.to_dict("records"), key=lambda row: row["cohort_on"]):
        found = list(rows)
        ages = [
            {
                "age_days": row["age_days"],
                "bad_loans": row["bad_loans"],
                "bad_share": row["bad_loans"] / row["loans"],
                "early_payment_default_share": row["early_payment_defaults"] / row["loans"],
            }
            for row in found
        ]
        yield {"cohort_on": cohort_on.date(), "loans": found[0]["loans"], "ages": ages}


def _compared(cohorts: list[dict[str, Any]], age_days: int) -> Iterator[str]:
    yield (
        f"{count(len(cohorts), 'cohorts')}, each the loans disbursed in one month. A cohort is shown at an age once "
        "all of its loans are that old, so cohorts are compared at equal age and no share can still grow."
    )
    reached = [age["age_days"] for cohort in cohorts for age in cohort["ages"] if age["age_days"] <= age_days]
    compared = max(reached, default=cohorts[0]["ages"][0]["age_days"])
    at = [(cohort, age) for cohort in cohorts for age in cohort["ages"] if age["age_days"] == compared]
    (best, low), (worst, high) = (pick(at, key=lambda one: one[1]["bad_share"]) for pick in (min, max))
    latest, last = at[-1]
    yield (
        f"At {compared} days the best was {best['cohort_on']:%Y-%m} with {percent(low['bad_share'])} bad, the worst "
        f"{worst['cohort_on']:%Y-%m} with {percent(high['bad_share'])}, the latest {latest['cohort_on']:%Y-%m} with "
        f"{percent(last['bad_share'])} ({last['bad_loans']:,} of {latest['loans']:,})."
    )


def _absent(facts: Facts) -> str:
    if is_replayed(facts.version):
        return "No vintages: no loan was observed, and a replayed outcome has no age."
    return "No vintages: the training set was exported without vintages, or no cohort has reached 30 days."


def _of_losses(facts: Facts) -> Iterator[str]:
    found, observed, assumed = facts.losses, facts.observed_loss, facts.assumed_loss
    if observed is None:
        yield (
            f"Not observed: {count(len(found), 'loans')} that went bad and ran the performance window, of fewer than "
            f"{SELLERS_MIN} sellers. The policy assumes that {percent(assumed)} of the principal is lost."
        )
        return
    by_amount = float(np.average(found["lost_share"], weights=found["principal_amount"].astype(float)))
    yield (
        f"Of {count(len(found), 'loans')} that went bad and ran the performance window, {share_interval(observed)} of "
        f"the principal had not come back by {facts.version.trained_as_of}: the mean over loans of the principal less "
        f"all that was paid, interest too. Weighted by principal it is {percent(by_amount)}. Later payments lower it."
    )
    yield facts.loss_warning or f"The policy prices with {percent(assumed)}, which is within this interval."


def _fair(found: Fairness) -> Iterator[str]:
    declined = percent(found.approve_below_pd)
    compared = [(group.adverse_impact_ratio.value, group) for group in found.groups if group.adverse_impact_ratio]
    yield (
        f"By the pd alone, on the evaluated rows: a pd below {declined} passes. The adverse impact ratio is a group's "
        "share whose pd passes over that of the highest group. `tradeline models fairness` shows what is decided on "
        "all sellers of a night, by every rule, with limits and prices."
    )
    if compared:
        ratio, lowest = min(compared, key=lambda one: one[0])
        chance = "more than" if lowest.is_less_approved else "no more than"
        found_of = f"{lowest.by} {lowest.group}: {ratio:.2f}, a difference of {chance} chance explains"
        yield f"The lowest of {len(compared)} ratios is that of {found_of}."
    else:
        yield "No group has enough sellers to be compared with another."
    yield from (f"Breach ({breach.action}): {breach.sentence}." for breach in found.breaches)
    if not found.breaches:
        yield f"No gate of the jurisdiction {found.jurisdiction} is breached."
    off = [f"{group.by} {group.group} ({group.calibration})" for group in found.miscalibrated]
    yield f"Groups whose mean pd is off by more than chance explains: {listed(off)}."
    yield from (f"{sentence(note)}." for note in found.notes)
