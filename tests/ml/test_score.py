import csv
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from ml import registry
from ml.config import ReasonsConfig, load_config
from ml.encode import encode
from ml.errors import BadFeatures
from ml.explain import family_contributions
from ml.registry import CreditModel
from ml.score import predict_pd, score, score_frame, score_of
from ml.train import train
from tests.ml.changed import run_after_a_change_of_settings
from tests.ml.synthetic import TRAINED_AS_OF, synthetic_frame
from tradeline.policy import SEEDS
from tradeline.settings import Settings


@pytest.fixture
def model(settings: Settings, training_set: Path, catalogue: Path) -> CreditModel:
    return registry.load(settings, train(settings, training_set, TRAINED_AS_OF, "run", catalogue).model_version)


@pytest.fixture
def tonight() -> pd.DataFrame:
    return synthetic_frame(seed=21, sellers=400, months=1)


def test_every_seller_gets_pd_score_and_at_most_four_reasons(model: CreditModel, tonight: pd.DataFrame) -> None:
    scores = score_frame(model, tonight)
    assert list(scores.columns) == ["seller_id", "pd", "score", "reasons"]
    assert list(scores["seller_id"]) == list(tonight["seller_id"])
    assert scores["pd"].between(0, 1, inclusive="neither").all()
    assert scores["score"].between(350, 950).all() and scores["score"].nunique() > 50
    assert scores["reasons"].map(len).max() <= 4
    known = {f"MODEL_{feature.family.upper()}" for feature in model.version.features}
    assert set(scores["reasons"].explode().dropna()) <= known


def test_score_falls_as_pd_rises_and_has_its_stated_points() -> None:
    pds = np.linspace(0, 1, 2001)
    scale = load_config().score
    scores = score_of(pds, scale)
    assert (np.diff(scores) <= 0).all()
    assert (scores[0], scores[-1]) == (950, 350)
    assert score_of(np.array([1 / 21, 1 / 41]), scale).tolist() == [650, 700]


def test_fast_prediction_equals_the_plain_one(model: CreditModel, tonight: pd.DataFrame) -> None:
    import xgboost as xgb

    features = model.version.features
    kinds = ["c" if feature.is_category else "q" for feature in features]
    names = [feature.name for feature in features]
    data = xgb.DMatrix(encode(tonight, features), feature_names=names, feature_types=kinds, enable_categorical=True)
    log_odds = model.booster.predict(data, output_margin=True).astype(float)
    calibration = model.version.calibration
    expected = 1 / (1 + np.exp(-(calibration.slope * log_odds + calibration.intercept)))
    assert predict_pd(model, tonight) == pytest.approx(expected, rel=1e-6)


def test_reasons_are_the_families_that_raise_the_pd_most(model: CreditModel, tonight: pd.DataFrame) -> None:
    values = encode(tonight, model.version.features)
    families, harm = family_contributions(model, values)
    names = [f"MODEL_{family.upper()}" for family in families]
    for row, reasons in zip(harm, score_frame(model, tonight)["reasons"], strict=True):
        ranked = sorted(zip(row, names, strict=True), key=lambda pair: -pair[0])
        assert reasons == [name for value, name in ranked if value > 0][:4]


def test_contributions_add_up_to_the_log_odds(model: CreditModel, tonight: pd.DataFrame) -> None:
    values = encode(tonight, model.version.features)
    _, harm = family_contributions(model, values)
    log_odds = model.booster.inplace_predict(values, predict_type="margin")
    bias = log_odds - harm.sum(axis=1)
    assert np.ptp(bias) < 1e-4


def test_a_late_seller_is_told_service_first(model: CreditModel, tonight: pd.DataFrame) -> None:
    late = tonight.assign(late_share_90d=0.9, rating_mean_90d=4.9, industry="books")
    assert {reasons[0] for reasons in score_frame(model, late)["reasons"]} == {"MODEL_SERVICE"}


