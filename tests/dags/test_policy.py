"""What every DAG keeps to: light to import, documented, retried where it helps, alone at the warehouse."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.alerts import alert_on_failure
from tradeline.settings import PROJECT

pytestmark = pytest.mark.slow


HEAVY = ("dbt", "duckdb", "great_expectations", "numpy", "pandas", "pyarrow", "sklearn", "xgboost")
OURS = ("cli", "expectations", "ingest", "ml", "pipeline.steps", "serving", "simulator", "tradeline.dbt")
DAG_IDS = ("credit_model", "land_shop", "loan_eligibility", "seller_marts")
# Tasks that neither read nor write the warehouse.
OUTSIDE = {
    ("loan_eligibility", "deliver"),
    ("seller_marts", "nights"),
    ("credit_model", "train"),
    ("credit_model", "promote"),
    ("land_shop", "extract"),
    ("land_shop", "wait_for_files"),
}

IMPORT = """
import importlib.util, json, sys
import airflow.sdk
from airflow.sdk import dag, task
before = set(sys.modules)
spec = importlib.util.spec_from_file_location("dag_file", sys.argv[1])
spec.loader.exec_module(importlib.util.module_from_spec(spec))
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_every_dag_is_read(dags: dict[str, Any]) -> None:
    assert tuple(sorted(dags)) == DAG_IDS


def test_a_file_imports_nothing_heavy(dag_file: Path, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", IMPORT, str(dag_file)],
        env={"AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": str(PROJECT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = json.loads(result.stdout.splitlines()[-1])
    assert [name for name in imported if name.startswith(OURS) or name.split(".")[0] in HEAVY] == []


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_dag_says_what_whether_to_rerun_and_where_to_look(dags: dict[str, Any], dag_id: str) -> None:
    text = dags[dag_id].doc_md
    for part in ("**What**", "**By hand**", "**Is a rerun safe?**", "**When it fails**"):
        assert part in text


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_dag_runs_one_at_a_time_and_does_not_catch_up(dags: dict[str, Any], dag_id: str) -> None:
    dag = dags[dag_id]
    assert (dag.max_active_runs, dag.catchup) == (1, False)
    assert "tradeline" in dag.tags


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_every_task_has_an_owner_a_timeout_retries_and_a_callback(dags: dict[str, Any], dag_id: str) -> None:
    for task in dags[dag_id].tasks:
        assert task.owner == "tradeline"
        assert timedelta(0) < task.execution_timeout <= timedelta(hours=4)
        assert task.retries >= 2 and task.retry_exponential_backoff == 2
        assert list(task.on_failure_callback) == [alert_on_failure]
        assert task.doc or task.doc_md or task.python_callable.__doc__, task.task_id


@pytest.mark.parametrize(("dag_id", "has_backfills"), [("seller_marts", True), ("loan_eligibility", False)])
def test_a_form_speaks_of_backfills_once_where_there_are_any(
    dags: dict[str, Any], dag_id: str, has_backfills: bool
) -> None:
    params = dags[dag_id].params
    texts = [str(params.get_param(name).description) for name in params]
    told = [text for text in texts if "backfill" in text]
    assert len(told) == has_backfills and all("02:00" in text and "ignores" in text for text in told)


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_what_opens_the_warehouse_takes_its_pool(dags: dict[str, Any], dag_id: str) -> None:
    for task in dags[dag_id].tasks:
        assert (task.pool == "warehouse") != ((dag_id, task.task_id) in OUTSIDE), task.task_id


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_form_explains_every_field(dags: dict[str, Any], dag_id: str) -> None:
    params = dags[dag_id].params
    assert len(params) > 0
    for name in params:
        param = params.get_param(name)
        assert param.description and param.schema["title"] and param.schema["type"]


def test_a_date_field_takes_nothing_but_a_date(dags: dict[str, Any]) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    param = dags["seller_marts"].params.get_param("as_of")
    assert param.resolve("2018-08-31") == "2018-08-31"
    with pytest.raises(ParamValidationError):
        param.resolve("31.8.2018")


@pytest.mark.parametrize(
    ("error", "is_final"),
    [("BadInput", True), ("GateFailed", True), ("Damaged", True), ("TradelineError", False)],
)
def test_only_failures_that_a_retry_may_mend_are_retried(dags: dict[str, Any], error: str, is_final: bool) -> None:
    import tradeline.errors
    from pipeline.orchestration import TaskFailed, without_stack_trace

    with pytest.raises(TaskFailed, match="why") as raised, without_stack_trace():
        raise getattr(tradeline.errors, error)("why")
    for dag in dags.values():
        for task in dag.tasks:
            decision = task.retry_policy.evaluate(raised.value, 1, 2)
            assert (decision.action.value == "fail") is is_final


def test_the_lint_refuses_a_heavy_import_at_the_top_of_a_dag_file() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--stdin-filename", "dags/other.py", "-"],
        input='"""A DAG."""\n\nimport pandas as pd\n\npd.DataFrame()\n',
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
    )
    assert "TID253" in result.stdout


def test_assets_tie_the_dags_together(dags: dict[str, Any]) -> None:
    made = {
        asset.name: (dag.dag_id, task.task_id) for dag in dags.values() for task in dag.tasks for asset in task.outlets
    }
    assert made == {
        "landed_shop": ("land_shop", "extract"),
        "seller_features": ("seller_marts", "features_gate"),
        "credit_model": ("credit_model", "promote"),
        "credit_scores": ("loan_eligibility", "publish"),
        "loan_eligibility": ("loan_eligibility", "publish"),
        "seller_credit_record": ("loan_eligibility", "publish"),
        "adverse_actions": ("loan_eligibility", "publish"),
    }
    awaited = {asset.name for asset in dags["loan_eligibility"].timetable.asset_condition.objects}
    assert awaited == {"seller_features", "credit_model"}
