"""Model versions in MLflow, beside ``models/`` and never instead of it.

One run per version in the experiment ``tradeline``, found by its tag ``model_version``, with parameters, metrics, the
version's files, plots, and its trees as an MLflow model. Logging a version again completes its run and makes no other.
"""

import logging
import os
import re
import tempfile
from datetime import UTC, datetime, time
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from ml.learning.booster import Trees
from ml.promotion.promote import Promotion, find_promotion
from ml.registry import store as registry
from ml.registry.version import ModelVersion
from ml.reports.mlflow import run as tracked
from tradeline.errors import TradelineError
from tradeline.settings import Settings
from tradeline.side_work import never_stops, note_made

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

EXPERIMENT = "tradeline"
MODEL = "xgboost"
# Beside the algorithms' own. Not judged.parquet: it names sellers.
FILES = ("model.json", "promotion.json", "card.json", "card.html")
AT_ONCE = 1000  # metrics that the server takes in one request
# MLflow reads these itself. No usage data is sent to its makers, and no address is printed: it may hold a password.
FIXED = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true"}
# By default it would try for minutes to reach a server that is down.
DEFAULTS = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "30"}

log = logging.getLogger(__name__)


def log_if_tracked(settings: Settings, run_id: str, model_version: str) -> None:
    """Log a version where ``MLFLOW_TRACKING_URI`` is set; what cannot be logged is said and changes nothing."""
    if settings.mlflow_tracking_uri:
        with never_stops(settings, run_id, _what(model_version), f"`tradeline models log {model_version}` does it"):
            version = registry.describe(settings, model_version)
            log_version(settings, version, find_promotion(settings, model_version))


def log_version(settings: Settings, version: ModelVersion, promotion: Promotion | None) -> None:
    """Log a version with the decision on it, if there is one; what is logged already stays.

    Raises:
        TradelineError: no server is named, the extra ``mlflow`` is not installed, or the server did not take it.
    """
    uri = settings.mlflow_tracking_uri
    if not uri:
        raise TradelineError("no MLflow server is named: set MLFLOW_TRACKING_URI")
    if find_spec("mlflow") is None:
        raise TradelineError(
            "MLFLOW_TRACKING_URI is set, and MLflow is not installed: it comes with the project's extra `mlflow`, "
            "pip install '.[mlflow]'"
        )
    name = version.model_version
    try:
        _log(settings, _client(uri), version, promotion)
    except Exception as error:
        said = _without_password(f"{type(error).__name__}: {error}")
        raise TradelineError(f"{name} could not be logged to MLflow at {_without_password(uri)}: {said}") from None
    note_made(settings, version.run_id, _what(name))
    log.info("%s is logged to MLflow at %s", name, _without_password(uri))


def _what(model_version: str) -> str:
    return f"MLflow's run of {model_version}"


def _client(uri: str) -> "MlflowClient":
    os.environ.update(DEFAULTS | dict(os.environ) | FIXED)
    from mlflow import MlflowClient

    return MlflowClient(uri)


def _log(settings: Settings, client: "MlflowClient", version: ModelVersion, promotion: Promotion | None) -> None:
    found = client.get_experiment_by_name(EXPERIMENT)
    experiment_id = found.experiment_id if found else client.create_experiment(EXPERIMENT)
    run = _run(client, experiment_id, version.model_version)
    run_id = run.info.run_id
    _log_figures(client, run, version, promotion)
    files = (*FILES, *registry.algorithm_files(version))
    for path in (settings.models / version.model_version / name for name in files):
        if path.exists():
            client.log_artifact(run_id, str(path))
    for name, image in tracked.plots(settings, version.model_version):
        client.log_text(run_id, image, f"plots/{name}.svg")
    if Trees.name in version.contenders:
        _log_model(settings, client, experiment_id, run_id, version)
    client.set_terminated(run_id)


def _run(client: "MlflowClient", experiment_id: str, name: str) -> "Run":
    found = client.search_runs([experiment_id], f"tags.model_version = '{name}'", max_results=1)
    return found[0] if found else client.create_run(experiment_id, run_name=name, tags={"model_version": name})


def _log_figures(client: "MlflowClient", run: "Run", version: ModelVersion, promotion: Promotion | None) -> None:
    from mlflow.entities import Metric, Param, RunTag

    # A run's parameters cannot be changed: a later release may only add some.
    new = {name: value for name, value in tracked.parameters(version).items() if name not in run.data.params}
    params = [Param(name, value) for name, value in new.items()]
    tags = [RunTag(name, value) for name, value in tracked.tags(version, promotion).items()]
    client.log_batch(run.info.run_id, params=params, tags=tags)
    # Always the same moment: the server keeps a point that it has already only once.
    moment = int(datetime.combine(version.trained_as_of, time(), UTC).timestamp() * 1000)
    found = chain(tracked.metrics(version), tracked.trials(version))
    points = [Metric(name, value, moment, step) for name, value, step in found]
    for first in range(0, len(points), AT_ONCE):
        client.log_batch(run.info.run_id, metrics=points[first : first + AT_ONCE])


def _log_model(
    settings: Settings, client: "MlflowClient", experiment_id: str, run_id: str, version: ModelVersion
) -> None:
    """The trees, as they are in ``model.ubj``: their pd is before calibration, which is in ``model.json``."""
    import mlflow.xgboost
    from mlflow.entities import LoggedModelOutput

    found = client.search_logged_models([experiment_id], f"source_run_id = '{run_id}'")
    if found and found[0].status == "READY":
        return
    if found:
        model = found[0]
    else:
        model = client.create_logged_model(experiment_id, MODEL, run_id, {"model_version": version.model_version})
        client.log_outputs(run_id, [LoggedModelOutput(model.model_id, step=0)])
    with tempfile.TemporaryDirectory() as folder:
        mlflow.xgboost.save_model(
            registry.load_algorithm(settings, version, Trees).booster,
            str(Path(folder) / MODEL),
            pip_requirements=[f"xgboost-cpu=={version.libraries['xgboost-cpu']}"],
            metadata={"model_version": version.model_version, "serves": version.algorithm, "is_calibrated": False},
        )
        client.log_model_artifacts(model.model_id, str(Path(folder) / MODEL))
    client.finalize_logged_model(model.model_id, "READY")


def _without_password(text: str) -> str:
    return re.sub(r"//\S*@", "//", text)
