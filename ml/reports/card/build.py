"""A version's card: one value, from which the page and ``card.json`` are written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python

from ml.reports.card import inputs, limits, origin, plots, quality, verdict, watched, words
from ml.reports.card.facts import Facts
from pages.html import render

FOLDER = Path(__file__).parent

# By their names in the card, in the order of the page: the heading, and what makes the section. ``text`` of a section
# is what its figures come to, in sentences; the figures are the version's own, or plain values.
SECTIONS: dict[str, tuple[str, Callable[[Facts], dict[str, Any]]]] = {
    "purpose": ("Purpose", origin.purpose),
    "decision": ("Decision", verdict.decision),
    "limits": ("Limits", limits.limits),
    "data": ("Data", origin.data),
    "label": ("Label", origin.label),
    "exclusions": ("Exclusions", origin.exclusions),
    "features": ("Features and signs", inputs.features),
    "judging": ("Evaluation", quality.judging),
    "metrics": ("Metrics", quality.metrics),
    "reliability": ("Reliability", quality.reliability),
    "calibration": ("Calibration", quality.calibration),
    "segments": ("Segments and months", quality.segments),
    "unseen_sellers": ("Unseen sellers", quality.unseen_sellers),
    "vintages": ("Vintages", watched.vintages),
    "losses": ("Loss given default", watched.losses),
    "stability": ("Stability", watched.stability),
    "fairness": ("Fairness", watched.fairness),
    "reasons": ("Reasons", inputs.reasons),
    "score_scale": ("Score", quality.score_scale),
}


def build_card(facts: Facts) -> dict[str, Any]:
    """Summary and sections; the same version and decision give the same card."""
    version = facts.version
    opening = {"model_version": version.model_version, "trained_as_of": version.trained_as_of}
    return opening | {
        "summary": verdict.summary(facts),
        **{name: section(facts) for name, (_, section) in SECTIONS.items()},
    }


def card_json(card: dict[str, Any]) -> str:
    """The content of ``card.json``; nothing in it is empty: figures that a version does not have are left out."""
    return json.dumps(_filled(to_jsonable_python(card)), indent=2, ensure_ascii=False)


def card_page(card: dict[str, Any]) -> str:
    """The page, which needs nothing from the net; the same card gives the same bytes."""
    return render(
        FOLDER / "page.html.j2",
        filters={
            "above_numbers": lambda head: f"#{head}",
            "algorithm": words.title_of,
            "capitalised": words.sentence,
            "interval": words.interval,
            "metric": words.metric_name,
            "number": words.number,
            "percent": words.percent,
            "plain": words.plain,
            "reason": words.reason_name,
            "share_interval": words.share_interval,
        },
        card=card,
        headings={name: heading for name, (heading, _) in SECTIONS.items()},
        plots=plots,
        own_style=(FOLDER / "card.css").read_text(encoding="utf-8"),
    )


def _filled(content: Any) -> Any:
    """Without what is None or empty in objects."""
    if isinstance(content, dict):
        return {name: _filled(each) for name, each in content.items() if each not in (None, "", [], {})}
    return [_filled(each) for each in content] if isinstance(content, list) else content
