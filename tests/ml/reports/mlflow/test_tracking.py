"""Model versions are logged to a real MLflow server, which keeps them in SQLite and files of this test."""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from xml.etree import ElementTree

import pytest

from ml.learning.booster import BoosterRecipe, Trees
from ml.learning.scorecard import Points, Scorecard
from ml.promotion.promote import read_promotion
from ml.registry import store as registry
from ml.registry.version import ModelVersion
from ml.reports.mlflow.tracking import log_if_tracked, log_version
from pipeline import steps
from tests.command import tradeline
from tests.ml.trained import AUGUST, market, train_version
from tradeline.errors import TradelineError
from tradeline.settings import PROJECT, SETTINGS_FILE, Settings

pytestmark = pytest.mark.slow


if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

SERVER = PROJECT / ".venv" / "mlflow" / "bin" / "python"
STARTED_WITHIN_SECONDS = 300
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the server of this test is spoken to."""
    for name, value in QUIET.items():
        monkeypatch.setenv(name, value)


def free_port() -> int:
    with socket.socket() as unbound:
        unbound.bind(("127.0.0.1", 0))
        return int(unbound.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not SERVER.exists():
        pytest.skip("`make test` installs the MLflow server")
    folder, port = tmp_path_factory.mktemp("mlflow"), str(free_port())
    command = [str(SERVER), "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", port, "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{folder}/runs", "--artifacts-destination", f"{folder}/artifacts"]
    with (folder / "server.log").open("w") as written:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | QUIET, stdout=written, stderr=written, start_new_session=True
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(address, process, folder / "server.log")
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    latest = time.monotonic() + STARTED_WITHIN_SECONDS
    while time.monotonic() < latest and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return
        except (URLError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"the MLflow server does not answer: {log.read_text()}")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one version, not judged yet."""
    settings = Settings(home=tmp_path_factory.mktemp("trained"), threads=1)
    train_version(settings, AUGUST, market())
    return settings.home


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory, trained: Path, server: str) -> Settings:
    """The same home after the promotion by the DAG's step, with a server."""
    home = tmp_path_factory.mktemp("tracked")
    shutil.copytree(trained, home, dirs_exist_ok=True)
    settings = Settings(home=home, threads=1, mlflow_tracking_uri=server)
    assert steps.promote(settings, "test", AUGUST, name_of(settings), is_forced=False)
    return settings


@pytest.fixture
def client(server: str) -> "MlflowClient":
    from mlflow import MlflowClient

    return MlflowClient(server)


def name_of(settings: Settings) -> str:
    return registry.version_names(settings)[0]


def version_of(settings: Settings) -> ModelVersion:
    return registry.describe(settings, name_of(settings))


def experiment_of(client: "MlflowClient") -> str:
    experiment = client.get_experiment_by_name("tradeline")
    assert experiment
    return str(experiment.experiment_id)


def runs_of(client: "MlflowClient", name: str) -> list["Run"]:
    return list(client.search_runs([experiment_of(client)], f"tags.model_version = '{name}'"))


def test_a_promotion_logs_parameters_metrics_and_the_decision(tracked: Settings, client: "MlflowClient") -> None:
    version = version_of(tracked)
    (run,) = runs_of(client, version.model_version)
    assert run.info.run_name == version.model_version and run.info.status == "FINISHED"
    recipe = version.part(Trees.section, BoosterRecipe)
    expected = {
        "algorithm": version.algorithm,
        "judged_by": "out_of_time",
        "label_kind": "cash_flow_replay",
        "booster.rounds": str(recipe.rounds),
        "booster.parameters.max_depth": str(recipe.parameters["max_depth"]),
        "score.points_to_double_odds": "50.0",
        "scorecard.features": ", ".join(each.name for each in version.part(Points.section, Scorecard).characteristics),
    }
    assert expected.items() <= run.data.params.items()
    judged = {"": version.evaluation} | {f"{name}/": each.evaluation for name, each in version.contenders.items()}
    for prefix, evaluation in judged.items():
        for name, found in evaluation.metrics.items():
            ends = [run.data.metrics[f"{prefix}{name}{end}"] for end in ("", "_low", "_high")]
            assert ends == [found.value, found.low, found.high]
    decision = read_promotion(tracked, version.model_version)
    assert (run.data.tags["is_promoted"], run.data.tags["reason"]) == ("True", decision.reason)
    assert run.data.tags["data_fingerprint"] == version.data_fingerprint
    assert run.data.tags["code_version"] == version.code_version


def test_each_trial_of_the_search_is_a_step(tracked: Settings, client: "MlflowClient") -> None:
    version = version_of(tracked)
    (run,) = runs_of(client, version.model_version)
    history = client.get_metric_history(run.info.run_id, "search/log_loss")
    assert len(history) == len(version.part(Trees.section, BoosterRecipe).trials) > 1
    assert [each.value for each in sorted(history, key=lambda each: each.step)] == [
        each.log_loss for each in version.part(Trees.section, BoosterRecipe).trials
    ]


