"""A small client of Airflow's REST API."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

from tradeline.errors import TradelineError

TIMEOUT_SECONDS = 90  # the server itself waits for its database, for up to 60 s
# Our own server, on this machine: a proxy of the shell has no part in it.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Refused(TradelineError):
    """The API server answered with an error; ``status`` is its HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class AirflowApi:
    """One user's session at ``address`` (http://localhost:8080); logs in when first used.

    Raises:
        Refused: the server does not accept a request.
        OSError: the server cannot be reached.
    """

    def __init__(self, address: str, user: str, password: str) -> None:
        self.address = address
        self._credentials = {"username": user, "password": password}
        self._token = ""

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of ``/api/v2/<path>``."""
        return self._call("GET", f"/api/v2/{path}?{urllib.parse.urlencode(query, doseq=True)}")

    def post(self, path: str, content: Any) -> Any:
        """Post JSON to ``/api/v2/<path>``."""
        return self._call("POST", f"/api/v2/{path}", content)

    def trigger(self, dag_id: str, **conf: Any) -> str:
        """Start a run of a DAG with what its form would say; its run id."""
        run = self.post(f"dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf})
        return str(run["dag_run_id"])

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """The runs of a DAG, newest first."""
        return list(self.get(f"dags/{dag_id}/dagRuns", order_by="-run_after", limit=100)["dag_runs"])

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """One run."""
        return dict(self.get(f"dags/{dag_id}/dagRuns/{_quoted(run_id)}"))

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The task instances of a run."""
        return list(self.get(f"dags/{dag_id}/dagRuns/{_quoted(run_id)}/taskInstances")["task_instances"])

    def task_log(self, dag_id: str, run_id: str, task_id: str, try_number: int) -> list[dict[str, Any]]:
        """The entries of a task's log: ``event`` is the line, ``level`` how bad it is, where it has one."""
        path = f"dags/{dag_id}/dagRuns/{_quoted(run_id)}/taskInstances/{task_id}/logs/{try_number}"
        return list(self.get(path)["content"])

    def _call(self, method: str, path: str, content: Any = None) -> Any:
        if not self._token and path != "/auth/token":
            self._token = str(self._call("POST", "/auth/token", self._credentials)["access_token"])
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(self.address + path, body, headers, method=method)  # noqa: S310  our own server
        try:
            with DIRECT.open(request, timeout=TIMEOUT_SECONDS) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            detail = error.read().decode(errors="replace")[:500]
            raise Refused(error.code, f"Airflow refused {method} {path}: {error.code} {detail}") from error


def wait_until_healthy(
    api: AirflowApi, dag_ids: list[str], timeout_seconds: float, check_alive: Callable[[], None]
) -> None:
    """Wait until the scheduler and the DAG processor are healthy and the DAGs are known.

    ``check_alive`` is called meanwhile and raises where there is nothing more to wait for.

    Raises:
        TradelineError: they are not in time.
    """
    deadline = time.monotonic() + timeout_seconds
    while not _is_healthy(api, dag_ids):
        check_alive()
        if time.monotonic() > deadline:
            raise TradelineError(f"Airflow at {api.address} was not healthy within {timeout_seconds:.0f} s")
        time.sleep(0.5)


def _is_healthy(api: AirflowApi, dag_ids: list[str]) -> bool:
    try:
        health = api.get("monitor/health")
        known = {dag["dag_id"] for dag in api.get("dags")["dags"]}
    except (OSError, Refused):
        return False
    return set(dag_ids) <= known and all(health[name]["status"] == "healthy" for name in ("scheduler", "dag_processor"))


def _quoted(run_id: str) -> str:
    return urllib.parse.quote(run_id, safe="")
