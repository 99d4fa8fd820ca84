import csv
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
import xgboost as xgb

from ml.config import ReasonsConfig, load_config
from ml.encode import Matrix, encode
from ml.errors import BadFeatures, BadModel
from ml.explain import family_contributions
from ml.learning.calibrate import Floats
from ml.score import predict_pd, score, score_of, score_rows
from ml.train import train
from ml.versions import registry
from ml.versions.champion import append_champion
from ml.versions.registry import CreditModel
from ml.versions.version import name_version
from tests.ml.changed import run_after_a_change_of_settings
from tests.ml.synthetic import FEATURES, TRAINED_AS_OF, synthetic_frame, write_catalogue, write_training_set
from tradeline.policy import SEEDS
from tradeline.settings import Settings

LEARNED_UNTIL = date(2017, 9, 30)


def scored(model: CreditModel, frame: pd.DataFrame) -> pd.DataFrame:
    """As plain lists, as SQL shows them."""
    table = score_rows(model, frame)
    return pd.DataFrame({name: pd.Series(table[name].to_pylist(), dtype=object) for name in table.column_names}).astype(
        {"pd": float, "score": int}
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one version, the catalogue and the training set that it was made from."""
    home = tmp_path_factory.mktemp("trained")
    catalogue = write_catalogue(home / "catalogue.yml", FEATURES)
    training_set = write_training_set(synthetic_frame(), home / "training.parquet")
    train(Settings(home=home, threads=1), training_set, TRAINED_AS_OF, "run", catalogue)
    return home


@pytest.fixture(params=["xgboost", "scorecard"])
def model(request: pytest.FixtureRequest, settings: Settings, trained: Path) -> CreditModel:
    """The version in a home of its own, served by one contender and then by the other."""
    (version,) = registry.list_versions(Settings(home=trained))
    files = {
        name: registry.read_file(Settings(home=trained), version, name) for name in ("model.ubj", "judged.parquet")
    }
    served = version.model_copy(update={"algorithm": request.param})
    named = served.model_copy(update={"model_version": name_version(served.model_dump(mode="json"))})
    registry.save(settings, named, files)
    return registry.load(settings, named.model_version)


@pytest.fixture
def tonight() -> pd.DataFrame:
    return synthetic_frame(seed=21, sellers=400, months=1)


def test_every_seller_gets_pd_score_and_at_most_four_reasons(model: CreditModel, tonight: pd.DataFrame) -> None:
    scores = scored(model, tonight)
    assert list(scores.columns) == ["seller_id", "pd", "score", "reasons", "reason_details"]
    assert list(scores["seller_id"]) == list(tonight["seller_id"])
    assert scores["pd"].between(0, 1, inclusive="neither").all()
    assert scores["score"].between(350, 950).all() and scores["score"].nunique() > 20
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


def test_the_trees_predict_as_xgboost_itself_does(
    settings: Settings, model: CreditModel, tonight: pd.DataFrame
) -> None:
    features = model.version.features
    kinds = ["c" if feature.is_category else "q" for feature in features]
    names = [feature.name for feature in features]
    values = encode(tonight, features)
    data = xgb.DMatrix(values, feature_names=names, feature_types=kinds, enable_categorical=True)
    trees = registry.load_trees(settings, model.version)
    assert trees.margins(values) == pytest.approx(trees.booster.predict(data, output_margin=True), rel=1e-6)


def test_a_pd_is_the_calibrated_margin(model: CreditModel, tonight: pd.DataFrame) -> None:
    margins = model.predictor.margins(encode(tonight, model.version.features))
    calibration = model.version.contenders[model.version.algorithm].calibration
    expected = 1 / (1 + np.exp(-(calibration.slope * margins + calibration.intercept)))
    assert predict_pd(model, tonight) == pytest.approx(expected, rel=1e-6)


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


def test_whoever_the_policy_declines_for_the_pd_is_explained_on_any_night() -> None:
    with (SEEDS / "policy_grades.csv").open(encoding="utf-8") as file:
        declined_from_pd = max(float(grade["pd_below"]) for grade in csv.DictReader(file))
    assert load_config().reasons.from_pd <= declined_from_pd


def test_a_change_of_settings_changes_no_score_of_a_trained_version(
    settings: Settings, model: CreditModel, tonight: pd.DataFrame, trained: Path, tmp_path: Path
) -> None:
    fill_mart(settings, tonight.assign(as_of=NIGHTS[1]))
    append_champion(settings, model.version, datetime.now(UTC))
    score(settings, NIGHTS[1:2], "before")
    stored = "select seller_id, pd, score, reasons, model_version from ml.scores order by seller_id"
    before = rows_of(settings, stored)
    program = (
        "import sys; from datetime import date; from pathlib import Path; from ml.score import score; "
        "from ml.train import train; from tradeline.settings import Settings; "
        "settings = Settings(home=Path(sys.argv[1]), threads=1); score(settings, [date(2018, 8, 31)], 'after'); "
        "print(train(settings, Path(sys.argv[2]), date(2018, 8, 31), 'after', Path(sys.argv[3])).model_version)"
    )
    arguments = [str(path) for path in (settings.home, trained / "training.parquet", trained / "catalogue.yml")]
    name = run_after_a_change_of_settings(tmp_path / "changed", program, *arguments)
    assert rows_of(settings, "select distinct run_id from ml.scores") == [("after",)]
    assert rows_of(settings, stored) == before
    # The same trees on another scale are another version.
    other = registry.load(settings, name)
    assert name != model.version.model_version
    assert other.version.model_fingerprint == model.version.model_fingerprint
    assert (scored(other, tonight)["score"] != scored(model, tonight)["score"]).any()


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


def test_a_repeated_seller_is_named(model: CreditModel, tonight: pd.DataFrame) -> None:
    with pytest.raises(BadFeatures, match="1 sellers are in the features twice, s0007 among them"):
        scored(model, pd.concat([tonight, tonight[tonight["seller_id"] == "s0007"]]))


def test_a_night_without_sellers_scores_nobody(model: CreditModel, tonight: pd.DataFrame) -> None:
    assert scored(model, tonight.head(0)).empty


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
    append_champion(settings, model.version, datetime.now(UTC))
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
    expected = scored(model, tonight.sort_values("seller_id"))
    assert [row[0] for row in stored] == list(expected["seller_id"])
    assert [row[1] for row in stored] == pytest.approx(list(expected["pd"]), abs=1e-9)
    assert [row[2:] for row in stored] == list(zip(expected["score"], expected["reasons"], strict=True))


def test_pieces_of_a_night_are_scored_as_the_whole(
    settings: Settings, model: CreditModel, tonight: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_mart(settings, tonight.assign(as_of=NIGHTS[1]))
    append_champion(settings, model.version, datetime.now(UTC))
    stored = "select * exclude (run_id) from ml.scores order by seller_id"
    drifted = "select * exclude (run_id) from ml.stability order by all"
    score(settings, NIGHTS[1:2], "whole")
    whole = rows_of(settings, stored), rows_of(settings, drifted)
    monkeypatch.setattr("ml.score.CHUNK_ROWS", 100)
    score(settings, NIGHTS[1:2], "pieces")
    assert rows_of(settings, "select distinct run_id from ml.scores") == [("pieces",)]
    assert (rows_of(settings, stored), rows_of(settings, drifted)) == whole


def test_a_seller_twice_in_the_mart_stops_the_night(
    settings: Settings, model: CreditModel, tonight: pd.DataFrame
) -> None:
    fill_mart(settings, pd.concat([tonight, tonight.tail(1)]).assign(as_of=NIGHTS[1]))
    append_champion(settings, model.version, datetime.now(UTC))
    with pytest.raises(BadFeatures, match="1 sellers are in the features twice, s0399 among them: build the night"):
        score(settings, NIGHTS[1:2], "run")


def test_a_night_that_no_model_serves_loses_its_old_scores(
    settings: Settings, model: CreditModel, tonight: pd.DataFrame
) -> None:
    fill_mart(settings, tonight.assign(as_of=NIGHTS[1]))
    append_champion(settings, model.version, datetime.now(UTC))
    score(settings, NIGHTS[1:2], "run-1")
    (settings.models / "champion.json").unlink()
    report = score(settings, NIGHTS[1:2], "run-2")
    assert report.nights[0].model_version is None
    assert rows_of(settings, "select count(*) from ml.scores") == [(0,)]


def test_a_changed_mart_column_stops_the_run_and_keeps_the_old_scores(
    settings: Settings, model: CreditModel, tonight: pd.DataFrame
) -> None:
    fill_mart(settings, tonight.assign(as_of=NIGHTS[1]))
    append_champion(settings, model.version, datetime.now(UTC))
    score(settings, NIGHTS[1:2], "run-1")
    fill_mart(settings, tonight.assign(as_of=NIGHTS[1]).rename(columns={"noise_rate": "noise_share"}))
    with pytest.raises(BadFeatures, match="the model needs noise_rate"):
        score(settings, NIGHTS[1:2], "run-2")
    assert rows_of(settings, "select distinct run_id, count(*) from ml.scores group by 1") == [("run-1", 400)]
    fill_mart(settings, tonight.assign(as_of=NIGHTS[1], noise_rate="high"))
    with pytest.raises(BadFeatures, match="2018-08-31: a feature that should be a number is not"):
        score(settings, NIGHTS[1:2], "run-3")
    assert rows_of(settings, "select distinct run_id, count(*) from ml.scores group by 1") == [("run-1", 400)]
