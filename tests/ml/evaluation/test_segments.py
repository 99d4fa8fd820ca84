"""Segments add up, are named as they should be, and say nothing where there are too few rows."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from ml.evaluation.evaluate import evaluate
from ml.evaluation.segments import Segment, segments_of, seller_groups
from tests.ml.evaluation.graded import KNOWN_ON, graded, quick


def by(segments: tuple[Segment, ...], name: str) -> dict[str, Segment]:
    return {each.name: each for each in segments if each.by == name}


def test_every_grouping_adds_up_to_all_rows() -> None:
    frame, pd_ = graded()
    frame["industry"] = np.resize(np.array(["toys", "food", None], dtype=object), len(frame))
    frame.loc[:99, ["sales_amount_90d", "tenure_days"]] = np.nan
    found = evaluate(frame, pd_, quick(), KNOWN_ON)
    assert {each.by for each in found.segments} == {"seller_type", "industry", "size", "tenure"}
    for name in ("seller_type", "industry", "size", "tenure", "month"):
        parts = by((*found.segments, *found.months), name).values()
        assert (sum(each.rows for each in parts), sum(each.bad_rows for each in parts)) == (2000, found.bad_rows)
        assert sum(each.rows * each.mean_pd for each in parts) == pytest.approx(2000 * found.mean_pd)
    assert set(by(found.segments, "industry")) == {"toys", "food", "unknown"}
    assert by(found.segments, "size")["unknown"].rows == by(found.segments, "tenure")["unknown"].rows == 100


def test_figures_of_a_segment_are_those_of_its_rows() -> None:
    frame, pd_ = graded()
    segment = by(evaluate(frame, pd_, quick(), KNOWN_ON).segments, "seller_type")["business"]
    rows = (frame["seller_type"] == "business").to_numpy()
    bad = frame["is_default"][rows]
    assert (segment.rows, segment.bad_rows) == (rows.sum(), bad.sum())
    assert segment.auc and segment.auc.value == pytest.approx(roc_auc_score(bad, pd_[rows]))
    assert segment.pd_ratio and segment.pd_ratio.value == pytest.approx(pd_[rows].mean() / bad.mean())
    assert segment.auc.low < segment.auc.value < segment.auc.high
    assert segment.pd_ratio.low < 1 < segment.pd_ratio.high


def test_analytic_intervals_agree_with_the_bootstrap_where_sellers_repeat() -> None:
    frame, pd_ = graded(rows=4000, rows_per_seller=4)
    frame["seller_type"] = "business"
    found = evaluate(frame, pd_, quick(500), KNOWN_ON)
    segment = by(found.segments, "seller_type")["business"]
    for name, analytic in (("auc", segment.auc), ("pd_ratio", segment.pd_ratio)):
        resampled = found.metrics[name]
        assert analytic and analytic.value == pytest.approx(resampled.value)
        assert analytic.high - analytic.low == pytest.approx(resampled.high - resampled.low, rel=0.15)


def test_a_seller_who_repeats_counts_once() -> None:
    frame, pd_ = graded(rows=1000)
    fourfold = pd.concat([frame] * 4, ignore_index=True)
    once, four_times = (
        by(segments_of(seller_groups(rows), rows, scores[None, :], 10), "seller_type")["business"]
        for rows, scores in ((frame, pd_), (fourfold, np.tile(pd_, 4)))
    )
    assert once.auc and four_times.auc and once.pd_ratio and four_times.pd_ratio
    assert four_times.auc.low == pytest.approx(once.auc.low)
    assert four_times.pd_ratio.high == pytest.approx(once.pd_ratio.high)


@pytest.mark.parametrize(("is_bad", "has_ratio"), [(True, True), (False, False)])
def test_a_segment_of_one_class_has_counts_and_no_auc(is_bad: bool, has_ratio: bool) -> None:
    frame, pd_ = graded()
    frame.loc[frame["seller_type"] == "business", "is_default"] = is_bad
    segment = by(evaluate(frame, pd_, quick(), KNOWN_ON).segments, "seller_type")["business"]
    assert segment.base_rate == is_bad and segment.rows > 0
    assert segment.auc is None and bool(segment.pd_ratio) == has_ratio


def test_nine_bad_rows_are_too_few_and_ten_are_enough() -> None:
    frame, pd_ = graded()
    rows = frame.index[frame["is_default"]]
    for count, has_auc in ((9, False), (10, True)):
        frame["seller_type"] = np.where(frame.index.isin([*rows[:count], *range(200)]), "business", "individual")
        frame["seller_type"] = frame["seller_type"].mask(
            frame["is_default"] & ~frame.index.isin(rows[:count]), "individual"
        )
        segment = by(evaluate(frame, pd_, quick(2), KNOWN_ON).segments, "seller_type")["business"]
        assert segment.bad_rows == count and bool(segment.auc) == bool(segment.pd_ratio) == has_auc


def test_small_industries_are_one() -> None:
    frame, pd_ = graded()
    frame["industry"] = [
        f"i{min(int(number), 19):02}" for number in np.random.default_rng(1).exponential(6, len(frame))
    ]
    found = by(evaluate(frame, pd_, quick(2), KNOWN_ON).segments, "industry")
    counts = frame["industry"].value_counts()
    assert len(found) == 13 and list(found)[-1] == "other"
    assert [each.rows for each in found.values()][:12] == counts.head(12).tolist()
    assert found["other"].rows == counts.iloc[12:].sum()


def test_sizes_are_thirds_and_say_their_edges() -> None:
    frame, pd_ = graded(rows=900)
    frame["sales_amount_90d"] = np.random.default_rng(1).permutation(np.arange(1, 901)) * 10.0
    found = by(evaluate(frame, pd_, quick(2), KNOWN_ON).segments, "size")
    assert [(name, each.rows) for name, each in found.items()] == [("small", 300), ("medium", 300), ("large", 300)]
    assert found["small"].detail == "sales_amount_90d up to 3,006.67"
    assert found["medium"].detail == "sales_amount_90d above 3,006.67 up to 6,003.33"
    assert found["large"].detail == "sales_amount_90d above 6,003.33"


def test_tenure_bands_meet_at_180_and_365_days() -> None:
    frame, pd_ = graded()
    frame["tenure_days"] = np.resize([0, 179, 180, 365, 366], len(frame))
    found = by(evaluate(frame, pd_, quick(2), KNOWN_ON).segments, "tenure")
    assert {name: each.rows for name, each in found.items()} == {
        "under 180 days": 800,
        "180 to 365 days": 800,
        "over 365 days": 400,
    }


def test_columns_that_are_absent_or_empty_make_no_segments() -> None:
    frame, pd_ = graded()
    frame = frame.drop(columns=["tenure_days"]).assign(seller_type=None, sales_amount_90d=np.nan)
    assert evaluate(frame, pd_, quick(2), KNOWN_ON).segments == ()


def test_months_are_those_of_the_decision_in_order() -> None:
    frame, pd_ = graded()
    months = evaluate(frame, pd_, quick(2), KNOWN_ON).months
    assert [each.name for each in months] == [f"2018-0{month}" for month in range(1, 7)]
    assert months[0].rows == (frame["as_of"].dt.month == 1).sum()


def test_sellers_that_training_did_not_have() -> None:
    frame, pd_ = graded(rows_per_seller=2)
    unseen = evaluate(frame, pd_, quick(2), KNOWN_ON, known_sellers=frame["seller_id"][:1500]).unseen_sellers
    assert unseen and (unseen.rows, unseen.bad_rows) == (500, int(frame["is_default"][1500:].sum()))
    assert unseen.auc and unseen.auc.value == pytest.approx(roc_auc_score(frame["is_default"][1500:], pd_[1500:]))
    assert evaluate(frame, pd_, quick(2), KNOWN_ON).unseen_sellers is None
    assert evaluate(frame, pd_, quick(2), KNOWN_ON, known_sellers=frame["seller_id"]).unseen_sellers is None