def test_on_a_night_of_many_sellers_only_the_risky_are_explained(model: CreditModel, tonight: pd.DataFrame) -> None:
    reasons = ReasonsConfig(at_most=4, all_rows_up_to=100, from_pd=0.3)
    sparing = replace(model, version=model.version.model_copy(update={"reasons": reasons}))
    everyone, risky = (score_frame(each, tonight) for each in (model, sparing))
    assert (everyone["pd"] == risky["pd"]).all()
    is_risky = risky["pd"] >= 0.3
    assert 0 < is_risky.sum() < len(risky)
    assert list(risky["reasons"][is_risky]) == list(everyone["reasons"][is_risky])
    assert risky["reasons"][~is_risky].map(len).max() == 0


def test_whoever_the_policy_declines_for_the_pd_is_explained_on_any_night() -> None:
    with (SEEDS / "policy_grades.csv").open(encoding="utf-8") as file:
        declined_from_pd = max(float(grade["pd_below"]) for grade in csv.DictReader(file))
    assert load_config().reasons.from_pd <= declined_from_pd


def test_a_change_of_settings_changes_no_score_of_a_trained_version(
    settings: Settings, model: CreditModel, tonight: pd.DataFrame, training_set: Path, catalogue: Path, tmp_path: Path
) -> None:
    fill_mart(settings, tonight.assign(as_of=NIGHTS[1]))
    registry.append_champion(settings, model.version, datetime.now(UTC))
    score(settings, NIGHTS[1:2], "before")
    stored = "select seller_id, pd, score, reasons, model_version from ml.scores order by seller_id"
    before = rows_of(settings, stored)
    program = (
        "import sys; from datetime import date; from pathlib import Path; from ml.score import score; "
        "from ml.train import train; from tradeline.settings import Settings; "
        "settings = Settings(home=Path(sys.argv[1]), threads=1); score(settings, [date(2018, 8, 31)], 'after'); "
        "print(train(settings, Path(sys.argv[2]), date(2018, 8, 31), 'after', Path(sys.argv[3])).model_version)"
    )
    arguments = [str(path) for path in (settings.home, training_set, catalogue)]
    trained = run_after_a_change_of_settings(tmp_path / "changed", program, *arguments)
    assert rows_of(settings, "select distinct run_id from ml.scores") == [("after",)]
    assert rows_of(settings, stored) == before
    # The same trees on another scale are another version.
    other = registry.load(settings, trained)
    assert trained != model.version.model_version
    assert other.version.model_fingerprint == model.version.model_fingerprint
    assert (score_frame(other, tonight)["score"] != score_frame(model, tonight)["score"]).any()


@pytest.mark.parametrize("missing", [["noise_rate"], ["noise_rate", "industry"]])
def test_a_missing_feature_is_named_and_never_filled(
    model: CreditModel, tonight: pd.DataFrame, missing: list[str]
) -> None:
    with pytest.raises(BadFeatures, match=f"the model needs {', '.join(missing)}"):
        score_frame(model, tonight.drop(columns=missing))


def test_column_order_and_extra_columns_do_not_matter(model: CreditModel, tonight: pd.DataFrame) -> None:
    turned = tonight[tonight.columns[::-1]].assign(new_rate=1.0)
    assert (score_frame(model, turned)["pd"] == score_frame(model, tonight)["pd"]).all()


def test_a_new_category_counts_as_missing(model: CreditModel, tonight: pd.DataFrame) -> None:
    new, missing = (predict_pd(model, tonight.assign(industry=value)) for value in ("antiques", None))
    assert (new == missing).all()
    assert (new != predict_pd(model, tonight.assign(industry="toys"))).any()


def test_a_number_that_became_text_is_named(model: CreditModel, tonight: pd.DataFrame) -> None:
    with pytest.raises(BadFeatures, match="feature noise_rate should be a number"):
        score_frame(model, tonight.assign(noise_rate="high"))


def test_infinite_values_are_named(model: CreditModel, tonight: pd.DataFrame) -> None:
    with pytest.raises(BadFeatures, match=r"infinite values in tenure_days \(400 rows\)"):
        score_frame(model, tonight.assign(tenure_days=-np.inf))


