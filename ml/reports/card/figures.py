"""How good a version is: judging, metrics, reliability, calibration, segments, and the scale of the score."""

from collections.abc import Iterable

import numpy as np

from ml.judging.contender import Contender
from ml.judging.segments import Segment
from ml.numbers.bootstrap import Floats, Mask
from ml.reports.card.content import (
    Calibrating,
    CalibrationSection,
    Caught,
    Metric,
    Metrics,
    OneFeature,
    Reliability,
    ScoreBand,
    ScorePoint,
    ScoreScale,
    Section,
    SegmentRow,
    Segments,
    Unseen,
)
from ml.reports.card.facts import Facts
from ml.reports.card.words import count, interval, percent, spoken
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
PDS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3, 0.5)
BAND = 25  # points


def judging(facts: Facts) -> Section:
    """What the judged rows are to the model, and what that means."""
    split, word = facts.version.split, facts.row_word
    judged = f"{count(split.judged.rows, word)} ({split.judged.bad_rows:,} bad)"
    intervals = "Intervals are of 95%, by resampling whole sellers, since a seller's rows are alike."
    if facts.version.judged_by == "out_of_time":
        gap = int((~facts.fitted & ~facts.judged).sum())
        return Section(
            text=(
                f"Out of time: it learned from rows decided up to {split.fitted.last_on} and is judged on {judged} "
                f"decided from {split.judged.first_on} to {split.judged.last_on}.",
                f"Between them lies a whole performance window, with {gap:,} rows that nothing used: every outcome "
                "that it learned from was known on the first judged day. So the figures say how it does on later rows.",
                intervals,
            )
        )
    drawn = "once" if split.repeats == 1 else f"{split.repeats} times"
    return Section(
        text=(
            f"Cross-validated: the history is too short, or the bad rows too few, to set later ones aside. Sellers "
            f"were dealt into folds {drawn}, and each of {judged} got its pd from a model and a calibration that had "
            "not seen its seller.",
            "So the figures say how it does on other sellers in the same days, not on later days. The version that "
            "serves learned from all rows; it should be a little better than its figures.",
            intervals,
        )
    )


def metrics(facts: Facts) -> Metrics:
    """All contenders beside each other, and why one of them serves."""
    version, found = facts.version, {name: each.evaluation for name, each in facts.version.contenders.items()}
    own = version.evaluation
    serves = spoken(version, version.algorithm)
    auc = own.metrics["auc"]
    return Metrics(
        text=(
            f"{serves[0].upper()}{serves[1:]} serves: {version.choice.reason} (difference "
            f"{interval(version.choice.auc_difference)}).",
            f"Its AUC is {interval(auc)} on {count(own.rows, facts.row_word)} of {own.sellers:,} sellers, "
            f"{percent(own.base_rate)} bad.",
        ),
        metrics=tuple(
            Metric(name=name, meaning=meaning, **{each: by.metrics[name] for each, by in found.items()})
            for name, meaning in MEANINGS.items()
        ),
        baselines=tuple(
            OneFeature(feature=name, auc=each["auc"], gain=own.auc_gains[name]) for name, each in own.baselines.items()
        )
        or None,
        caught=_caught(facts.judged_rows["is_default"].to_numpy(bool), facts.pds),
        choice=version.choice,
    )


def reliability(facts: Facts) -> Reliability:
    """Whether rows of about one pd go bad at that rate."""
    own = facts.version.evaluation
    ratio, error = own.metrics["pd_ratio"], own.metrics["ece"]
    off = [each for each in own.reliability if not each.bad_rate.low <= each.mean_pd <= each.bad_rate.high]
    return Reliability(
        text=(
            f"The mean pd is {percent(own.mean_pd)}, the observed rate {percent(own.base_rate)}: "
            f"{interval(ratio, 2)} times. In {len(off)} of {len(own.reliability)} bins the mean pd lies outside the "
            "interval of the rate.",
            f"The calibration error (ECE) is {interval(error)}; a perfectly calibrated model would show "
            f"{interval(own.ece_by_chance)} on so many rows.",
        ),
        bins={name: each.evaluation.reliability for name, each in facts.version.contenders.items()},
    )


def calibration(facts: Facts) -> CalibrationSection:
    """From margin to pd: by what method, and what it cost in rank."""
    version = facts.version
    bad = version.split.fitted.bad_rows
    found = {name: _calibrating(each, bad) for name, each in version.contenders.items()}
    own = found[version.algorithm]
    method = {"platt": "Platt's scaling", "isotonic": "isotonic regression"}[own.method]
    return CalibrationSection(
        text=(
            f"By {method}, on margins of rows by models that had not seen their sellers; {count(bad, 'bad rows')} "
            "decide which method is used.",
            f"{percent(own.tied_share)} of the judged rows share their pd with another row, and the calibration costs "
            f"{own.auc_loss:.4f} of AUC.",
        ),
        contenders=found,
    )


