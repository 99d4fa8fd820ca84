"""What a gate found: kept as JSON for each run, and written out for people."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from expectations.suite import GateName, Severity
from expectations.waivers import Waiver
from tradeline.errors import TradelineError
from tradeline.files import write_whole
from tradeline.settings import Settings

NIGHTS_TOLD = 5


@dataclass(frozen=True)
class FaultyNight:
    """A night that breaks an expectation which a person may waive; ``night`` is None where the faults name none.

    ``fingerprint``: of the night's data (see expectations/fingerprints.py). ``word``: the last one on the night.
    """

    night: date | None
    row_count: int
    fingerprint: str | None
    word: Waiver | None = None

    @property
    def is_waived(self) -> bool:
        """Whether a waiver of this very data stands."""
        word = self.word
        return word is not None and (word.status, word.fingerprint) == ("waived", self.fingerprint)


@dataclass(frozen=True)
class GateResult:
    """One expectation's outcome; ``message``, what was found, is empty where there is nothing to say.

    ``observed``: the number of rows that break it, or the value it is about; None where it was not evaluated.
    ``name``: as in messages and waivers; soft ones may have none. ``faulty_nights``: of what can be waived, where its
    faults could be found.
    """

    table: str
    expectation: str
    column: str | None
    severity: Severity
    is_met: bool
    observed: Any
    message: str
    name: str | None = None
    is_waivable: bool = False
    faulty_nights: tuple[FaultyNight, ...] = ()
    why: str = ""
    remedy: str = ""

    @property
    def told(self) -> str:
        """What was found, why it matters and what to do, in one line."""
        return " ".join(filter(None, (f"{self.message}." if self.why else self.message, self.why, self.remedy)))

    @property
    def is_waived(self) -> bool:
        """Whether all its faults are waived."""
        return bool(self.faulty_nights) and all(each.is_waived for each in self.faulty_nights)

    @property
    def waivable_nights(self) -> list[tuple[date, FaultyNight]]:
        """The nights for which a waiver would count, and which have none."""
        nights = [each for each in self.faulty_nights if each.fingerprint and not each.is_waived]
        return [(each.night, each) for each in nights if each.night]


@dataclass(frozen=True)
class GateReport:
    """All that one gate found in one run; ``is_passed`` is whether every hard expectation is met, or waived.

    ``judged``: the nights whose rows it saw; for ``raw_in`` those that arrived, not the run's ``as_ofs``.
    """

    gate: GateName
    run_id: str
    as_ofs: tuple[date, ...]
    is_passed: bool
    results: tuple[GateResult, ...]
    seconds: float
    judged: tuple[date, ...] = ()

    def unmet(self, severity: Severity) -> list[GateResult]:
        """The expectations of that severity which are not met, and not waived either."""
        unmet = [result for result in self.results if result.severity == severity and not result.is_met]
        return [result for result in unmet if not result.is_waived]

    @property
    def waived(self) -> list[GateResult]:
        """The expectations that are not met, and waived."""
        return [result for result in self.results if result.is_waived]

    @property
    def waivers(self) -> list[Waiver]:
        """The waivers with which it passed."""
        return [each.word for result in self.waived for each in result.faulty_nights if each.word]

    @property
    def skipped(self) -> list[GateResult]:
        """The expectations that could not be evaluated because there is nothing to compare with."""
        return [result for result in self.results if result.is_met and result.message]

    @property
    def nights(self) -> str:
        """The gated nights in words."""
        if not self.as_ofs:
            return "no as_of"
        first, last = min(self.as_ofs), max(self.as_ofs)
        return f"as_of {first}" if first == last else f"{len(self.as_ofs)} as_ofs {first} to {last}"


REPORT = TypeAdapter(GateReport)


def gates_folder(settings: Settings) -> Path:
    """Where gate results are kept, ``<run_id>/<gate>.json``."""
    return settings.reports / "gates"


def write_report(settings: Settings, report: GateReport) -> Path:
    """Keep the report; a rerun of the same run and gate replaces it."""
    path = gates_folder(settings) / report.run_id / f"{report.gate}.json"
    content = REPORT.dump_python(report, mode="json", fallback=str)
    write_whole(path, json.dumps(content, indent=1))
    return path


def read_report(path: Path) -> GateReport:
    """A kept report.

    Raises:
        TradelineError: it is damaged.
    """
    try:
        return REPORT.validate_json(path.read_bytes())
    except ValidationError as error:
        raise TradelineError(f"{path} is no report of a gate: take it away, and run that night again") from error


def kept_reports(settings: Settings, gate: GateName | None = None) -> Iterator[GateReport]:
    """The kept reports of one gate, or of all, the latest first."""
    kept = gates_folder(settings).glob(f"*/{gate or '*'}.json")
    return map(read_report, sorted(kept, key=lambda path: path.stat().st_mtime_ns, reverse=True))


def failure_message(report: GateReport, kept: Path | None) -> str:
    """What the person on call reads when a gate has failed."""
    failed = report.unmet("hard")
    lines = "\n".join("- " + "\n  ".join(fault_lines(result)) for result in failed)
    return (
        f"gate {report.gate} failed for {report.nights}, run {report.run_id}: {len(failed)} hard "
        f"expectation{'s' if len(failed) > 1 else ''} not met, nothing after this gate runs and nothing is published\n"
        f"{lines}\nAll results: {kept or 'they could not be kept, see the log'}"
    )


def fault_lines(result: GateResult) -> list[str]:
    """What to do about an unmet hard expectation, and what to type where the data is right; then the details."""
    can = _waivable(result) if result.is_waivable else ["it guards structure, so nobody can waive it"]
    return [line for line in (f"{result.name}: {result.remedy}", *can, result.message, result.why) if line]


def waive_command(expectation: str, night: date) -> str:
    """What a person types to waive an expectation."""
    return f'tradeline gates waive --as-of {night} --expectation {expectation} --reason "..."'


def _waivable(result: GateResult) -> list[str]:
    """What to type where the data is right, night by night, and why an earlier waiver does not count."""
    lines = [
        f"{_void(each.word)}if {night} is right all the same: {waive_command(str(result.name), night)}"
        for night, each in result.waivable_nights
    ]
    more = [f"and {len(lines) - NIGHTS_TOLD} more nights"] if len(lines) > NIGHTS_TOLD else []
    return lines[:NIGHTS_TOLD] + more


def _void(word: Waiver | None) -> str:
    if word is None:
        return ""
    return f"{word.said}; " if word.status == "withdrawn" else f"{word.said} (but of other data than now); "
