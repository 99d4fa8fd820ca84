"""Waivers: a person confirms that data is right although it does not meet an expectation; ``runs/waivers.jsonl``.

A waiver is for one expectation, one night and the very data that was checked. Lines are only ever added: the withdrawal
of a waiver is a second line. The last line on the same data counts.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from filelock import FileLock, Timeout
from pydantic import AwareDatetime, StringConstraints, ValidationError

from tradeline.checked import Frozen
from tradeline.errors import TradelineError
from tradeline.files import append_line
from tradeline.settings import Settings

REPAIR = (
    "no gate opens before it is whole. Restore it from a backup, or take out what is damaged and waive again; "
    "`runs/journal.jsonl` has what was said"
)
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Waiver(Frozen):
    """A waiver or its withdrawal, ``by`` whom, ``at`` when (UTC) and why.

    ``as_of``: the night; for ``raw_in`` the day on which it arrived. ``fingerprint``: of the data that was checked.
    """

    status: Literal["waived", "withdrawn"]
    expectation: Text
    as_of: date
    fingerprint: Text
    by: Text
    at: AwareDatetime
    reason: Text

    @property
    def told(self) -> str:
        """All of it in a line."""
        return f"{self.expectation} of {self.as_of} {self.said}"

    @property
    def said(self) -> str:
        """Who, when and why."""
        return f"{self.status} by {self.by} at {self.at:%Y-%m-%d %H:%M} UTC: {self.reason}"


@dataclass(frozen=True)
class Waivers:
    """Every line of the file, the oldest first."""

    words: tuple[Waiver, ...] = ()

    @property
    def last(self) -> list[Waiver]:
        """The last line on each night's data."""
        return list({(word.expectation, word.as_of, word.fingerprint): word for word in self.words}.values())

    def on(self, expectation: str, as_of: date, fingerprint: str | None) -> Waiver | None:
        """The last line on this very data; where there is none, the last one on other data of the night."""
        words = [word for word in self.words if (word.expectation, word.as_of) == (expectation, as_of)]
        return next((word for word in reversed(words) if word.fingerprint == fingerprint), words[-1] if words else None)


def waivers_file(settings: Settings) -> Path:
    """Where waivers are kept, a JSON object a line."""
    return settings.home.resolve() / "runs" / "waivers.jsonl"


def read_waivers(settings: Settings) -> Waivers:
    """Every waiver and withdrawal; none where there is no file yet.

    Raises:
        TradelineError: the file cannot be read, or a line of it is damaged.
    """
    path = waivers_file(settings)
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise TradelineError(f"{path} cannot be read ({error}): {REPAIR}") from error
    *lines, rest = text.split("\n")
    if rest:
        raise TradelineError(f"{path} breaks off in line {len(lines) + 1}: {REPAIR}")
    return Waivers(tuple(_word(path, number, line) for number, line in enumerate(lines, start=1)))


def add_word(settings: Settings, word: Waiver) -> None:
    """Keep one more line; the lock is not the warehouse's, so that nobody waits for a night that is being built.

    Raises:
        TradelineError: what is there already is damaged, or was being written for all of ``lock_timeout_seconds``.
    """
    path = waivers_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(path.with_suffix(".lock"), timeout=settings.lock_timeout_seconds):
            read_waivers(settings)
            append_line(path, word.model_dump_json())
    except Timeout as error:
        raise TradelineError(f"{path} was busy for {settings.lock_timeout_seconds:.0f} s: try again") from error


def _word(path: Path, number: int, line: str) -> Waiver:
    try:
        return Waiver.model_validate_json(line)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, each['loc']))} {each['msg']}".strip() for each in error.errors())
        raise TradelineError(f"{path}, line {number} is damaged ({problems}): {REPAIR}") from error
