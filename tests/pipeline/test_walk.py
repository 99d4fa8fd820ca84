"""How often the steps of a night plan, scan landing and gate."""

import sys
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

import expectations.gate
from pipeline import steps
from tests.ingest.extract import land, row
from tradeline.journal import read_journal
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


NIGHT, NEXT = date(2018, 5, 1), date(2018, 5, 2)


def counted(monkeypatch: pytest.MonkeyPatch, function: Callable[..., Any]) -> list[tuple[Any, ...]]:
    """The arguments of every call of a function from now on, by whatever name a room calls it."""
    calls: list[tuple[Any, ...]] = []

    def count(*arguments: Any, **named: Any) -> Any:
        calls.append(arguments)
        return function(*arguments, **named)

    for module in [found for found in list(sys.modules.values()) if vars(found).get(function.__name__) is function]:
        monkeypatch.setattr(module, function.__name__, count)
    return calls


def test_a_night_plans_once_scans_landing_once_and_gates_its_features_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ingest.admission

    land(settings, "sellers", night=NIGHT)
    land(settings, "orders", night=NIGHT)
    scans = counted(monkeypatch, ingest.landing.scan)
    plans = counted(monkeypatch, ingest.plan.plan_nights)
    gates = counted(monkeypatch, expectations.gate.run_gate)
    steps.raw_gate(settings, "run", [NIGHT])
    land(settings, "orders", row("orders", order_id="o2"), night=NEXT)
    steps.build_marts(settings, "run", [NIGHT])
    steps.gate(settings, "run", "features_out", [NIGHT])
    steps.score(settings, "offers", [NIGHT])
    steps.score(settings, "offers by hand", [NIGHT])
    assert (len(scans), len(plans), [call[1] for call in gates]) == (1, 1, ["raw_in", "features_out"])

    # A cleared build of a night that is built finds nothing to hand over, and builds the same night.
    steps.build_marts(settings, "run", [NIGHT])
    assert (len(scans), len(plans)) == (2, 2)
    steps.score(settings, "offers", [NIGHT])
    assert [call[1] for call in gates][2:] == []
    # A night that is built anew is gated anew, though its rows are the same.
    steps.build_marts(settings, "again", [NIGHT], NIGHT)
    steps.score(settings, "offers", [NIGHT])
    assert [call[1] for call in gates][2:] == ["raw_in", "features_out"]
    assert not [entry for entry in read_journal(settings) if entry.status == "failed"]
