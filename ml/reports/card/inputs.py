"""The inputs of a version and their effect: features and signs, trees, scorecard, reasons."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from math import log
from typing import Any

import numpy as np

from ml.encode import encode
from ml.explain import codes_array, reason_codes, reasons_of
from ml.features import ModelFeature
from ml.learning.booster import Trees
from ml.learning.scorecard import Characteristic, Points, Scorecard
from ml.learning.scorecard.card import bins_of
from ml.registry.version import ModelVersion
from ml.reports.card.facts import Facts
from ml.reports.card.words import count, listed, percent, reason_name, sentence, spoken

EXPLAINED_ROWS = 5000  # at most, evenly among the evaluated rows: contributions cost more than pds
IMPORTANT = 15
SIGNS = {"+": "riskier", "-": "safer", None: "open"}


def features(facts: Facts) -> dict[str, Any]:
    """Features by family and expected sign, the trees' most important ones, and the whole scorecard."""
    version = facts.version
    signed = sum(feature.expected_sign is not None for feature in version.features)
    families, important = [*_families(version.features)], [*_important(facts)]
    about = "; ".join((*_of_trees(important), *_of_scorecard(facts.scorecard)))
    return {
        "text": (
            f"{count(len(version.features), 'features')} in {len(families)} families. {signed} have an expected sign, "
            "which constrains the trees and the scorecard's bins.",
            f"{f'{sentence(about)}. ' if about else ''}The serving algorithm is {spoken(version.algorithm)}.",
        ),
        "families": families,
        "important": important,
        "characteristics": [*_points(facts)],
        "parameters": _parameters(facts.trees) if facts.trees else {},
    }


def reasons(facts: Facts) -> dict[str, Any]:
    """The reasons that sellers can be given, and how often each comes first."""
    version, settings = facts.version, facts.version.reasons
    owed = np.flatnonzero(facts.served_pds >= settings.from_pd)
    sampled = owed[_every(len(owed))]
    codes = codes_array(facts.model, reasons_of(facts.model, facts.values[sampled])).to_pylist()
    first = Counter(each[0] for each in codes if each)
    rows = [_reason(facts, code, first[code]) for code in reason_codes(version.features)]
    rows.sort(key=lambda row: -row["first_rows"])
    return {
        "text": (
            f"At most {settings.at_most} for a seller who is declined or limited: the narrow groups of features that "
            "raise its pd most, by exact Shapley contributions to the log-odds.",
            _most_frequent(len(owed), len(sampled), rows[0]["code"] if first else None, percent(settings.from_pd)),
        ),
        "explained_rows": len(sampled),
        "reasons": rows,
    }


def _most_frequent(owed: int, explained: int, code: str | None, from_pd: str) -> str:
    if not owed:
        return f"No evaluated row has a pd of {from_pd} or more, so none is owed a reason."
    most = f"{reason_name(code)} is the most frequent first reason" if code else "none has a reason"
    return f"{count(owed, 'evaluated rows')} have a pd of {from_pd} or more; of the {explained:,} explained, {most}."


def _reason(facts: Facts, code: str, first_rows: int) -> dict[str, Any]:
    """A reason in the words that a seller gets; ``first_rows``: explained rows of which it is the first."""
    found = facts.reasons.get(code)
    unknown = f"{code} has no words in reasons.yml"
    texts = {name: getattr(found, name) if found else unknown for name in ("basis", "sentence", "advice")}
    return {"code": code, **texts, "first_rows": first_rows}


def _families(features: tuple[ModelFeature, ...]) -> Iterator[dict[str, Any]]:
    """A family's features by the direction in which they may move the pd; ``open``: left to the data."""
    for name in sorted({feature.family for feature in features}):
        own = [feature for feature in features if feature.family == name]
        by_sign = {
            key: [feature.name for feature in own if feature.expected_sign == sign] for sign, key in SIGNS.items()
        }
        yield {"name": name, "features": len(own), **by_sign}


def _important(facts: Facts) -> Iterator[dict[str, Any]]:
    """Mean absolute contributions to the trees' margin, in log-odds, the largest first."""
    if facts.trees is None:
        return
    found = facts.trees.contributions(facts.values[_every(len(facts.values))])[:, :-1]
    means = np.abs(found).mean(axis=0, dtype=np.float64)
    for place in np.argsort(-means, kind="stable")[:IMPORTANT]:
        feature = facts.version.features[place]
        yield {"feature": feature.name, "family": feature.family, "contribution": round(float(means[place]), 6)}


def _points(facts: Facts) -> Iterator[dict[str, Any]]:
    """The scorecard's characteristics; each bin with its points, its share of the training rows, and their rate of bad
    where there are any."""
    version = facts.version
    by_name = {feature.name: feature for feature in version.features}
    learned = facts.frame[facts.fitted]
    is_bad = learned["is_default"].to_numpy(bool)
    for each in facts.scorecard.characteristics if facts.scorecard else ():
        feature = by_name[each.name]
        bins = bins_of(encode(learned, [feature])[:, 0], each.edges, each.groups, feature.categories)
        woes = [*each.woe, each.missing_woe]
        rows, bad = (np.bincount(bins[chosen], minlength=len(woes)) for chosen in (slice(None), is_bad))
        found = [
            {
                "values": values,
                "points": _on_the_scale(version, each.coefficient * (woe - each.mean_woe)),
                "row_share": float(rows[place] / len(bins)),
                "bad_rate": float(bad[place] / rows[place]) if rows[place] else None,
            }
            for place, (values, woe) in enumerate(zip(_values(each), woes, strict=True))
        ]
        yield {"feature": each.name, "family": each.family, "bins": found}


def _parameters(trees: Trees) -> dict[str, Any]:
    parameters = {name: each for name, each in trees.recipe.parameters.items() if "monotone" not in name}
    return parameters | {"trees": trees.recipe.rounds}


def _of_trees(important: list[dict[str, Any]]) -> Iterator[str]:
    if important:
        yield f"the trees' most important features are {listed([each['feature'] for each in important[:3]])}"


def _of_scorecard(found: Scorecard | None) -> Iterator[str]:
    if found:
        has = f"has {count(len(found.characteristics), 'characteristics')}"
        yield f"the scorecard {has if found.characteristics else 'is the base rate alone'}"


def _values(each: Characteristic) -> list[str]:
    """Which values each bin holds, the last the missing ones."""
    if each.groups is not None:
        return [*(", ".join(group) for group in each.groups), "missing or unseen"]
    cuts = [f"{edge:g}" for edge in each.edges or ()]
    between = [f"{low} to below {high}" for low, high in pairwise(cuts)]
    return [f"below {cuts[0]}", *between, f"{cuts[-1]} and above", "missing"]


def _on_the_scale(version: ModelVersion, log_odds: float) -> float:
    """Points of the score, by Platt's slope; isotonic regression has none, so that points are before it."""
    slope = version.contenders[Points.name].calibration.slope
    return round(-log_odds * slope * version.score.points_to_double_odds / log(2), 1) + 0.0  # no minus before a zero


def _every(rows: int) -> slice:
    """Rows at equal distances, at most ``EXPLAINED_ROWS`` of them."""
    return slice(None, None, -(-rows // EXPLAINED_ROWS) or 1)
