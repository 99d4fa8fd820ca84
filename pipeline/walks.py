"""The order of the tasks of each DAG, for a run by hand in this process.

The DAG files say the same order to Airflow; ``tests/dags/test_walks.py`` holds the two against each other.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pipeline import steps
from pipeline.choice import asked_or_newest, choose_nights
from pipeline.nights import asked_nights, day_of, landed_by
from pipeline.runs import Run
from tradeline.account import account
from tradeline.errors import NotDelivered, TradelineError
from tradeline.settings import Settings


def walk(settings: Settings, dag_id: str, form: Mapping[str, Any]) -> None:
    """One run of a DAG to its end; ``form`` is what its form in the web UI would say.

    Raises:
        TradelineError: a task failed; ``NotDelivered`` if it was the delivery to targets alone.
    """
    WALKS[dag_id](Run.by_hand(settings, dag_id, form))


def seller_marts(run: Run) -> None:
    """The features of the nights, gated."""
    as_ofs = _nights(run, "nights", lambda settings: landed_by(settings, asked_nights(settings, run.form)))
    force_from = day_of(run.settings, run.form, "force_from")
    run.task("raw_gate", steps.raw_gate, as_ofs, force_from)
    run.task("build_marts", steps.build_marts, as_ofs, force_from)
    run.task("features_gate", steps.gate, "features_out", as_ofs)


def credit_model(run: Run) -> None:
    """A model as of a night, which serves if it is better; nothing where the data do not suffice."""
    as_of = _nights(run, "day", lambda settings: asked_or_newest(settings, run.form))[0]
    training_set = run.task("training_set", steps.build_training_set, as_of)
    model_version = run.task("train", steps.train, as_of, training_set)
    if model_version is not None:
        run.task("promote", steps.promote, as_of, model_version, bool(run.form.get("force_promotion")))


def loan_eligibility(run: Run) -> None:
    """The offers of the nights, published and delivered."""
    as_ofs = _nights(run, "nights", lambda settings: asked_or_newest(settings, run.form))
    run.task("score", steps.score, as_ofs)
    run.task("scores_gate", steps.gate, "scores_out", as_ofs)
    run.task("decide", steps.decide, as_ofs)
    run.task("offers_gate", steps.gate, "offers_out", as_ofs)
    run.task("publish", steps.publish, as_ofs)
    try:
        run.task("deliver", steps.deliver)
    except TradelineError as error:
        raise NotDelivered(f"what was asked for is published, but not every target has it:\n{error}") from None


WALKS: dict[str, Callable[[Run], None]] = {
    walked.__name__: walked for walked in (seller_marts, credit_model, loan_eligibility)
}


def _nights(run: Run, task_id: str, choose: Callable[[Settings], list[date] | str]) -> list[date]:
    chosen = run.task(task_id, choose_nights, run.form, account(), choose)
    assert not isinstance(chosen, str)  # only a schedule gives a reason to skip a run
    return chosen
