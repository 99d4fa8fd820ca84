"""Admitting nights: landed files become checked, typed tables in a file of their own, beside the warehouse.

The warehouse is only read, for what it knows of sellers and loans; ``ingest.load`` takes the admitted rows over.
"""

import logging
import time
from collections import defaultdict
from pathlib import Path

import duckdb

from ingest import contract, ledgers, quarantine
from ingest.database import connect, scalar
from ingest.landing import LandedFile, Landing, scan
from ingest.plan import NightPlan
from ingest.progress import track
from ingest.raw_schema import ensure_raw_schema, has_raw_table
from ingest.validate import rows
from ingest.validate.fault import Fault, summary
from ingest.validate.source import literal
from ingest.validate.table import FAULT_BITS, read
from tradeline.errors import BadInput, TradelineError
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings

log = logging.getLogger(__name__)


def admit(settings: Settings, plan: NightPlan, run_id: str) -> Path:
    """Validate the plan's nights and write them to ``warehouse/admission/<run_id>.duckdb``, schema ``raw``.

    Beside the contract's tables it holds ``set_aside``, ``arrivals``, ``nights`` and ``admission`` (the range).

    Raises:
        BadInput: files at fault were quarantined, or wait there from an earlier run, or an upload is not finished.
        TradelineError: somebody changed landing meanwhile; running again helps.
    """
    everything = scan(settings.landing)
    _require_tables(settings, everything)
    quarantine.settle(settings, everything, plan.arrived_from, plan.arrived_to)
    landing = everything.between(plan.arrived_from, plan.arrived_to)
    _refuse_empty_folders(landing)
    path = settings.warehouse.parent / "admission" / f"{run_id}.duckdb"
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove(path)
    try:
        with connect(settings, path) as connection:
            _admit(connection, settings, plan, landing, run_id)
        _refuse_changes(settings, plan, landing)
    except BaseException:
        _remove(path)
        raise
    return path


def _admit(
    connection: duckdb.DuckDBPyConnection, settings: Settings, plan: NightPlan, landing: Landing, run_id: str
) -> None:
    ensure_raw_schema(connection)
    connection.execute("create table raw.admission (arrived_from date, arrived_to date, run_id varchar)")
    connection.execute("insert into raw.admission values (?, ?, ?)", [plan.arrived_from, plan.arrived_to, run_id])
    rows.create_known(connection)
    _recall(connection, settings, plan)
    ledgers.write_nights(connection, landing)
    faults: list[Fault] = []
    seconds: dict[str, float] = {}
    for table in track(contract.TABLES, "reading tables", len(contract.TABLES)):
        started = time.monotonic()
        files = [file for file in landing.files if file.table == table.name]
        faults += read(connection, table, files).faults
        seconds[table.name] = time.monotonic() - started
    if faults:
        _refuse_files(settings, faults, run_id)
    for table in contract.TABLES:
        files = [file for file in landing.files if file.table == table.name]
        _finish(connection, table, files, seconds[table.name])


def _finish(
    connection: duckdb.DuckDBPyConnection, table: contract.Table, files: list[LandedFile], seconds: float
) -> None:
    """Set the rows with soft faults aside, count, and leave the table as the contract has it."""
    started = time.monotonic()
    ledgers.count_arrivals(connection, table, files)
    aside = rows.set_aside(connection, table)
    rows.remember(connection, table)
    connection.execute(f"alter table raw.{table.name} drop column {FAULT_BITS}")
    ledgers.count_set_aside(connection, table)
    admitted = scalar(connection, f"select count(*) from raw.{table.name}")
    if files:
        log.info(
            "%s: %s rows in from %s files, %s admitted, %s set aside, %.1f s",
            table.name,
            f"{admitted + aside:,}",
            f"{len(files):,}",
            f"{admitted:,}",
            f"{aside:,}",
            seconds + time.monotonic() - started,
        )


def _recall(connection: duckdb.DuckDBPyConnection, settings: Settings, plan: NightPlan) -> None:
    """Copy the sellers and loans that the warehouse knew before these nights."""
    with warehouse_lock(settings):
        if not settings.warehouse.exists():
            return
        connection.execute(f"attach {literal(str(settings.warehouse))} as warehouse (read_only)")
        for name, key in rows.KNOWN.items():
            if has_raw_table(connection, "warehouse", name):
                connection.execute(
                    f"insert into known_{name} select {key}, min(arrived_on) from warehouse.raw.{name} "
                    "where arrived_on < ? group by 1",
                    [plan.arrived_from],
                )
        connection.execute("detach warehouse")


def _refuse_files(settings: Settings, faults: list[Fault], run_id: str) -> None:
    by_file: dict[LandedFile, list[Fault]] = defaultdict(list)
    for fault in faults:
        by_file[fault.file].append(fault)
    for file, found in by_file.items():
        quarantine.quarantine(settings, file, found, run_id)
    lines = [str(fault) for file in sorted(by_file) for fault in by_file[file]]
    raise BadInput(
        f"{len(lines)} fault(s) in {len(by_file)} file(s), now in {settings.quarantine}; "
        f"the warehouse was not touched:\n{summary(lines)}"
    )


def _require_tables(settings: Settings, landing: Landing) -> None:
    landed = landing.tables | {file.table for file in quarantine.list_quarantined(settings)}
    if "sellers" not in landed or not landed & {"orders", "payments"}:
        raise BadInput(
            f"{settings.landing} has {', '.join(sorted(landed)) or 'nothing'}; sellers and at least one of orders and "
            "payments are required: land them with `tradeline land`"
        )


def _refuse_empty_folders(landing: Landing) -> None:
    if landing.empty_folders:
        lines = [f"landing/{table}/arrived_on={arrived_on} is empty" for table, arrived_on in landing.empty_folders]
        raise BadInput(
            "the upload is not finished; land the files of these nights or remove their folders:\n" + summary(lines)
        )


def _refuse_changes(settings: Settings, plan: NightPlan, before: Landing) -> None:
    after = scan(settings.landing).between(plan.arrived_from, plan.arrived_to)
    if after.files != before.files:
        raise TradelineError("landing changed while it was read: run again once the upload has ended")


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    # A killed run leaves its log, which DuckDB would take for the new file's.
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
