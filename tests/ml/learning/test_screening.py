from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ml.config import ScreeningConfig
from ml.errors import BadFeatures
from ml.learning.screening import screen
from tests.ml.synthetic import synthetic_frame
from tradeline.contracts.features import model_inputs

CONFIG = ScreeningConfig(calendar_correlation_max=0.7)


def dated(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(as_of=pd.to_datetime(frame["as_of"]))


def test_what_tells_nothing_is_left_out_with_its_reason(catalogue: Path) -> None:
    inputs = model_inputs(catalogue)
    kept, left_out = screen(dated(synthetic_frame()), inputs, CONFIG)
    assert {each.name: each.reason for each in left_out} == {"empty_amount": "no_value", "constant_count": "one_value"}
    assert [feature.name for feature in kept] == [
        feature.name for feature in inputs if feature.name not in ("empty_amount", "constant_count")
    ]


def test_what_fills_with_the_calendar_is_left_out(catalogue: Path) -> None:
    frame = dated(synthetic_frame())
    age = (frame["as_of"] - frame["as_of"].min()).dt.days
    noise = np.random.default_rng(1).normal(0, 60, len(frame))
    kept, left_out = screen(frame.assign(tenure_days=age + noise), model_inputs(catalogue), CONFIG)
    (found,) = [each for each in left_out if each.reason == "calendar"]
    assert found.name == "tenure_days" and found.calendar_correlation and found.calendar_correlation > 0.8
    assert "tenure_days" not in [feature.name for feature in kept]
    falling = screen(frame.assign(tenure_days=-age), model_inputs(catalogue), CONFIG)[1]
    assert [each.calendar_correlation for each in falling if each.name == "tenure_days"] == [pytest.approx(-1)]


def test_what_only_leans_on_the_calendar_is_kept(catalogue: Path) -> None:
    frame = dated(synthetic_frame())
    age = (frame["as_of"] - frame["as_of"].min()).dt.days
    noise = np.random.default_rng(1).normal(0, 200, len(frame))
    kept, _ = screen(frame.assign(tenure_days=age + noise), model_inputs(catalogue), CONFIG)
    assert "tenure_days" in [feature.name for feature in kept]


def test_on_one_day_nothing_tells_the_day(catalogue: Path) -> None:
    one_day = dated(synthetic_frame(months=1))
    assert {each.reason for each in screen(one_day, model_inputs(catalogue), CONFIG)[1]} == {"no_value", "one_value"}


def test_a_constant_with_gaps_tells_by_its_gaps(catalogue: Path) -> None:
    frame = dated(synthetic_frame())
    gaps = frame.assign(constant_count=np.where(np.arange(len(frame)) % 3 == 0, np.nan, 3))
    assert "constant_count" in [feature.name for feature in screen(gaps, model_inputs(catalogue), CONFIG)[0]]


def test_no_feature_at_all_is_refused(catalogue: Path) -> None:
    inputs = model_inputs(catalogue)
    empty = dated(synthetic_frame()).assign(**{feature.name: None for feature in inputs})
    with pytest.raises(BadFeatures, match="no feature differs between sellers"):
        screen(empty, inputs, CONFIG)
