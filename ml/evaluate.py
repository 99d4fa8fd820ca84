"""Out-of-time metrics of a model, with intervals, beside two plain baselines."""

import logging

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from ml.bootstrap import Floats, Ranking, Statistic, bootstrap
from ml.config import ModelConfig

log = logging.getLogger(__name__)

# Each ranks the sellers by one feature alone, the lower the riskier; null counts as none.
BASELINES = ("sales_amount_90d", "tenure_days")


class Estimate(BaseModel):
    """A figure and its 95% interval."""

    model_config = ConfigDict(frozen=True)

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """As a report shows it."""
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


class Evaluation(BaseModel):
    """Metrics on out-of-time rows.

    ``metrics``: auc, gini, ks, brier and log_loss of the model; ``baselines``: auc, gini and ks of each baseline;
    ``auc_gains``: the model's AUC minus each baseline's, paired.
    """

    model_config = ConfigDict(frozen=True)

    rows: int
    bad_rows: int
    sellers: int
    base_rate: float
    mean_pd: float
    metrics: dict[str, Estimate]
    baselines: dict[str, dict[str, Estimate]]
    auc_gains: dict[str, Estimate]


def evaluate(frame: pd.DataFrame, pd_: Floats, config: ModelConfig) -> Evaluation:
    """Judge ``pd_`` (shape (rows,)) on ``frame``, which has seller_id, is_default and the baselines' features."""
    is_bad = frame["is_default"].to_numpy(bool)
    risks = {name: _baseline_risk(frame, name) for name in BASELINES if name in frame.columns}
    statistic = _statistic(is_bad, pd_, risks)
    figures = _estimates(frame["seller_id"], statistic, config)
    evaluation = Evaluation(
        rows=len(frame),
        bad_rows=int(is_bad.sum()),
        sellers=frame["seller_id"].nunique(),
        base_rate=float(is_bad.mean()),
        mean_pd=float(pd_.mean()),
        metrics=_under(figures, "model"),
        baselines={name: _under(figures, name) for name in risks},
        auc_gains=_under(figures, "gain"),
    )
    _report(evaluation)
    return evaluation


def auc_difference(frame: pd.DataFrame, challenger: Floats, champion: Floats, config: ModelConfig) -> Estimate:
    """The challenger's AUC minus the champion's on the same rows, with its paired interval."""
    is_bad = frame["is_default"].to_numpy(bool)
    ours, theirs = Ranking(is_bad, challenger), Ranking(is_bad, champion)

    def difference(weights: Floats) -> dict[str, float]:
        return {"auc": ours.auc_and_ks(weights)[0] - theirs.auc_and_ks(weights)[0]}

    return _estimates(frame["seller_id"], difference, config)["auc"]


def _statistic(is_bad: NDArray[np.bool_], pd_: Floats, risks: dict[str, Floats]) -> Statistic:
    rankings = {name: Ranking(is_bad, risk) for name, risk in {"model": pd_, **risks}.items()}
    clipped = np.clip(pd_, 1e-15, 1 - 1e-15)
    losses = {"brier": (pd_ - is_bad) ** 2, "log_loss": -np.log(np.where(is_bad, clipped, 1 - clipped))}

    def figures(weights: Floats) -> dict[str, float]:
        found: dict[str, float] = {}
        for name, ranking in rankings.items():
            auc, ks = ranking.auc_and_ks(weights)
            found |= {f"{name}.auc": auc, f"{name}.gini": 2 * auc - 1, f"{name}.ks": ks}
        found |= {f"model.{name}": float(np.average(loss, weights=weights)) for name, loss in losses.items()}
        return found | {f"gain.{name}": found["model.auc"] - found[f"{name}.auc"] for name in risks}

    return figures


def _estimates(sellers: pd.Series, statistic: Statistic, config: ModelConfig) -> dict[str, Estimate]:
    resampled = bootstrap(sellers, statistic, config.evaluation.resamples, config.seed)
    interval = resampled.quantile([0.025, 0.975])
    return {
        name: Estimate(value=value, low=interval[name].iloc[0], high=interval[name].iloc[1])
        for name, value in statistic(np.ones(len(sellers))).items()
    }


def _under(figures: dict[str, Estimate], prefix: str) -> dict[str, Estimate]:
    return {
        name.removeprefix(f"{prefix}."): figure for name, figure in figures.items() if name.startswith(f"{prefix}.")
    }


def _baseline_risk(frame: pd.DataFrame, name: str) -> Floats:
    return -frame[name].fillna(0).to_numpy(np.float64)


def _report(found: Evaluation) -> None:
    log.info(
        "out-of-time: %s rows of %s sellers, %.1f%% bad, mean pd %.1f%%, AUC %s, KS %s, Brier %s",
        f"{found.rows:,}", f"{found.sellers:,}", 100 * found.base_rate, 100 * found.mean_pd,
        found.metrics["auc"], found.metrics["ks"], found.metrics["brier"],
    )  # fmt: skip
    for name, metrics in found.baselines.items():
        log.info("baseline %s alone: AUC %s; the model gains %s", name, metrics["auc"], found.auc_gains[name])
