"""The figures of an evaluation against scikit-learn and by hand, and their intervals against the truth."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score, roc_curve

from ml.errors import Immature, NotEnoughData
from ml.evaluation.evaluate import Evaluation, auc_difference, evaluate, label_text, paired_difference
from ml.numbers.auc import univariate_auc
from ml.numbers.bootstrap import Floats, Ranking
from ml.numbers.metrics import Metrics
from tests.ml.evaluation.graded import KNOWN_ON, graded, quick

pytestmark = pytest.mark.slow


Truth = dict[str, float]


@settings(max_examples=200, deadline=None)
@given(rows=st.lists(st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 3)), min_size=4, max_size=60))
def test_weighted_auc_equals_scikit_learn_with_ties_and_weights(rows: list[tuple[bool, int, int]]) -> None:
    bad, risk, weight = (np.array(column) for column in zip(*rows, strict=True))
    counted = weight > 0
    ranking = Ranking(bad, risk.astype(float))
    auc, ks = ranking.auc_and_ks(weight.astype(float))
    if len(set(bad[counted].tolist())) < 2:
        assert np.isnan(auc)
        return
    assert auc == pytest.approx(roc_auc_score(bad, risk, sample_weight=weight))
    false_share, true_share, _ = roc_curve(bad, risk, sample_weight=weight)
    assert ks == pytest.approx(np.abs(true_share - false_share).max())
    assert ranking.auc_ks_and_lift(weight.astype(float), 0.1)[:2] == (auc, ks)


def test_metrics_equal_scikit_learn() -> None:
    frame, pd_ = graded()
    found = evaluate(frame, pd_, quick(), KNOWN_ON)
    bad = frame["is_default"]
    assert found.metrics["auc"].value == pytest.approx(roc_auc_score(bad, pd_))
    assert found.metrics["gini"].value == pytest.approx(2 * roc_auc_score(bad, pd_) - 1)
    assert found.metrics["brier"].value == pytest.approx(brier_score_loss(bad, pd_))
    assert found.metrics["log_loss"].value == pytest.approx(log_loss(bad, pd_))
    assert found.metrics["pd_ratio"].value == pytest.approx(pd_.mean() / bad.mean())
    assert (found.rows, found.bad_rows, found.sellers) == (2000, int(bad.sum()), 2000)
    assert found.base_rate == pytest.approx(bad.mean())


def test_lift_is_of_the_riskiest_tenth() -> None:
    frame, pd_ = graded()
    riskiest = frame["is_default"][np.argsort(-pd_)[:200]]
    lift = evaluate(frame, pd_, quick(), KNOWN_ON).metrics["lift"]
    assert lift.value == pytest.approx(riskiest.mean() / frame["is_default"].mean())
    assert lift.low < lift.value < lift.high


def test_lift_counts_a_tie_on_the_edge_of_the_tenth_in_part() -> None:
    # 20 rows, 5 bad. The riskiest tenth is 2 rows: the one on top, bad, and one of four tied, 2 of which are bad.
    bad = np.array([True] + [True, True, False, False] + [True, True] + [False] * 13)
    pd_ = np.array([0.9] + [0.5] * 4 + [0.1] * 15)
    _, _, lift = Ranking(bad, pd_).auc_ks_and_lift(np.ones(20), 0.1)
    assert lift == pytest.approx((1 + 0.5) / 2 / (5 / 20))


def test_low_sales_count_as_risky_and_null_as_none() -> None:
    frame, pd_ = graded()
    found = evaluate(frame, pd_, quick(), KNOWN_ON)
    expected = roc_auc_score(frame["is_default"], -frame["sales_amount_90d"])
    assert found.baselines["sales_amount_90d"]["auc"].value == pytest.approx(expected)
    assert expected > 0.6
    gain = found.auc_gains["sales_amount_90d"]
    assert gain.value == pytest.approx(found.metrics["auc"].value - expected) and gain.low > 0
    emptied = frame.assign(tenure_days=np.where(frame["is_default"], np.nan, 100))
    assert evaluate(emptied, pd_, quick(), KNOWN_ON).baselines["tenure_days"]["auc"].value == 1


def test_interval_of_the_auc_agrees_with_delongs_for_one_row_a_seller() -> None:
    frame, pd_ = graded(rows=4000)
    auc = evaluate(frame, pd_, quick(500), KNOWN_ON).metrics["auc"]
    analytic = univariate_auc(pd_, frame["is_default"].to_numpy(bool), np.arange(4000))
    assert analytic and auc.value == pytest.approx(analytic.value)
    assert (auc.low, auc.high) == pytest.approx((analytic.low, analytic.high), abs=0.003)
    assert auc.high - auc.low == pytest.approx(analytic.high - analytic.low, rel=0.15)


def test_interval_is_wider_where_a_seller_repeats() -> None:
    frame, pd_ = graded(rows=1000)
    repeated = pd.concat([frame] * 4, ignore_index=True)
    once, four_times = (
        evaluate(rows, scores, quick(200), KNOWN_ON) for rows, scores in ((frame, pd_), (repeated, np.tile(pd_, 4)))
    )
    for name in ("auc", "brier", "ks"):
        one, four = once.metrics[name], four_times.metrics[name]
        assert four.value == pytest.approx(one.value)
        assert four.high - four.low == pytest.approx(one.high - one.low, rel=0.05)


@pytest.fixture(scope="module")
def tries() -> tuple[Truth, list[Evaluation]]:
    """The figures of 400,000 rows, and the evaluations of 100 samples of 600 of them."""
    big, big_pd = graded(rows=400_000, seed=99)
    truth = Metrics(big["is_default"].to_numpy(bool), big_pd, 10)(np.ones(len(big)))
    return truth, [evaluate(*graded(rows=600, seed=seed), quick(150), KNOWN_ON) for seed in range(100)]


# Noise can only raise a KS or an ECE; their intervals take that back, the KS's not wholly.
@pytest.mark.parametrize(
    ("name", "fewest"),
    [
        ("auc", 88),
        ("gini", 88),
        ("brier", 88),
        ("log_loss", 88),
        ("lift", 88),
        ("pd_ratio", 88),
        ("ece", 88),
        ("ks", 80),
    ],
)
def test_intervals_cover_the_truth_about_as_often_as_they_say(
    name: str, fewest: int, tries: tuple[Truth, list[Evaluation]]
) -> None:
    truth, evaluations = tries
    intervals = [each.metrics[name] for each in evaluations]
    assert all(each.low <= each.value <= each.high for each in intervals)
    # Where the pds are the true ones, so is an ECE of 0.
    assert sum(each.low <= (0 if name == "ece" else truth[name]) <= each.high for each in intervals) >= fewest


def test_difference_is_paired() -> None:
    frame, pd_ = graded()
    same = auc_difference(frame, pd_, pd_ / 2, quick())
    assert (same.value, same.low, same.high) == (0, 0, 0)
    noisy = np.clip(pd_ + np.random.default_rng(1).normal(0, 0.1, len(pd_)), 0.001, 1)
    gains = paired_difference(frame, pd_, noisy, quick(200))
    bad = frame["is_default"]
    for name, metric in (("auc", roc_auc_score), ("brier", brier_score_loss), ("log_loss", log_loss)):
        assert gains[name].value == pytest.approx(metric(bad, pd_) - metric(bad, noisy))
        assert gains[name].low < gains[name].value < gains[name].high
    assert gains["auc"].low > 0 and gains["brier"].high < 0 and gains["log_loss"].high < 0
    assert auc_difference(frame, pd_, noisy, quick(200)) == gains["auc"]
    alone = evaluate(frame, pd_, quick(200), KNOWN_ON).metrics["auc"]
    assert gains["auc"].high - gains["auc"].low < alone.high - alone.low


def test_every_figure_is_the_mean_over_repeats() -> None:
    frame, pd_ = graded()
    noisy = np.clip(pd_ * np.exp(np.random.default_rng(1).normal(0, 0.5, len(pd_))), 0, 1)
    found, *alone = (evaluate(frame, each, quick(), KNOWN_ON) for each in (np.stack([pd_, noisy]), pd_, noisy))
    assert found.mean_pd == pytest.approx(np.mean([each.mean_pd for each in alone]))
    assert found.ece_by_chance.value == pytest.approx(np.mean([each.ece_by_chance.value for each in alone]))
    for name in found.metrics:
        assert found.metrics[name].value == pytest.approx(np.mean([each.metrics[name].value for each in alone])), name
    for position, segment in enumerate(found.segments):
        assert segment.auc and segment.auc.value == pytest.approx(
            np.mean([auc.value for each in alone if (auc := each.segments[position].auc)])
        )
    assert found.rows == 2000 and sum(each.rows for each in found.reliability) == 2000
    gain = auc_difference(frame, np.stack([pd_, noisy]), noisy, quick()).value
    assert gain == pytest.approx((alone[0].metrics["auc"].value - alone[1].metrics["auc"].value) / 2)


def test_repeats_that_agree_change_nothing() -> None:
    frame, pd_ = graded()
    once, twice = (evaluate(frame, each, quick(), KNOWN_ON) for each in (pd_, np.stack([pd_, pd_])))
    assert twice.baselines == once.baselines
    for name, figure in once.metrics.items():
        assert twice.metrics[name].model_dump() == pytest.approx(figure.model_dump()), name


def test_immature_rows_are_refused() -> None:
    frame, pd_ = graded()
    day_before = pd.Timestamp("2018-10-26").date()  # loans of 2018-04-30 mature on 2018-10-27
    with pytest.raises(
        Immature,
        match=r"999 of 2,000 rows have no outcome yet on 2018-10-26, those decided in 2018-04 first: "
        r"that cohort is mature on 2018-10-27",
    ):
        evaluate(frame, pd_, quick(), day_before)
    rows = (frame["as_of"] < "2018-04-01").to_numpy()
    assert evaluate(frame[rows], pd_[rows], quick(), day_before).rows == 1001


def test_a_row_that_matures_on_no_known_day_is_refused() -> None:
    frame, pd_ = graded(rows=100)
    frame.loc[3, "matures_on"] = pd.NaT
    with pytest.raises(Immature, match="1 of 100 rows have no outcome yet"):
        evaluate(frame, pd_, quick(), KNOWN_ON)


@pytest.mark.parametrize("is_bad", [True, False])
def test_rows_of_one_class_are_refused(is_bad: bool) -> None:
    frame, pd_ = graded(rows=100)
    with pytest.raises(NotEnoughData, match="all 100 rows to evaluate on are of one class"):
        evaluate(frame.assign(is_default=is_bad), pd_, quick(), KNOWN_ON)


def test_a_pd_of_all_alike_tells_nothing_apart() -> None:
    frame, _ = graded()
    found = evaluate(frame, np.full(2000, 0.2), quick(), KNOWN_ON)
    auc, lift = found.metrics["auc"], found.metrics["lift"]
    assert (auc.value, auc.low, auc.high) == (0.5, 0.5, 0.5) and lift.value == pytest.approx(1)
    assert len(found.reliability) == 1 and found.segments[0].auc is None


def test_an_evaluation_is_the_same_after_it_was_written_and_read() -> None:
    frame, pd_ = graded()
    found = evaluate(frame, pd_, quick(), KNOWN_ON, frame["seller_id"][:1500])
    assert Evaluation.model_validate_json(found.model_dump_json()) == found
    assert evaluate(frame, pd_, quick(), KNOWN_ON, frame["seller_id"][:1500]) == found


def test_order_of_the_rows_changes_no_value() -> None:
    frame, pd_ = graded()
    pd_ = pd_.round(2)  # with ties
    turned = evaluate(frame[::-1], pd_[::-1], quick(), KNOWN_ON)
    for name, figure in evaluate(frame, pd_, quick(), KNOWN_ON).metrics.items():
        assert turned.metrics[name].value == pytest.approx(figure.value, abs=1e-12)


def test_a_replay_is_marked() -> None:
    frame, pd_ = graded(rows=300)
    found = evaluate(frame.assign(label_kind="cash_flow_replay"), pd_, quick(2), KNOWN_ON)
    assert label_text(found.label_kind) == "cash_flow_replay (replayed, not observed)"
    assert label_text("loan_default") == "loan_default"


def test_losses_stay_finite_for_a_pd_of_0_or_1() -> None:
    certain: Floats = np.array([0.0, 1.0, 0.5])
    losses = Metrics(np.array([True, True, False]), certain, 10).losses(np.ones(3))
    assert losses["log_loss"] == pytest.approx((-np.log(1e-15) + 0 - np.log(0.5)) / 3)
    assert losses["brier"] == pytest.approx((1 + 0 + 0.25) / 3)
