"""Taking admitted nights over into the warehouse's ``raw`` schema, all or nothing."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from ingest.kept_settings import keep_settings
from ingest.landing import scan_nights, stat_fingerprint
from ingest.plan import NightPlan
from ingest.raw_schema import LEDGERS, ensure_raw_schema
from tradeline.contracts.raw import TABLES
from tradeline.database import connect, scalar
from tradeline.errors import TradelineError
from tradeline.lock import warehouse_lock
from tradeline.progress import track
from tradeline.settings import Settings
from tradeline.sql import literal

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LoadReport:
    """What one load put into the warehouse: nights, admitted rows by table, rows set aside."""

    arrived_from: date
    arrived_to: date
    nights: int
    rows: dict[str, int]
    set_aside_rows: int
    seconds: float


def load(settings: Settings, admission: Path) -> LoadReport:
    """Replace every raw row from the admission's first night on by the admitted ones, in one transaction.

    The nights count as loaded but not built until ``mark_built``. Loading the same admission again changes nothing.

    Raises:
        TradelineError: landing is no longer as it was admitted; the admission is removed, the warehouse is as it was.
        duckdb.Error: the load failed; the warehouse is as it was.
    """
    started = time.monotonic()
    with warehouse_lock(settings), connect(settings, settings.warehouse) as connection:
        # Rows keep the order of nights well enough without, in less time and memory.
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"attach {literal(str(admission))} as admission (read_only)")
        arrived_from, arrived_to = connection.execute(
            "select arrived_from, arrived_to from admission.raw.admission"
        ).fetchall()[0]
        admitted = dict(connection.execute("select arrived_on, stat_fingerprint from admission.raw.nights").fetchall())
        connection.execute("begin")
        try:
            ensure_raw_schema(connection)
            keep_settings(connection, settings)
            names = _table_names()
            rows = {name: _replace(connection, name, arrived_from) for name in track(names, "loading", len(names))}
            _settle(connection)
            _remember_begin(connection, arrived_from)
        finally:
            # Parquet is read where it landed: what was read now must be what was admitted, file by file.
            if _stat_fingerprints(settings, admitted) != admitted:
                admission.unlink()
                raise TradelineError("landing changed since it was admitted: run again once the upload has ended")
        connection.execute("commit")
    seconds = time.monotonic() - started
    nights, set_aside_rows, _ = (rows.pop(name) for name in ("nights", "set_aside", "arrivals"))
    total = sum(rows.values())
    log.info(
        "loaded %s nights from %s to %s: %s rows, %s set aside, %.1f s",
        f"{nights:,}",
        arrived_from,
        arrived_to,
        f"{total:,}",
        f"{set_aside_rows:,}",
        seconds,
    )
    return LoadReport(arrived_from, arrived_to, nights, rows, set_aside_rows, seconds)


def mark_built(settings: Settings, plan: NightPlan) -> None:
    """Record that the plan's nights are in the marts."""
    with warehouse_lock(settings), connect(settings, settings.warehouse) as connection:
        connection.execute("delete from raw.nights where fingerprint = ''")  # the mark that the load has left
        connection.execute(
            "update raw.nights set built_at = ? where arrived_on between ? and ?",
            [datetime.now(UTC).replace(tzinfo=None), plan.arrived_from, plan.arrived_to],
        )


def is_first_night(settings: Settings, arrived_on: date) -> bool:
    """Whether nothing in the warehouse arrived before this night."""
    with warehouse_lock(settings), connect(settings, settings.warehouse, read_only=True) as connection:
        return scalar(connection, "select 1 from raw.nights where arrived_on < ? limit 1", [arrived_on]) is None


def _table_names() -> list[str]:
    return [table.name for table in TABLES] + list(LEDGERS)


def _replace(connection: duckdb.DuckDBPyConnection, name: str, arrived_from: date) -> int:
    connection.execute(f"delete from raw.{name} where arrived_on >= ?", [arrived_from])
    rows = f"select * from admission.raw.{name} where arrived_on >= ?"
    return int(scalar(connection, f"insert into raw.{name} by name {rows}", [arrived_from]))


def _settle(connection: duckdb.DuckDBPyConnection) -> None:
    """Let the rows of earlier nights that waited say whether these nights took them up or replaced them."""
    connection.execute(
        """
        update raw.set_aside set taken_up_on = waited.taken_up_on, replaced_on = waited.replaced_on
        from admission.raw.set_aside as waited
        where set_aside.waits_for is not null
            and set_aside.source_file = waited.source_file and set_aside.row_number = waited.row_number
            and (set_aside.taken_up_on, set_aside.replaced_on)
                is distinct from (waited.taken_up_on, waited.replaced_on)
        """
    )


def _remember_begin(connection: duckdb.DuckDBPyConnection, arrived_from: date) -> None:
    """Mark the load's first night as not built, also where nothing has landed in it, as in one that vanished.

    Partials have its rows until they are made again; a run that takes up one that died begins there.
    """
    connection.execute(
        "insert or ignore into raw.nights values (?, '', '', '', now()::timestamp, null)", [arrived_from]
    )


def _stat_fingerprints(settings: Settings, nights: Iterable[date]) -> dict[date, str]:
    landing = scan_nights(settings.landing, nights)
    return {night: stat_fingerprint(landing.on(night)) for night in landing.nights}
