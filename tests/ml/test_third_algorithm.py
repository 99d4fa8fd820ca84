"""A third algorithm is one class that ``model.yml`` names: trained, chosen, stored, scored, explained and shown."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
import pytest
import yaml
from pydantic import JsonValue
from sklearn.linear_model import LogisticRegression
from typer.testing import CliRunner

import ml.config
from cli.models import models_app
from ml.config import ModelConfig
from ml.encode import Matrix, encode
from ml.errors import BadModel
from ml.evaluation.scored_rows import read_scored_rows
from ml.features import ModelFeature
from ml.learning.algorithm import Algorithm, Saved, cross_fit
from ml.learning.calibrate import Floats
from ml.learning.folds import Fold
from ml.learning.registered import registered
from ml.learning.rows import Flags, Rows
from ml.promotion.compare import compare
from ml.promotion.promote import promote_or_keep
from ml.registry import store as registry
from ml.registry.pointer import Cause
from ml.registry.version import ModelVersion, name_version
from ml.reports.card.write import write_card
from ml.reports.mlflow import run as logged
from ml.score import predict_pd, score
from tests.ml.scoring.scored import fill_mart, rows_of
from tests.ml.synthetic import synthetic_frame
from tests.ml.trained import AUGUST, RENAMED, market, train_version
from tradeline.errors import TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


NAME = "logistic_regression"
HERE = f"{__name__}:PlainLogisticRegression"
NIGHT = date(2018, 9, 1)
CAUSE = Cause(by="risk", reason="to see it serve")


@dataclass(frozen=True)
class PlainLogisticRegression(Algorithm):
    """Of all features in units of their standard deviation; whoever lacks one counts as average."""

    name, title, colour, section = NAME, "logistic regression", "#4d7f3a", NAME

    features: tuple[ModelFeature, ...]
    means: Floats
    weights: Floats
    intercept: float

    @classmethod
    def fit(
        cls,
        rows: Rows,
        draws: Sequence[list[Fold]],
        features: tuple[ModelFeature, ...],
        config: ModelConfig,
        threads: int,
    ) -> tuple[Self, Floats]:
        def fitted(values: Matrix, is_bad: Flags) -> tuple[Floats, Floats, float]:
            exact = values.astype(np.float64)
            means, scales = np.nanmean(exact, axis=0), np.nanstd(exact, axis=0)
            model = LogisticRegression().fit(np.nan_to_num((exact - means) / scales), is_bad)
            return means, model.coef_[0] / scales, float(model.intercept_[0])

        return cross_fit(lambda *part: cls(features, *fitted(*part)), rows, draws, cls.title)

    def margins(self, values: Matrix) -> Floats:
        return np.asarray(self.contributions(values).sum(axis=1, dtype=np.float64))

    def contributions(self, values: Matrix) -> Matrix:
        own = np.nan_to_num((values - self.means) * self.weights)
        return np.column_stack([own, np.full(len(values), self.intercept)]).astype(np.float32)

    def save(self) -> Saved:
        return Saved({"means": self.means.tolist(), "weights": self.weights.tolist(), "intercept": self.intercept})

    @classmethod
    def load(cls, saved: Saved, features: tuple[ModelFeature, ...], threads: int) -> Self:
        means, weights, intercept = (np.array(saved.content[name]) for name in ("means", "weights", "intercept"))
        return cls(features, means, weights, float(intercept))

    @classmethod
    def settings(cls, content: dict[str, JsonValue]) -> dict[str, float | int | str]:
        return {"intercept": str(content["intercept"])}


def linear() -> pd.DataFrame:
    """A market whose log-odds are a sum over features, of categories too: the simplest algorithm is as good as any."""
    return market().replace({"industry": {"food": "books"}})


def name_algorithms(folder: Path, *paths: str) -> Path:
    """A ``model.yml`` that names these algorithms."""
    content = yaml.safe_load(ml.config.CONFIG.read_text(encoding="utf-8")) | {"algorithms": list(paths)}
    path = folder / "model.yml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return name_algorithms(tmp_path_factory.mktemp("three"), *ml.config.load_config().algorithms, HERE)


@pytest.fixture(autouse=True)
def registered_third(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ml.config, "CONFIG", three)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, three: Path) -> Iterator[Path]:
    """A home with a version of all three."""
    home = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ml.config, "CONFIG", three)
        train_version(Settings(home=home, threads=1), AUGUST, linear())
        yield home


@pytest.fixture
def version(settings: Settings, trained: Path) -> ModelVersion:
    shutil.copytree(trained, settings.home)
    return registry.describe(settings, registry.version_names(settings)[0])


def served_by(settings: Settings, version: ModelVersion, algorithm: str) -> ModelVersion:
    """The same version with another of its algorithms in service."""
    files = {name: registry.read_file(settings, version, name) for name in ("model.ubj", "judged.parquet")}
    other = version.model_copy(update={"algorithm": algorithm})
    other = other.model_copy(update={"model_version": name_version(other.model_dump(mode="json"))})
    registry.save(settings, other, files)
    return registry.describe(settings, other.model_version)


def test_it_is_trained_evaluated_and_chosen_beside_the_others(settings: Settings, version: ModelVersion) -> None:
    assert list(version.contenders) == ["xgboost", "scorecard", NAME]
    assert version.algorithm == NAME and version.evaluation.metrics["auc"].low > 0.7
    assert "the scorecard's AUC minus the logistic regression's is" in version.choice.reason
    assert "XGBoost's AUC minus the logistic regression's is" in version.choice.reason
    aucs = {name: each.evaluation.metrics["auc"].value for name, each in version.contenders.items()}
    assert version.choice.auc_difference.value == pytest.approx(aucs["xgboost"] - aucs[NAME])
    rows, pds = read_scored_rows(registry.read_file(settings, version, "judged.parquet"), NAME)
    assert pds.mean() == pytest.approx(version.evaluation.mean_pd) and len(rows) == version.evaluation.rows


def test_it_is_loaded_as_it_was_stored_and_a_change_of_it_is_refused(settings: Settings, version: ModelVersion) -> None:
    model = registry.load(settings, version.model_version)
    assert isinstance(model.predictor, PlainLogisticRegression)
    rows = linear()
    rows = rows[rows["as_of"] >= version.split.judged.first_on]
    judged = read_scored_rows(registry.read_file(settings, version, "judged.parquet"), NAME)[1]
    assert (predict_pd(model, rows) == judged[0]).all()
    path = settings.models / version.model_version / "model.json"
    content = json.loads(path.read_text())
    content[NAME]["intercept"] += 0.01
    path.write_text(json.dumps(content))
    with pytest.raises(BadModel, match=r"model\.json was changed"):
        registry.load(settings, version.model_version)


def test_it_scores_a_night_and_gives_reasons(settings: Settings, version: ModelVersion) -> None:
    tonight = synthetic_frame(seed=21, sellers=400, months=1).rename(columns=RENAMED).assign(as_of=NIGHT)
    fill_mart(settings, tonight)
    assert promote_or_keep(settings, version.model_version).is_promoted
    score(settings, [NIGHT], "run")
    found = rows_of(settings, "select seller_id, pd, reasons[1] from ml.scores order by seller_id")
    model = registry.load(settings, version.model_version)
    assert [pd_ for _, pd_, _ in found] == predict_pd(model, tonight.sort_values("seller_id")).tolist()
    place = [feature.name for feature in version.features].index("late_delivery_rate_90d")
    added = model.predictor.contributions(encode(tonight.sort_values("seller_id"), version.features))[:, place]
    assert added.max() > 1 and found[int(added.argmax())][2] == "MODEL_LATE_DELIVERIES"


def test_the_card_shows_it_by_its_name(settings: Settings, version: ModelVersion) -> None:
    page = write_card(settings, version.model_version)
    card = json.loads(page.with_name("card.json").read_text())
    found = version.contenders[NAME].evaluation
    assert {row["name"]: row[NAME]["value"] for row in card["metrics"]["metrics"]} == {
        name: figure.value for name, figure in found.metrics.items()
    }
    assert (card["metrics"]["caught"][0][NAME], card["metrics"]["caught"][-1][NAME]) == (0, 1)
    assert list(card["reliability"]["bins"]) == list(card["calibration"]["contenders"]) == list(version.contenders)
    html = page.read_text()
    assert "<dd>logistic regression</dd>" in html and '<th class="number">logistic regression</th>' in html
    assert "The logistic regression serves" in html and "<strong>Logistic regression</strong>" in html
    assert f"{found.metrics['auc'].value:.3f}" in html and PlainLogisticRegression.colour in html


@pytest.mark.parametrize("algorithm", [NAME, "scorecard"])
def test_the_commands_show_it_whether_it_serves_or_not(
    settings: Settings, version: ModelVersion, algorithm: str
) -> None:
    shown = served_by(settings, version, algorithm).model_version
    environment = {"TRADELINE_HOME": str(settings.home), "COLUMNS": "200"}
    listed = CliRunner().invoke(models_app, ["list"], env=environment).stdout
    assert algorithm in next(line for line in listed.splitlines() if shown in line)
    text = CliRunner().invoke(models_app, ["show", shown], env=environment).stdout
    intercept = json.loads((settings.models / shown / "model.json").read_text())[NAME]["intercept"]
    assert f"{algorithm}: " in text and f"intercept {intercept}" in text
    auc = version.contenders[NAME].evaluation.metrics["auc"]
    heads = next(line.split() for line in text.splitlines() if "xgboost  " in line)
    assert heads == list(version.contenders)
    assert any(line.startswith("auc") and line.rstrip().endswith(str(auc)) for line in text.splitlines())


def test_it_is_compared_and_logged_by_its_name(settings: Settings, version: ModelVersion) -> None:
    other = train_version(settings, AUGUST, market(8))
    differences = {each.name for each in compare(settings, version.model_version, other).differences}
    assert f"{NAME}.intercept" in differences
    assert f"{NAME}.intercept" in logged.parameters(version)
    assert f"{NAME}/auc" in {name for name, _, _ in logged.metrics(version)}


def test_a_version_outlives_an_algorithm_that_does_not_serve(
    settings: Settings, version: ModelVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the third is named no longer: where it serves that is said, where another does nothing is lost."""
    by_trees = served_by(settings, version, "xgboost")
    pds = predict_pd(registry.load(settings, by_trees.model_version), market())
    two = ml.config.load_config().algorithms[:2]
    monkeypatch.setattr(ml.config, "CONFIG", name_algorithms(tmp_path, *two))
    assert (predict_pd(registry.load(settings, by_trees.model_version), market()) == pds).all()
    assert write_card(settings, by_trees.model_version).exists()
    with pytest.raises(BadModel, match=f"is served by {NAME}, which ml/model.yml does not name: add it"):
        registry.load(settings, version.model_version)


