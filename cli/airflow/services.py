"""Airflow's services for one home: scheduler, DAG processor and API server, started together and stopped together."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

from cli.airflow.home import ADMIN, is_migrated, let_many_read, passwords, prepare, remember_migration
from cli.airflow.processes import Process, stop
from cli.airflow.rest import AirflowApi, wait_until_healthy
from pipeline.readiness import dag_ids
from tradeline.checked import read_json
from tradeline.errors import TradelineError
from tradeline.files import write_whole
from tradeline.settings import Settings
from tradeline.surroundings import own_environment

log = logging.getLogger(__name__)

# The port that serves task logs to other machines is not needed on one, and would be the same for every home.
# What ``python -m`` runs.
COMMANDS = {
    "scheduler": ["cli.airflow.scheduler", "--skip-serve-logs"],
    "dag-processor": ["airflow", "dag-processor"],
    # No task of ours waits for it, but the web UI warns in red where there is none.
    "triggerer": ["airflow", "triggerer", "--skip-serve-logs"],
    "api-server": ["airflow", "api-server"],
}
START_SECONDS, STOP_SECONDS = 180, 40


@dataclass(frozen=True)
class Running:
    """The content of ``airflow/services.json`` while services run: who started them, what they are, and their port."""

    starter: Process
    services: list[Process]
    port: int

    @property
    def address(self) -> str:
        """Where the web UI and the REST API are."""
        return f"http://localhost:{self.port}"


@contextmanager
def running_services(settings: Settings) -> Iterator[AirflowApi]:
    """Airflow with its web UI, up and healthy, with the administrator's session; all of it is stopped at the end.

    Raises:
        TradelineError: it runs already for this home, or does not become healthy; the message says where its logs are.
    """
    found = _read(settings)
    if found and found.starter.is_running:
        raise TradelineError(f"Airflow is already up for {settings.home} at {found.address}: `make down` stops it")
    _stop_leftovers(settings)
    port = _free_port(settings)
    environment = own_environment(os.environ, settings.home) | prepare(settings, settings.airflow, port)
    _migrate(settings, environment)
    let_many_read(settings.airflow)
    started: list[Process] = []
    try:
        for name, command in COMMANDS.items():
            started.append(_start(settings, name, command, environment))
            _write_running(settings, Running(Process.of(os.getpid()), started, port))
        api = session(settings, port, ADMIN)
        wait_until_healthy(api, dag_ids(settings), START_SECONDS, lambda: _check_alive(settings))
        yield api
    finally:
        stop(started)
        _running_file(settings).unlink(missing_ok=True)


def serve(settings: Settings) -> None:
    """Keep Airflow up until Ctrl-C, ``down``, or a signal to end.

    Raises:
        TradelineError: as ``running_services``.
    """
    end_on_signals()
    with suppress(KeyboardInterrupt):
        log.info("Airflow starts: scheduler, DAG processor and API server")
        with running_services(settings) as api:
            password = passwords(settings.airflow)[ADMIN]
            print(f"\nAirflow is up at {api.address}\n  user      {ADMIN}\n  password  {password}\n", flush=True)
            print("Ctrl-C here, or `make down` elsewhere, stops it.", flush=True)
            try:
                while True:
                    time.sleep(1)
                    _check_alive(settings)
            finally:
                print("Airflow stops", flush=True)


def end_on_signals() -> None:
    """Let a signal to end unwind this process, so that what it started is stopped."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # SIGINT too: where a shell started us in the background it is ignored.
        signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def session(settings: Settings, port: int, user: str) -> AirflowApi:
    """A user's session at the API server of this home."""
    return AirflowApi(f"http://localhost:{port}", user, passwords(settings.airflow)[user])


def _stop_leftovers(settings: Settings) -> None:
    """Stop what a starter that was killed has left behind."""
    if found := _read(settings):
        stop(found.services)
        _running_file(settings).unlink(missing_ok=True)


def down(settings: Settings) -> bool:
    """Stop this home's services from another process, and wait until they are gone; False where none ran.

    Raises:
        TradelineError: they did not stop in time.
    """
    found = _read(settings)
    if found is None:
        return False
    if found.starter.is_running:
        os.kill(found.starter.pid, signal.SIGINT)
        deadline = time.monotonic() + STOP_SECONDS
        while _running_file(settings).exists() and found.starter.is_running:
            if time.monotonic() > deadline:
                raise TradelineError(f"process {found.starter.pid} does not stop; kill it and run this again")
            time.sleep(0.2)
    _stop_leftovers(settings)
    return True


def _start(settings: Settings, name: str, command: list[str], environment: dict[str, str]) -> Process:
    logs = settings.airflow / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    with (logs / f"{name}.log").open("ab") as output:
        # A session of its own: Ctrl-C reaches only us, and whatever the service starts can be found by the session.
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            env=environment,
            cwd=settings.airflow,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Process.of(process.pid)


def _migrate(settings: Settings, environment: dict[str, str]) -> None:
    if is_migrated(settings.airflow):
        return
    result = subprocess.run(
        [sys.executable, "-m", "cli.airflow.migrate"], env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode:
        reason = f"{result.stdout[-2000:]}{result.stderr[-2000:]}"
        raise TradelineError(f"Airflow's database could not be made: {reason}")
    remember_migration(settings.airflow)


def _check_alive(settings: Settings) -> None:
    running = _read(settings)
    for name, process in zip(COMMANDS, running.services if running else [], strict=False):
        if not process.is_running:
            path = settings.airflow / "logs" / f"{name}.log"
            raise TradelineError(f"Airflow's {name} ended; the last of {path}:\n{_tail(path)}")


def _tail(path: Path) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-15:])


def _free_port(settings: Settings) -> int:
    is_asked_for = "airflow_port" in settings.model_fields_set
    for port in [settings.airflow_port] if is_asked_for else range(settings.airflow_port, settings.airflow_port + 50):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise TradelineError(f"port {settings.airflow_port} is taken: set TRADELINE_AIRFLOW_PORT to a free one")


def _running_file(settings: Settings) -> Path:
    return settings.airflow / "services.json"


def _read(settings: Settings) -> Running | None:
    remedy = "end what still runs of this home's Airflow (`ps`), and delete the file"
    return read_json(_running_file(settings), Running, remedy)


def _write_running(settings: Settings, running: Running) -> None:
    write_whole(_running_file(settings), json.dumps(asdict(running)))
