"""Side work: pages, reports, trackers and alerts, which people look at and no step needs.

One that fails is said in the log, listed by ``tradeline status`` until it is made, and stops nothing.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Literal

from tradeline.journal import Entry, append, read_journal
from tradeline.settings import Settings

SIDE_WORK = "side work: "  # begins the journal's step

log = logging.getLogger(__name__)


@contextmanager
def never_stops(settings: Settings, run_id: str, what: str, remedy: str) -> Iterator[None]:
    """Make ``what`` (a name that it keeps until it is made) and go on whatever becomes of it.

    ``remedy``: what a person does to have it after all, a command where there is one. An interrupt is not held back.
    """
    try:
        yield
    except Exception as error:
        said = " ".join(str(error).split()) or "no reason given"
        message = f"{type(error).__name__}: {said}. It stops nothing; {remedy}"
        log.warning("%s could not be made: %s", what, message)
        _note(settings, run_id, what, "failed", message)
    else:
        note_made(settings, run_id, what)


def note_made(settings: Settings, run_id: str, what: str) -> None:
    """``what`` is there now: if the status lists it as not made, it does so no longer."""
    try:
        if any(each.step == SIDE_WORK + what for each in unmade(settings)):
            _note(settings, run_id, what, "done", "made")
    except (OSError, ValueError) as error:
        log.warning("the journal cannot be read: %s", error)


def unmade(settings: Settings, faults: list[str] | None = None) -> list[Entry]:
    """What could not be made and is not made yet, the latest first; ``faults``: as of ``read_journal``."""
    latest = {entry.step: entry for entry in read_journal(settings, faults) if entry.step.startswith(SIDE_WORK)}
    failed = (entry for entry in latest.values() if entry.status == "failed")
    return sorted(failed, key=lambda entry: entry.ended_at, reverse=True)


def _note(settings: Settings, run_id: str, what: str, status: Literal["done", "failed"], message: str) -> None:
    ended_at = datetime.now(UTC).isoformat(timespec="milliseconds")
    try:
        append(settings, Entry(ended_at, run_id, SIDE_WORK + what, status, [], 0.0, message))
    except OSError as error:  # a full disk takes no line either
        log.warning("the journal does not say so: %s", error)
