"""The same DAGs in this process, without Airflow's services: what ``tradeline run`` does."""

import logging
import os
import sys
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from cli.airflow.home import is_migrated, prepare, remember_migration
from pipeline.nights import asked_nights, landed_by
from pipeline.steps.targets import DELIVER
from tradeline.errors import NotDelivered, TradelineError
from tradeline.journal import read_journal
from tradeline.settings import PROJECT, Settings
from tradeline.side_work import SIDE_WORK
from tradeline.surroundings import without_effect

log = logging.getLogger(__name__)


def run_nights(settings: Settings, asked: dict[str, str], force_from: str | None = None) -> list[date]:
    """Features, models where one is due, and offers of the nights that are asked for, as a form would; the nights.

    Features and offers of a range are made in one pass each. Models come between them, in the order of time: a night
    is scored with the model that had been trained by then, so later ones do no harm. ``force_from`` is the night from
    which all arrivals are built again.

    Raises:
        TradelineError: a step failed; the message is the step's. ``NotDelivered`` if it was the delivery to targets
            alone: the nights are published.
    """
    from serving.champion_kept import check_champion_kept

    as_ofs = landed_by(settings, asked_nights(settings, asked))
    check_champion_kept(settings)
    conf = asked or {"as_of": as_ofs[0].isoformat()}
    run_dag(settings, "seller_marts", conf | ({"force_from": force_from} if force_from else {}))
    firsts = {last_training(as_of): as_of for as_of in sorted(as_ofs, reverse=True)}
    for as_of in sorted(firsts.values()):
        if _is_training_due(settings, as_of):
            run_dag(settings, "credit_model", {"as_of": as_of.isoformat()})
    run_dag(settings, "loan_eligibility", conf)
    return as_ofs


def run_dag(settings: Settings, dag_id: str, conf: dict[str, Any]) -> None:
    """One run of a DAG to its end; ``conf`` is what its form would say.

    Raises:
        TradelineError: a task failed; ``NotDelivered`` if it was the delivery to targets alone.
    """
    use_local_airflow(settings)
    from airflow.dag_processing.dagbag import DagBag

    from pipeline.orchestration import run_name

    dag = DagBag(PROJECT / "dags" / f"{dag_id}.py").dags[dag_id]
    run = dag.test(logical_date=datetime.now(UTC), run_conf=conf)
    if run.state == "success":
        return
    raise failure(settings, run_name(dag_id, run.run_id)) or TradelineError(f"{dag_id} failed: {run.state}")


def failure(settings: Settings, run_id: str) -> TradelineError | None:
    """Why a run failed, as its last step that did has it in the journal; None where none has."""
    failed = [entry for entry in read_journal(settings) if entry.run_id == run_id and entry.status == "failed"]
    failed = [entry for entry in failed if not entry.step.startswith(SIDE_WORK)]
    if not failed:
        return None
    if failed[-1].step == DELIVER:
        return NotDelivered(f"what was asked for is published, but not every target has it:\n{failed[-1].message}")
    return TradelineError(failed[-1].message)


def last_training(as_of: date) -> datetime:
    """When ``credit_model``'s schedule last began before the end of a night; nights between two trainings share it."""
    from airflow.sdk.timezone import coerce_datetime
    from airflow.timetables.interval import CronDataIntervalTimetable

    from pipeline.schedules import monthly

    ended = coerce_datetime(datetime.combine(as_of + timedelta(days=1), time(), UTC))
    return CronDataIntervalTimetable(monthly().expression, "UTC").infer_manual_data_interval(run_after=ended).end


def _is_training_due(settings: Settings, as_of: date) -> bool:
    """Whether no model serves the night, one that cannot be read or score does, or none is of its training period."""
    from ml.errors import BadModel
    from ml.registry.champion import serving_model
    from ml.registry.store import trained_days
    from tradeline.contracts.features import read_catalogue

    trained = [day for day in trained_days(settings) if day <= as_of]
    try:
        serves = serving_model(settings, as_of)
    except BadModel as error:
        log.warning("%s", error)
        return True
    known = {feature.name for feature in read_catalogue()}
    if serves and (gone := [feature.name for feature in serves.features if feature.name not in known]):
        log.warning("%s needs %s, which are no features any more", serves.model_version, ", ".join(gone))
        return True
    return serves is None or last_training(max(trained)) != last_training(as_of)


def use_local_airflow(settings: Settings) -> None:
    """Point this process at the home's own Airflow database, which is made if it is not there."""
    folder = settings.airflow / "local"
    variables = prepare(settings, folder, settings.airflow_port, log_level="CRITICAL")
    if "airflow" in sys.modules:
        # Airflow reads its configuration once in a process; a second home is run with the first one's database.
        del variables["AIRFLOW_HOME"]
    else:
        for name in without_effect(os.environ):
            del os.environ[name]
    os.environ.update(variables)
    if "AIRFLOW_HOME" in variables and not is_migrated(folder):
        from airflow.utils import db

        db.initdb()
        remember_migration(folder)
