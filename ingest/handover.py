"""What the gate of raw nights hands to the step that builds them: the plan that it admitted, in a file of the run.

A retry, a cleared task and a restarted scheduler find it again. It holds while the warehouse is as it was planned on;
that landing is as it was admitted is checked by the load. What lands in between waits for the next run.
"""

import hashlib
import logging
from datetime import date
from pathlib import Path

from ingest.admission import admission_file, remove
from ingest.kept_settings import check_settings_kept
from ingest.plan import NightPlan, loaded_nights
from tradeline.checked import Frozen, read_json
from tradeline.definitions import definitions_fingerprint
from tradeline.errors import Damaged
from tradeline.files import write_whole
from tradeline.settings import Settings

log = logging.getLogger(__name__)

# Runs that failed or were killed leave their admissions; of so many a task may be tried again. Others are planned anew.
KEPT = 3


class Handover(Frozen):
    """A plan, None where nothing is to be built; for which night and rebuild it was made; what it stands on."""

    as_of: date
    force_from: date | None
    plan: NightPlan | None
    basis: str


def hand_over(
    settings: Settings, run_id: str, as_of: date, force_from: date | None, plan: NightPlan | None
) -> NightPlan | None:
    """Keep the plan of a run whose admission has passed its gate, if there is one; the plan itself."""
    handover = Handover(as_of=as_of, force_from=force_from, plan=plan, basis=_basis(settings, plan))
    write_whole(_file(settings, run_id), handover.model_dump_json())
    return plan


def taken_over(settings: Settings, run_id: str, as_of: date, force_from: date | None) -> Handover | None:
    """What was handed over for this night and rebuild, if it still holds; None where the night is to be planned.

    Raises:
        Damaged: as ``plan_nights``.
    """
    check_settings_kept(settings)
    try:
        found = read_json(_file(settings, run_id), Handover, "")
    except Damaged:  # it is only a copy of what can be planned again
        return None
    if found is None or (found.as_of, found.force_from) != (as_of, force_from):
        return None
    if found.plan is not None and not admission_file(settings, run_id).exists():
        return None
    if found.basis != _basis(settings, found.plan):
        log.info(
            "another run has built nights since these were admitted, or the code has changed: they are planned again"
        )
        return None
    return found


def forget(settings: Settings, run_id: str) -> None:
    """Remove what a run has handed over, and its admission; of those that never came so far, all but the newest."""
    own = admission_file(settings, run_id)
    others = sorted({*own.parent.glob("*.duckdb")} - {own}, key=lambda path: path.stat().st_mtime)
    for path in (own, *others[:-KEPT]):
        path.with_suffix(".json").unlink(missing_ok=True)
        remove(path)


def _basis(settings: Settings, plan: NightPlan | None) -> str:
    """SHA-256 over what builds nights, the built nights before the plan's, and those after it, which it would delete.

    The plan's own nights are not in it: once they are loaded they are no longer built, and a retry loads them again.
    """
    digest = hashlib.sha256(definitions_fingerprint(settings).encode())
    for arrived_on, night in sorted(loaded_nights(settings).items()):
        if night.is_built and (plan is None or not plan.arrived_from <= arrived_on <= plan.arrived_to):
            digest.update(f"\0{arrived_on} {night}".encode())
    return digest.hexdigest()


def _file(settings: Settings, run_id: str) -> Path:
    return admission_file(settings, run_id).with_suffix(".json")
