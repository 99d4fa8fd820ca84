from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from ml.config import ReasonsConfig, load_config
from ml.encode import Matrix, encode
from ml.errors import BadModel
from ml.explain import NOT_KNOWN, reason_contributions
from ml.learning.calibrate import Floats
from ml.registry.store import CreditModel
from ml.score import predict_pd
from tests.ml.scoring.scored import scored
from tests.ml.synthetic import synthetic_frame
from tradeline.contracts.features import reasons_of_inputs
from tradeline.contracts.policy import policy_rows

LEARNED_UNTIL = date(2017, 9, 30)


def test_reasons_are_the_groups_of_features_that_raise_the_pd_most(model: CreditModel, tonight: pd.DataFrame) -> None:
    codes, harm = reason_contributions(model, encode(tonight, model.version.features))
    for row, reasons in zip(harm, scored(model, tonight)["reasons"], strict=True):
        ranked = sorted(zip(row, codes, strict=True), key=lambda pair: -pair[0])
        assert reasons == [code for value, code in ranked if value > 0][:4]


def test_a_reason_has_the_contributions_of_its_features_where_these_tell_against_the_seller(
    model: CreditModel, tonight: pd.DataFrame
) -> None:
    """A missing value tells that it is missing; one as good as a typical good seller's tells nothing."""
    values, features = encode(tonight, model.version.features), model.version.features
    contributions = model.predictor.contributions(values)
    codes, harm = reason_contributions(model, values)
    expected = np.zeros_like(harm)
    for place, feature in enumerate(features):
        own = reasons_of_inputs().get(feature.name, f"MODEL_{feature.family.upper()}")
        sign, typical = {"+": 1, "-": -1, None: 0}[feature.expected_sign], np.float32(feature.typical or 0)
        for row, value in enumerate(values[:, place]):
            added = contributions[row, place]
            is_as_good = bool(sign) and sign * (value - typical) <= 0
            expected[row, codes.index(NOT_KNOWN if np.isnan(value) else own)] += min(added, 0) if is_as_good else added
    assert expected[:, codes.index(NOT_KNOWN)].any()
    assert harm == pytest.approx(expected, abs=1e-5)


def test_nobody_is_told_of_a_value_as_good_as_a_typical_good_sellers(model: CreditModel, tonight: pd.DataFrame) -> None:
    assert "MODEL_SERVICE" in set(scored(model, tonight)["reasons"].explode())
    features = tuple(
        feature.model_copy(update={"typical": 1.0}) if feature.name == "late_share_90d" else feature
        for feature in model.version.features
    )
    lenient = replace(model, version=model.version.model_copy(update={"features": features}))
    assert "MODEL_SERVICE" not in set(scored(lenient, tonight)["reasons"].explode())


def test_whoever_has_no_value_is_told_that_it_is_not_known(model: CreditModel, tonight: pd.DataFrame) -> None:
    unrated = tonight.assign(rating_mean_90d=np.nan, late_share_90d=np.nan)
    for details in scored(model, unrated)["reason_details"]:
        for each in details:
            assert (each["reason_code"] == NOT_KNOWN) == (each["feature"] in ("rating_mean_90d", "late_share_90d"))
            assert each["reason_code"] not in ("MODEL_RATINGS", "MODEL_SERVICE")


def test_a_better_value_never_raises_the_pd(model: CreditModel, tonight: pd.DataFrame) -> None:
    """What the advice rests on: of each feature with an expected sign, in both contenders."""
    signed = [feature for feature in model.version.features if feature.expected_sign]
    assert len(signed) >= 4
    for feature in signed:
        known = tonight[tonight[feature.name].notna()]
        if known.empty:
            continue
        before = predict_pd(model, known)
        for bound in np.quantile(known[feature.name], [0.0, 0.25, 0.5, 0.75, 1.0]):
            better = np.minimum if feature.expected_sign == "+" else np.maximum
            moved = known.assign(**{feature.name: better(known[feature.name], bound)})
            assert (predict_pd(model, moved) <= before + 1e-9).all(), feature.name


