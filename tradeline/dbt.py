"""Running dbt, with everything that it writes below the home folder."""

import logging
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradeline.contracts.label import load_label
from tradeline.contracts.policy import REASON_COLUMNS, SEEDS, policy_version, reason_rows
from tradeline.database import connect
from tradeline.engines.in_duckdb import run_in_duckdb
from tradeline.engines.invoke import WITHOUT_MANIFEST, DbtNode, Invocation, Outcome
from tradeline.engines.kept import check_engine
from tradeline.errors import TradelineError
from tradeline.files import write_whole
from tradeline.kept_manifest import manifests_folder, project_digest
from tradeline.lock import warehouse_lock
from tradeline.progress import progress
from tradeline.settings import Settings
from tradeline.surroundings import own_surroundings

log = logging.getLogger(__name__)

KEPT_RUNS = 30


@dataclass(frozen=True)
class DbtReport:
    """What one dbt command did; ``target`` holds its manifest and compiled SQL."""

    nodes: list[DbtNode]
    seconds: float
    target: Path


def build(
    settings: Settings, run_id: str, selector: str, variables: Mapping[str, Any], is_from_scratch: bool = False
) -> DbtReport:
    """``dbt build`` of one of dbt_project/selectors.yml; unit tests are the test suite's part, not a night's.

    ``is_from_scratch``: make incremental tables anew, so that their columns may change.
    """
    command = ["build", "--selector", selector, "--exclude-resource-type", "unit_test", WITHOUT_MANIFEST]
    return run_dbt(settings, run_id, [*command, *(["--full-refresh"] if is_from_scratch else [])], variables)


def run_dbt(
    settings: Settings, run_id: str, command: list[str], variables: Mapping[str, Any], policy: Path = SEEDS
) -> DbtReport:
    """Run one dbt command; the caller holds the warehouse lock, and the file is free again afterwards.

    ``variables`` are added to those that every run has: where the warehouse is, threads, memory, time zone, currency,
    policy version, run and the project's digest. What else dbt needs from here, the reasons of the policy in the
    folder ``policy`` and the label, it finds in the warehouse as sources.

    Raises:
        TradelineError: dbt failed; the message names the model and dbt's reason. Or the policy cannot be read.
        Damaged: another engine built the warehouse.
    """
    shared = {
        "warehouse_path": str(settings.warehouse),
        "threads": settings.threads,
        "memory_limit": settings.memory_limit,
        "timezone": settings.timezone,
        "currency": settings.currency,
        "policy_version": policy_version(settings, policy),
        "run_id": run_id,
        "project": project_digest(),
    }
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    _hand_over(settings, policy)
    with own_surroundings(settings.home):
        return _run_dbt(settings, run_id, command, shared | dict(variables))


def _hand_over(settings: Settings, policy: Path) -> None:
    """Write dbt's sources ``reason_codes``, the policy's reasons with their numbers filled in, and ``label``."""
    rows = reason_rows(policy)
    reasons = [[row.get(name) for row in rows] for name in REASON_COLUMNS]
    label = load_label().as_row()
    numbers = (f"?::{'double' if isinstance(value, float) else 'integer'} as {name}" for name, value in label.items())
    columns = ", ".join(f"unnest(?::varchar[]) as {name}" for name in REASON_COLUMNS)
    with connect(settings, settings.warehouse) as connection:
        check_engine(connection, settings)
        connection.execute("create schema if not exists policy; create schema if not exists contracts")
        connection.execute(f"create or replace table policy.reason_codes as select {columns}", reasons)
        connection.execute(f"create or replace table contracts.label as select {', '.join(numbers)}", [*label.values()])


def _run_dbt(settings: Settings, run_id: str, command: list[str], variables: Mapping[str, Any]) -> DbtReport:
    target = settings.warehouse.parent / "dbt" / run_id
    target.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    invocation = Invocation(command, dict(variables), target, manifests_folder(settings), settings.engine)
    with progress(f"dbt {command[0]}") as tell:
        if settings.engine == "spark":
            from tradeline.engines.spark.run import run_on_spark

            outcome = run_on_spark(settings, invocation, tell)
        else:
            outcome = run_in_duckdb(invocation, tell)
    report = DbtReport(outcome.nodes, time.monotonic() - started, target)
    _log(report, command)
    if not outcome.is_success:
        raise TradelineError(_reason(outcome, target))
    _forget_old_runs(target.parent)
    return report


def check_engine_starts(settings: Settings) -> None:
    """Make sure that the engine which dbt will need can be started, before a run has done anything.

    Raises:
        TradelineError: something is missing; the message says what and where it is to be had.
    """
    if settings.engine == "spark":
        from tradeline.engines.spark.run import check_spark

        check_spark(settings)


def write_docs(settings: Settings, page: Path) -> None:
    """Write dbt's documentation as one page that needs nothing else."""
    with warehouse_lock(settings):
        report = run_dbt(settings, "docs", ["docs", "generate", "--static"], {})
    write_whole(page, (report.target / "static_index.html").read_text(encoding="utf-8"))


def _log(report: DbtReport, command: list[str]) -> None:
    for node in report.nodes:
        rows = "" if node.row_count in (None, -1) else f"{node.row_count:,} rows, "
        if rows or node.status not in ("pass", "success", "skipped") or node.seconds >= 0.1:
            log.info("  %s: %s%s, %.1f s", node.name, rows, node.status, node.seconds)
    log.info("dbt %s: %s nodes, %.1f s", " ".join(command[:3]), f"{len(report.nodes):,}", report.seconds)


def _reason(outcome: Outcome, target: Path) -> str:
    failed = [node for node in outcome.nodes if node.status in ("error", "fail", "runtime error")]
    if failed:
        lines = [line.strip() for line in failed[0].message.splitlines() if line.strip()][:6]
        others = f" ({len(failed) - 1} others failed too)" if len(failed) > 1 else ""
        reason = f"dbt could not make {failed[0].name}{others}: {' | '.join(lines)}"
    else:
        reason = f"dbt could not start: {outcome.exception}"
    return f"{reason}; its log is {target / 'dbt.log'}"


def _forget_old_runs(folder: Path) -> None:
    runs = sorted((path for path in folder.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for old in runs[:-KEPT_RUNS]:
        shutil.rmtree(old, ignore_errors=True)
