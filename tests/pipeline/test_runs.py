"""Tries and alerts of a run in this process."""

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.runs import RETRY_SECONDS, Run
from tests.servers import webhook
from tradeline.errors import BadInput, Damaged, GateFailed, TradelineError
from tradeline.settings import Settings


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The seconds that runs would have waited."""
    seconds: list[int] = []
    monkeypatch.setattr("pipeline.runs.time.sleep", seconds.append)
    return seconds


def failing(*errors: Exception) -> Callable[..., Any]:
    """A step that raises these errors, one a try, then returns its arguments."""
    left = list(errors)

    def step(settings: Settings, run_id: str, *arguments: Any) -> Any:
        if left:
            raise left.pop(0)
        return arguments

    return step


def run_of(settings: Settings) -> Run:
    return Run.by_hand(settings, "seller_marts", {})


def test_a_task_that_a_retry_may_mend_is_tried_three_times(settings: Settings, waited: list[int]) -> None:
    broken = [TradelineError("the disk is away"), OSError("again")]
    assert run_of(settings).task("raw_gate", failing(*broken), 1, 2) == (1, 2)
    assert waited == [*RETRY_SECONDS] == [10, 20]
    with pytest.raises(TradelineError, match="KeyError: 'third'"):
        run_of(settings).task("raw_gate", failing(*broken, KeyError("third")))


@pytest.mark.parametrize("kind", [BadInput, GateFailed, Damaged])
def test_what_would_fail_the_same_way_again_is_tried_once(
    settings: Settings, waited: list[int], kind: type[TradelineError]
) -> None:
    with pytest.raises(kind, match="row 3"):
        run_of(settings).task("raw_gate", failing(kind("row 3")))
    assert waited == []


def test_a_failed_task_is_alerted_once_with_its_run(settings: Settings, waited: list[int]) -> None:
    with webhook() as (address, alerts):
        run = run_of(settings.model_copy(update={"alert_webhook": address}))
        with pytest.raises(TradelineError):
            run.task("deliver", failing(*[TradelineError("shop is away")] * 3))
    (alert,) = alerts
    assert (alert["dag_id"], alert["task_id"], alert["run_id"]) == ("seller_marts", "deliver", run.run_id)
    assert alert["error"] == "shop is away" and run.run_id.startswith("seller_marts.manual__")


def test_a_run_is_named_as_airflow_names_it(settings: Settings) -> None:
    name = run_of(settings).run_id
    assert name.startswith("seller_marts.manual__20") and name.endswith("-00-00")
    assert not set(name) - set("abcdefghijklmnopqrstuvwxyzT_.-0123456789")
