"""PSI and CSI: worked by hand, right about chance at every size, and blind to nothing that a model sees."""

import math

import numpy as np
import pandas as pd
import pytest

from ml.config import StabilityConfig, load_config
from ml.encode import Matrix, encode
from ml.features import ModelFeature
from ml.monitoring.stability import Baseline, Drift, Stability, compare, drift, fault, make_baseline, unseen_categories
from ml.monitoring.stability_index import bin_number, critical_value, index
from ml.numbers.bootstrap import Floats
from tradeline.errors import TradelineError

CONFIG = load_config().stability


def number(name: str) -> ModelFeature:
    return ModelFeature(name=name, family="sales", expected_sign=None, categories=None)


COLOURS = ModelFeature(name="colour", family="sales", expected_sign=None, categories=("blue", "red"))


def market(rows: int, seed: int, features: int = 3) -> tuple[Matrix, Floats]:
    random = np.random.default_rng(seed)
    values = random.lognormal(size=(rows, features)).astype(np.float32)
    values[random.random(values.shape) < 0.05] = np.nan
    return values, random.beta(2, 20, rows)


def baseline_of(values: Matrix, pd_: Floats, sellers: "pd.Series | None" = None) -> Baseline:
    features = [number(f"f{position}") for position in range(values.shape[1])]
    return make_baseline(values, pd_, features, CONFIG, sellers)


def one(before: list[float], now: list[float], config: StabilityConfig = CONFIG) -> Drift:
    """A single feature."""
    columns = [np.array([each], np.float32).T for each in (before, now)]
    start = baseline_of(columns[0], np.full(len(before), 0.1))
    return drift(start, columns[1], np.full(len(now), 0.1), config).features[0]


def test_the_index_by_hand() -> None:
    before, now = np.array([90.0, 10.0, 0.0]), np.array([70.0, 30.0, 0.0])
    by_hand = (70.5 - 90.5) / 101 * math.log(70.5 / 90.5) + (30.5 - 10.5) / 101 * math.log(30.5 / 10.5)
    assert index(before, now) == pytest.approx(by_hand, rel=1e-12) == pytest.approx(0.2606, abs=1e-4)
    assert index(now, before) == pytest.approx(by_hand, rel=1e-12)
    # chi-squared with one degree of freedom passes 3.841 in 5 of 100: the third bin is empty and has none
    assert critical_value(before, now, 1 / 100 + 1 / 100, 0.95) == pytest.approx(0.02 * 3.8415, rel=1e-4)


def test_a_bin_that_empties_is_finite() -> None:
    found = one([1.0] * 50 + [2.0] * 50, [1.0] * 100)
    by_hand = 50 / 101 * math.log(100.5 / 50.5) + 50 / 101 * math.log(50.5 / 0.5)
    assert found.psi == pytest.approx(by_hand, rel=1e-9) and found.band == "alarm"


@pytest.mark.parametrize(("before", "now"), [(150, 150), (1000, 200), (4000, 4000)])
def test_without_change_the_critical_value_is_passed_in_5_of_100(before: int, now: int) -> None:
    random = np.random.default_rng(before)

    def draw() -> Drift:
        start = bin_number("pd", random.normal(size=before), CONFIG.bins)
        return compare(start, random.normal(size=now), 1 / before + 1 / now, CONFIG.confidence, CONFIG)

    found = [draw() for _ in range(800)]
    assert np.mean([each.is_significant for each in found]) == pytest.approx(0.05, abs=0.022)
    # The convention's 0.1 knows no sizes: chance passes it most of the time with few rows, and never with many.
    by_convention = np.mean([each.psi >= CONFIG.psi_watch for each in found])
    assert by_convention > 0.5 if before == 150 else by_convention == 0 if before == 4000 else True
    assert np.mean([each.band != "stable" for each in found]) <= 0.072


def test_hundreds_of_features_raise_one_false_alarm_as_rarely_as_one() -> None:
    start = baseline_of(*market(500, 1, features=200))
    found = [drift(start, *market(300, seed, features=200), CONFIG) for seed in range(2, 42)]
    assert sum(any(each.is_significant for each in night.features) for night in found) <= 6
    each_alone = [each.psi > each.critical / 1.6 for night in found for each in night.features]
    assert sum(each_alone) > 40  # so the correction is what keeps them quiet


def test_a_shift_is_told_where_it_is_large_and_more_than_chance() -> None:
    values, pd_ = market(5000, 3)
    start = baseline_of(values, pd_)
    moved, riskier = market(5000, 4)
    moved[:, 1] *= 3
    night = drift(start, moved, riskier * 1.6, CONFIG)
    assert [each.name for each in night.told] == ["f1"]
    assert night.pd.band == night.told[0].band == "alarm"
    assert (night.rows_before, night.rows) == (5000, 5000)
    message = fault(night)
    assert message and "pds have shifted" in message and str(night.told[0]) in message
    assert fault(drift(start, moved, riskier, CONFIG)) is None


