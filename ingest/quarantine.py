"""Files that broke the contract, kept beside their reasons until somebody lands them again or discards them."""

import json
import logging
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import BaseModel, Field

from ingest.landing import NIGHT_PREFIX, LandedFile, Landing
from ingest.validate.fault import Fault
from tradeline.checked import read_json
from tradeline.errors import BadInput, Damaged
from tradeline.files import printable, write_whole
from tradeline.settings import Settings

log = logging.getLogger(__name__)

REASON_SUFFIX = ".reason.json"


@dataclass(frozen=True, order=True)
class QuarantinedFile:
    """One file set apart, with what is wrong with it as sentences."""

    table: str
    arrived_on: date
    name: str
    quarantined_at: str
    run_id: str
    faults: tuple[str, ...]

    @property
    def source(self) -> str:
        """``<table>/arrived_on=YYYY-MM-DD/<name>``, below the quarantine and, once, below landing."""
        return f"{self.table}/{NIGHT_PREFIX}{self.arrived_on}/{self.name}"


class FaultNote(BaseModel):
    """A fault as it is read again."""

    message: str


class QuarantineReason(BaseModel):
    """What is read again of the reasons beside a quarantined file."""

    quarantined_at: str
    run_id: str
    faults: tuple[FaultNote, ...] = Field(min_length=1)


def quarantine(settings: Settings, file: LandedFile, faults: list[Fault], run_id: str) -> None:
    """Move one landed file, whole, into the quarantine and write its faults beside it."""
    target = settings.quarantine / file.source
    target.parent.mkdir(parents=True, exist_ok=True)
    reason = {
        "table": file.table,
        "arrived_on": file.arrived_on.isoformat(),
        "file": printable(file.name),
        "quarantined_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "run_id": run_id,
        "faults": [fault.as_dict() for fault in faults],
    }
    # The reason goes first: whatever happens in between, the night stays refused until the file is landed again.
    write_whole(_reason(target), json.dumps(reason, indent=2, ensure_ascii=False))
    os.replace(file.path, target)
    with suppress(OSError):
        file.path.parent.rmdir()
    log.warning("%s: quarantined, %d faults", file.source, len(faults))


def list_quarantined(settings: Settings) -> list[QuarantinedFile]:
    """Everything in the quarantine, by table, night and name; a file whose reasons are lost or damaged is there too."""
    kept = {
        path.with_name(path.name.removesuffix(REASON_SUFFIX))
        for path in settings.quarantine.glob(f"*/{NIGHT_PREFIX}*/[!.]*")
    }
    return sorted(_quarantined(path) for path in kept)


def _quarantined(path: Path) -> QuarantinedFile:
    try:
        reason = read_json(_reason(path), QuarantineReason, "land the file again")
    except Damaged as error:
        reason, fault = None, str(error)
    else:
        fault = f"{_reason(path)}, which says what is wrong with it, is lost: land the file again"
    night = date.fromisoformat(path.parent.name.removeprefix(NIGHT_PREFIX))
    place = (path.parent.parent.name, night, path.name)
    if reason is None:
        return QuarantinedFile(*place, "unknown", "unknown", (fault,))
    return QuarantinedFile(*place, reason.quarantined_at, reason.run_id, tuple(each.message for each in reason.faults))


def clear(settings: Settings, table: str, arrived_on: date, name: str) -> bool:
    """Discard one quarantined file and its reasons; False if there is none of that name."""
    target = settings.quarantine / table / f"{NIGHT_PREFIX}{arrived_on}" / name
    found = [path for path in (target, _reason(target)) if path.exists()]
    if not found:
        return False
    for path in found:
        path.unlink()
    with suppress(OSError):
        target.parent.rmdir()
    return True


def unresolved(settings: Settings, landing: Landing) -> list[QuarantinedFile]:
    """The quarantined files that have not landed again under the same table, night and name."""
    landed = {file.source for file in landing.files}
    return [file for file in list_quarantined(settings) if file.source not in landed]


def settle(settings: Settings, landing: Landing, arrived_from: date, arrived_to: date) -> None:
    """Refuse a range of nights with an unresolved quarantined file; forget the entries that have landed again.

    Raises:
        BadInput: a file of these nights is in quarantine and nobody has landed it again.
    """
    waiting = [file for file in unresolved(settings, landing) if arrived_from <= file.arrived_on <= arrived_to]
    if waiting:
        lines = [f"{file.source} (at {file.quarantined_at}): {file.faults[0]}" for file in waiting]
        raise BadInput(
            "these files are in quarantine, so their nights are not whole; land each again, corrected, under the same "
            "name, or discard it, and all its rows with it, with `tradeline quarantine drop`:\n" + "\n".join(lines)
        )
    for file in landing.files:
        clear(settings, file.table, file.arrived_on, file.name)


def _reason(path: Path) -> Path:
    return path.with_name(path.name + REASON_SUFFIX)
