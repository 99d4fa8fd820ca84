"""An estimate lies in its interval, however few or lopsided the rows that it is of."""

import math

import hypothesis
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from ml.errors import NotEnoughData
from ml.evaluation.segments import SellerGroup, segments_of
from ml.monitoring.fairness_figures import EvaluationRows, share_ratio
from ml.numbers.auc import univariate_auc
from ml.numbers.bootstrap import Ranking, basic_estimate, bootstrap, percentile_estimate
from ml.numbers.metrics import Metrics
from ml.numbers.reliability import error_estimate, errors_by_chance, reliability
from tradeline.estimates import Estimate, wilson

Counts = tuple[int, int]
counts = st.integers(1, 10**7).flatmap(
    lambda rows: st.tuples(st.sampled_from([0, rows]) | st.integers(0, rows), st.just(rows))
)


class Kept(BaseModel):
    metrics: dict[str, Estimate]


@st.composite
def judged_rows(draw: st.DrawFn) -> pd.DataFrame:
    """A few rows of a few sellers, of none, one, all or many bad, with pds that tie, or are 0 or 1."""
    rows = draw(st.integers(2, 40))
    pds = st.sampled_from([0.0, 1e-300, 0.02, 0.5, 1.0]) | st.floats(0, 1)
    frame = pd.DataFrame(
        {
            "seller_id": draw(st.lists(st.sampled_from("abcdefgh"), min_size=rows, max_size=rows)),
            "is_default": draw(st.lists(st.booleans(), min_size=rows, max_size=rows)),
            "pd": draw(st.lists(pds, min_size=rows, max_size=rows)),
        }
    )
    frame["as_of"] = pd.date_range("2026-01-31", periods=rows)
    return frame


def assert_holds(found: Estimate | None) -> None:
    """As the type promises, however it was made: ``model_copy`` for one does not check."""
    if found is not None:
        assert found.low <= found.value <= found.high
        assert all(map(math.isfinite, (found.low, found.value, found.high)))


@pytest.mark.parametrize("low, value, high", [(0.1, 0.05, 0.2), (0.1, 0.3, 0.2), (1e-18, 0.0, 0.1), (0.2, 0.15, 0.1)])
def test_an_interval_that_misses_its_value_is_refused(low: float, value: float, high: float) -> None:
    with pytest.raises(ValidationError, match="is not within"):
        Estimate(value=value, low=low, high=high)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["value", "low", "high"])
def test_what_is_not_finite_is_refused(name: str, number: float) -> None:
    with pytest.raises(ValidationError, match="finite"):
        Estimate(**({"value": 0.5, "low": 0.4, "high": 0.6} | {name: number}))


@pytest.mark.parametrize("name", ["value", "low", "high"])
def test_widening_does_not_hide_that_an_end_is_missing(name: str) -> None:
    with pytest.raises(ValidationError, match="finite"):
        Estimate.around(**({"value": 0.5, "low": 0.4, "high": 0.6} | {name: math.nan}))


def test_what_an_earlier_release_kept_is_read_and_widened() -> None:
    kept = (
        '{"metrics": {"ece": {"value": 0.0, "low": 1.4e-18, "high": 0.02}, "lift": {"value": 3, "low": 1, "high": 2}}}'
    )
    read = Kept.model_validate_json(kept).metrics
    assert read["ece"] == Estimate(value=0, low=0, high=0.02)
    assert read["lift"] == Estimate(value=3, low=1, high=3)
    with pytest.raises(ValidationError, match="finite"):
        Kept.model_validate_json('{"metrics": {"auc": {"value": NaN, "low": 0, "high": 1}}}')


def test_wilson_interval() -> None:
    # Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3.
    for bad, rows, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)):
        found = wilson(bad / rows, rows)
        assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@given(counts)
@example((0, 186))
def test_wilson_holds_the_share_and_is_exact_at_none_and_at_all(count: Counts) -> None:
    bad, rows = count
    found = wilson(bad / rows, rows)
    assert_holds(found)
    assert (found.low == 0) == (bad == 0)
    assert (found.high == 1) == (bad == rows)


@given(counts, counts)
def test_ratio_of_shares_holds(group: Counts, reference: Counts) -> None:
    if reference[0]:
        assert_holds(share_ratio(group, reference))


@given(st.floats(-2, 2), st.lists(st.floats(-2, 2) | st.just(math.nan), max_size=30))
def test_intervals_of_resamples_hold_their_value_wherever_these_lie(value: float, resampled: list[float]) -> None:
    drawn = pd.Series(resampled, dtype=float)
    for estimate, own in ((percentile_estimate, value), (basic_estimate, abs(value))):
        if drawn.isna().all():
            with pytest.raises(NotEnoughData, match="both classes"):
                estimate(own, drawn)
        else:
            assert_holds(estimate(own, drawn))


@hypothesis.settings(deadline=None)
@given(judged_rows())
def test_every_figure_of_judged_rows_holds(frame: pd.DataFrame) -> None:
    is_bad, pds = frame["is_default"].to_numpy(bool), frame["pd"].to_numpy()
    sellers = pd.factorize(frame["seller_id"])[0].astype(np.int64)
    assert_holds(univariate_auc(pds, is_bad, sellers))
    for each in reliability(is_bad, pds[None, :], 10):
        assert_holds(each.bad_rate)
        assert each.bad_rate.low > 0 or each.bad_rate.value <= each.bad_rate.high
    everyone = SellerGroup("seller", "all", np.ones(len(frame), bool))
    (segment,) = segments_of([everyone], frame, np.stack([pds, pds[::-1]]), fewest=1)
    assert_holds(segment.auc)
    assert_holds(segment.pd_ratio)
    assert_holds(EvaluationRows(frame, pds, 0.1).default_rate(everyone))
    if is_bad.any() and not is_bad.all():
        metrics = Metrics(is_bad, pds, 10)
        drawn = bootstrap(frame["seller_id"], metrics, 20, seed=1)
        for name, value in metrics(np.ones(len(frame))).items():
            if drawn[name].notna().any():
                assert_holds(percentile_estimate(value, drawn[name]))
                assert_holds(basic_estimate(abs(value), drawn[name]))
        chance = errors_by_chance(pds[None, :], 10, 20, seed=1)
        assert_holds(error_estimate(metrics(np.ones(len(frame)))["ece"], drawn["ece"], chance))


def test_without_spread_the_interval_is_the_value() -> None:
    """Every seller the same: the resamples have no width, and rounding alone must not put the value outside."""
    sellers = pd.Series([f"s{n % 7}" for n in range(700)])
    is_bad, risk = np.arange(700) % 10 == 0, np.arange(700) / 7.0
    ranking = Ranking(is_bad, risk)
    drawn = bootstrap(sellers, lambda weights: {"share": float((weights * 0.1).sum() / weights.sum())}, 50, seed=1)
    found = percentile_estimate(0.1, drawn["share"])
    assert found.low == pytest.approx(0.1) == found.high
    assert_holds(found)
    assert_holds(percentile_estimate(ranking.auc_and_ks(np.ones(700))[0], pd.Series([0.2, 0.3])))