def test_a_repeated_seller_is_named(model: CreditModel, tonight: pd.DataFrame) -> None:
    with pytest.raises(BadFeatures, match="1 sellers are in the features twice, s0007 among them"):
        score_frame(model, pd.concat([tonight, tonight[tonight["seller_id"] == "s0007"]]))


def test_a_night_without_sellers_scores_nobody(model: CreditModel, tonight: pd.DataFrame) -> None:
    assert score_frame(model, tonight.head(0)).empty


def fill_mart(settings: Settings, frame: pd.DataFrame) -> None:
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.register("frame", frame)
        connection.execute("create schema if not exists marts")
        connection.execute("create or replace table marts.seller_features as from frame")


def rows_of(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.warehouse)) as connection:
        return connection.execute(query).fetchall()


NIGHTS = [date(2018, 8, 30), date(2018, 8, 31), date(2018, 9, 1)]


def test_nights_are_scored_and_replaced_in_the_warehouse(
    settings: Settings, model: CreditModel, tonight: pd.DataFrame
) -> None:
    fill_mart(settings, pd.concat(tonight.assign(as_of=night) for night in NIGHTS))
    registry.append_champion(settings, model.version, datetime.now(UTC))
    first = score(settings, NIGHTS, "run-1")
    assert [(night.as_of, night.seller_count) for night in first.nights] == list(
        zip(NIGHTS, (0, 400, 400), strict=True)
    )
    assert [night.model_version for night in first.nights] == [None, *[model.version.model_version] * 2]
    score(settings, NIGHTS[2:], "run-2")
    per_night = "select as_of, run_id, count(*), count(distinct seller_id) from ml.scores group by all order by as_of"
    assert rows_of(settings, per_night) == [(NIGHTS[1], "run-1", 400, 400), (NIGHTS[2], "run-2", 400, 400)]
    stored = rows_of(
        settings, "select seller_id, pd, score, reasons from ml.scores where as_of = '2018-08-31' order by 1"
    )
    expected = score_frame(model, tonight.sort_values("seller_id"))
    assert [row[0] for row in stored] == list(expected["seller_id"])
    assert [row[1] for row in stored] == pytest.approx(list(expected["pd"]), abs=1e-9)
    assert [row[2:] for row in stored] == list(zip(expected["score"], expected["reasons"], strict=True))


def test_a_night_that_no_model_serves_loses_its_old_scores(
    settings: Settings, model: CreditModel, tonight: pd.DataFrame
) -> None:
    fill_mart(settings, tonight.assign(as_of=NIGHTS[1]))
    registry.append_champion(settings, model.version, datetime.now(UTC))
    score(settings, NIGHTS[1:2], "run-1")
    (settings.models / "champion.json").unlink()
    report = score(settings, NIGHTS[1:2], "run-2")
    assert report.nights[0].model_version is None
    assert rows_of(settings, "select count(*) from ml.scores") == [(0,)]


def test_a_changed_mart_column_stops_the_run_and_keeps_the_old_scores(
    settings: Settings, model: CreditModel, tonight: pd.DataFrame
) -> None:
    fill_mart(settings, tonight.assign(as_of=NIGHTS[1]))
    registry.append_champion(settings, model.version, datetime.now(UTC))
    score(settings, NIGHTS[1:2], "run-1")
    fill_mart(settings, tonight.assign(as_of=NIGHTS[1]).rename(columns={"noise_rate": "noise_share"}))
    with pytest.raises(BadFeatures, match="the model needs noise_rate"):
        score(settings, NIGHTS[1:2], "run-2")
    assert rows_of(settings, "select distinct run_id, count(*) from ml.scores group by 1") == [("run-1", 400)]
    fill_mart(settings, tonight.assign(as_of=NIGHTS[1], noise_rate="high"))
    with pytest.raises(BadFeatures, match="2018-08-31: a feature that should be a number is not"):
        score(settings, NIGHTS[1:2], "run-3")
    assert rows_of(settings, "select distinct run_id, count(*) from ml.scores group by 1") == [("run-1", 400)]
