"""From landing to the features of a night: admit, gate, load, build."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING

import duckdb

from pipeline.steps.step import counted, iso, step
from tradeline import dbt
from tradeline.business_days import today_in
from tradeline.database import connect, scalar
from tradeline.errors import BadInput
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings

if TYPE_CHECKING:
    from expectations.waivers import Waiver
    from ingest.plan import NightPlan


def raw_gate(settings: Settings, run_id: str, as_ofs: list[date], force_from: date | None = None) -> None:
    """Admit what has landed and is not built yet, gate it and hand it to ``build_marts``; the warehouse stays the same.

    ``force_from``: build the arrivals from this night on again, changed or not.

    Raises:
        BadInput: a landed file broke the contract and is in quarantine.
        GateFailed: a hard expectation failed.
    """
    with step(settings, run_id, "raw_gate", as_ofs) as outcome:
        plan, waivers = _plan_and_admit(settings, run_id, as_ofs, force_from)
        if plan is None:
            return outcome.skip("nothing new has landed")
        admitted = f"arrivals of {plan.arrived_from} to {plan.arrived_to} admitted"
        outcome.message = "; ".join([admitted, *(waiver.told for waiver in waivers)])


def build_marts(settings: Settings, run_id: str, as_ofs: list[date], force_from: date | None = None) -> None:
    """Load what was admitted and build the marts of the nights in one pass.

    The plan is that of ``raw_gate``; where it no longer holds, as after another run's build, the nights are planned,
    admitted and gated here. A night counts as built once dbt is done: if this step dies on the way, a retry or the next
    run builds the same nights again.
    """
    with step(settings, run_id, "build_marts", as_ofs) as outcome:
        from ingest.admission import admission_file
        from ingest.handover import forget, taken_over
        from ingest.load import is_first_night, load, mark_built
        from pipeline.mart_columns import take_up_mart_columns

        handed = taken_over(settings, run_id, max(as_ofs), force_from)
        plan = handed.plan if handed else _plan_and_admit(settings, run_id, as_ofs, force_from)[0]
        loaded = load(settings, admission_file(settings, run_id)) if plan is not None else None
        is_from_scratch = plan is not None and is_first_night(settings, plan.arrived_from)
        if not is_from_scratch:
            take_up_mart_columns(settings, "seller_features")
        nights = {
            "arrived_from": plan.arrived_from.isoformat() if plan else None,
            "arrived_to": plan.arrived_to.isoformat() if plan else None,
            "arrived_row_count": sum(loaded.rows.values()) if loaded else None,
            "as_ofs": iso(as_ofs),
        }
        dbt.build(settings, run_id, "seller_marts", nights, is_from_scratch)
        if plan is not None:
            mark_built(settings, plan)
        forget(settings, run_id)
        outcome.message = counted(settings, "seller_features", as_ofs)


def newest_features_night(settings: Settings) -> date:
    """The latest night that seller_features holds, today's at the latest.

    Raises:
        BadInput: it holds none yet.
    """
    query = "select max(as_of) from marts.seller_features where as_of <= ?"
    with warehouse_lock(settings):
        if settings.warehouse.exists():
            with connect(settings, settings.warehouse) as connection, suppress(duckdb.CatalogException):
                if found := scalar(connection, query, [today_in(settings.timezone)]):
                    return date.fromisoformat(str(found))
    raise BadInput("no night is built yet: run seller_marts first")


def _plan_and_admit(
    settings: Settings, run_id: str, as_ofs: list[date], force_from: date | None
) -> tuple["NightPlan | None", "Sequence[Waiver]"]:
    """Plan the nights, admit and gate what they bring, and keep the plan for the steps to come."""
    from expectations.gate import run_gate
    from ingest.admission import admit
    from ingest.handover import forget, hand_over
    from ingest.landing import scan
    from ingest.plan import plan_nights
    from tradeline.room import check_room, clear_leftovers

    dbt.check_engine_starts(settings)
    clear_leftovers(settings)
    forget(settings, run_id)
    landing = scan(settings.landing)
    plan = plan_nights(settings, max(as_ofs), force_from, landing)
    report = None
    if plan is not None:
        check_room(settings, sum(file.size for file in landing.between(plan.arrived_from, plan.arrived_to).files))
        admission = admit(settings, plan, run_id, landing)
        report = run_gate(settings, "raw_in", admission, run_id, as_ofs)
    hand_over(settings, run_id, max(as_ofs), force_from, plan)
    return plan, report.waivers if report else ()
