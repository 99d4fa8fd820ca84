"""Metrics of a model on rows that it has not seen, with intervals, beside two plain baselines."""

import logging
from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd

from ml.config import ModelConfig
from ml.errors import Immature, NotEnoughData
from ml.evaluation.segments import Segment, months, segments_of, seller_groups, unseen_sellers
from ml.numbers.bootstrap import Floats, Mask, Ranking, Statistic, basic_estimate, bootstrap, percentile_estimate
from ml.numbers.metrics import Metrics, mean_figures
from ml.numbers.reliability import ReliabilityBin, error_estimate, errors_by_chance, reliability
from tradeline.checked import Frozen
from tradeline.estimates import Estimate

__all__ = ["Estimate", "Evaluation", "auc_difference", "check_mature", "evaluate", "label_text", "paired_difference"]

log = logging.getLogger(__name__)

# Each ranks the sellers by one feature alone, the lower the riskier; null counts as none.
BASELINES = ("sales_amount_90d", "tenure_days")
REPLAYED = "cash_flow_replay"
ECE = "model.ece"


class Evaluation(Frozen):
    """Metrics on rows that the model was not fitted on.

    ``metrics``: auc, gini, ks, brier, log_loss, ece, lift and pd_ratio of the model, as ``Metrics`` has
    them; ``ece_by_chance``: the ece of a perfectly calibrated model on so many rows, the mean and the middle 95%;
    ``baselines``: auc, gini and ks of each baseline; ``auc_gains``: the model's AUC minus each baseline's, paired.
    ``unseen_sellers``: the rows of sellers that training did not have; None where there are none or it is not known.
    """

    label_kind: str
    rows: int
    bad_rows: int
    sellers: int
    base_rate: float
    mean_pd: float
    metrics: dict[str, Estimate]
    ece_by_chance: Estimate
    baselines: dict[str, dict[str, Estimate]]
    auc_gains: dict[str, Estimate]
    reliability: tuple[ReliabilityBin, ...]
    segments: tuple[Segment, ...]
    months: tuple[Segment, ...]
    unseen_sellers: Segment | None


def evaluate(
    frame: pd.DataFrame, pd_: Floats, config: ModelConfig, known_on: date, known_sellers: Iterable[str] | None = None
) -> Evaluation:
    """Compare ``pd_`` with what had become of the rows by ``known_on``.

    ``frame`` has seller_id, as_of, matures_on, label_kind, is_default and, where the mart has them, the columns of the
    baselines and segments. ``pd_`` has shape (rows,) or (repeats, rows); then every figure is the mean over repeats,
    inside each resample too. ``known_sellers``: those that training had.

    Raises:
        Immature: rows mature after ``known_on``.
        NotEnoughData: all rows are of one class.
    """
    check_mature(frame, known_on)
    is_bad, repeats, settings = _outcomes(frame), np.atleast_2d(pd_), config.evaluation
    risks = {name: _baseline_risk(frame, name) for name in BASELINES if name in frame.columns}
    by_chance = errors_by_chance(repeats, settings.bins, settings.resamples, config.seed)
    figures = _estimates(frame, _statistic(is_bad, repeats, risks, settings.bins), config, by_chance)
    unseen = () if known_sellers is None else unseen_sellers(frame, known_sellers)
    fewest = settings.segment_bad_rows
    evaluation = Evaluation(
        label_kind=str(frame["label_kind"].iloc[0]),
        rows=len(frame),
        bad_rows=int(is_bad.sum()),
        sellers=frame["seller_id"].nunique(),
        base_rate=float(is_bad.mean()),
        mean_pd=float(repeats.mean()),
        metrics=_under(figures, "model"),
        ece_by_chance=percentile_estimate(float(by_chance.mean()), pd.Series(by_chance)),
        baselines={name: _under(figures, name) for name in risks},
        auc_gains=_under(figures, "gain"),
        reliability=reliability(is_bad, repeats, settings.bins),
        segments=segments_of(seller_groups(frame), frame, repeats, fewest),
        months=segments_of(months(frame), frame, repeats, fewest),
        unseen_sellers=next(iter(segments_of(unseen, frame, repeats, fewest)), None),
    )
    _report(evaluation)
    return evaluation


