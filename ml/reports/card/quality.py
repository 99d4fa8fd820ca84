"""How good a version is: evaluation, metrics, reliability, calibration, segments, and the scale of the score."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.numbers.bootstrap import Floats, Mask
from ml.reports.card.facts import Facts
from ml.reports.card.words import count, interval, percent, sentence, spoken
from ml.score import HIGHEST_SCORE, LOWEST_SCORE, score_of

MEANINGS = {
    "auc": "chance that a bad row has a higher pd than a good one; 0.5 is guessing",
    "gini": "2 AUC - 1",
    "ks": "largest distance between the shares of bad and of good rows below a pd",
    "brier": "mean squared error of the pd; lower is better",
    "log_loss": "as Brier, but a sure pd that is wrong weighs more",
    "ece": "distance of mean pd and rate of bad in ten bins; lower is better",
    "lift": "rate of bad among the riskiest tenth, over that of all",
    "pd_ratio": "mean pd over the observed rate of bad; 1 is right",
}
METHODS = {"platt": "Platt's scaling", "isotonic": "isotonic regression"}
PDS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3, 0.5)
BAND = 25  # points


def judging(facts: Facts) -> dict[str, Any]:
    """How the version was evaluated, and what its figures can say."""
    split, word = facts.version.split, facts.row_word
    evaluated = f"{count(split.judged.rows, word)} ({split.judged.bad_rows:,} bad)"
    intervals = "Intervals are of 95%, from resampling whole sellers, since a seller's rows are alike."
    drawn = "once" if split.repeats == 1 else f"{split.repeats} times"
    if facts.version.judged_by == "out_of_time":
        how = (
            f"Out of time: trained on rows decided up to {split.fitted.last_on}, evaluated on {evaluated} "
            f"decided from {split.judged.first_on} to {split.judged.last_on}.",
            f"A whole performance window lies between them, with {facts.gap.sum():,} rows that nothing used: every "
            "training outcome was known on the first evaluated day. The figures therefore hold for later decisions.",
        )
    else:
        how = (
            f"Cross-validated: the history is too short, or the bad rows too few, to set later ones aside. Sellers "
            f"were dealt into folds {drawn}, and each of {evaluated} got its pd from a model and a calibration that "
            "had not seen its seller.",
            "The figures therefore hold for other sellers on the same days, not for later days. The version that "
            "serves was trained on all rows and should be a little better than its figures.",
        )
    return {"text": (*how, intervals)}


def metrics(facts: Facts) -> dict[str, Any]:
    """Every algorithm's figures beside each other, and why one of them serves."""
    version, own = facts.version, facts.version.evaluation
    found = {name: each.evaluation.metrics for name, each in version.contenders.items()}
    return {
        "text": (
            f"{sentence(spoken(version.algorithm))} serves: {version.choice.reason} (difference "
            f"{interval(version.choice.auc_difference)}).",
            f"Its AUC is {interval(own.metrics['auc'])} on {count(own.rows, facts.row_word)} of {own.sellers:,} "
            f"sellers, {percent(own.base_rate)} bad.",
        ),
        "metrics": [
            {"name": name, "meaning": meaning, **{algorithm: each[name] for algorithm, each in found.items()}}
            for name, meaning in MEANINGS.items()
        ],
        "baselines": [
            {"feature": name, "auc": each["auc"], "gain": own.auc_gains[name]} for name, each in own.baselines.items()
        ],
        "caught": _caught(facts.evaluated_rows["is_default"].to_numpy(bool), facts.pds),
        "choice": version.choice,
    }


def reliability(facts: Facts) -> dict[str, Any]:
    """Whether rows of about one pd go bad at that rate."""
    own = facts.version.evaluation
    off = [each for each in own.reliability if not each.bad_rate.low <= each.mean_pd <= each.bad_rate.high]
    return {
        "text": (
            f"The mean pd is {percent(own.mean_pd)}, the observed rate {percent(own.base_rate)}: "
            f"{interval(own.metrics['pd_ratio'], 2)} times. In {len(off)} of {len(own.reliability)} bins the mean pd "
            "lies outside the interval of the rate.",
            f"The calibration error (ECE) is {interval(own.metrics['ece'])}; a perfectly calibrated model would have "
            f"{interval(own.ece_by_chance)} on so many rows.",
        ),
        "bins": {name: each.evaluation.reliability for name, each in facts.version.contenders.items()},
    }


def calibration(facts: Facts) -> dict[str, Any]:
    """From margin to pd: by what method, and what it cost in rank."""
    version, bad = facts.version, facts.version.split.fitted.bad_rows
    own = version.contenders[version.algorithm].rank_loss
    return {
        "text": (
            f"By {METHODS[version.calibration.method]}, on margins of rows by models that had not seen their sellers; "
            f"the method depends on their number of bad rows, {bad:,}.",
            f"{percent(own.tied_share)} of the evaluated rows share their pd with another row, and the calibration "
            f"costs {own.auc_loss:.4f} of AUC.",
        ),
        "contenders": {
            name: {"method": each.calibration.method, "bad_rows": bad, **each.rank_loss.model_dump()}
            for name, each in version.contenders.items()
        },
    }