def test_files_and_plots_are_artifacts_and_sellers_are_not_among_them(
    tracked: Settings, client: "MlflowClient", tmp_path: Path
) -> None:
    name = name_of(tracked)
    (run,) = runs_of(client, name)
    written = {path.name for path in (tracked.models / name).iterdir()}
    assert "judged.parquet" in written
    files = {each.path for each in client.list_artifacts(run.info.run_id) if not each.is_dir}
    assert files == written - {"judged.parquet"} and {"model.json", "promotion.json", "card.html"} <= files
    for file in files:
        copy = Path(client.download_artifacts(run.info.run_id, file, str(tmp_path)))
        assert copy.read_bytes() == (tracked.models / name / file).read_bytes()
    plots = {each.path for each in client.list_artifacts(run.info.run_id, "plots")}
    assert {"plots/reliability", "plots/metrics", "plots/segments"} <= plots
    plot = client.download_artifacts(run.info.run_id, "plots/reliability/xgboost.svg", str(tmp_path))
    assert ElementTree.parse(plot).getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_the_trees_come_back_as_an_mlflow_model(
    tracked: Settings, client: "MlflowClient", server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow import xgboost

    version = version_of(tracked)
    (run,) = runs_of(client, version.model_version)
    (model,) = client.search_logged_models([run.info.experiment_id], f"source_run_id = '{run.info.run_id}'")
    assert model.status == "READY" and model.tags["model_version"] == version.model_version
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    booster: Any = xgboost.load_model(f"models:/{model.model_id}")
    assert hashlib.sha256(booster.save_raw("ubj")).hexdigest() == version.fingerprint_of("model.ubj")


def test_logging_again_makes_no_second_run_and_renews_the_decision(tracked: Settings, client: "MlflowClient") -> None:
    version = version_of(tracked)
    (before,) = runs_of(client, version.model_version)
    decision = read_promotion(tracked, version.model_version).model_copy(update={"reason": "asked once more"})
    log_version(tracked, version, decision)
    (after,) = runs_of(client, version.model_version)
    assert after.info.run_id == before.info.run_id and after.info.status == "FINISHED"
    assert after.data.tags["reason"] == "asked once more" and after.data.metrics == before.data.metrics
    assert len(client.get_metric_history(after.info.run_id, "auc")) == 1
    assert len(client.search_logged_models([after.info.experiment_id], f"source_run_id = '{after.info.run_id}'")) == 1


def test_a_run_that_was_cut_short_is_completed(tracked: Settings, client: "MlflowClient") -> None:
    name = "2018-08-31-00000000"
    version = version_of(tracked).model_copy(update={"model_version": name})
    shutil.copytree(tracked.models / name_of(tracked), tracked.models / name)
    begun = client.create_run(experiment_of(client), tags={"model_version": name})
    client.log_param(begun.info.run_id, "algorithm", version.algorithm)
    client.create_logged_model(experiment_of(client), "xgboost", begun.info.run_id)
    log_version(tracked, version, None)
    shutil.rmtree(tracked.models / name)
    (run,) = runs_of(client, name)
    assert run.info.run_id == begun.info.run_id and run.info.status == "FINISHED"
    assert run.data.metrics["auc"] == version.evaluation.metrics["auc"].value and "is_promoted" not in run.data.tags
    (model,) = client.search_logged_models([experiment_of(client)], f"source_run_id = '{run.info.run_id}'")
    assert model.status == "READY"


def test_a_server_that_is_down_stops_no_promotion_and_no_password_is_told(
    tmp_path: Path,
    trained: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    uri = f"http://risk:p@ss-w0rd@127.0.0.1:{free_port()}"
    settings = Settings(home=tmp_path, threads=1, mlflow_tracking_uri=uri)
    name = name_of(settings)
    assert steps.promote(settings, "test", AUGUST, name, is_forced=False)
    assert read_promotion(settings, name).is_promoted
    assert f"{name} could not be logged to MLflow" in caplog.text and f"`tradeline models log {name}`" in caplog.text
    told = caplog.text + "".join(capfd.readouterr()) + repr(settings)
    told += "".join(path.read_text() for path in tmp_path.rglob("*.json*"))
    assert "ss-w0rd" not in told and "risk:" not in told
    failed = tradeline_with(uri, tmp_path, name)
    assert failed.returncode == 1 and "could not be logged" in failed.stderr
    assert "ss-w0rd" not in failed.stdout + failed.stderr


def tradeline_with(uri: str, home: Path, name: str) -> subprocess.CompletedProcess[str]:
    (home / SETTINGS_FILE).write_text(f"MLFLOW_TRACKING_URI={uri}\n")
    return tradeline(home, "models", "log", name)


def test_a_version_is_logged_later_by_hand(tmp_path: Path, trained: Path, server: str, client: "MlflowClient") -> None:
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)
    name = name_of(Settings(home=tmp_path))
    unnamed = tradeline(tmp_path, "models", "log", name)
    assert unnamed.returncode == 1 and "set MLFLOW_TRACKING_URI" in unnamed.stderr
    logged = tradeline_with(server, tmp_path, name[:10])
    assert logged.returncode == 0 and f"{name} is logged to MLflow" in logged.stdout
    assert len(runs_of(client, name)) == 1


def test_without_the_extra_it_is_named(
    trained: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    settings = Settings(home=trained, mlflow_tracking_uri="http://127.0.0.1:1")
    with pytest.raises(TradelineError, match=r"comes with the project's extra `mlflow`"):
        log_version(settings, version_of(settings), None)
    log_if_tracked(settings, "run-1", name_of(settings))
    assert "comes with the project's extra `mlflow`" in caplog.text


def test_the_server_is_named_by_mlflows_own_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert Settings(home=tmp_path).mlflow_tracking_uri is None
    (tmp_path / SETTINGS_FILE).write_text("MLFLOW_TRACKING_URI=http://home\n")
    assert Settings(home=tmp_path).mlflow_tracking_uri == "http://home"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://variable")
    assert Settings(home=tmp_path).mlflow_tracking_uri == "http://variable"
    assert Settings(home=tmp_path, mlflow_tracking_uri="http://argument").mlflow_tracking_uri == "http://argument"
