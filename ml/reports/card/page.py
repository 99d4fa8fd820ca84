"""The card as a page that needs nothing from the net."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from matplotlib.axes import Axes

from ml.reports.card import plots, words
from ml.reports.card.content import Card
from pages.html import render

FOLDER = Path(__file__).parent
TEMPLATE = FOLDER / "page.html.j2"

# Key in the card and heading, in the order of the page.
SECTIONS = {
    "purpose": "Purpose",
    "decision": "Decision",
    "limits": "Limits",
    "data": "Data",
    "label": "Label",
    "exclusions": "Exclusions",
    "features": "Features and signs",
    "judging": "How it was judged",
    "metrics": "Metrics",
    "reliability": "Reliability",
    "calibration": "Calibration",
    "segments": "Segments and months",
    "unseen_sellers": "Unseen sellers",
    "vintages": "Vintages",
    "losses": "Loss given default",
    "stability": "Stability",
    "fairness": "Fairness",
    "reasons": "Reasons",
    "score_scale": "Score",
}
METRICS = {"auc": "AUC", "gini": "Gini", "ks": "KS", "brier": "Brier", "ece": "ECE", "pd_ratio": "mean pd / observed"}
RELIABILITY = "Bins of equal size with 95% intervals; on the dashes the pd is right."


class Plot(NamedTuple):
    """A plot with its heading and what it shows."""

    draw: Callable[[Card], Axes | None]
    title: str
    caption: str
    is_wide: bool = False


PLOTS = {
    "features": (
        Plot(
            plots.important, "Trees", "What they make most of: mean absolute contribution of a feature to the log-odds."
        ),
        Plot(
            plots.points,
            "Scorecard",
            "Points of each bin, more is safer; a dot is the larger the more rows, and the redder the more go bad.",
        ),
    ),
    "metrics": (
        Plot(plots.caught, "What declining would avoid", "Bad rows among the riskiest so many; dashes are chance."),
        Plot(plots.scores, "Good and bad", "Judged rows by score, each as shares of its own."),
    ),
    "segments": (
        Plot(plots.months, "By month", "Rate of bad with its 95% interval, and the mean pd."),
        Plot(plots.segments, "AUC by segment", "With 95% intervals; the band is all rows, the dashes are chance."),
    ),
    "vintages": (
        Plot(
            plots.vintages,
            "Cohorts at equal age",
            "A line for each month of disbursement, the latest darkest; dashes: the age at which a loan is judged.",
            is_wide=True,
        ),
    ),
    "stability": (
        Plot(
            plots.drift,
            "What moved most",
            "Index (PSI) of the pd and of features: pale is stable, red an alarm; the tick is what chance explains.",
            is_wide=True,
        ),
    ),
    "fairness": (
        Plot(
            plots.impact,
            "Adverse impact ratio",
            "With 95% intervals; red where fewer of a group pass by more than chance explains, dashes are gates.",
            is_wide=True,
        ),
    ),
    "reasons": (Plot(plots.reasons, "First reasons", "Of the judged rows that were explained.", is_wide=True),),
}


def plots_of(card: Card) -> dict[str, tuple[Plot, ...]]:
    """The plots of each section; reliability has one for each algorithm."""
    titles = {name: plots.title_of(name) for name in card.reliability.bins}
    by_algorithm = (
        Plot(partial(plots.reliability, algorithm=name), title[0].upper() + title[1:], RELIABILITY)
        for name, title in titles.items()
    )
    return PLOTS | {"reliability": tuple(by_algorithm)}


def render_page(card: Card) -> str:
    """The whole page; the same card gives the same bytes."""
    return render(
        TEMPLATE,
        filters={
            "percent": words.percent,
            "interval": words.interval,
            "share_interval": words.share_interval,
            "algorithm": plots.title_of,
            "metric": lambda name: METRICS.get(name, name.replace("_", " ")),
            "reason_name": words.reason_name,
            "words": lambda name: name.replace("_", " "),
        },
        card=card,
        sections=SECTIONS,
        numbers={name: number for number, name in enumerate(SECTIONS, 1)},
        plots={name: [(plot, plots.draw(plot.draw, card)) for plot in found] for name, found in plots_of(card).items()},
        own_style=(FOLDER / "card.css").read_text(encoding="utf-8"),
    )
