import json
import os
import subprocess
import sys

import numpy as np
import pytest

from ml.config import ScorecardConfig, load_config
from ml.encode import Matrix
from ml.errors import BadFeatures
from ml.features import ModelFeature
from ml.learning.scorecard import Scorecard, contributions, fit_scorecard, margins
from ml.learning.scorecard.binning import bin_feature
from ml.learning.scorecard.card import evidence
from ml.numbers.bootstrap import Floats, Mask, Ranking
from tradeline.settings import PROJECT

pytestmark = pytest.mark.slow


FEATURES = (
    ModelFeature(name="late_share", family="service", expected_sign="+", categories=None),
    ModelFeature(name="rating_mean", family="ratings", expected_sign="-", categories=None),
    ModelFeature(name="industry", family="tenure", expected_sign=None, categories=("books", "food", "toys")),
    ModelFeature(name="late_share_again", family="service", expected_sign="+", categories=None),
    ModelFeature(name="noise_rate", family="buyers", expected_sign=None, categories=None),
    ModelFeature(name="empty_amount", family="refunds", expected_sign="+", categories=None),
    ModelFeature(name="constant_count", family="sales", expected_sign="-", categories=None),
    ModelFeature(name="only_category", family="tenure", expected_sign=None, categories=("one",)),
)
LATE, RATING, INDUSTRY = 0, 1, 2
NOTHING = slice(5, 8)

FIT_ELSEWHERE = """
from tests.ml.learning.test_scorecard import config, fit
print(fit().model_dump_json())
"""
SCORE_ELSEWHERE = """
import sys
from ml.learning.scorecard import Scorecard, contributions, margins
from tests.ml.learning.test_scorecard import FEATURES, market
card = Scorecard.model_validate_json(sys.stdin.read())
print(margins(card, market()[0], FEATURES).sum().hex(), contributions(card, market()[0], FEATURES).shape)
assert "optbinning" not in sys.modules
"""


def config(**changed: float) -> ScorecardConfig:
    return load_config().scorecard.model_copy(update=changed)


def market(rows: int = 4_000, seed: int = 3, base: float = -2.6) -> tuple[Matrix, Mask]:
    """Encoded values and outcomes; late_share, rating_mean, industry and a missing rating make default likelier."""
    random = np.random.default_rng(seed)
    late, rating, industry = random.beta(2, 6, rows), random.normal(4, 0.7, rows), random.integers(0, 3, rows)
    is_unrated = random.random(rows) < 0.15
    log_odds = base + 6 * (late - 0.25) - 1.1 * (rating - 4) + 0.9 * (industry == 2) + 1.2 * is_unrated
    is_bad = random.random(rows) < 1 / (1 + np.exp(-log_odds))
    rating[is_unrated] = np.nan
    again = np.where(random.random(rows) < 0.01, np.nan, late + random.normal(0, 0.01, rows))
    empty, constant, one = np.full(rows, np.nan), np.full(rows, 3.0), np.zeros(rows)
    columns = (late, rating, industry, again, random.random(rows), empty, constant, one)
    return np.column_stack(columns).astype(np.float32), is_bad


def fit(rows: int = 4_000, **changed: float) -> Scorecard:
    return fit_scorecard(*market(rows), FEATURES, config(**changed), seed=1)


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return fit()


def names(card: Scorecard) -> set[str]:
    return {each.name for each in card.characteristics}


