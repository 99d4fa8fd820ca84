"""The gates of the warehouse, and the waivers that let a night through one."""

import logging
from datetime import date

from expectations.suite import WarehouseGate
from pipeline.steps.step import step
from tradeline.damage import damage_told
from tradeline.journal import journaled, named_nights
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings

log = logging.getLogger(__name__)


def gate(settings: Settings, run_id: str, name: WarehouseGate, as_ofs: list[date]) -> None:
    """Run one of the warehouse's gates.

    Raises:
        GateFailed: a hard expectation failed.
    """
    with step(settings, run_id, name, as_ofs) as outcome:
        from expectations.gate import run_gate
        from expectations.kept_passes import keep_pass

        report = run_gate(settings, name, settings.warehouse, run_id, as_ofs)
        if name == "features_out":
            keep_pass(settings, name, as_ofs, run_id)
        outcome.message = "; ".join(waiver.told for waiver in report.waivers)


def waive(settings: Settings, run_id: str, as_of: date, expectation: str, reason: str, by: str) -> str:
    """Keep a person's waiver of an expectation that one night does not meet; the waiver in a line.

    Raises:
        BadInput: it cannot be waived, or did not fail; the message says what can.
    """
    with journaled(settings, run_id, "waive", [as_of]) as outcome:
        from expectations.waive import waive as keep_word

        outcome.message = keep_word(settings, as_of, expectation, reason, by).told
    return outcome.message


def not_passed(settings: Settings, as_ofs: list[date]) -> list[date]:
    """The nights whose features have not passed their gate as they are."""
    from expectations.kept_passes import passed_by

    if not settings.warehouse.exists():
        return as_ofs
    with damage_told(settings.home), warehouse_lock(settings):
        passed = passed_by(settings, "features_out", as_ofs)
    if passed:
        log.info(
            "features_out: %s passed in run %s", named_nights(list(passed)), ", ".join(sorted(set(passed.values())))
        )
    return [as_of for as_of in as_ofs if as_of not in passed]
