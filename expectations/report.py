"""What a gate found: kept as JSON for each run, and told to people."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from expectations.suite import Gate, Severity
from tradeline.files import write_whole
from tradeline.settings import Settings


@dataclass(frozen=True)
class GateResult:
    """One expectation's outcome; ``message`` is empty where there is nothing to say.

    ``observed``: the number of rows that break it, or the value it is about; None where it was not evaluated.
    """

    table: str
    expectation: str
    column: str | None
    severity: Severity
    is_met: bool
    observed: Any
    message: str


@dataclass(frozen=True)
class GateReport:
    """All that one gate found in one run; ``is_passed`` is whether every hard expectation is met."""

    gate: Gate
    run_id: str
    as_ofs: tuple[date, ...]
    is_passed: bool
    results: tuple[GateResult, ...]
    seconds: float

    def unmet(self, severity: Severity) -> list[GateResult]:
        """The expectations of that severity which are not met."""
        return [result for result in self.results if result.severity == severity and not result.is_met]

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


def gates_folder(settings: Settings) -> Path:
    """Where gate results are kept, ``<run_id>/<gate>.json``."""
    return settings.reports / "gates"


def write_report(settings: Settings, report: GateReport) -> Path:
    """Keep the report; a rerun of the same run and gate replaces it."""
    path = gates_folder(settings) / report.run_id / f"{report.gate}.json"
    write_whole(path, json.dumps(asdict(report), indent=1, default=str))
    return path


def read_report(path: Path) -> GateReport:
    """A kept report."""
    content = json.loads(path.read_text(encoding="utf-8"))
    content["as_ofs"] = tuple(date.fromisoformat(each) for each in content["as_ofs"])
    content["results"] = tuple(GateResult(**each) for each in content["results"])
    return GateReport(**content)


def failure_message(report: GateReport, kept: Path | None) -> str:
    """What the person on call reads when a gate has failed."""
    failed = report.unmet("hard")
    lines = "\n".join(f"- {result.message}" for result in failed)
    return (
        f"gate {report.gate} failed for {report.nights}, run {report.run_id}: {len(failed)} hard "
        f"expectation{'s' if len(failed) > 1 else ''} not met, nothing after this gate runs and nothing is published\n"
        f"{lines}\nAll results: {kept or 'they could not be kept, see the log'}"
    )