def pds(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def auc(risk: Floats, is_bad: Mask) -> float:
    return Ranking(is_bad, risk).auc_and_ks(np.ones(len(risk)))[0]


def test_it_finds_what_makes_default_likelier_and_ranks_unseen_sellers(card: Scorecard) -> None:
    assert {"late_share", "rating_mean", "industry"} <= names(card)
    values, is_bad = market(rows=20_000, seed=4)
    assert auc(margins(card, values, FEATURES), is_bad) > 0.75
    assert pds(margins(card, values, FEATURES)).mean() == pytest.approx(is_bad.mean(), rel=0.1)


def test_a_feature_without_information_is_no_characteristic(card: Scorecard) -> None:
    assert not names(card) & {"noise_rate", "empty_amount", "constant_count", "only_category"}


def test_of_two_features_that_say_the_same_one_is_taken(card: Scorecard) -> None:
    assert len(names(card) & {"late_share", "late_share_again"}) == 1
    assert {"late_share", "late_share_again"} <= names(fit(correlation_max=1.0))
    assert len(names(fit(correlation_max=1.0, family_max=1)) & {"late_share", "late_share_again"}) == 1


def test_contributions_add_up_to_the_margin_and_are_measured_from_the_training_mean(card: Scorecard) -> None:
    values, _ = market()
    found, expected = contributions(card, values, FEATURES), margins(card, values, FEATURES)
    assert found.shape == (4_000, len(FEATURES) + 1)
    np.testing.assert_allclose(found.sum(axis=1, dtype=np.float64), expected, atol=1e-5)
    np.testing.assert_allclose(found[:, :-1].mean(axis=0, dtype=np.float64), 0, atol=1e-5)
    assert found[0, -1] == pytest.approx(expected.mean(), abs=1e-5)
    assert not found[:, NOTHING].any()
    assert (found[:, LATE] != 0).any()


@pytest.mark.parametrize(("position", "sign"), [(LATE, 1), (RATING, -1)])
def test_the_margin_obeys_the_expected_sign_from_end_to_end(card: Scorecard, position: int, sign: int) -> None:
    values = np.repeat(market()[0][:20], 500, axis=0)
    values[:, position] = np.tile(np.linspace(-10, 10, 500, dtype=np.float32), 20)
    steps = sign * np.diff(margins(card, values, FEATURES).reshape(20, 500), axis=1)
    assert (steps >= 0).all()
    assert (steps.sum(axis=1) > 0.5).all()


def test_a_feature_that_runs_against_its_sign_is_left_out() -> None:
    values, is_bad = market()
    turned = values.copy()
    turned[:, [LATE, 3]] *= -1
    assert not names(fit_scorecard(turned, is_bad, FEATURES, config(), 1)) & {"late_share", "late_share_again"}
    assert bin_feature(turned[:, LATE], is_bad, FEATURES[LATE], config()) is None


def test_a_feature_that_counts_the_wrong_way_beside_another_leaves() -> None:
    random = np.random.default_rng(8)
    first, own = random.normal(size=(2, 5_000))
    second = 0.6 * first + 0.8 * own
    is_bad = random.random(5_000) < pds(-2 + 2 * first - 0.8 * second)
    values = np.column_stack([first, second]).astype(np.float32)
    features = (FEATURES[LATE], FEATURES[LATE].model_copy(update={"name": "second", "family": "buyers"}))
    assert names(fit_scorecard(values[:, 1:], is_bad, features[1:], config(), 1)) == {"second"}
    assert names(fit_scorecard(values, is_bad, features, config(), 1)) == {"late_share"}


def test_values_beyond_training_fall_in_the_outer_bins(card: Scorecard) -> None:
    values = np.repeat(market()[0][:1], 6, axis=0)
    values[:, LATE] = [-np.inf, -1e30, -1.0, 2.0, 1e30, np.inf]
    found = margins(card, values, FEATURES)
    assert len(set(found[:3])) == len(set(found[3:])) == 1
    assert found[0] < found[5]


def test_missing_has_its_own_weight_where_many_rows_lack_the_feature(card: Scorecard) -> None:
    rating = next(each for each in card.characteristics if each.name == "rating_mean")
    values, is_bad = market()
    lacks = np.isnan(values[:, RATING])
    assert rating.missing_woe > 0.3
    assert (evidence(rating, values[:, RATING], FEATURES[RATING])[lacks] == rating.missing_woe).all()
    few = values[:, RATING].copy()
    few[np.flatnonzero(lacks)[:-20]] = 4.0
    found = bin_feature(few, is_bad, FEATURES[RATING], config())
    assert found and found.missing_woe == 0


def test_categories_are_grouped_by_risk_and_an_unseen_one_counts_as_missing() -> None:
    values, is_bad = market()
    industry = bin_feature(values[:, INDUSTRY], is_bad, FEATURES[INDUSTRY], config(bins_max=2))
    assert industry and industry.groups == (("books", "food"), ("toys",))
    assert industry.woe[0] < 0 < industry.woe[1]
    later = FEATURES[INDUSTRY].model_copy(update={"categories": ("cars", "toys", "books")})
    found = evidence(industry, np.array([0, 1, 2, np.nan], np.float32), later)
    assert found.tolist() == [industry.missing_woe, industry.woe[1], industry.woe[0], industry.missing_woe]


def test_weights_of_evidence_are_those_worked_out_by_hand() -> None:
    values = np.repeat([0.0, 1.0, np.nan], [500, 400, 100]).astype(np.float32)
    is_bad = np.zeros(1_000, bool)
    is_bad[:20] = is_bad[500:580] = True
    found = bin_feature(values, is_bad, FEATURES[LATE], config())
    assert found and found.edges == (1.0,)
    # 100 bad and 900 good rows: each bin is joined by 1 bad and 9 good ones.
    woe = [np.log(21 / 489 * 9), np.log(81 / 329 * 9), np.log(1 / 109 * 9)]
    assert [*found.woe, found.missing_woe] == pytest.approx(woe, abs=1e-6)
    assert found.mean_woe == pytest.approx(0.5 * woe[0] + 0.4 * woe[1] + 0.1 * woe[2], abs=1e-6)
    information = (0.2 - 480 / 900) * woe[0] + (0.8 - 320 / 900) * woe[1] - 100 / 900 * woe[2]
    assert found.information_value == pytest.approx(information, abs=1e-6)


def test_drawing_small_bins_to_the_middle_does_not_turn_two_round() -> None:
    values = np.repeat([0, 1, 2], [550, 400, 50]).astype(np.float32)
    is_bad = np.zeros(1_000, bool)
    is_bad[:5] = is_bad[550:600] = is_bad[950:957] = True  # 12.5% and 14% bad; drawn to the middle, 12.3% and 12.1%
    found = bin_feature(values, is_bad, FEATURES[LATE], config())
    assert found and found.edges == (1.0, 2.0)
    assert found.woe[0] < found.woe[1] == found.woe[2]


@pytest.mark.parametrize("column", [np.linspace(0, 1, 1_000), np.repeat([0.3, 0.9, 0.5], [400, 500, 100])])
def test_bins_keep_to_their_bounds(column: Floats) -> None:
    is_bad = np.random.default_rng(5).random(1_000) < column * 0.2
    found = bin_feature(
        column.astype(np.float32), is_bad, FEATURES[LATE], config(bins_max=4, bin_share_min=0.15, bin_bad_rows_min=20)
    )
    assert found and found.edges
    of_woe = evidence(found, column.astype(np.float32), FEATURES[LATE])
    rows = [(of_woe == woe).sum() for woe in found.woe]
    bad = [is_bad[of_woe == woe].sum() for woe in found.woe]
    assert 2 <= len(found.woe) <= 4
    assert min(rows) >= 150 and sum(rows) == 1_000
    assert min(bad) >= 20


def test_without_anything_to_learn_it_is_the_base_rate() -> None:
    values, is_bad = market()
    nothing = FEATURES[5:8]
    card = fit_scorecard(values[:, NOTHING], is_bad, nothing, config(), 1)
    assert card.characteristics == ()
    assert pds(margins(card, values[:, NOTHING], nothing)) == pytest.approx(is_bad.mean(), abs=1e-6)
    assert not contributions(card, values[:, NOTHING], nothing)[:, :-1].any()


@pytest.mark.parametrize("outcome", [False, True])
def test_one_class_alone_teaches_nothing(outcome: bool) -> None:
    values, is_bad = market()
    card = fit_scorecard(values, np.full_like(is_bad, outcome), FEATURES, config(), 1)
    assert card.characteristics == ()
    assert pds(margins(card, values, FEATURES)) == pytest.approx(float(outcome), abs=2e-4)


@pytest.mark.parametrize("seed", range(5))
def test_few_bad_rows_give_a_small_sane_scorecard(seed: int) -> None:
    values, is_bad = market(rows=400, seed=seed, base=-3.3)
    assert 20 <= is_bad.sum() <= 80
    card = fit_scorecard(values, is_bad, FEATURES, config(), 1)
    assert 1 <= len(card.characteristics) <= is_bad.sum() // 3
    assert all(len(each.woe) * 5 <= is_bad.sum() for each in card.characteristics)
    later, later_bad = market(rows=20_000, seed=99, base=-3.3)
    found = margins(card, later, FEATURES)
    assert auc(found, later_bad) > 0.65
    assert -6 < found.min() < found.max() < 1.5


def test_fewer_bad_rows_carry_fewer_features(card: Scorecard) -> None:
    bad = int(market()[1].sum())
    most_telling = max(card.characteristics, key=lambda each: each.information_value).name
    assert names(fit(bad_rows_per_feature=bad)) == {most_telling}
    assert not names(fit(bad_rows_per_feature=bad + 1))


def test_a_handful_of_rows_does_not_crash() -> None:
    values, is_bad = market(rows=12)
    is_bad[:] = np.arange(12) < 4
    card = fit_scorecard(values, is_bad, FEATURES, config(), 1)
    assert np.isfinite(margins(card, values, FEATURES)).all()


def test_the_same_rows_give_the_same_bytes_in_another_process_with_other_threads(card: Scorecard) -> None:
    threads = "2" if os.environ.get("OPENBLAS_NUM_THREADS") == "1" else "1"
    assert elsewhere(FIT_ELSEWHERE, OPENBLAS_NUM_THREADS=threads).strip() == card.model_dump_json()


def test_it_survives_json_and_scores_without_optbinning(card: Scorecard) -> None:
    text = card.model_dump_json()
    assert Scorecard.model_validate_json(text) == card == Scorecard.model_validate(json.loads(text))
    expected = margins(card, market()[0], FEATURES).sum().hex()
    assert elsewhere(SCORE_ELSEWHERE, text).startswith(expected)


def test_a_characteristic_that_the_features_lack_is_named(card: Scorecard) -> None:
    with pytest.raises(BadFeatures, match="rating_mean"):
        margins(card, market()[0][:, [0, 2, 3]], (FEATURES[0], *FEATURES[2:4]))


def elsewhere(script: str, text: str = "", **environment: str) -> str:
    command = [sys.executable, "-c", script]
    done = subprocess.run(
        command, cwd=PROJECT, env=os.environ | environment, input=text, capture_output=True, text=True, check=True
    )
    return done.stdout
