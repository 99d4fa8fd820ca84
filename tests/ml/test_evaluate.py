import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score, roc_curve

from ml.bootstrap import Floats, Ranking
from ml.config import EvaluationConfig, ModelConfig, load_config
from ml.evaluate import auc_difference, evaluate


def graded(rows: int = 2000, rows_per_seller: int = 1, seed: int = 3) -> tuple[pd.DataFrame, Floats]:
    """Rows whose pd is the true one, so that defaults follow it."""
    random = np.random.default_rng(seed)
    true_pd = random.beta(1, 4, rows)
    frame = pd.DataFrame(
        {
            "seller_id": [f"s{i // rows_per_seller}" for i in range(rows)],
            "is_default": random.random(rows) < true_pd,
            "sales_amount_90d": -true_pd + random.normal(0, 0.3, rows),
            "tenure_days": random.integers(0, 900, rows),
        }
    )
    return frame, true_pd


@settings(max_examples=200, deadline=None)
@given(rows=st.lists(st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 3)), min_size=4, max_size=60))
def test_weighted_auc_equals_scikit_learn_with_ties_and_weights(rows: list[tuple[bool, int, int]]) -> None:
    bad, risk, weight = (np.array(column) for column in zip(*rows, strict=True))
    counted = weight > 0
    auc, ks = Ranking(bad, risk.astype(float)).auc_and_ks(weight.astype(float))
    if len(set(bad[counted].tolist())) < 2:
        assert np.isnan(auc)
        return
    assert auc == pytest.approx(roc_auc_score(bad, risk, sample_weight=weight))
    false_share, true_share, _ = roc_curve(bad, risk, sample_weight=weight)
    assert ks == pytest.approx(np.abs(true_share - false_share).max())


def test_metrics_equal_scikit_learn() -> None:
    frame, pd_ = graded()
    found = evaluate(frame, pd_, load_config())
    bad = frame["is_default"]
    assert found.metrics["auc"].value == pytest.approx(roc_auc_score(bad, pd_))
    assert found.metrics["gini"].value == pytest.approx(2 * roc_auc_score(bad, pd_) - 1)
    assert found.metrics["brier"].value == pytest.approx(brier_score_loss(bad, pd_))
    assert found.metrics["log_loss"].value == pytest.approx(log_loss(bad, pd_))
    assert (found.rows, found.bad_rows) == (2000, int(bad.sum()))
    assert found.base_rate == pytest.approx(bad.mean())


def test_low_sales_count_as_risky_and_null_as_none() -> None:
    frame, pd_ = graded()
    found = evaluate(frame, pd_, load_config())
    expected = roc_auc_score(frame["is_default"], -frame["sales_amount_90d"])
    assert found.baselines["sales_amount_90d"]["auc"].value == pytest.approx(expected)
    assert expected > 0.6
    emptied = frame.assign(tenure_days=np.where(frame["is_default"], np.nan, 100))
    assert evaluate(emptied, pd_, load_config()).baselines["tenure_days"]["auc"].value == 1


def test_interval_has_the_width_of_the_analytic_one_for_independent_rows() -> None:
    frame, pd_ = graded(rows=4000)
    auc = evaluate(frame, pd_, load_config()).metrics["auc"]
    half = 1.96 * np.sqrt(hanley_mcneil_variance(auc.value, int(frame["is_default"].sum()), len(frame)))
    assert auc.low < auc.value < auc.high
    assert (auc.high - auc.low) / 2 == pytest.approx(half, rel=0.2)


def test_interval_is_wider_where_a_seller_repeats() -> None:
    frame, pd_ = graded(rows=1000)
    repeated = pd.concat([frame] * 4, ignore_index=True)
    once, four_times = (
        evaluate(rows, scores, load_config()).metrics["auc"]
        for rows, scores in ((frame, pd_), (repeated, np.tile(pd_, 4)))
    )
    assert four_times.value == pytest.approx(once.value)
    assert four_times.high - four_times.low == pytest.approx(once.high - once.low, rel=0.05)


def test_interval_covers_the_true_auc_about_as_often_as_it_says() -> None:
    big, big_pd = graded(rows=400_000, seed=99)
    true_auc = roc_auc_score(big["is_default"], big_pd)
    few = quick(resamples=150)
    intervals = [evaluate(*graded(rows=600, seed=seed), few).metrics["auc"] for seed in range(100)]
    covered = sum(interval.low <= true_auc <= interval.high for interval in intervals)
    assert covered >= 87


def test_difference_is_paired() -> None:
    frame, pd_ = graded()
    same = auc_difference(frame, pd_, pd_ / 2, load_config())
    assert (same.value, same.low, same.high) == (0, 0, 0)
    noisy = pd_ + np.random.default_rng(1).normal(0, 0.1, len(pd_))
    gain = auc_difference(frame, pd_, noisy, load_config())
    expected = roc_auc_score(frame["is_default"], pd_) - roc_auc_score(frame["is_default"], noisy)
    assert gain.value == pytest.approx(expected)
    assert 0 < gain.low < gain.value < gain.high


def test_ten_thousand_rows_take_less_than_five_seconds() -> None:
    frame, pd_ = graded(rows=10_000, rows_per_seller=3)
    started = time.monotonic()
    evaluate(frame, pd_, load_config())
    assert time.monotonic() - started < 5


def quick(resamples: int) -> ModelConfig:
    return load_config().model_copy(update={"evaluation": EvaluationConfig(resamples=resamples)})


def hanley_mcneil_variance(auc: float, bad: int, rows: int) -> float:
    """Hanley and McNeil (1982): the variance of the AUC of independent rows."""
    good = rows - bad
    both_bad, both_good = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    return (auc * (1 - auc) + (bad - 1) * (both_bad - auc**2) + (good - 1) * (both_good - auc**2)) / (bad * good)
