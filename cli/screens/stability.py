"""Drift of a night on the terminal."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from cli.screens.tables import table
from ml.monitoring.stability_night import NightDrift

HEADINGS = ("feature", "", "PSI", "by chance", "missing before", "missing now", "unknown category", "")
STYLES = {"stable": "", "watch": "yellow", "alarm": "red"}
LEGEND = (
    "by chance: what the PSI stays below if nothing has changed. watch, alarm: above that and from 0.1, 0.25 on "
    "(stability in ml/model.yml). new: not so on the night before. Before is the baseline, the first night that is "
    "kept of the model: it was trained on borrowers, and all sellers together differ from these from the start."
)


def render_stability(night: Sequence[NightDrift]) -> RenderableType:
    """The pd in a line for each comparison, how many features are in which band, and those worth reporting."""
    head, features = night[0], [each for each in night if each.kind == "feature"]
    bands = Counter(each.band for each in features)
    lines = [
        Text(f"{head.as_of}: {head.rows:,} sellers scored by {head.model_version}, beside {_before(head)}"),
        *(_pd(each) for each in night if each.kind != "feature"),
        Text(f"features: {bands['alarm']} alarm, {bands['watch']} watch, {bands['stable']} stable"),
    ]
    told = [each for each in features if each.is_worth_telling]
    drifted = table(HEADINGS, map(_row, told), right=range(2, 7))
    return Group(*lines, *((Text(), drifted, Text(LEGEND, style="dim")) if told else ()))


def _before(head: NightDrift) -> str:
    if head.before_as_of is None:
        return f"the {head.rows_before:,} rows that it was trained on"
    if head.before_as_of == head.as_of:
        return "themselves: this night is the baseline of later nights"
    return f"the {head.rows_before:,} of {head.before_as_of}, its baseline"


def _pd(each: NightDrift) -> Text:
    against = f"since {each.before_as_of or 'training'}"
    if each.kind == "publication":
        by = "the same model" if each.before_model_version == each.model_version else each.before_model_version
        against = f"since {each.before_as_of}, scored by {by}"
    line = f"pd {against}: {each.band}, PSI {each.psi:.3f}, of which chance explains up to {each.critical:.3f}"
    return Text(line, style=STYLES[each.band])


def _row(each: NightDrift) -> tuple[Text | str, ...]:
    return (
        each.name,
        Text(each.band, style=STYLES[each.band]),
        f"{each.psi:.2f}",
        f"{each.critical:.3f}",
        f"{each.missing_share_before:.1%}",
        Text(f"{each.missing_share:.1%}", style="yellow" if each.has_missing_shift else ""),
        Text(f"{each.unseen_share:.1%}" if each.unseen_share else "", style="yellow" if each.has_unseen else ""),
        "new" if each.is_new else "",
    )
