"""Notes of DAG runs: which night each is for, and what came of it; Airflow's web UI shows them beside the run.

The scheduler calls this when a run starts and when it ends. Airflow logs what fails here, and the run goes on.
"""

from typing import Any

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

from pipeline.run_notes import note_at_end, note_at_start


class NoteOfRun:
    """Airflow's listener."""

    @hookimpl
    def on_dag_run_running(self, dag_run: Any, msg: str) -> None:
        """Note which night the run is for."""
        _write(dag_run, note_at_start(dag_run))

    @hookimpl
    def on_dag_run_success(self, dag_run: Any, msg: str) -> None:
        """Note what came of it."""
        _write(dag_run, note_at_end(dag_run))

    @hookimpl
    def on_dag_run_failed(self, dag_run: Any, msg: str) -> None:
        """Note what failed."""
        _write(dag_run, note_at_end(dag_run))


def _write(dag_run: Any, note: str | None) -> None:
    if note:
        dag_run.note = note


class RunNotes(AirflowPlugin):
    """The plugin, as Airflow finds it."""

    name = "tradeline_run_notes"
    listeners = [NoteOfRun()]  # noqa: RUF012  Airflow reads a list of the class
