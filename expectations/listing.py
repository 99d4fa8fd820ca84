"""What gates have stopped at, and the waivers, in lines for a terminal."""

from collections.abc import Iterator
from datetime import date

from expectations.report import GateReport, fault_lines, kept_reports
from expectations.waivers import read_waivers
from tradeline.settings import Settings

LISTED_REPORTS = 400


def list_gates(settings: Settings, as_of: date | None = None) -> list[str]:
    """Failures of nights that no later run has checked, the latest first, then every waiver; of one night, or of all.

    Raises:
        TradelineError: the file of waivers is damaged.
    """
    words = [word.told for word in read_waivers(settings).words if as_of in (None, word.as_of)]
    failed = [line for report in _open(settings, as_of) for line in _failure(report)]
    return [*(failed or ["No gate has stopped anything"]), *(words or ["No waivers"])]


def _open(settings: Settings, as_of: date | None) -> Iterator[GateReport]:
    checked_since: set[tuple[str, date]] = set()
    for _, report in zip(range(LISTED_REPORTS), kept_reports(settings), strict=False):
        checked = report.judged or report.as_ofs
        nights = {(report.gate, night) for night in checked}
        if not report.is_passed and not nights <= checked_since and as_of in (None, *checked):
            yield report
        checked_since |= nights


def _failure(report: GateReport) -> Iterator[str]:
    yield f"{report.gate} stopped {report.nights}, run {report.run_id}"
    for result in report.unmet("hard"):
        first, *others = fault_lines(result)
        yield f"  {first}"
        yield from (f"    {line}" for line in others)
