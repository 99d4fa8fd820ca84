"""Why a run in this process failed."""

from datetime import date

import pytest

from cli.airflow.local_run import failure
from tradeline.errors import NotDelivered, TradelineError
from tradeline.journal import journaled
from tradeline.settings import Settings

NIGHT = date(2026, 6, 30)


def failed(settings: Settings, step: str) -> TradelineError | None:
    with pytest.raises(TradelineError), journaled(settings, "run", step, [NIGHT]):
        raise TradelineError(f"{step}: no")
    return failure(settings, "run")


def test_what_failed_is_told_and_whether_the_night_is_published(settings: Settings) -> None:
    assert failure(settings, "run") is None
    gate = failed(settings, "offers_gate")
    assert str(gate) == "offers_gate: no" and not isinstance(gate, NotDelivered)
    target = failed(settings, "deliver")
    assert isinstance(target, NotDelivered) and "is published, but not every target has it:\ndeliver: no" in str(target)
    assert failure(settings, "another") is None
