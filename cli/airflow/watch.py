"""Following a DAG run of a running Airflow to its end, with its tasks shown as they go."""

import logging
import time
from typing import Any

from rich.console import Console

from cli.airflow.rest import AirflowApi
from tradeline.errors import TradelineError

log = logging.getLogger(__name__)

LOG_LINES = 25
ENDED = ("success", "failed", "skipped", "upstream_failed", "removed")


def wait_for(api: AirflowApi, dag_id: str, run_id: str, timeout_seconds: float = 1800) -> None:
    """Wait for a run to end well, showing each task as it starts and ends.

    Raises:
        TradelineError: it failed, with the end of the failed task's log, or took too long.
    """
    deadline = time.monotonic() + timeout_seconds
    told: set[tuple[str, int]] = set()
    with Console(stderr=True).status(f"{dag_id} is queued") as status:
        while (state := api.run(dag_id, run_id)["state"]) in ("queued", "running"):
            tasks = api.tasks(dag_id, run_id)
            _tell(dag_id, tasks, told)
            status.update(", ".join(f"{dag_id}.{task['task_id']} is {task['state']}" for task in _under_way(tasks)))
            if time.monotonic() > deadline:
                raise TradelineError(f"{dag_id} {run_id} has not ended within {timeout_seconds:.0f} s")
            time.sleep(0.3)
    tasks = api.tasks(dag_id, run_id)
    _tell(dag_id, tasks, told)
    if state != "success":
        raise TradelineError(_failure(api, dag_id, run_id, tasks))


def wait_for_next(api: AirflowApi, dag_id: str, known: set[str], timeout_seconds: float = 180) -> str:
    """The id of a run that assets start, once it is there; ``known`` are those that were there before.

    Raises:
        TradelineError: none came in time.
    """
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        for run in api.runs(dag_id):
            if run["dag_run_id"] not in known:
                return str(run["dag_run_id"])
        time.sleep(0.3)
    raise TradelineError(f"{dag_id} was not triggered by its assets within {timeout_seconds:.0f} s")


def _under_way(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [task for task in tasks if task["state"] and task["state"] not in ENDED]


def _tell(dag_id: str, tasks: list[dict[str, Any]], told: set[tuple[str, int]]) -> None:
    """One line for each task that has ended since."""
    ended = [task for task in tasks if task["state"] in ENDED and (task["task_id"], task["try_number"]) not in told]
    for task in sorted(ended, key=lambda task: task["end_date"] or ""):
        told.add((task["task_id"], task["try_number"]))
        log.info("%s.%s: %s, %.1f s", dag_id, task["task_id"], task["state"], task["duration"] or 0)


def _failure(api: AirflowApi, dag_id: str, run_id: str, tasks: list[dict[str, Any]]) -> str:
    failed = [task for task in tasks if task["state"] == "failed"]
    if not failed:
        return f"{dag_id} {run_id} failed"
    task_id = failed[0]["task_id"]
    entries = api.task_log(dag_id, run_id, task_id, failed[0]["try_number"])
    lines = [str(entry["event"]) for entry in entries if not entry["event"].startswith("::")][-LOG_LINES:]
    return f"{dag_id}.{task_id} failed; the end of its log:\n" + "\n".join(f"  {line}" for line in lines)
