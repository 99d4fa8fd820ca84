"""All three DAGs through a real Airflow, started for a home of its own and driven over its REST API."""

import json
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import psutil
import pytest

from cli.airflow.home import ADMIN, VIEWER, passwords
from cli.airflow.rest import AirflowApi, Refused
from cli.airflow.services import running_services, session
from cli.airflow.watch import wait_for, wait_for_next
from expectations.data_docs import data_docs_folder
from expectations.waive import waive
from ingest.files import land_files
from pipeline.readiness import dag_ids
from serving.query import query
from tests.end_to_end.conftest import land_in_cents, other_faults
from tests.markets import Market
from tests.servers import webhook
from tradeline.contracts.publications import read_publications
from tradeline.errors import TradelineError
from tradeline.journal import read_journal
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Deployment:
    """A home with its Airflow up, and the alerts that it has sent."""

    settings: Settings
    api: AirflowApi
    alerts: list[dict[str, Any]]

    def run(self, dag_id: str, **conf: Any) -> str:
        """Trigger a DAG, wait for it and return its run id."""
        run_id = self.api.trigger(dag_id, **conf)
        wait_for(self.api, dag_id, run_id, 900)
        return run_id

    def run_ids(self, dag_id: str) -> set[str]:
        """The runs that there have been."""
        return {str(run["dag_run_id"]) for run in self.api.runs(dag_id)}

    def errors(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """What the web UI shows in red in the logs of a run."""
        tasks = self.api.tasks(dag_id, run_id)
        logs = [self.api.task_log(dag_id, run_id, task["task_id"], task["try_number"]) for task in tasks]
        return [entry for log in logs for entry in log if entry.get("level") in ("error", "critical")]

    def published_nights(self) -> list[date]:
        """What readers find."""
        found = query(self.settings, "select distinct as_of from history.loan_eligibility order by 1")
        return [night for (night,) in found.rows]


# The shell from which the services are started; none of it may reach them.
SHELL = {
    "AIRFLOW__CORE__DAGS_FOLDER": "/nowhere",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "sqlite:////nowhere/airflow.db",
    "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "false",
    "DBT_EXCLUDE_RESOURCE_TYPES": "model",
    "OMP_NUM_THREADS": "1",
    "TZ": "Asia/Shanghai",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "no_proxy": "",
}


@pytest.fixture(scope="module")
def airflow(market: Market, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with pytest.MonkeyPatch.context() as patch, webhook() as (address, alerts):
        for name, value in SHELL.items():
            patch.setenv(name, value)
        settings = Settings(home=tmp_path_factory.mktemp("services") / "home", alert_webhook=address)
        land_files(settings, market.folder)
        with running_services(settings) as api:
            yield Deployment(settings, api, alerts)
    assert [process for process in psutil.process_iter() if _belongs_to(process, settings)] == []


def _belongs_to(process: psutil.Process, settings: Settings) -> bool:
    try:
        return process.environ().get("AIRFLOW_HOME") == str(settings.airflow)
    except psutil.Error:
        return False


def test_features_model_and_offers_follow_each_other_by_their_assets(airflow: Deployment, market: Market) -> None:
    night = market.night(9)
    known = airflow.run_ids("loan_eligibility")
    made = airflow.run("seller_marts", as_of=night.isoformat())
    assert airflow.api.run("seller_marts", made)["note"] == f"as of {night}; features_out done"
    offers = wait_for_next(airflow.api, "loan_eligibility", known)
    wait_for(airflow.api, "loan_eligibility", offers)
    assert airflow.api.run("loan_eligibility", offers)["run_type"] == "asset_triggered"
    assert airflow.published_nights() == [night]
    assert query(airflow.settings, "select count(score) from loan_eligibility").rows == [(0,)]

    known |= {offers}
    trained = airflow.run("credit_model", as_of=night.isoformat())
    decided = wait_for_next(airflow.api, "loan_eligibility", known)
    wait_for(airflow.api, "loan_eligibility", decided)
    ((scored, offered),) = query(
        airflow.settings, "select count(score), count_if(is_eligible) from loan_eligibility"
    ).rows
    assert scored == 60 and offered > 0
    extras = {
        event["name"]: event["extra"]
        for event in airflow.api.get("assets/events", order_by="timestamp")["asset_events"]
    }
    assert extras["seller_features"]["as_ofs"] == extras["loan_eligibility"]["as_ofs"] == [night.isoformat()]
    assert extras["credit_model"]["as_of"] == night.isoformat()

    note = str(airflow.api.run("loan_eligibility", decided)["note"])
    assert note.startswith(f"as of {night}; publish done: as of {night} published: {offered} offers of ")
    assert not airflow.errors("credit_model", trained) and not airflow.errors("loan_eligibility", decided)


def test_every_part_of_airflow_is_well(airflow: Deployment) -> None:
    health = airflow.api.get("monitor/health")
    assert {health[part]["status"] for part in ("scheduler", "dag_processor", "triggerer")} == {"healthy"}


def test_a_backfilled_night_is_published_as_that_night(airflow: Deployment, market: Market) -> None:
    night, known = market.night(8), airflow.run_ids("loan_eligibility")
    logical_date = f"{night}T02:00:00Z"
    airflow.api.post("backfills", {"dag_id": "seller_marts", "from_date": logical_date, "to_date": logical_date})
    offers = wait_for_next(airflow.api, "loan_eligibility", known)
    wait_for(airflow.api, "loan_eligibility", offers)
    assert {run["run_type"] for run in airflow.api.runs("seller_marts") if run["logical_date"] == logical_date} == {
        "backfill"
    }
    assert airflow.published_nights() == [market.night(9), night]


def test_a_second_trigger_waits_for_the_warehouse_and_does_not_fail(airflow: Deployment, market: Market) -> None:
    with warehouse_lock(airflow.settings):
        first = airflow.api.trigger("loan_eligibility", as_of=market.night(9).isoformat())
        second = airflow.api.trigger("seller_marts", as_of=market.night(9).isoformat())
        time.sleep(8)
        states = {task["state"] for task in airflow.api.tasks("seller_marts", second)}
        assert "failed" not in states and "up_for_retry" not in states
        assert airflow.api.run("seller_marts", second)["state"] in ("queued", "running")
    wait_for(airflow.api, "loan_eligibility", first)
    wait_for(airflow.api, "seller_marts", second)
    for dag_id, run_id in (("loan_eligibility", first), ("seller_marts", second)):
        assert {task["try_number"] for task in airflow.api.tasks(dag_id, run_id)} == {1}


def test_a_bad_file_fails_once_is_told_and_leaves_what_is_published(airflow: Deployment, market: Market) -> None:
    night, before = market.night(4), airflow.published_nights()
    landed = airflow.settings.landing / "payments" / f"arrived_on={night}" / "data_0.csv"
    good = landed.read_text()
    landed.write_text(good.replace(",in,sale,", ",in,sail,", 1))
    known = airflow.run_ids("seller_marts")
    with pytest.raises(TradelineError, match="sail"):
        airflow.run("seller_marts", as_of=night.isoformat())
    (failed,) = airflow.run_ids("seller_marts") - known
    log = airflow.api.task_log("seller_marts", failed, "raw_gate", 1)
    assert not any("Traceback" in str(entry) or "error_detail" in entry for entry in log)
    assert any("'sail' is none of sale" in entry["event"] for entry in log if entry.get("level") == "error")
    assert str(airflow.api.run("seller_marts", failed)["note"]).startswith(f"as of {night}; raw_gate failed: 1 fault")
    assert airflow.published_nights() == before
    (alert,) = [alert for alert in airflow.alerts if alert["task_id"] == "raw_gate"]
    assert "sail" in alert["error"] and alert["log_url"].startswith(airflow.api.address)
    landed.parent.mkdir(exist_ok=True)
    landed.write_text(good)


def test_who_waives_by_the_form_is_the_user_who_triggered_it(airflow: Deployment, market: Market) -> None:
    settings, night, known = airflow.settings, market.night(7), airflow.run_ids("loan_eligibility")
    name, why = "raw_in.payments.typical_amount", "We sell cars now."
    land_in_cents(settings, night)
    with pytest.raises(TradelineError, match=name):
        airflow.run("seller_marts", as_of=night.isoformat())
    for other in other_faults(settings, night, name):
        waive(settings, night, other, why, "anna")
    airflow.run("seller_marts", as_of=night.isoformat(), waive_expectation=name, waive_reason=why)
    wait_for(airflow.api, "loan_eligibility", wait_for_next(airflow.api, "loan_eligibility", known))
    said = f"{name} of {night} waived by {ADMIN} at "
    assert [said in entry.message for entry in read_journal(settings) if entry.step == "waive"] == [True]
    waived = [publication for publication in read_publications(settings) if publication.waivers]
    assert {publication.as_of for publication in waived} == {night}
    assert all(any(said in word for word in publication.waivers) for publication in waived)
    assert f"{night} is waived by {ADMIN} at " in (data_docs_folder(settings) / "index.html").read_text()


def test_a_form_that_contradicts_itself_is_refused(airflow: Deployment) -> None:
    with pytest.raises(Refused):
        airflow.api.trigger("seller_marts", as_of="31.8.2018")
    with pytest.raises(TradelineError, match="exclude each other"):
        airflow.run("seller_marts", **{"as_of": "2018-06-01", "from": "2018-06-01", "to": "2018-06-02"})


def test_a_viewer_sees_but_does_not_trigger(airflow: Deployment) -> None:
    port = int(airflow.api.address.rsplit(":", 1)[1])
    viewer = session(airflow.settings, port, VIEWER)
    assert {dag["dag_id"] for dag in viewer.get("dags")["dags"]} == set(dag_ids(airflow.settings))
    with pytest.raises(Refused) as refused:
        viewer.trigger("seller_marts")
    assert refused.value.status == 403
    with pytest.raises(Refused) as refused:
        AirflowApi(airflow.api.address, ADMIN, "guess").get("dags")
    assert refused.value.status == 401


def test_a_second_start_says_that_it_is_up(airflow: Deployment) -> None:
    with pytest.raises(TradelineError, match="already up"), running_services(airflow.settings):
        pass


def test_secrets_are_for_the_owner_only_and_in_no_log(airflow: Deployment) -> None:
    folder = airflow.settings.airflow
    for name in ("passwords.json", "keys.json", "airflow.cfg"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    secrets = [*passwords(folder).values(), *json.loads((folder / "keys.json").read_text()).values()]
    logs = [path for path in (folder / "logs").rglob("*.log") if path.is_file()]
    assert {"scheduler.log", "dag-processor.log", "api-server.log"} <= {path.name for path in logs}
    for path in logs:
        text = path.read_text(errors="replace")
        assert not any(secret in text for secret in secrets), path


def test_nothing_of_the_shell_reaches_the_services(airflow: Deployment) -> None:
    found = [process.environ() for process in psutil.process_iter() if _belongs_to(process, airflow.settings)]
    assert len(found) >= 3
    for environment in found:
        assert not (SHELL.keys() - {"HTTP_PROXY", "TZ", "no_proxy"}) & environment.keys()
        assert environment["TZ"] == "UTC" and "localhost" in environment["no_proxy"]


def test_the_environment_stays_as_it_was(airflow: Deployment) -> None:
    assert os.environ.get("AIRFLOW_HOME") != str(airflow.settings.airflow)
