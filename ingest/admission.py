"""Admitting nights: landed files are checked, and seen as typed tables in a file of their own, beside the warehouse.

That file holds no copies of Parquet: its tables are views on landing, without the rows that were set aside. The
warehouse is only read, for what it knows of sellers and loans; ``ingest.load`` takes the admitted rows over.
"""

import logging
import time
from collections import defaultdict
from pathlib import Path

import duckdb

from ingest import ledgers, quarantine, waiting
from ingest.landing import LandedFile, Landing, scan, scan_nights
from ingest.plan import NightPlan
from ingest.raw_schema import create_admission_schema, has_raw_table
from ingest.validate import alike, contradictions, known, rates, rows
from ingest.validate.currencies import Currencies
from ingest.validate.fault import Fault, summary
from ingest.validate.table import TableRead, admitted_sql, read
from tradeline.contracts import raw as contract
from tradeline.database import connect, scalar
from tradeline.errors import BadInput, TradelineError
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings
from tradeline.sql import literal

log = logging.getLogger(__name__)


def admission_file(settings: Settings, run_id: str) -> Path:
    """Where a run's admission is."""
    return settings.warehouse.parent / "admission" / f"{run_id}.duckdb"


def admit(settings: Settings, plan: NightPlan, run_id: str, landing: Landing | None = None) -> Path:
    """Validate the plan's nights and write them to ``admission_file``, schema ``raw``.

    Beside the contract's tables it holds ``set_aside``, ``arrivals``, ``nights`` and ``admission`` (the range). Rows
    of CSV files are in schema ``text``; Parquet files stay where they landed, and must until they are loaded.
    ``landing``: what has landed, where it is known.

    Raises:
        BadInput: files at fault were quarantined, or wait there from an earlier run, or an upload is not finished.
        TradelineError: somebody changed landing meanwhile; running again helps.
    """
    everything = landing or scan(settings.landing)
    has_rates = "fx_rates" in _require_tables(settings, everything)
    quarantine.settle(settings, everything, plan.arrived_from, plan.arrived_to)
    landing = everything.between(plan.arrived_from, plan.arrived_to)
    _refuse_empty_folders(landing)
    path = admission_file(settings, run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    remove(path)
    try:
        try:
            with connect(settings, path) as connection:
                faults = _admit(connection, settings, plan, landing, run_id, has_rates)
        finally:
            # First of all: what was half written or gone when it was read is no fault of a file that is there now.
            _refuse_changes(settings, landing)
        if faults:
            _refuse_files(settings, faults, run_id)
    except BaseException:
        remove(path)
        raise
    return path


def _admit(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    plan: NightPlan,
    landing: Landing,
    run_id: str,
    has_rates: bool,
) -> list[Fault]:
    """Read the landed files table by table; the faults of those that break the contract."""
    _require_zone(connection, settings.timezone)
    create_admission_schema(connection)
    connection.execute("insert into raw.admission values (?, ?, ?)", [plan.arrived_from, plan.arrived_to, run_id])
    known.create_known(connection)
    alike.create_known(connection)
    rates.create_rates(connection)
    _recall(connection, settings, plan)
    has_rates = has_rates or rates.has_foreign_rows(connection, settings.currency)
    currencies = Currencies(settings.currency, settings.timezone, has_rates)
    ledgers.write_nights(connection, landing, settings)
    faults: list[Fault] = []
    for table in contract.TABLES:
        files = [file for file in landing.files if file.table == table.name]
        started = time.monotonic()
        result = read(connection, settings, currencies, table, files, is_refused=bool(faults))
        faults += result.faults
        if not faults:
            _finish(connection, result, files, time.monotonic() - started)
            if table is contract.SELLERS:
                alike.remember(connection, "raw.sellers")
                alike.name_sellers(connection, plan.arrived_from)
            elif table is contract.FX_RATES:
                rates.remember(connection, "raw.fx_rates")
                rates.spread(connection)
    return faults


def _finish(connection: duckdb.DuckDBPyConnection, result: TableRead, files: list[LandedFile], seconds: float) -> None:
    """Let the table be what is admitted of its files and what they let be taken up, and count."""
    name, currencies = result.table.name, result.currencies
    branches = [admitted_sql(result)] if result.sources else []
    if waiting.settle(connection, result.table, currencies, branches):
        rates.refuse_excess(connection, result.table, currencies)
        branches.append(f"from late.{name}")
    waiting.report(connection, result.table)
    if branches:
        connection.execute(f"drop table raw.{name}")
        converted = currencies.converted(result.table, " union all ".join(branches))
        connection.execute(f"create view raw.{name} as {converted}")
        rates.report(connection, result.table, currencies)
    known.remember(connection, name, f"raw.{name}")
    if not files:
        return
    alike.hint(connection, result.table)
    waiting.hint(connection, result.table, currencies)
    rows.report(connection, result.table)
    contradictions.report(connection, result.table)
    ledgers.write_arrivals(connection, result.table, files, result.row_counts)
    total = result.row_counts.total()
    aside = scalar(connection, "select sum(set_aside_row_count) from raw.arrivals where table_name = ?", [name])
    log.info(
        "%s: %s rows in from %s files, %s admitted, %s set aside, %.1f s",
        name,
        f"{total:,}",
        f"{len(files):,}",
        f"{total - aside:,}",
        f"{aside:,}",
        seconds,
    )


def _recall(connection: duckdb.DuckDBPyConnection, settings: Settings, plan: NightPlan) -> None:
    """Copy the sellers, loans and rates that the warehouse knew before these nights, and the rows that waited."""
    with warehouse_lock(settings):
        if not settings.warehouse.exists():
            return
        connection.execute(f"attach {literal(str(settings.warehouse))} as warehouse (read_only)")
        for name in known.KNOWN:
            if has_raw_table(connection, "warehouse", name):
                known.remember(connection, name, f"warehouse.raw.{name}", f"arrived_on < '{plan.arrived_from}'")
        if has_raw_table(connection, "warehouse", "fx_rates"):
            rates.remember(connection, "warehouse.raw.fx_rates", f"arrived_on < '{plan.arrived_from}'")
        if has_raw_table(connection, "warehouse", "set_aside"):
            alike.remember(connection, "warehouse.raw.sellers", f"arrived_on < '{plan.arrived_from}'")
            waiting.recall(connection, plan.arrived_from)
        connection.execute("detach warehouse")


def _refuse_files(settings: Settings, faults: list[Fault], run_id: str) -> None:
    by_file: dict[LandedFile, list[Fault]] = defaultdict(list)
    for fault in faults:
        by_file[fault.file].append(fault)
    for file, found in by_file.items():
        quarantine.quarantine(settings, file, found, run_id)
    lines = [str(fault) for file in sorted(by_file) for fault in by_file[file]]
    raise BadInput(
        f"{len(lines)} fault(s) in {len(by_file)} file(s): correct them and land these files again; until then they "
        f"are in {settings.quarantine}, and the warehouse is as it was:\n{summary(lines)}"
    )


def _require_zone(connection: duckdb.DuckDBPyConnection, zone: str) -> None:
    if scalar(connection, "select 1 from pg_timezone_names() where name = ?", [zone]) is None:
        raise BadInput(
            f"DuckDB {duckdb.__version__} does not know TRADELINE_TIMEZONE {zone}, though Python does: take another "
            "name of the same zone, or a newer DuckDB"
        )


def _require_tables(settings: Settings, landing: Landing) -> frozenset[str]:
    """The tables that have landed; those that every deployment needs must be among them."""
    landed = landing.tables | {file.table for file in quarantine.list_quarantined(settings)}
    if "sellers" not in landed or not landed & {"orders", "payments"}:
        raise BadInput(
            f"{settings.landing} has {', '.join(sorted(landed)) or 'nothing'}; sellers and at least one of orders and "
            "payments are required: land them with `tradeline land`"
        )
    return frozenset(landed)


def _refuse_empty_folders(landing: Landing) -> None:
    if landing.empty_folders:
        lines = [f"landing/{table}/arrived_on={arrived_on} is empty" for table, arrived_on in landing.empty_folders]
        raise BadInput(
            "the upload is not finished; land the files of these nights or remove their folders:\n" + summary(lines)
        )


def _refuse_changes(settings: Settings, before: Landing) -> None:
    if scan_nights(settings.landing, before.nights).files != before.files:
        raise TradelineError("landing changed while it was read: run again once the upload has ended")


def remove(path: Path) -> None:
    """Remove an admission file, if it is there."""
    path.unlink(missing_ok=True)
    # A killed run leaves its log, which DuckDB would take for the new file's.
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
