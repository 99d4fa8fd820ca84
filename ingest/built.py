"""What the warehouse holds of what has landed."""

from dataclasses import dataclass
from datetime import date

import duckdb

from ingest.landing import Landing
from ingest.plan import plan_nights
from tradeline.database import connect
from tradeline.lock import shared_lock
from tradeline.settings import Settings


@dataclass(frozen=True)
class Built:
    """Nights in the warehouse; ``pending_nights`` have landed, or changed, since, as far as they were counted.

    ``waiting_rows`` refer to a seller, loan or rate that is not known yet; ``taken_up_rows`` waited until it was.
    """

    nights: int
    last_on: date | None
    waiting_rows: int
    taken_up_rows: int
    pending_nights: int = 0


NOTHING = Built(0, None, 0, 0)


def built(settings: Settings) -> Built:
    """Count them; nothing is written, so that a warehouse which may only be read is counted too.

    Raises:
        WarehouseBusy: a run in progress has not ended within ``lock_timeout_seconds``.
    """
    if not settings.warehouse.exists():
        return NOTHING
    with shared_lock(settings), connect(settings, settings.warehouse, read_only=True) as connection:
        try:
            nights, last_on = connection.execute(
                "select count(*), max(arrived_on) from raw.nights where built_at is not null"
            ).fetchall()[0]
        except duckdb.CatalogException:
            return NOTHING
        return Built(nights, last_on, *_late_rows(connection))


def pending_nights(settings: Settings, last_on: date, landing: Landing) -> int:
    """How many nights a run up to the night ``last_on`` would build of what has landed.

    Raises:
        WarehouseBusy: as ``built``.
    """
    plan = plan_nights(settings, last_on, landing=landing)
    return len(plan.nights) if plan else 0


def _late_rows(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """How many rows wait for their seller, loan or rate, and how many were taken up."""
    try:
        return connection.execute(
            """
            select count_if(coalesce(taken_up_on, replaced_on) is null), count(taken_up_on)
            from raw.set_aside where waits_for is not null
            """
        ).fetchall()[0]
    except (duckdb.CatalogException, duckdb.BinderException):
        return 0, 0  # built by an earlier release
