"""Fairness of a night's decisions on the terminal."""

from rich.console import Group, RenderableType
from rich.text import Text

from cli.screens.tables import table
from ml.monitoring.fairness_decisions import DecidedGroup, DecisionFairness
from tradeline.estimates import Estimate

HEADINGS = ("group", "sellers", "offered", "ratio", "limit", "limit of offers", "rate of offers", "mean pd")
LEGEND = (
    "offered: share of all sellers of the night, whatever rule declined the others. ratio: over the share of the group "
    "where it is highest; yellow where it is lower by more than chance explains. limit: mean over all sellers, 0 where "
    "declined. Intervals of 95%: --format json."
)


def render_fairness(found: DecisionFairness) -> RenderableType:
    """The groups in a line each, and what breaches a gate of the jurisdiction."""
    groups = table(HEADINGS, map(_row, found.groups), right=range(1, len(HEADINGS)))
    said = [*(f"Breach ({breach.action}): {breach.sentence}." for breach in found.breaches), *found.notes]
    title = f"Decisions of {found.as_of}, jurisdiction {found.jurisdiction}"
    nothing = "No gate of the jurisdiction is breached."
    return Group(Text(title), Text(), groups, *map(Text, said or [nothing]), Text(LEGEND, style="dim"))


def _row(each: DecidedGroup) -> tuple[Text | str, ...]:
    style = "yellow" if each.is_less_approved else ""
    ratio = "highest" if each.is_reference else _figure(each.adverse_impact_ratio, "{:.2f}")
    return (
        f"{each.by} {each.group}",
        f"{each.sellers:,}",
        _figure(each.approved_share, "{:.1%}"),
        Text(ratio, style=style),
        _figure(each.limit_amount, "{:,.0f}"),
        _figure(each.offer_limit_amount, "{:,.0f}"),
        _figure(each.offer_annual_rate, "{:.1%}"),
        _figure(each.mean_pd, "{:.1%}"),
    )


def _figure(found: Estimate | None, form: str) -> str:
    return form.format(found.value) if found else ""
