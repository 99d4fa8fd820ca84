"""Gates: nothing goes on to the next step, or to readers, before its expectations are met."""

import logging
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

from expectations.checks import build_checks
from expectations.data_docs import DATA_DOCS, Page, write_pages
from expectations.database import GateDatabase
from expectations.report import GateReport, GateResult, failure_message, write_report
from expectations.suite import GateName, TableSuite, load_suite
from expectations.validation import gate_context, gate_results, skipped_result, validate
from expectations.waivers import Waivers, read_waivers
from tradeline.errors import GateFailed, TradelineError
from tradeline.settings import Settings
from tradeline.side_work import never_stops

log = logging.getLogger(__name__)

NO_NIGHTS = "skipped: no earlier nights to compare with"
NO_PUBLICATION = "skipped: no earlier publication to compare with"


def run_gate(settings: Settings, gate: GateName, database: Path, run_id: str, as_ofs: list[date]) -> GateReport:
    """Check what is about to go on: the admission file for ``raw_in``, the warehouse's rows of ``as_ofs`` otherwise.

    The caller holds the warehouse lock and has no connection open to ``database`` or the warehouse. Results are kept
    under ``reports/gates/<run_id>/`` and shown in ``reports/data_docs/``; where that fails the verdict is the same.
    Soft failures are logged as warnings, and so are hard ones that a person has waived for this very data.

    Raises:
        GateFailed: a hard expectation is not met; the message names each one, with samples and what to do.
        TradelineError: a suite file is wrong, a table that it speaks of is not there, or the waivers cannot be read.
    """
    started = perf_counter()
    suites, waivers = load_suite(gate), read_waivers(settings)
    results: list[GateResult] = []
    pages: list[Page] = []
    with gate_context(f"{gate}-{run_id}") as (context, connection):
        gated = GateDatabase(connection, settings, gate, database, as_ofs)
        for suite in suites:
            found, validated = _check_table(gated, context, run_id, suite, waivers)
            results += found
            pages.append(Page(suite.table, validated, tuple(found)))
        judged = tuple(gated.judged())
    is_passed = all(result.is_met or result.is_waived for result in results if result.severity == "hard")
    seconds = round(perf_counter() - started, 2)
    report = GateReport(gate, run_id, tuple(as_ofs), is_passed, tuple(results), seconds, judged)
    kept = _keep(settings, report, pages)
    _tell(report)
    if not is_passed:
        raise GateFailed(failure_message(report, kept))
    return report


def _check_table(
    gated: GateDatabase, context: Any, run_id: str, suite: TableSuite, waivers: Waivers
) -> tuple[list[GateResult], Any]:
    if suite.name not in gated.tables:
        raise TradelineError(
            f"gate {gated.gate}: {suite.table} is not in the {gated.catalog}: build it before its gate"
        )
    checks = build_checks(suite, gated.columns(suite.name), gated.new_columns.get(suite.name, ()))
    is_compared = suite.name in gated.compared_tables
    due = [check for check in checks if is_compared or not check.needs_previous]
    validated = validate(gated, context, run_id, suite, due)
    results = gate_results(gated, due, validated, waivers)
    reason = NO_NIGHTS if gated.gate == "raw_in" else NO_PUBLICATION
    skipped = {check.identity: skipped_result(check, reason) for check in checks}
    return [results.get(check.identity, skipped[check.identity]) for check in checks], validated


def _keep(settings: Settings, report: GateReport, pages: list[Page]) -> Path | None:
    """Where the report is kept; None where it could not be."""
    kept = None
    found = f"report of gate {report.gate}, {report.nights}"
    with never_stops(settings, report.run_id, found, _again(report)):
        kept = write_report(settings, report)
    with never_stops(settings, report.run_id, DATA_DOCS, "`tradeline docs --gates` makes them"):
        write_pages(settings, report, pages)
    return kept


def _again(report: GateReport) -> str:
    """The command that runs the gate again; arrivals that are built pass theirs only if they are built again."""
    first, last = min(report.as_ofs, default=None), max(report.as_ofs, default=None)
    nights = f"--as-of {first}" if first == last else f"--from {first} --to {last}"
    forced = f" --force-from {first}" if report.gate == "raw_in" else ""
    return f"`tradeline run {nights}{forced}` makes it" + ("" if first == last else ", with --every as before")


def _tell(report: GateReport) -> None:
    for result in [*report.unmet("soft"), *report.waived]:
        log.warning("%s: %s", report.gate, result.told)
    if report.skipped:
        log.info("%s: %d comparisons %s", report.gate, len(report.skipped), report.skipped[0].message)
    log.info(
        "%s: %d expectations for %s: %d hard failures, %d waived, %d soft, %.1f s",
        report.gate,
        len(report.results),
        report.nights,
        len(report.unmet("hard")),
        len(report.waived),
        len(report.unmet("soft")),
        report.seconds,
    )
