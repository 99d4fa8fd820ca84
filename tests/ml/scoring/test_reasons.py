import csv
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from ml.config import ReasonsConfig, load_config
from ml.encode import Matrix, encode
from ml.errors import BadModel
from ml.explain import family_contributions
from ml.learning.calibrate import Floats
from ml.versions.registry import CreditModel
from tests.ml.scoring.scored import scored
from tests.ml.synthetic import synthetic_frame
from tradeline.policy import SEEDS

LEARNED_UNTIL = date(2017, 9, 30)


def test_reasons_are_the_families_that_raise_the_pd_most(model: CreditModel, tonight: pd.DataFrame) -> None:
    values = encode(tonight, model.version.features)
    families, harm = family_contributions(model, values)
    names = [f"MODEL_{family.upper()}" for family in families]
    for row, reasons in zip(harm, scored(model, tonight)["reasons"], strict=True):
        ranked = sorted(zip(row, names, strict=True), key=lambda pair: -pair[0])
        assert reasons == [name for value, name in ranked if value > 0][:4]


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
    values = encode(tonight, model.version.features)
    contributions = pd.DataFrame(model.predictor.contributions(values)[:, :-1], columns=list(features))
    good = synthetic_frame().query("as_of <= @last_on and not is_default", local_dict={"last_on": LEARNED_UNTIL})
    scores = scored(model, tonight)
    for row, reasons, details in zip(
        tonight.to_dict("records"), scores["reasons"], scores["reason_details"], strict=True
    ):
        assert [each["reason_code"] for each in details] == reasons
        for each in details:
            feature = features[each["feature"]]
            assert each["reason_code"] == f"MODEL_{feature.family.upper()}"
            if feature.is_category:
                assert each["seller_value"] is None and each["typical_value"] is None
                continue
            own = row[feature.name]
            assert each["seller_value"] == (None if pd.isna(own) else pytest.approx(own, rel=1e-6))
            assert each["typical_value"] == pytest.approx(good[feature.name].median(), rel=1e-6)
    # Of a family's features it is the one that adds most.
    leading = [
        next((each["feature"] for each in details if each["reason_code"] == "MODEL_TENURE"), None)
        for details in scores["reason_details"]
    ]
    tenure = contributions[[name for name, feature in features.items() if feature.family == "tenure"]]
    assert all(name is None or tenure.loc[place, name] == tenure.loc[place].max() for place, name in enumerate(leading))


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
    with (SEEDS / "policy_grades.csv").open(encoding="utf-8") as file:
        grades = list(csv.DictReader(file))
    most = max(float(grade["sales_months"]) for grade in grades)
    limited_from_pd = min(float(grade["pd_from"]) for grade in grades if float(grade["sales_months"]) < most)
    assert load_config().reasons.from_pd <= limited_from_pd