def test_contributions_add_up_to_the_log_odds(model: CreditModel, tonight: pd.DataFrame) -> None:
    values = encode(tonight, model.version.features)
    contributions = model.predictor.contributions(values)
    assert contributions.shape == (len(tonight), len(model.version.features) + 1)
    assert contributions.sum(axis=1) == pytest.approx(model.predictor.margins(values), abs=1e-4)
    assert len(set(contributions[:, -1])) == 1


def test_contributions_that_do_not_add_up_stop_the_scoring(model: CreditModel, tonight: pd.DataFrame) -> None:
    class Wrong:
        def margins(self, values: Matrix) -> Floats:
            return model.predictor.margins(values) + 0.01

        def contributions(self, values: Matrix) -> Matrix:
            return model.predictor.contributions(values)

    with pytest.raises(BadModel, match="contributions of 400 rows do not add up to their log-odds"):
        scored(replace(model, predictor=Wrong()), tonight)


def test_each_reason_has_its_leading_feature_beside_a_typical_good_sellers(
    model: CreditModel, tonight: pd.DataFrame
) -> None:
    features = {feature.name: feature for feature in model.version.features}
    good = synthetic_frame().query("as_of <= @last_on and not is_default", local_dict={"last_on": LEARNED_UNTIL})
    scores = scored(model, tonight)
    for row, reasons, details in zip(
        tonight.to_dict("records"), scores["reasons"], scores["reason_details"], strict=True
    ):
        assert [each["reason_code"] for each in details] == reasons
        for each in details:
            feature = features[each["feature"]]
            own = reasons_of_inputs().get(feature.name, f"MODEL_{feature.family.upper()}")
            assert each["reason_code"] == (NOT_KNOWN if pd.isna(row[feature.name]) else own)
            if feature.is_category:
                assert each["seller_value"] is None and each["typical_value"] is None
                continue
            own = row[feature.name]
            assert each["seller_value"] == (None if pd.isna(own) else pytest.approx(own, rel=1e-6))
            assert each["typical_value"] == pytest.approx(good[feature.name].median(), rel=1e-6)


def test_of_a_reasons_features_the_one_that_adds_most_is_told(model: CreditModel, tonight: pd.DataFrame) -> None:
    together = ["late_share_90d", "rating_mean_90d", "noise_rate", "industry"]
    features = tuple(
        feature.model_copy(update={"family": "service", "typical": None} if feature.name in together else {})
        for feature in model.version.features
    )
    grouped = replace(model, version=model.version.model_copy(update={"features": features}))
    known = tonight.dropna(subset=together)
    places = [[feature.name for feature in features].index(name) for name in together]
    contributions = model.predictor.contributions(encode(known, features))[:, places]
    led = {
        (each["feature"], together[int(row.argmax())])
        for row, details in zip(contributions, scored(grouped, known)["reason_details"], strict=True)
        for each in details
        if each["reason_code"] == "MODEL_SERVICE"
    }
    assert len(led) > 1 and all(told == most for told, most in led)


def test_a_late_seller_is_told_service_first(model: CreditModel, tonight: pd.DataFrame) -> None:
    late = tonight.assign(late_share_90d=0.9, rating_mean_90d=4.9, industry="books")
    assert {reasons[0] for reasons in scored(model, late)["reasons"]} == {"MODEL_SERVICE"}


def test_on_a_night_of_many_sellers_only_the_risky_are_explained(model: CreditModel, tonight: pd.DataFrame) -> None:
    reasons = ReasonsConfig(at_most=4, all_rows_up_to=100, from_pd=0.3)
    sparing = replace(model, version=model.version.model_copy(update={"reasons": reasons}))
    everyone, risky = (scored(each, tonight) for each in (model, sparing))
    assert (everyone["pd"] == risky["pd"]).all()
    is_risky = risky["pd"] >= 0.3
    assert 0 < is_risky.sum() < len(risky)
    assert list(risky["reasons"][is_risky]) == list(everyone["reasons"][is_risky])
    assert risky["reasons"][~is_risky].map(len).max() == 0


def test_whoever_the_policy_declines_or_limits_for_the_pd_is_explained_on_any_night() -> None:
    grades = policy_rows("policy_grades")
    most = max(float(grade["sales_months"]) for grade in grades)
    limited = [float(grade["pd_from"]) for grade in grades if float(grade["sales_months"]) < most]
    assert load_config().reasons.from_pd == min(limited)