def paired_difference(
    frame: pd.DataFrame, challenger: Floats, champion: Floats, config: ModelConfig
) -> dict[str, Estimate]:
    """auc, brier and log_loss: the challenger's minus the champion's on the same rows, with paired intervals.

    Both pds have shape (rows,) or (repeats, rows).

    Raises:
        NotEnoughData: all rows are of one class.
    """
    is_bad = _outcomes(frame)
    ours, theirs = (
        [Metrics(is_bad, each, config.evaluation.bins) for each in np.atleast_2d(pd_)] for pd_ in (challenger, champion)
    )

    def difference(weights: Floats) -> dict[str, float]:
        first, second = (mean_figures([each.losses(weights) for each in side]) for side in (ours, theirs))
        return {name: first[name] - second[name] for name in first}

    return _estimates(frame, difference, config)


def auc_difference(frame: pd.DataFrame, challenger: Floats, champion: Floats, config: ModelConfig) -> Estimate:
    """The challenger's AUC minus the champion's on the same rows, with its paired interval."""
    return paired_difference(frame, challenger, champion, config)["auc"]


def label_text(label_kind: str) -> str:
    """A label's kind as it is shown: marked where the outcomes are a replay of cash flow and no loan was observed."""
    return f"{label_kind} (replayed, not observed)" if label_kind == REPLAYED else label_kind


def check_mature(frame: pd.DataFrame, known_on: date) -> None:
    """Refuse rows whose outcome was not known on a day; a row without a ``matures_on`` has none.

    Raises:
        Immature: with the number of such rows and when the first cohort among them, a decision month, is mature.
    """
    matures_on = pd.to_datetime(frame["matures_on"])
    late = ~(matures_on <= pd.Timestamp(known_on))
    if late.any():
        cohorts = pd.to_datetime(frame["as_of"]).dt.strftime("%Y-%m")
        first = cohorts[late].min()
        ready_on = matures_on[cohorts == first].max()
        raise Immature(
            f"{int(late.sum()):,} of {len(frame):,} rows have no outcome yet on {known_on}, those decided in {first} "
            f"first: that cohort is mature on {ready_on:%Y-%m-%d}; leave such rows out or wait until then"
        )


def _outcomes(frame: pd.DataFrame) -> Mask:
    is_bad = frame["is_default"].to_numpy(bool)
    if is_bad.all() or not is_bad.any():
        raise NotEnoughData(f"all {len(is_bad):,} rows to evaluate on are of one class: wait for some of the other")
    return is_bad


def _statistic(is_bad: Mask, repeats: Floats, risks: dict[str, Floats], bins: int) -> Statistic:
    models = [Metrics(is_bad, each, bins) for each in repeats]
    rankings = {name: Ranking(is_bad, risk) for name, risk in risks.items()}

    def figures(weights: Floats) -> dict[str, float]:
        model = mean_figures([metrics(weights) for metrics in models])
        found = {f"model.{name}": value for name, value in model.items()}
        for name, ranking in rankings.items():
            auc, ks = ranking.auc_and_ks(weights)
            found |= {f"{name}.auc": auc, f"{name}.gini": 2 * auc - 1, f"{name}.ks": ks}
            found[f"gain.{name}"] = model["auc"] - auc
        return found

    return figures


def _estimates(
    frame: pd.DataFrame, statistic: Statistic, config: ModelConfig, by_chance: Floats | None = None
) -> dict[str, Estimate]:
    resampled = bootstrap(frame["seller_id"], statistic, config.evaluation.resamples, config.seed)

    def estimate(name: str, value: float) -> Estimate:
        if name == ECE and by_chance is not None:
            return error_estimate(value, resampled[name], by_chance)
        return (basic_estimate if name.endswith(".ks") else percentile_estimate)(value, resampled[name])

    return {name: estimate(name, value) for name, value in statistic(np.ones(len(frame))).items()}


def _under(figures: dict[str, Estimate], prefix: str) -> dict[str, Estimate]:
    return {
        name.removeprefix(f"{prefix}."): figure for name, figure in figures.items() if name.startswith(f"{prefix}.")
    }


def _baseline_risk(frame: pd.DataFrame, name: str) -> Floats:
    return -frame[name].fillna(0).to_numpy(np.float64)


def _report(found: Evaluation) -> None:
    log.info(
        "evaluated on %s rows of %s sellers, label %s: %.1f%% bad, mean pd %.1f%%, AUC %s, KS %s, Brier %s, ECE %s",
        f"{found.rows:,}",
        f"{found.sellers:,}",
        label_text(found.label_kind),
        100 * found.base_rate,
        100 * found.mean_pd,
        *(found.metrics[name] for name in ("auc", "ks", "brier", "ece")),
    )
    for name, metrics in found.baselines.items():
        log.info("baseline %s alone: AUC %s; the model gains %s", name, metrics["auc"], found.auc_gains[name])
