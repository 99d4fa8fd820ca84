"""What the walk through a DAG's tasks says where one of them fails."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from pipeline.runs import Run
from pipeline.walks import loan_eligibility
from tradeline.errors import NotDelivered, TradelineError
from tradeline.settings import Settings


class Failing(Run):
    """A run in which the task of the form's ``fails`` fails, and nothing else is done."""

    def task(self, task_id: str, step: Callable[..., Any], *arguments: Any) -> Any:
        if task_id == self.form["fails"]:
            raise TradelineError(f"{task_id}: no")
        return [date(2026, 6, 30)]


def failed(settings: Settings, task_id: str) -> TradelineError:
    with pytest.raises(TradelineError) as raised:
        loan_eligibility(Failing(settings, "loan_eligibility", "run", {"fails": task_id}))
    return raised.value


def test_a_failed_delivery_says_that_the_nights_are_published(settings: Settings) -> None:
    target = failed(settings, "deliver")
    assert isinstance(target, NotDelivered) and "is published, but not every target has it:\ndeliver: no" in str(target)
    gate = failed(settings, "offers_gate")
    assert str(gate) == "offers_gate: no" and not isinstance(gate, NotDelivered)
