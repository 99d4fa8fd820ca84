"""What a version must pass to serve: sound by itself, and proven better than the champion."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from ml.config import ModelConfig, PromotionConfig
from ml.evaluation.evaluate import paired_difference
from ml.learning.calibrate import Floats
from ml.monitoring import fairness, stability
from ml.registry.version import ModelVersion
from tradeline.checked import Frozen
from tradeline.estimates import Estimate


class PromotionGate(Frozen):
    """One condition, its numbers in a sentence, and whether it holds."""

    name: str
    is_passed: bool
    sentence: str


class Contest(Frozen):
    """Challenger and champion on rows that neither was trained on; differences are the challenger's minus the
    champion's, paired."""

    rows: int
    bad_rows: int
    differences: dict[str, Estimate]
    pd_ratio: float
    champion_pd_ratio: float
    champion_days: int


def soundness(version: ModelVersion, rule: PromotionConfig) -> Iterator[PromotionGate]:
    """Whether the version could serve at all: it ranks, its level and calibration are right, nothing has shifted since
    its training, and no gate of the jurisdiction refuses it."""
    found = version.evaluation
    auc, ratio, error = (found.metrics[name] for name in ("auc", "pd_ratio", "ece"))
    yield PromotionGate(
        name="ranking",
        is_passed=auc.low > 0.5,
        sentence=f"its AUC is {auc}" + ("" if auc.low > 0.5 else ": it may be chance, the interval reaches 0.5"),
    )
    is_level = rule.pd_ratio_min <= ratio.value <= rule.pd_ratio_max
    bounds = f"{rule.pd_ratio_min} to {rule.pd_ratio_max} allowed"
    yield PromotionGate(
        name="level",
        is_passed=is_level,
        sentence=f"its mean pd is {ratio.value:.2f} times the observed rate of default, {bounds}",
    )
    allowed = max(rule.ece_share_max * found.base_rate, found.ece_by_chance.high)
    yield PromotionGate(
        name="calibration",
        is_passed=error.value <= allowed,
        sentence=f"its calibration error is {error.value:.3f}, {allowed:.3f} allowed",
    )
    shift = stability.fault(version.stability) if version.stability else None
    compared = "cross-validated, so there is no later part to compare with"
    if version.stability:
        compared = f"its pds have not shifted since training; of its features {len(version.stability.told):,} have"
    yield PromotionGate(name="stability", is_passed=shift is None, sentence=shift or compared)
    breach = fairness.fault(version.fairness)
    kept = f"no gate of the jurisdiction {version.fairness.jurisdiction} refuses it"
    yield PromotionGate(name="fairness", is_passed=breach is None, sentence=breach or kept)


def contest(
    rows: pd.DataFrame,
    challenger: Floats,
    champion: Floats,
    serving: ModelVersion,
    day: date,
    config: ModelConfig,
) -> Contest | None:
    """Compare, for a decision as of ``day``, on the rows that the champion, ``serving``, was not trained on; None
    where they hold too few of either class.

    Both pds have shape (repeats, rows).
    """
    is_fresh = (rows["as_of"] > pd.Timestamp(serving.split.fitted.last_on)).to_numpy()
    fresh, ours, theirs = rows[is_fresh], challenger[:, is_fresh], champion[:, is_fresh]
    is_bad = fresh["is_default"].to_numpy(bool)
    if min(is_bad.sum(), (~is_bad).sum()) < config.promotion.fresh_bad_rows:
        return None
    return Contest(
        rows=len(fresh),
        bad_rows=int(is_bad.sum()),
        differences=paired_difference(fresh, ours, theirs, config),
        pd_ratio=float(ours.mean() / is_bad.mean()),
        champion_pd_ratio=float(theirs.mean() / is_bad.mean()),
        champion_days=(day - serving.trained_as_of).days,
    )


def comparison(found: Contest | None, rule: PromotionConfig) -> Iterator[PromotionGate]:
    """Whether the challenger is not worse in ranking than the champion, and better in something that counts."""
    if found is None:
        few = f"fewer than {rule.fresh_bad_rows} loans of each class are known that the champion was not trained on"
        yield PromotionGate(name="better", is_passed=False, sentence=f"{few}: too few to prove anything")
        return
    auc, loss = found.differences["auc"], found.differences["log_loss"]
    on = f"on {found.rows:,} rows ({found.bad_rows:,} bad) that neither was trained on"
    yield PromotionGate(
        name="not_worse",
        is_passed=auc.low > -rule.auc_margin,
        sentence=f"its AUC minus the champion's is {auc} {on}; the interval must stay above -{rule.auc_margin}",
    )
    reasons = [
        (auc.low > 0, f"it ranks better: AUC {auc.value:+.3f}"),
        (loss.high < 0, f"its pds are better: log loss {loss.value:+.4f}"),
        (_is_off(found, rule), f"the champion's mean pd is {found.champion_pd_ratio:.2f} times the observed rate"),
        (found.champion_days > rule.champion_days_max, f"the champion was trained {found.champion_days} days before"),
    ]
    given = [text for holds, text in reasons if holds]
    nothing = f"it is not proven better {on}: AUC {auc}, log loss {loss.value:+.4f} [{loss.low:+.4f}, {loss.high:+.4f}]"
    yield PromotionGate(name="better", is_passed=bool(given), sentence="; ".join(given) or nothing)


def _is_off(found: Contest, rule: PromotionConfig) -> bool:
    """The champion's level is out of bounds, and the challenger's is nearer."""
    is_out = not rule.pd_ratio_min <= found.champion_pd_ratio <= rule.pd_ratio_max
    return is_out and bool(abs(np.log(found.pd_ratio)) < abs(np.log(found.champion_pd_ratio)))
