from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from ml.config import Minimum, ModelConfig, load_config
from ml.errors import NotEnoughData
from ml.learning.split import split
from tests.ml.synthetic import synthetic_frame


def dated(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(as_of=pd.to_datetime(frame["as_of"]), matures_on=pd.to_datetime(frame["matures_on"]))


def lenient() -> ModelConfig:
    """The real settings, with minima small enough for a generated handful of rows."""
    minimum = Minimum(train_rows=4, train_class_rows=2, out_of_time_class_rows=1)
    crossed = load_config().cross_validation.model_copy(update={"rows": 4, "class_rows": 2, "class_sellers": 1})
    return load_config().model_copy(update={"minimum": minimum, "cross_validation": crossed})


DAYS = st.lists(st.integers(0, 500), min_size=4, max_size=40, unique=True)
TERMS = st.lists(st.integers(1, 200), min_size=40, max_size=40)


@settings(max_examples=150, deadline=None)
@given(days=DAYS, terms=TERMS)
def test_no_training_outcome_was_unknown_on_the_first_out_of_time_day(days: list[int], terms: list[int]) -> None:
    as_of = np.repeat([date(2017, 1, 1) + timedelta(days=day) for day in days], 4)
    matures_on = [day + timedelta(days=terms[i % len(terms)]) for i, day in enumerate(as_of)]
    is_default = np.tile([True, True, False, False], len(days))
    columns = {"as_of": as_of, "matures_on": matures_on, "is_default": is_default}
    frame = dated(pd.DataFrame(columns | {"is_indeterminate": False, "seller_id": "s"}))
    parts = split(frame, lenient())
    event(parts.judged_by)
    if parts.judged_by == "cross_validation":
        assert parts.fitted.all() and parts.judged.all()
        return
    first_decision = frame["as_of"][parts.judged].min()
    assert (frame["matures_on"][parts.fitted] <= first_decision).all()
    assert (frame["as_of"][parts.fitted] < first_decision).all()
    assert not (parts.fitted & parts.judged).any()


def test_out_of_time_is_the_last_90_days_and_train_ends_a_performance_window_earlier() -> None:
    frame = dated(synthetic_frame(months=14))
    parts = split(frame, load_config())
    assert parts.judged_by == "out_of_time" and parts.repeats == 1
    assert sorted(frame["as_of"][parts.judged].dt.strftime("%Y-%m-%d").unique()) == [
        "2017-12-31",
        "2018-01-31",
        "2018-02-28",
    ]
    assert frame["as_of"][parts.fitted].max() == pd.Timestamp("2017-09-30")


def test_too_short_a_history_is_cross_validated() -> None:
    frame = dated(synthetic_frame(months=3))
    parts = split(frame, load_config())
    assert parts.judged_by == "cross_validation"
    assert parts.fitted.all() and parts.judged.all()
    assert parts.repeats == load_config().cross_validation.repeats


def test_many_rows_are_cross_validated_once() -> None:
    frame = dated(synthetic_frame(sellers=2000, months=3))
    assert len(frame) > load_config().cross_validation.repeats_up_to_rows
    assert split(frame, load_config()).repeats == 1


def test_too_few_defaults_out_of_time_are_cross_validated() -> None:
    frame = dated(synthetic_frame())
    frame["is_default"] &= frame["as_of"] < "2017-12-01"
    assert split(frame, load_config()).judged_by == "cross_validation"


@pytest.mark.parametrize(
    ("rows", "bad", "found"),
    [
        (299, 100, "299 matured rows, 199 good and 100 bad"),
        (400, 29, "400 matured rows, 371 good and 29 bad"),
        (400, 400, "400 matured rows, 0 good and 400 bad"),
    ],
)
def test_below_the_minimum_nothing_is_trained_and_the_message_says_what_to_do(rows: int, bad: int, found: str) -> None:
    frame = dated(synthetic_frame(months=4)).head(rows)
    frame["is_default"] = np.arange(rows) < bad
    with pytest.raises(NotEnoughData, match=f"{found}; needed are 300 rows with at least 30 of each class: lend on"):
        split(frame, load_config())


@pytest.mark.parametrize("is_bad", [True, False])
def test_rows_of_too_few_sellers_in_a_class_train_nothing(is_bad: bool) -> None:
    """Otherwise a fold has one class only, and what tells the classes apart is who the seller is."""
    frame = dated(synthetic_frame(months=4)).head(400)
    chosen = frame["is_default"].to_numpy() == is_bad
    frame.loc[chosen, "seller_id"] = [f"few-{row % 9}" for row in range(chosen.sum())]
    with pytest.raises(NotEnoughData, match=r" of 9[;,a ].* at least 10 sellers in each class"):
        split(frame, load_config())
    frame.loc[np.flatnonzero(chosen)[0], "seller_id"] = "one more"
    assert split(frame, load_config()).judged_by == "cross_validation"


def test_too_few_sellers_a_performance_window_earlier_are_cross_validated() -> None:
    frame = dated(synthetic_frame())
    is_early_bad = (frame["is_default"] & (frame["as_of"] < "2017-10-01")).to_numpy()
    frame.loc[is_early_bad, "seller_id"] = "one"
    assert split(frame, load_config()).judged_by == "cross_validation"


def test_the_minimum_itself_is_enough() -> None:
    frame = dated(synthetic_frame(months=4)).head(300)
    frame["is_default"] = np.arange(300) < 30
    assert split(frame, load_config()).judged_by == "cross_validation"


def test_a_class_whose_rows_are_all_indeterminate_is_none_to_learn_from() -> None:
    frame = dated(synthetic_frame(months=14))
    is_bad = frame["is_default"]
    with pytest.raises(NotEnoughData, match=rf"{is_bad.sum():,} matured rows, 0 good and {is_bad.sum():,} bad"):
        split(frame.assign(is_indeterminate=~is_bad), load_config())
