"""The limits of a version's figures, each worked out from the figures themselves."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from ml.reports.card.facts import Facts, earned
from ml.reports.card.words import count, interval, is_replayed, listed, percent

WIDE_AUC = 0.06  # an interval so wide does not tell a good model from a middling one
YEAR_DAYS = 365
RANK_LOSS = 0.001


def limits(facts: Facts) -> dict[str, Any]:
    """The limits that hold: of the evaluation, the label, the figures, the choice, the groups and the data."""
    parts = (_of_evaluation, _of_label, _of_losses, _of_figures, _of_choice, _of_groups, _of_data)
    return {"text": tuple(text for part in parts for text in part(facts))}


def _of_evaluation(facts: Facts) -> Iterator[str]:
    version, split = facts.version, facts.version.split
    if version.judged_by == "cross_validation":
        yield (
            f"Cross-validated, not out of time. Performance on decisions after {split.judged.last_on} has not been "
            "measured, and no figure includes a change of the market since then."
        )
    days = (version.trained_as_of - split.fitted.last_on).days
    yield (
        f"Its training rows end on {split.fitted.last_on}, {days} days before it was trained: the pd does not follow a "
        "later change of the rate of bad."
    )
    span = (split.judged.last_on - split.judged.first_on).days + 1
    if span < YEAR_DAYS:
        yield f"The evaluated rows were decided within {span} days: other seasons of the year are not evaluated."


def _of_figures(facts: Facts) -> Iterator[str]:
    own = facts.version.evaluation
    auc, ratio, error = own.metrics["auc"], own.metrics["pd_ratio"], own.metrics["ece"]
    if auc.high - auc.low > WIDE_AUC:
        yield (
            f"{own.bad_rows:,} bad {facts.row_word}: wide intervals. The AUC may be {auc.low:.2f} or {auc.high:.2f}, "
            f"the mean pd {ratio.low:.2f} or {ratio.high:.2f} times the rate of bad."
        )
    if not ratio.low <= 1 <= ratio.high:
        yield f"Its mean pd is {interval(ratio, 2)} times the observed rate: off by more than chance explains."
    if error.value > own.ece_by_chance.high:
        yield f"Its calibration error, {interval(error)}, is more than the {own.ece_by_chance.high:.3f} of chance."
    for name, gain in own.auc_gains.items():
        if gain.low <= 0:
            yield f"It is not proven to rank better than {name} alone: AUC gained {interval(gain)}."


def _of_choice(facts: Facts) -> Iterator[str]:
    version = facts.version
    difference = version.choice.auc_difference
    if difference.low <= version.choice.auc_margin <= difference.high:
        yield (
            f"Which algorithm serves may be chance, since the margin is within the interval: {version.choice.reason}."
        )
    loss = version.contenders[version.algorithm].rank_loss
    if loss.auc_loss > RANK_LOSS:
        yield f"Calibration costs {loss.auc_loss:.4f} of AUC: {percent(loss.tied_share)} of the rows share a pd."


def _of_groups(facts: Facts) -> Iterator[str]:
    segments = facts.version.evaluation.segments
    few = sum(each.auc is None for each in segments)
    if few:
        yield f"{few} of {count(len(segments), 'segments')} have too few rows of a class for an AUC."
    groups = facts.version.fairness.groups
    small = sum(each.adverse_impact_ratio is None and not each.is_reference for each in groups)
    if small:
        yield f"{count(small, 'groups')} of sellers are too small, or alone, to compare how often their pds pass."


def _of_data(facts: Facts) -> Iterator[str]:
    drifted = facts.version.stability
    if drifted and drifted.told:
        yield (
            f"{len(drifted.told)} of {count(len(drifted.features), 'features')} have moved since training, "
            f"{sum(each.band == 'alarm' for each in drifted.told)} of them in the band of alarm: see stability."
        )
    trained_on = facts.frame[facts.fitted]["as_of"]
    history = (trained_on.max() - trained_on.min()).days + 1
    if history < YEAR_DAYS:
        yield f"The training rows span {history} days, less than a year: the model cannot know seasons."
    absent = [f"{table} ({percent(1 - known)})" for table, known in facts.sources.items() if known < 1]
    if absent:
        yield f"Some rows were decided before a table had landed: {listed(absent)}."


def _of_label(facts: Facts) -> Iterator[str]:
    if is_replayed(facts.version):
        yield (
            f"Replayed, not observed. The label says whether {earned(facts)} would have repaid a loan that was never "
            "made. It says nothing of the will to pay, nor of the effect of a loan."
        )
        return
    sellers = facts.frame["seller_id"].nunique()
    yield f"It was trained on {sellers:,} sellers who took loans; for others its pd is extrapolated."
    share = float(facts.frame["is_indeterminate"].mean())
    if share:
        yield f"{percent(share)} of the rows were late but not bad: no algorithm was fitted to them."
    yield from _late_defaults(facts.vintages, facts.version.label.performance_window_days)


def _of_losses(facts: Facts) -> Iterator[str]:
    if facts.loss_warning:
        yield facts.loss_warning


def _late_defaults(vintages: pd.DataFrame, window_days: int) -> Iterator[str]:
    """Defaults after the performance window, by the cohorts that are old enough to show them."""
    ages = vintages["age_days"].tolist()
    oldest = max(ages, default=0)
    if window_days not in ages or oldest <= window_days:
        return
    at_window, late = (vintages[vintages["age_days"] == age] for age in (window_days, oldest))
    bad = int(at_window[at_window["cohort_on"].isin(late["cohort_on"])]["bad_loans"].sum())
    later = int(late["bad_loans"].sum())
    if later:
        yield (
            f"A loan that goes bad after {window_days} days counts as good: of those bad by {oldest} days, "
            f"{percent(bad / later)} were bad by {window_days} days."
        )
