"""A run in this process does what the DAG does: the same tasks in the same order, the same steps and arguments."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline import steps, walks
from pipeline.choice import choose_nights
from pipeline.runs import Run
from tradeline.settings import Settings

pytestmark = pytest.mark.slow

NIGHTS = [date(2018, 5, 1), date(2018, 5, 2)]
# What a step returns that a later one is given.
RETURNED: dict[Callable[..., Any], Any] = {
    choose_nights: NIGHTS,
    steps.build_training_set: Path("training_set.parquet"),
    steps.train: "2018-05-01-abc",
    steps.promote: True,
}
FORMS: dict[str, dict[str, Any]] = {
    "seller_marts": {"force_from": "2018-04-30"},
    "credit_model": {"force_promotion": True},
    "loan_eligibility": {},
}
Done = list[tuple[str, Any, tuple[Any, ...]]]


def walked(settings: Settings, dag_id: str, monkeypatch: pytest.MonkeyPatch) -> Done:
    """Task, step and arguments of each task of a run in this process."""
    done: Done = []

    def task(run: Run, task_id: str, step: Callable[..., Any], *arguments: Any) -> Any:
        done.append((task_id, step, arguments))
        return RETURNED.get(step)

    monkeypatch.setattr(Run, "task", task)
    walks.walk(settings, dag_id, FORMS[dag_id])
    return done


def run_by_airflow(dag: Any, monkeypatch: pytest.MonkeyPatch) -> Done:
    """As ``walked``, of a DAG's tasks in Airflow's order, each given what those before it have said."""
    from pipeline import orchestration

    done: Done = []
    task_id = ""

    def call(step: Callable[..., Any], *arguments: Any) -> Any:
        done.append((task_id, step, arguments))
        return RETURNED.get(step)

    monkeypatch.setattr(orchestration, "call", call)
    monkeypatch.setattr(orchestration, "form", lambda: FORMS[dag.dag_id])
    monkeypatch.setattr(orchestration, "get_current_context", lambda: {"dag_run": None, "params": FORMS[dag.dag_id]})
    monkeypatch.setattr(orchestration, "_who_triggered", lambda: "anna")
    said: dict[str, Any] = {}
    for task in dag.topological_sort():
        task_id = task.task_id
        found = task.python_callable(*[said[given.operator.task_id] for given in task.op_args])
        said[task_id] = list(found) if task.outlets and found is not None else found
    return done


@pytest.mark.parametrize("dag_id", FORMS)
def test_a_run_in_this_process_does_what_the_dag_does(
    dags: dict[str, Any], settings: Settings, dag_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = run_by_airflow(dags[dag_id], monkeypatch)
    found = walked(settings, dag_id, monkeypatch)
    assert [task_id for task_id, *_ in found] == [task.task_id for task in dags[dag_id].topological_sort()]
    assert without_choice(found) == without_choice(expected) and len(found) == len(expected) > 3


def without_choice(done: Done) -> Done:
    """Who triggers a run, and how it chooses its nights, is each one's own."""
    return [(task_id, step, arguments if step is not choose_nights else ()) for task_id, step, arguments in done]
