"""Reliability and calibration error, by hand and against scikit-learn's and published figures."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from ml.evaluation.evaluate import evaluate
from ml.numbers.reliability import calibration_error, equal_size_bins, errors_by_chance, reliability
from tests.ml.evaluation.graded import KNOWN_ON, graded, quick


def test_bins_hold_as_many_rows_each_and_ties_stay_together() -> None:
    assert equal_size_bins(np.array([0.3, 0.1, 0.2, 0.4]), 2).tolist() == [1, 0, 0, 1]
    tied = np.array([0.1, 0.2, 0.2, 0.2, 0.2, 0.3])
    assert equal_size_bins(tied, 3).tolist() == [0, 1, 1, 1, 1, 2]
    assert equal_size_bins(tied[::-1], 3).tolist() == [2, 1, 1, 1, 1, 0]
    assert np.bincount(equal_size_bins(np.random.default_rng(1).random(1003), 10)).tolist() == pytest.approx(
        [100.3] * 10, abs=1
    )


def test_bins_agree_with_scikit_learn() -> None:
    frame, pd_ = graded()
    found = reliability(frame["is_default"].to_numpy(bool), pd_[None, :], 10)
    bad_rates, mean_pds = calibration_curve(frame["is_default"], pd_, n_bins=10, strategy="quantile")
    assert [each.rows for each in found] == [200] * 10
    assert [each.mean_pd for each in found] == pytest.approx(mean_pds)
    assert [each.bad_rate.value for each in found] == pytest.approx(bad_rates)
    assert sum(each.bad_rate.low <= each.mean_pd <= each.bad_rate.high for each in found) >= 8


def test_ece_by_hand() -> None:
    # Two bins: mean pd 0.15 beside 1 of 2 bad, 0.35 beside 0 of 2 bad.
    pd_, bad = np.array([0.1, 0.2, 0.3, 0.4]), np.array([False, True, False, False])
    assert calibration_error(equal_size_bins(pd_, 2), pd_ - bad, 4) == pytest.approx((0.35 + 0.35) / 2)


def test_ece_is_the_distance_of_the_reliability_bins() -> None:
    frame, pd_ = graded()
    found = evaluate(frame, pd_ * 0.7, quick(), KNOWN_ON)
    gaps = [each.rows * abs(each.mean_pd - each.bad_rate.value) for each in found.reliability]
    assert found.metrics["ece"].value == pytest.approx(sum(gaps) / found.rows)


def test_a_true_pd_is_within_chance_and_a_wrong_one_is_not() -> None:
    frame, pd_ = graded(rows=5000)
    true, wrong = (evaluate(frame, each, quick(200), KNOWN_ON) for each in (pd_, pd_ * 0.7))
    assert true.metrics["ece"].value <= true.ece_by_chance.high and true.metrics["ece"].low == 0
    assert wrong.metrics["ece"].value > wrong.ece_by_chance.high and wrong.metrics["ece"].low > 0
    assert wrong.metrics["ece"].low < 0.3 * pd_.mean() < wrong.metrics["ece"].high


def test_error_by_chance_is_that_of_new_outcomes_and_falls_with_the_root_of_the_rows() -> None:
    few, many = (np.random.default_rng(1).beta(1, 4, rows) for rows in (1000, 16_000))
    drawn = errors_by_chance(few[None, :], 10, 200, seed=1)
    random, codes = np.random.default_rng(2), equal_size_bins(few, 10)
    expected = [calibration_error(codes, few - (random.random(1000) < few), 1000) for _ in range(200)]
    assert drawn.mean() == pytest.approx(np.mean(expected), rel=0.1)
    assert errors_by_chance(many[None, :], 10, 200, seed=1).mean() == pytest.approx(drawn.mean() / 4, rel=0.15)
