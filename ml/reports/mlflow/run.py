"""What is logged to MLflow of a model version: parameters, metrics, tags and plots, by their names there."""

import re
from collections.abc import Iterator
from typing import Any

from ml.evaluation.evaluate import Evaluation
from ml.learning.booster import BoosterRecipe, Trees
from ml.promotion.promote import Promotion
from ml.registry.store import algorithms_of
from ml.registry.version import ModelVersion
from tradeline.estimates import Estimate
from tradeline.settings import Settings

PARAMETERS: dict[str, Any] = {
    "algorithm": True,
    "label_kind": True,
    "label": True,
    "split": {"fitted", "judged", "repeats"},
    "score": True,
    "reasons": True,
    "libraries": True,
}
Point = tuple[str, float, int]  # name, value, step
FIGURE = re.compile(
    r'<section id="(?P<section>\w+)">|<figcaption><strong>(?P<title>[^<]*)</strong>.*?(?P<svg><svg.*?</svg>)', re.DOTALL
)
SVG = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def parameters(version: ModelVersion) -> dict[str, str]:
    """How a version was made, by dotted names."""
    algorithms = {each.section: each.settings(version.parts[each.section]) for each in algorithms_of(version).values()}
    return _flat(version.model_dump(mode="json", include=PARAMETERS) | algorithms) | {
        "judged_by": version.judged_by,
        "calibration": version.calibration.method,
        "features": str(len(version.features)),
    }


def metrics(version: ModelVersion) -> Iterator[Point]:
    """How good it is, each metric with both ends of its interval: the served algorithm's by their names, and those of
    each algorithm under its own: ``xgboost/auc``."""
    figures = _figures(version.evaluation)
    for algorithm, contender in version.contenders.items():
        figures |= {f"{algorithm}/{name}": value for name, value in _figures(contender.evaluation).items()}
    figures |= _ends("auc_difference", version.choice.auc_difference)
    yield from ((name, value, 0) for name, value in figures.items())


def _figures(evaluation: Evaluation) -> dict[str, float]:
    found = {name: float(getattr(evaluation, name)) for name in ("rows", "bad_rows", "base_rate", "mean_pd")}
    for name, estimate in evaluation.metrics.items():
        found |= _ends(name, estimate)
    return found


def _ends(name: str, found: Estimate) -> dict[str, float]:
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def trials(version: ModelVersion) -> Iterator[Point]:
    """Each trial of the search is a step: what was tried, and its held-out log loss."""
    found = version.part(Trees.section, BoosterRecipe).trials if Trees.name in version.contenders else ()
    for step, each in enumerate(found):
        for name, value in (each.parameters | {"log_loss": each.log_loss}).items():
            yield f"search/{name}", value, step


def tags(version: ModelVersion, promotion: Promotion | None) -> dict[str, str]:
    """What it was made of, and what was decided on it."""
    known = {"trained_as_of", "data_fingerprint", "code_version"}
    found = version.model_dump(mode="json", include=known)
    if promotion:
        decided = {"champion", "is_promoted", "is_forced", "reason", "decided_at"}
        found |= promotion.model_dump(mode="json", include=decided, exclude_none=True)
    return _flat(found)


def plots(settings: Settings, model_version: str) -> Iterator[tuple[str, str]]:
    """Those of the card's page, where there is one, by section and title: SVG that also stands outside a page."""
    from ml.reports.card.write import card_path

    page, section = card_path(settings, model_version), ""
    for found in FIGURE.finditer(page.read_text(encoding="utf-8") if page.exists() else ""):
        section = found["section"] or section
        if found["svg"]:
            name = found["title"].lower().replace(" ", "_")
            yield f"{section}/{name}", found["svg"].replace("<svg", f"<svg {SVG}", 1)


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in values.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": str(value)}
    return flat
