"""What goes into a version and what it makes of it: features and signs, scorecard, trees, reasons."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from math import log

import numpy as np

from ml.encode import encode
from ml.explain import codes_array, reason_codes, reasons_of
from ml.features import ModelFeature
from ml.learning import scorecard
from ml.learning.booster import Trees
from ml.learning.scorecard.card import bins_of
from ml.registry.version import ModelVersion
from ml.reports.card.content import (
    Characteristic,
    Family,
    Features,
    Important,
    PointsBin,
    ReasonRow,
    Reasons,
    Several,
    Text,
)
from ml.reports.card.facts import Facts
from ml.reports.card.words import count, listed, percent, reason_name, spoken

EXPLAINED_ROWS = 5000  # at most, evenly among the judged rows: contributions cost more than pds
IMPORTANT = 15


def features(facts: Facts) -> Features:
    """By family and expected sign; what the trees make most of, and all of the scorecard."""
    version = facts.version
    signed = sum(feature.expected_sign is not None for feature in version.features)
    important = tuple(_important(facts))
    serves = spoken(version, version.algorithm)
    about = "; ".join((*_of_trees(important), *_of_scorecard(facts.scorecard)))
    return Features(
        text=(
            f"{count(len(version.features), 'features')} in {len({each.family for each in version.features})} "
            f"families. {signed} have an expected sign, to which the trees and the scorecard's bins are held.",
            (f"{about[0].upper()}{about[1:]}. " if about else "") + f"{serves[0].upper()}{serves[1:]} serves.",
        ),
        families=tuple(_families(version.features)),
        important=important or None,
        characteristics=tuple(_characteristics(facts)) or None,
        parameters=_parameters(facts.trees) if facts.trees else None,
    )


def reasons(facts: Facts) -> Reasons:
    """What a seller can be told by the model, and how often each reason would come first."""
    version, settings = facts.version, facts.version.reasons
    owed = np.flatnonzero(facts.served_pds >= settings.from_pd)
    sampled = owed[_every(len(owed))]
    codes = codes_array(facts.model, reasons_of(facts.model, facts.values[sampled])).to_pylist()
    first = Counter(each[0] for each in codes if each)
    rows = [_reason(facts, code, first) for code in reason_codes(version.features)]
    rows.sort(key=lambda row: -row.first_rows)
    return Reasons(
        text=(
            f"At most {settings.at_most} for a seller who is declined or limited: the narrow groups of features that "
            "raise its pd most, by exact Shapley contributions to the log-odds.",
            _first_told(len(owed), len(sampled), rows[0].code if first else None, percent(settings.from_pd)),
        ),
        explained_rows=len(sampled),
        reasons=tuple(rows),
    )


def _first_told(owed: int, explained: int, code: str | None, from_pd: str) -> str:
    if not owed:
        return f"No judged row has a pd of {from_pd} or more, so that none is owed a reason."
    most = f"{reason_name(code)} comes first most often" if code else "nothing raises the pd"
    return f"{count(owed, 'judged rows')} have a pd of {from_pd} or more; in {explained:,} of them, {most}."


def _reason(facts: Facts, code: str, first: Counter[str]) -> ReasonRow:
    told = facts.reasons.get(code)
    unknown = f"{code} has no words in reasons.yml"
    return ReasonRow(
        code=code,
        basis=told.basis if told else unknown,
        sentence=told.sentence if told else unknown,
        advice=(told.advice or None) if told else unknown,
        first_rows=first[code],
    )


def _families(features: tuple[ModelFeature, ...]) -> Iterator[Family]:
    for name in sorted({feature.family for feature in features}):
        own = [feature for feature in features if feature.family == name]

        def signed(sign: str | None, own: list[ModelFeature] = own) -> Several[Text] | None:
            return tuple(feature.name for feature in own if feature.expected_sign == sign) or None

        yield Family(name=name, features=len(own), riskier=signed("+"), safer=signed("-"), open=signed(None))


def _important(facts: Facts) -> Iterator[Important]:
    """Mean absolute contributions to the trees' margin, the largest first."""
    if facts.trees is None:
        return
    found = facts.trees.contributions(facts.values[_every(len(facts.values))])[:, :-1]
    means = np.abs(found).mean(axis=0, dtype=np.float64)
    for place in np.argsort(-means, kind="stable")[:IMPORTANT]:
        feature = facts.version.features[place]
        yield Important(feature=feature.name, family=feature.family, contribution=round(float(means[place]), 6))


def _characteristics(facts: Facts) -> Iterator[Characteristic]:
    version = facts.version
    by_name = {feature.name: feature for feature in version.features}
    learned = facts.frame[facts.fitted]
    is_bad = learned["is_default"].to_numpy(bool)
    for each in facts.scorecard.characteristics if facts.scorecard else ():
        feature = by_name[each.name]
        bins = bins_of(encode(learned, [feature])[:, 0], each.edges, each.groups, feature.categories)
        woes = [*each.woe, each.missing_woe]
        rows, bad = (np.bincount(bins[chosen], minlength=len(woes)) for chosen in (slice(None), is_bad))
        yield Characteristic(
            feature=each.name,
            family=each.family,
            bins=tuple(
                PointsBin(
                    values=values,
                    points=_points(version, each.coefficient * (woe - each.mean_woe)),
                    row_share=float(rows[place] / len(bins)),
                    bad_rate=float(bad[place] / rows[place]) if rows[place] else None,
                )
                for place, (values, woe) in enumerate(zip(_values(each), woes, strict=True))
            ),
        )


def _parameters(trees: Trees) -> dict[str, float | int | str]:
    parameters = {name: each for name, each in trees.recipe.parameters.items() if "monotone" not in name}
    return parameters | {"trees": trees.recipe.rounds}


def _of_trees(important: tuple[Important, ...]) -> Iterator[str]:
    if important:
        yield f"the trees make most of {listed([each.feature for each in important[:3]])}"


def _of_scorecard(found: scorecard.Scorecard | None) -> Iterator[str]:
    if found:
        has = f"has {count(len(found.characteristics), 'characteristics')}"
        yield f"the scorecard {has if found.characteristics else 'is the base rate alone'}"


def _values(each: scorecard.Characteristic) -> list[str]:
    """Which values each bin holds, the last the missing ones."""
    if each.groups is not None:
        return [*(", ".join(group) for group in each.groups), "missing or unseen"]
    cuts = [f"{edge:g}" for edge in each.edges or ()]
    between = [f"{low} to below {high}" for low, high in pairwise(cuts)]
    return [f"below {cuts[0]}", *between, f"{cuts[-1]} and above", "missing"]


def _points(version: ModelVersion, log_odds: float) -> float:
    """On the scale of the score, by Platt's slope; isotonic regression has none, so that points are before it."""
    slope = version.contenders[scorecard.Points.name].calibration.slope
    return round(-log_odds * slope * version.score.points_to_double_odds / log(2), 1) + 0.0  # no minus before a zero


def _every(rows: int) -> slice:
    """Every so manieth row, so that they are at most ``EXPLAINED_ROWS``."""
    return slice(None, None, -(-rows // EXPLAINED_ROWS) or 1)
