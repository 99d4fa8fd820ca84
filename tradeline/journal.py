"""The journal: one line for each step of each run, whoever started it; ``tradeline status`` reads it."""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from tradeline.checked import fault_of
from tradeline.damage import damage_told
from tradeline.errors import TradelineError
from tradeline.files import append_line, printable
from tradeline.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """What one step did.

    ``ended_at``: UTC, ISO 8601. ``as_ofs``: ISO dates. ``message``: what came out, or why it failed.
    """

    ended_at: str
    run_id: str
    step: str
    status: Literal["done", "skipped", "failed"]
    as_ofs: list[str]
    seconds: float
    message: str


ENTRY = TypeAdapter(Entry)


class Outcome:
    """What a step has to say at its end; set by the step itself."""

    status: Literal["done", "skipped"] = "done"
    message: str = ""

    def skip(self, message: str) -> None:
        """There was nothing to do, and why."""
        self.status, self.message = "skipped", message


@contextmanager
def journaled(settings: Settings, run_id: str, step: str, as_ofs: list[date]) -> Iterator[Outcome]:
    """Log a step's begin and end and write its end, good or bad, to the journal."""
    started, outcome = time.monotonic(), Outcome()
    if as_ofs:
        log.info("%s: starts, %s", step, named_nights(as_ofs))

    def end(status: Literal["done", "skipped", "failed"], message: str) -> None:
        seconds = round(time.monotonic() - started, 1)
        ended_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        append(settings, Entry(ended_at, run_id, step, status, [str(day) for day in as_ofs], seconds, message))
        if status == "failed":
            # What went wrong is in the exception, and told once by whoever catches it.
            log.error("%s: failed after %.1f s", step, seconds)
        else:
            log.info("%s: %s%s, %.1f s", step, status, f", {message}" if message else "", seconds)

    try:
        with damage_told(settings.home):
            yield outcome
    except BaseException as error:
        try:
            end("failed", str(error) if isinstance(error, TradelineError) else f"{type(error).__name__}: {error}")
        except OSError as unwritten:
            # What is to be told is why the step failed, which may be the same reason.
            log.error("%s: failed, which the journal does not have: %s", step, unwritten)
        raise
    with damage_told(settings.home):
        end(outcome.status, outcome.message)


def read_journal(settings: Settings, faults: list[str] | None = None) -> list[Entry]:
    """Every entry that can be read, oldest first; what is wrong with the others is added to ``faults``, or logged."""
    path, entries, found = journal_file(settings), [], [] if faults is None else faults
    for number, line in enumerate(path.read_bytes().split(b"\n") if path.exists() else [], start=1):
        try:
            # Not by all that Unicode calls the end of a line: a message may hold such a character.
            entries += [ENTRY.validate_json(line)] if line else []
        except ValidationError as error:
            found.append(
                f"{path}, line {number} is damaged ({fault_of(error)}) and left out: restore the file from a backup, "
                "or delete the line; nothing but the story of past runs is in it"
            )
    for fault in found if faults is None else ():
        log.warning("%s", fault)
    return entries


def named_nights(as_ofs: list[date]) -> str:
    """The nights in a few words."""
    if not as_ofs:
        return "no night"
    first, last = min(as_ofs), max(as_ofs)
    return f"as of {first}" if first == last else f"{len(as_ofs)} nights as of {first} to {last}"


def append(settings: Settings, entry: Entry) -> None:
    """Add a line."""
    content = asdict(entry) | {"message": printable(entry.message)}
    append_line(journal_file(settings), json.dumps(content, ensure_ascii=False))


def journal_file(settings: Settings) -> Path:
    """Where it is kept, a JSON object a line."""
    return settings.home.resolve() / "runs" / "journal.jsonl"