def test_a_deployment_may_do_without_the_trees(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ml.config, "CONFIG", name_algorithms(tmp_path, "ml.learning.scorecard:Points", HERE))
    name = train_version(settings, AUGUST, linear())
    version = registry.load(settings, name).version
    assert list(version.contenders) == ["scorecard", NAME] and "xgboost-cpu" not in version.libraries
    written = {path.name for path in (settings.models / name).iterdir()}
    assert written == {"model.json", "judged.parquet"}
    page = write_card(settings, name)
    card = json.loads(page.with_name("card.json").read_text())
    assert not {"important", "parameters"} & card["features"].keys() and "The trees" not in page.read_text()
    assert not list(logged.trials(version)) and "booster.rounds" not in logged.parameters(version)
    assert promote_or_keep(settings, name).is_promoted


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("ml.learning.nowhere:Trees", "nowhere:Trees cannot be imported: No module named 'ml.learning.nowhere'"),
        ("ml.learning.booster:Shrubs", "booster:Shrubs cannot be imported: .* has no attribute 'Shrubs'"),
        ("ml.learning.calibrate:Calibration", "Calibration is no ml.learning.algorithm.Algorithm"),
        (HERE, "is the second of the name logistic_regression"),
    ],
)
def test_an_entry_that_leads_nowhere_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, fault: str
) -> None:
    monkeypatch.setattr(ml.config, "CONFIG", name_algorithms(tmp_path, HERE, path))
    with pytest.raises(TradelineError, match=f"model.yml: algorithms: .*{fault}"):
        registered()