def segments(facts: Facts) -> Segments:
    """The same figures by kinds of sellers and by month."""
    own = facts.version.evaluation
    rows, by_month = segment_rows(own.segments), segment_rows(own.months)
    ranked = [each.auc for each in rows if each.auc]
    fewest = facts.config.evaluation.segment_bad_rows
    worst = min(ranked, key=lambda auc: auc.value, default=None)
    told = f"the lowest AUC is {interval(worst)}" if worst else "none has enough of both"
    return Segments(
        text=(
            f"{len(ranked)} of {count(len(rows), 'segments')} have {fewest} rows of either class, which ranking needs; "
            f"{told}.",
            f"Decided in {count(len(by_month), 'months')}, from {by_month[0].name} to {by_month[-1].name}.",
        ),
        segments=rows or None,
        months=by_month,
    )


def unseen_sellers(facts: Facts) -> Unseen:
    """Whether it does as well on sellers that it has not learned from."""
    found = facts.version.evaluation.unseen_sellers
    if facts.version.judged_by == "cross_validation":
        text = "Cross-validated by seller: every judged row is of a seller that the model behind its pd had not seen."
        return Unseen(text=(text,), segment=None)
    if found is None:
        return Unseen(text=("Every judged row is of a seller that it had learned from.",), segment=None)
    share = found.rows / facts.version.evaluation.rows
    auc = f"AUC {interval(found.auc)}" if found.auc else "too few of either class for an AUC"
    text = (
        f"{count(found.rows, 'judged rows')} ({percent(share)}) are of sellers that it had not learned from: "
        f"{percent(found.base_rate)} bad, mean pd {percent(found.mean_pd)}, {auc}."
    )
    return Unseen(text=(text,), segment=segment_rows([found])[0])


def score_scale(facts: Facts) -> ScoreScale:
    """From pd to points, and where the judged rows lie."""
    scale, version = facts.version.score, facts.version
    pds = np.array(PDS)
    scores = score_of(facts.served_pds, scale)
    declined = version.fairness.approve_below_pd
    return ScoreScale(
        text=(
            f"Score = {scale.base_score:g} + {scale.points_to_double_odds:g} * log2(odds / {scale.base_odds:g}), with "
            f"odds = (1 - pd) / pd, cut to {LOWEST_SCORE} to {HIGHEST_SCORE}: {scale.base_score:g} is "
            f"{scale.base_odds:g} good to 1 bad, and {scale.points_to_double_odds:g} points double the odds.",
            f"The policy lends below a pd of {percent(declined)}, above a score of "
            f"{score_of(np.array([declined]), scale)[0]}.",
        ),
        points=tuple(
            ScorePoint(pd=pd_, odds=(1 - pd_) / pd_, score=int(score))
            for pd_, score in zip(PDS, score_of(pds, scale), strict=True)
        ),
        bands=_bands(scores, facts.judged_rows["is_default"].to_numpy(bool)),
    )


def segment_rows(found: Iterable[Segment]) -> tuple[SegmentRow, ...]:
    """Without what is empty."""
    return tuple(SegmentRow(**each.model_dump() | {"detail": each.detail or None}) for each in found)


def _caught(is_bad: Mask, pds: dict[str, Floats]) -> tuple[Caught, ...]:
    """The mean over repeats, at every twentieth of the rows; among rows of one pd as many bad ones as on average."""
    shares = np.linspace(0, 1, 21)
    found = {name: np.mean([_curve(is_bad, each, shares) for each in repeats], axis=0) for name, repeats in pds.items()}
    return tuple(
        Caught(declined_share=round(float(share), 2), **{name: float(each[place]) for name, each in found.items()})
        for place, share in enumerate(shares)
    )


def _curve(is_bad: Mask, pd_: Floats, shares: Floats) -> Floats:
    _, ties = np.unique(-pd_, return_inverse=True)
    rows, bad = np.bincount(ties), np.bincount(ties, weights=is_bad)
    caught: Floats = np.interp(shares, np.r_[0, np.cumsum(rows)] / len(pd_), np.r_[0, np.cumsum(bad)] / is_bad.sum())
    return caught


def _bands(scores: Iterable[int], is_bad: Mask) -> tuple[ScoreBand, ...]:
    edges = np.arange(LOWEST_SCORE, HIGHEST_SCORE + BAND + 1, BAND)
    found = np.asarray(scores)
    good, bad = (np.histogram(found[chosen], edges)[0] for chosen in (~is_bad, is_bad))
    used = np.flatnonzero(good + bad)
    return tuple(
        ScoreBand(low=int(edges[i]), high=int(edges[i + 1]), good_rows=int(good[i]), bad_rows=int(bad[i]))
        for i in range(used[0], used[-1] + 1)
    )


def _calibrating(contender: Contender, bad_rows: int) -> Calibrating:
    return Calibrating(method=contender.calibration.method, bad_rows=bad_rows, **contender.rank_loss.model_dump())
