"""Fairness of a night's decisions: who is offered a loan, how much and at what price, by groups of all sellers."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from ml.evaluation.segments import SellerGroup
from ml.monitoring.fairness import Approved, Breach, by_column, compared, without_column
from ml.monitoring.fairness_policy import FairnessGate, Pack
from ml.numbers.bootstrap import Floats
from tradeline.checked import Frozen
from tradeline.estimates import Z_95, Estimate

DECISION_COLUMNS = ("seller_id", "is_eligible", "limit_amount", "annual_rate", "pd")


class DecidedGroup(Approved):
    """A group by its decisions; approved is who is offered a loan.

    ``limit_amount``: the mean over all its sellers, 0 where declined. ``offer_limit_amount``, ``offer_annual_rate``:
    the means over its offers, None without any. ``mean_pd``: the second view, over all its sellers with a score.
    """

    limit_amount: Estimate
    offer_limit_amount: Estimate | None
    offer_annual_rate: Estimate | None
    mean_pd: Estimate | None


class DecisionFairness(Frozen):
    """All groups of a night, and which of them breach the gates of the jurisdiction; ``notes``: gates not applied."""

    as_of: date
    jurisdiction: str
    groups: tuple[DecidedGroup, ...]
    breaches: tuple[Breach, ...]
    notes: tuple[str, ...]


def assess_decisions(frame: pd.DataFrame, as_of: date, pack: Pack) -> DecisionFairness:
    """Compare groups by one night's decisions, a row for each seller, whichever rule declined it.

    ``frame``: ``DECISION_COLUMNS`` and, where there are such, the columns that ``ml.monitoring.fairness`` groups by.
    """
    outcomes, breaches = by_column(
        frame, pack, lambda groups, gate: _outcomes(groups, gate, frame), "were offered a loan"
    )
    return DecisionFairness(
        as_of=as_of,
        jurisdiction=pack.name,
        groups=outcomes,
        breaches=breaches,
        notes=without_column(outcomes, pack),
    )


def _outcomes(groups: Sequence[SellerGroup], gate: FairnessGate | None, frame: pd.DataFrame) -> list[DecidedGroup]:
    is_eligible = frame["is_eligible"].to_numpy(bool)
    limits, rates, pds = (frame[name].to_numpy(np.float64) for name in ("limit_amount", "annual_rate", "pd"))
    counts = [(int(is_eligible[group.mask].sum()), int(group.mask.sum())) for group in groups]

    def decided(group: SellerGroup, content: dict[str, object]) -> DecidedGroup:
        offered = group.mask & is_eligible
        content |= {"limit_amount": _mean(limits[group.mask]), "mean_pd": _mean(pds[group.mask])}
        content |= {"offer_limit_amount": _mean(limits[offered]), "offer_annual_rate": _mean(rates[offered])}
        return DecidedGroup.model_validate(content)

    return [decided(*each) for each in zip(groups, compared(groups, counts, gate), strict=True)]


def _mean(values: Floats) -> Estimate | None:
    """With the normal interval; None of nothing. Of one value the interval is a point."""
    known = values[~np.isnan(values)]
    if not known.size:
        return None
    half = Z_95 * float(known.std(ddof=min(1, known.size - 1))) / known.size**0.5
    return Estimate(value=(mean := float(known.mean())), low=mean - half, high=mean + half)