def segments(facts: Facts) -> dict[str, Any]:
    """The same figures by kinds of sellers and by month."""
    own = facts.version.evaluation
    ranked = [each.auc for each in own.segments if each.auc]
    worst = min(ranked, key=lambda auc: auc.value, default=None)
    lowest = f"the lowest AUC is {interval(worst)}" if worst else "none has enough"
    return {
        "text": (
            f"{len(ranked)} of {count(len(own.segments), 'segments')} have {facts.config.evaluation.segment_bad_rows} "
            f"rows of either class, enough for an AUC; {lowest}.",
            f"Decided in {count(len(own.months), 'months')}, from {own.months[0].name} to {own.months[-1].name}.",
        ),
        "segments": own.segments,
        "months": own.months,
    }


def unseen_sellers(facts: Facts) -> dict[str, Any]:
    """Whether it does as well on sellers that were not in the training rows."""
    found = facts.version.evaluation.unseen_sellers
    if facts.version.judged_by == "cross_validation":
        text = "Cross-validated by seller: the model behind an evaluated row's pd had not seen its seller."
    elif found is None:
        text = "Every evaluated row is of a seller with training rows."
    else:
        share = found.rows / facts.version.evaluation.rows
        auc = f"AUC {interval(found.auc)}" if found.auc else "too few of either class for an AUC"
        text = (
            f"{count(found.rows, 'evaluated rows')} ({percent(share)}) are of sellers without training rows: "
            f"{percent(found.base_rate)} bad, mean pd {percent(found.mean_pd)}, {auc}."
        )
    return {"text": (text,), "segment": found}


def score_scale(facts: Facts) -> dict[str, Any]:
    """From pd to points, and where the evaluated rows lie."""
    scale, declined = facts.version.score, facts.version.fairness.approve_below_pd
    return {
        "text": (
            f"Score = {scale.base_score:g} + {scale.points_to_double_odds:g} * log2(odds / {scale.base_odds:g}), with "
            f"odds = (1 - pd) / pd, cut to {LOWEST_SCORE} to {HIGHEST_SCORE}: {scale.base_score:g} is "
            f"{scale.base_odds:g} good to 1 bad, and {scale.points_to_double_odds:g} points double the odds.",
            f"The policy lends below a pd of {percent(declined)}, above a score of "
            f"{score_of(np.array([declined]), scale)[0]}.",
        ),
        "points": [
            {"pd": pd_, "odds": (1 - pd_) / pd_, "score": int(score)}
            for pd_, score in zip(PDS, score_of(np.array(PDS), scale), strict=True)
        ],
        "bands": _bands(score_of(facts.served_pds, scale), facts.evaluated_rows["is_default"].to_numpy(bool)),
    }


def _caught(is_bad: Mask, pds: Mapping[str, Floats]) -> list[dict[str, float]]:
    """Share of the bad rows among the riskiest of all rows by each algorithm, the mean over repeats, at every
    twentieth of the rows."""
    shares = np.linspace(0, 1, 21)
    found = {name: np.mean([_curve(is_bad, each, shares) for each in repeats], axis=0) for name, repeats in pds.items()}
    return [
        {"declined_share": round(float(share), 2), **{name: float(each[place]) for name, each in found.items()}}
        for place, share in enumerate(shares)
    ]


def _curve(is_bad: Mask, pd_: Floats, shares: Floats) -> Floats:
    """Among rows of one pd as many bad ones as on average."""
    _, ties = np.unique(-pd_, return_inverse=True)
    rows, bad = np.bincount(ties), np.bincount(ties, weights=is_bad)
    caught: Floats = np.interp(shares, np.r_[0, np.cumsum(rows)] / len(pd_), np.r_[0, np.cumsum(bad)] / is_bad.sum())
    return caught


def _bands(scores: NDArray[np.int32], is_bad: Mask) -> list[dict[str, int]]:
    """Evaluated rows with a score from ``low`` to below ``high``."""
    edges = np.arange(LOWEST_SCORE, HIGHEST_SCORE + BAND + 1, BAND)
    good, bad = (np.histogram(scores[chosen], edges)[0] for chosen in (~is_bad, is_bad))
    used = np.flatnonzero(good + bad)
    return [
        {"low": int(edges[i]), "high": int(edges[i + 1]), "good_rows": int(good[i]), "bad_rows": int(bad[i])}
        for i in range(used[0], used[-1] + 1)
    ]
