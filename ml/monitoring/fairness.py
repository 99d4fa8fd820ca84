"""Whom a model's pds would approve, and whether they are right, group by group of sellers. What is decided by them, by
the whole policy and on all sellers, is in ``fairness_decisions``.

How often a group is approved is measured on each seller's latest row, since a seller's rows are much alike. How often
it defaults is measured on all rows, since the latest one is not picked at random: who defaults gets no next loan.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, Literal, TypeVar

import pandas as pd

from ml.evaluation.segments import UNKNOWN, SellerGroup, seller_groups
from ml.monitoring.fairness_figures import Calibrated, Count, EvaluationRows, compare
from ml.monitoring.fairness_policy import Action, FairnessGate, Pack, check_unprotected, load_pack
from ml.numbers.bootstrap import Floats
from tradeline.checked import Frozen
from tradeline.estimates import Estimate, wilson

__all__ = ["Breach", "Fairness", "GroupOutcome", "Pack", "assess", "check_unprotected", "fault", "load_pack"]

SIGNIFICANCE = 0.05
ROWS_MIN = 100  # of groups that no gate holds to another


class Approved(Frozen):
    """How often one group of sellers is approved, each interval of 95%.

    ``adverse_impact_ratio``: its approved share over the reference's, and ``p_value`` of Fisher's exact test that both
    are alike; None for the reference, where few sellers are, or where there is nobody to compare with.
    ``is_less_approved``: significantly, all groups of ``by`` taken together.
    """

    by: str
    group: str
    detail: str
    sellers: int
    approved_share: Estimate | None
    is_reference: bool
    adverse_impact_ratio: Estimate | None
    p_value: float | None
    is_less_approved: bool


Outcome = TypeVar("Outcome", bound=Approved)


class GroupOutcome(Approved):
    """A group by its pds. ``calibration``: whether the mean pd is significantly above ("overstated") or below the
    default rate, all groups of ``by`` taken together; None where too few defaults are expected."""

    rows: int
    bad_rows: int
    mean_pd: float
    default_rate: Estimate
    calibration: Calibrated | None


class Breach(Frozen):
    """A group that does not meet its gate; ``value`` of the figure is below ``minimum``."""

    by: str
    group: str
    figure: Literal["adverse_impact_ratio"] = "adverse_impact_ratio"
    value: float
    minimum: float
    action: Action
    sentence: str


class Fairness(Frozen):
    """All groups, and which of them breach the gates of the jurisdiction; ``notes``: gates that were not applied."""

    jurisdiction: str
    approve_below_pd: float
    groups: tuple[GroupOutcome, ...]
    breaches: tuple[Breach, ...]
    notes: tuple[str, ...]

    @property
    def miscalibrated(self) -> tuple[GroupOutcome, ...]:
        """The groups whose pds are significantly too high or too low."""
        return tuple(group for group in self.groups if group.calibration in ("overstated", "understated"))


def assess(frame: pd.DataFrame, pd_: Floats, approve_below_pd: float, pack: Pack) -> Fairness:
    """Compare groups by ``pd_``, shape (rows,), on rows that the model has not seen.

    ``frame``: seller_id, as_of, is_default and, where there are such, seller_type, region, industry, sales_amount_90d
    (terciles), tenure_days (bands) and the columns of other gates. A pd below ``approve_below_pd`` is approved.
    """
    rows = EvaluationRows(frame, pd_, approve_below_pd)
    outcomes, breaches = by_column(
        frame, pack, lambda groups, gate: _outcomes(groups, gate, rows), "have a pd that passes"
    )
    return Fairness(
        jurisdiction=pack.name,
        approve_below_pd=approve_below_pd,
        groups=outcomes,
        breaches=breaches,
        notes=without_column(outcomes, pack),
    )


def by_column(
    frame: pd.DataFrame,
    pack: Pack,
    outcomes_of: Callable[[Sequence[SellerGroup], FairnessGate | None], Sequence[Outcome]],
    approved: str,
) -> tuple[tuple[Outcome, ...], tuple[Breach, ...]]:
    """What ``outcomes_of`` finds of the groups of each column and its gate, and which of them do not meet it;
    ``approved``: what is said of who is approved."""
    outcomes: list[Outcome] = []
    breaches: list[Breach] = []
    for by, members in groupby(groups_of(frame, pack), key=lambda group: group.by):
        gate = pack.gate(by)
        found = outcomes_of(list(members), gate)
        outcomes += found
        breaches += breaches_of(found, gate, approved) if gate else []
    return tuple(outcomes), tuple(breaches)


def without_column(outcomes: Sequence[Approved], pack: Pack) -> tuple[str, ...]:
    """The gates of columns that the rows do not have."""
    present = {outcome.by for outcome in outcomes}
    missing = (gate.by for gate in pack.jurisdiction.gates if gate.by not in present)
    # A version keeps them and is named after its content: with other words the same training had another name.
    return tuple(f"the gate of {by} could not be judged: the rows have no such column" for by in missing)


def fault(fairness: Fairness) -> str | None:
    """The first breach that speaks against promoting the model."""
    refusing = next((breach for breach in fairness.breaches if breach.action == "refuse"), None)
    return f"{refusing.sentence} (jurisdiction {fairness.jurisdiction})" if refusing else None


def groups_of(frame: pd.DataFrame, pack: Pack) -> Iterator[SellerGroup]:
    """A gated category in full, where ``seller_groups`` would show the largest groups and take the rest together."""
    gated = [gate.by for gate in pack.jurisdiction.gates if gate.by in frame.columns]
    yield from (group for group in seller_groups(frame) if group.by not in gated)
    for by in gated:
        names = frame[by].astype(object).where(frame[by].notna(), UNKNOWN).astype(str)
        yield from (SellerGroup(by, name, (names == name).to_numpy(bool)) for name in sorted(names.unique()))


def compared(groups: Sequence[SellerGroup], counts: Sequence[Count], gate: FairnessGate | None) -> list[dict[str, Any]]:
    """What ``Approved`` says of the groups of one column, of each of which so many of so many sellers are approved."""
    sellers_min, significance = (gate.rows_min, gate.significance) if gate else (ROWS_MIN, SIGNIFICANCE)
    return [
        {
            "by": group.by,
            "group": group.name,
            "detail": group.detail,
            "sellers": sellers,
            "approved_share": wilson(approved / sellers, sellers) if sellers else None,
            **comparison._asdict(),
        }
        for group, (approved, sellers), comparison in zip(
            groups, counts, compare(counts, sellers_min, significance), strict=True
        )
    ]


def breaches_of(outcomes: Sequence[Approved], gate: FairnessGate, approved: str) -> Iterator[Breach]:
    """The groups of one column that do not meet its gate; ``approved``: what is said of those who are."""
    reference = next((outcome for outcome in outcomes if outcome.is_reference), None)
    for found in outcomes:
        ratio = found.adverse_impact_ratio
        if reference and ratio and found.is_less_approved and ratio.value < gate.adverse_impact_ratio_min:
            yield Breach(
                by=gate.by,
                group=found.group,
                value=ratio.value,
                minimum=gate.adverse_impact_ratio_min,
                action=gate.action,
                sentence=(
                    f"{gate.by} {found.group}: {_share(found)} {approved}, {ratio.value:.2f} times the share "
                    f"of {reference.group} ({_share(reference)}), below {gate.adverse_impact_ratio_min}"
                ),
            )


def _outcomes(groups: Sequence[SellerGroup], gate: FairnessGate | None, rows: EvaluationRows) -> list[GroupOutcome]:
    return [
        GroupOutcome(
            **content,
            rows=int(group.mask.sum()),
            bad_rows=int(rows.is_bad[group.mask].sum()),
            mean_pd=float(rows.pd[group.mask].mean()),
            default_rate=rows.default_rate(group),
            calibration=rows.calibration(group, SIGNIFICANCE / len(groups)),
        )
        for group, content in zip(groups, compared(groups, [rows.approved(each) for each in groups], gate), strict=True)
    ]


def _share(outcome: Approved) -> str:
    share = outcome.approved_share.value if outcome.approved_share else 0.0
    return f"{share:.1%} of {outcome.sellers:,} sellers"
