from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from ml.config import Minimum, ModelConfig, load_config
from ml.errors import NotEnoughData
from ml.split import split
from tests.ml.synthetic import synthetic_frame


def dated(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(as_of=pd.to_datetime(frame["as_of"]), matures_on=pd.to_datetime(frame["matures_on"]))


def lenient() -> ModelConfig:
    """The real settings, with minima small enough for a generated handful of rows."""
    minimum = Minimum(train_rows=4, train_class_rows=2, validation_class_rows=1, out_of_time_class_rows=1)
    return load_config().model_copy(update={"minimum": minimum})


DAYS = st.lists(st.integers(0, 500), min_size=4, max_size=40, unique=True)
TERMS = st.lists(st.integers(1, 200), min_size=40, max_size=40)


@settings(max_examples=150, deadline=None)
@given(days=DAYS, terms=TERMS)
def test_no_training_outcome_was_unknown_on_the_first_out_of_time_day(days: list[int], terms: list[int]) -> None:
    as_of = np.repeat([date(2017, 1, 1) + timedelta(days=day) for day in days], 4)
    matures_on = [day + timedelta(days=terms[i % len(terms)]) for i, day in enumerate(as_of)]
    is_default = np.tile([True, True, False, False], len(days))
    frame = dated(pd.DataFrame({"as_of": as_of, "matures_on": matures_on, "is_default": is_default}))
    frame["label_kind"] = "cash_flow_replay"
    try:
        parts = split(frame, lenient())
    except NotEnoughData:
        event("refused")
        return
    event("split")
    first_decision = frame["as_of"][parts.out_of_time].min()
    assert (frame["matures_on"][parts.train] <= first_decision).all()
    assert (frame["as_of"][parts.train] < first_decision).all()
    assert (frame["as_of"][parts.fit].max()) < frame["as_of"][parts.validation].min()
    assert not (parts.train & parts.out_of_time).any() and not (parts.fit & parts.validation).any()
    assert ((parts.fit | parts.validation) <= parts.train).all()
    if parts.has_validation_gap:
        assert (frame["matures_on"][parts.fit] <= frame["as_of"][parts.validation].min()).all()


def test_out_of_time_is_the_last_90_days_and_train_ends_a_performance_window_earlier() -> None:
    frame = dated(synthetic_frame(months=14))
    parts = split(frame, load_config())
    assert sorted(frame["as_of"][parts.out_of_time].dt.strftime("%Y-%m-%d").unique()) == [
        "2017-12-31",
        "2018-01-31",
        "2018-02-28",
    ]
    assert frame["as_of"][parts.train].max() == pd.Timestamp("2017-09-30")
    assert parts.has_validation_gap
    share = parts.validation.sum() / parts.train.sum()
    assert load_config().split.validation_share <= share < 0.5


def test_without_enough_rows_for_a_gap_fit_runs_up_to_validation() -> None:
    frame = dated(synthetic_frame(sellers=80, months=10))
    parts = split(frame, load_config())
    assert not parts.has_validation_gap
    assert ((parts.fit | parts.validation) == parts.train).all()


def test_one_class_only_is_refused_with_its_numbers() -> None:
    frame = dated(synthetic_frame()).assign(is_default=False)
    with pytest.raises(NotEnoughData, match=r"train: 2,250 matured rows, 2,250 good and 0 bad; needed are 200 rows"):
        split(frame, load_config())


def test_too_little_history_is_refused() -> None:
    frame = dated(synthetic_frame(months=3))
    with pytest.raises(NotEnoughData, match="train: 0 matured rows"):
        split(frame, load_config())


def test_a_young_loan_programme_is_judged_on_its_latest_loans_without_a_gap() -> None:
    frame = dated(synthetic_frame(months=5)).assign(label_kind="loan_default")
    parts = split(frame, load_config())
    assert not parts.has_out_of_time_gap
    assert (parts.train | parts.out_of_time).all() and not (parts.train & parts.out_of_time).any()
    assert frame["as_of"][parts.train].max() < frame["as_of"][parts.out_of_time].min()
    assert parts.out_of_time.mean() >= load_config().split.young_out_of_time_share


def test_a_loan_programme_with_enough_history_keeps_the_gap() -> None:
    frame = dated(synthetic_frame(months=14)).assign(label_kind="loan_default")
    parts = split(frame, load_config())
    assert parts.has_out_of_time_gap
    assert (frame["matures_on"][parts.train] <= frame["as_of"][parts.out_of_time].min()).all()


def test_a_young_loan_programme_with_too_few_defaults_is_refused() -> None:
    frame = dated(synthetic_frame(months=5)).assign(label_kind="loan_default")
    frame["is_default"] &= frame.index % 40 == 0
    with pytest.raises(NotEnoughData, match=r"matured rows, .* bad; needed are"):
        split(frame, load_config())


def test_too_few_defaults_out_of_time_are_refused() -> None:
    frame = dated(synthetic_frame())
    late = frame["as_of"] >= "2017-12-01"
    frame.loc[late, "is_default"] = False
    with pytest.raises(NotEnoughData, match="out-of-time: 750 matured rows, 750 good and 0 bad"):
        split(frame, load_config())


def test_a_single_train_day_cannot_be_validated() -> None:
    frame = dated(synthetic_frame(months=14))
    frame = frame[(frame["as_of"] == "2017-01-31") | (frame["as_of"] >= "2017-12-01")]
    with pytest.raises(NotEnoughData, match="1 train decision days cannot be cut"):
        split(frame, load_config())