def test_large_samples_differ_significantly_and_small_ones_by_chance_and_neither_is_told() -> None:
    random = np.random.default_rng(5)
    large = one(list(random.normal(size=40_000)), list(random.normal(0.1, size=40_000)))
    assert large.is_significant and large.psi < CONFIG.psi_watch and large.band == "stable"
    small = one(list(random.normal(size=2000)), list(random.normal(size=30)))
    assert small.psi > CONFIG.psi_alarm and not small.is_significant and small.band == "stable"


def test_a_shift_of_missing_values_is_told_of_itself() -> None:
    values = [float(value) for value in range(1000)]
    found = one(values, values[:850] + [math.nan] * 150)
    assert found.has_missing_shift and (found.missing_share_before, found.missing_share) == (0, 0.15)
    assert "missing in 0% before and 15% now" in str(found)
    assert not one(values, values[:950] + [math.nan] * 50).has_missing_shift
    assert not one(values[:20], [*values[:17], math.nan, math.nan, math.nan]).has_missing_shift  # may be chance


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ([3.0] * 500, [5.0] * 500),  # a constant, later another one above
        ([3.0] * 500, [0.0] * 500),
        ([1.0] * 480 + [0.0] * 20, [1.0] * 300 + [0.0] * 200),  # a flag that is nearly always set
        ([0.0] * 480 + [1.0] * 20, [0.0] * 300 + [1.0] * 200),
        ([math.nan] * 500, [1.0] * 500),  # nothing known, then everything
    ],
)
def test_columns_of_few_values_are_binned_by_value(before: list[float], now: list[float]) -> None:
    assert one(before, now).band == "alarm"
    assert one(before, before).psi == 0


def test_categories_unknown_to_training_are_counted_from_the_raw_column() -> None:
    features = [number("f0"), COLOURS]
    before = pd.DataFrame({"f0": np.arange(400.0), "colour": ["blue", "red"] * 200})
    now = pd.DataFrame({"f0": np.arange(400.0), "colour": ["blue"] * 380 + ["green"] * 12 + ["grey"] * 3 + [None] * 5})
    unseen = unseen_categories(now, features)
    assert unseen == {"colour": {"green": 12, "grey": 3}} and unseen_categories(before, features) == {}
    start = make_baseline(encode(before, features), np.full(400, 0.1), features, CONFIG)
    assert start.features[1].counts == (200, 200, 0)
    night = drift(start, encode(now, features), np.full(400, 0.1), CONFIG, unseen=unseen)
    colour = night.features[1]
    assert colour.unseen_share == 15 / 400 and colour.has_unseen and colour.missing_share == 20 / 400
    assert "3.8% in categories unknown to training" in str(colour) and night.features[0].unseen_share == 0


def test_a_sellers_rows_count_as_one() -> None:
    values, pd_ = market(1000, 6)
    sellers = pd.Series([f"s{row // 4}" for row in range(1000)])
    alone, repeated = baseline_of(values, pd_), baseline_of(values, pd_, sellers)
    assert (alone.effective_rows, repeated.effective_rows) == (1000, 250)
    now = market(500, 7)
    critical = drift(alone, *now, CONFIG).pd.critical, drift(repeated, *now, CONFIG).pd.critical
    assert critical[1] / critical[0] == pytest.approx((1 / 250 + 1 / 500) / (1 / 1000 + 1 / 500))


def test_of_a_long_night_rows_at_even_distances_are_compared() -> None:
    config = CONFIG.model_copy(update={"sampled_rows": 100})
    start, (values, pd_) = baseline_of(*market(300, 8)), market(250, 9)
    sellers = pd.Series([f"s{row}" for row in range(250)])
    night = drift(start, values, pd_, config, sellers)
    picked = [5 * row // 2 for row in range(100)]
    assert night.rows == 100 and night == drift(start, values[picked], pd_[picked], CONFIG)


def test_a_baseline_survives_its_file_to_the_bit() -> None:
    values, pd_ = market(777, 10)
    start = baseline_of(values, pd_)
    again = Baseline.model_validate_json(start.model_dump_json())
    now = market(555, 11)
    night = drift(again, *now, CONFIG)
    assert again == start and night == drift(start, *now, CONFIG)
    assert drift(again, values, pd_, CONFIG).pd.psi == 0
    assert Stability.model_validate_json(night.model_dump_json()) == night


def test_no_rows_cannot_be_compared() -> None:
    start, (values, pd_) = baseline_of(*market(100, 12)), market(0, 13)
    with pytest.raises(TradelineError, match="no rows to compare"):
        drift(start, values, pd_, CONFIG)
