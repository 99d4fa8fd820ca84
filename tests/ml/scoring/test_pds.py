import numpy as np
import pandas as pd
import pytest
import xgboost as xgb

from ml.config import load_config
from ml.encode import encode
from ml.errors import BadFeatures
from ml.explain import reason_codes
from ml.learning.booster import Trees
from ml.registry import store as registry
from ml.registry.store import CreditModel
from ml.score import predict_pd, score_of
from tests.ml.scoring.scored import scored
from tradeline.settings import Settings


def test_every_seller_gets_pd_score_and_at_most_four_reasons(model: CreditModel, tonight: pd.DataFrame) -> None:
    scores = scored(model, tonight)
    assert list(scores.columns) == ["seller_id", "pd", "score", "reasons", "reason_details"]
    assert list(scores["seller_id"]) == list(tonight["seller_id"])
    assert scores["pd"].between(0, 1, inclusive="neither").all()
    assert scores["score"].between(350, 950).all() and scores["score"].nunique() > 20
    assert scores["reasons"].map(len).max() <= 4
    assert set(scores["reasons"].explode().dropna()) <= set(reason_codes(model.version.features))


def test_score_falls_as_pd_rises_and_has_its_stated_points() -> None:
    pds = np.linspace(0, 1, 2001)
    scale = load_config().score
    scores = score_of(pds, scale)
    assert (np.diff(scores) <= 0).all()
    assert (scores[0], scores[-1]) == (950, 350)
    assert score_of(np.array([1 / 21, 1 / 41]), scale).tolist() == [650, 700]


def test_the_trees_predict_as_xgboost_itself_does(
    settings: Settings, model: CreditModel, tonight: pd.DataFrame
) -> None:
    features = model.version.features
    kinds = ["c" if feature.is_category else "q" for feature in features]
    names = [feature.name for feature in features]
    values = encode(tonight, features)
    data = xgb.DMatrix(values, feature_names=names, feature_types=kinds, enable_categorical=True)
    trees = registry.load_algorithm(settings, model.version, Trees)
    assert trees.margins(values) == pytest.approx(trees.booster.predict(data, output_margin=True), rel=1e-6)


def test_a_pd_is_the_calibrated_margin(model: CreditModel, tonight: pd.DataFrame) -> None:
    margins = model.predictor.margins(encode(tonight, model.version.features))
    calibration = model.version.contenders[model.version.algorithm].calibration
    expected = 1 / (1 + np.exp(-(calibration.slope * margins + calibration.intercept)))
    assert predict_pd(model, tonight) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("missing", [["noise_rate"], ["noise_rate", "industry"]])
def test_a_missing_feature_is_named_and_never_filled(
    model: CreditModel, tonight: pd.DataFrame, missing: list[str]
) -> None:
    with pytest.raises(BadFeatures, match=f"the model needs {', '.join(missing)}"):
        scored(model, tonight.drop(columns=missing))


def test_column_order_and_extra_columns_do_not_matter(model: CreditModel, tonight: pd.DataFrame) -> None:
    turned = tonight[tonight.columns[::-1]].assign(new_rate=1.0)
    assert (scored(model, turned)["pd"] == scored(model, tonight)["pd"]).all()


def test_a_new_category_counts_as_missing(model: CreditModel, tonight: pd.DataFrame) -> None:
    new, missing = (predict_pd(model, tonight.assign(industry=value)) for value in ("antiques", None))
    assert (new == missing).all()
    assert (new != predict_pd(model, tonight.assign(industry="toys"))).any()


def test_a_number_that_became_text_is_named(model: CreditModel, tonight: pd.DataFrame) -> None:
    with pytest.raises(BadFeatures, match="feature noise_rate should be a number"):
        scored(model, tonight.assign(noise_rate="high"))


def test_infinite_values_are_named(model: CreditModel, tonight: pd.DataFrame) -> None:
    with pytest.raises(BadFeatures, match=r"infinite values in tenure_days \(400 rows\)"):
        scored(model, tonight.assign(tenure_days=-np.inf))


def test_a_night_without_sellers_scores_nobody(model: CreditModel, tonight: pd.DataFrame) -> None:
    assert scored(model, tonight.head(0)).empty
