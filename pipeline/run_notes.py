"""What the note of a DAG run says: the night that it is for, and what came of it."""

from typing import Any

from pipeline.orchestration import business_days
from pipeline.readiness import dag_ids
from pipeline.runs import run_name
from tradeline.journal import read_journal
from tradeline.settings import Settings
from tradeline.side_work import SIDE_WORK

NOTE_LENGTH = 900  # of Airflow's 1,000 characters


def note_at_start(dag_run: Any) -> str | None:
    """The night, as the form, the assets or the schedule name it; None for a DAG that is not ours."""
    return _asked(dag_run) if _is_ours(dag_run.dag_id) else None


def note_at_end(dag_run: Any) -> str | None:
    """The nights that were chosen, and the run's last word; None for a DAG that is not ours, or if nothing is known."""
    if not _is_ours(dag_run.dag_id):
        return None
    name = run_name(dag_run.dag_id, dag_run.run_id)
    entries = [
        entry for entry in read_journal(Settings()) if entry.run_id == name and not entry.step.startswith(SIDE_WORK)
    ]
    if not entries:
        return None
    nights = [entry.message for entry in entries if entry.step == "nights" and entry.status == "done"]
    last = entries[-1]
    outcome = f"{last.step} {last.status}" if last.step != "nights" else last.status
    said = f"{outcome}: {last.message}" if last.message else outcome
    return "; ".join([*nights[-1:], said])[:NOTE_LENGTH]


def _is_ours(dag_id: str) -> bool:
    return dag_id in dag_ids(Settings())


def _asked(dag_run: Any) -> str:
    conf = dag_run.conf or {}
    if dag_run.run_type in ("scheduled", "backfill") and dag_run.data_interval_start:
        first, last = business_days(Settings().timezone, dag_run.data_interval_start, dag_run.data_interval_end)
        return f"as of {first if dag_run.dag_id == 'seller_marts' else last}"
    if dag_run.run_type == "asset_triggered":
        events = [event.extra for event in dag_run.consumed_asset_events]
        nights = sorted({night for extra in events for night in extra.get("as_ofs", [extra.get("as_of")]) if night})
        if not nights:
            return "the last day that has ended"
        return f"as of {nights[0]}" if len(nights) == 1 else f"{len(nights)} nights as of {nights[0]} to {nights[-1]}"
    if conf.get("as_of"):
        return f"as of {conf['as_of']}"
    return f"nights of {conf['from']} to {conf.get('to')}" if conf.get("from") else "the latest night"
