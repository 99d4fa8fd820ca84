"""What the benchmarks of window features share: windows, measures, and the project's own SQL for them."""

import contextlib
import io

from tradeline.dbt import run_dbt
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings
from tradeline.sql import identifier

WINDOWS = (7, 30, 60, 90, 180, 365)
MEASURES = (
    "orders_placed", "placed_amount", "orders_arrived", "orders_arrived_late", "orders_paid", "paid_amount",
    "orders_round_amount", "orders_shipped", "shipped_amount", "orders_shipped_late", "shipped_late_amount",
    "ship_seconds", "orders_delivered", "orders_promised", "promised_amount", "orders_delivered_late",
    "delivered_late_amount", "orders_delivered_fast", "delivery_seconds", "orders_cancelled", "cancelled_amount",
    "orders_cancelled_paid", "cancelled_paid_amount",
)  # fmt: skip


def compiled_rings(settings: Settings) -> str:
    """The SQL that dbt makes of the macro ``window_sums`` over the tables ``spine``, ``presence`` and ``days``."""
    names = ", ".join(map(identifier, MEASURES))
    windows = f'windows={list(WINDOWS)}, spine="spine", presence="presence"'
    call = f'{{{{ window_sums("days", [{names}], "has_orders", {windows}) }}}}'
    with warehouse_lock(settings), contextlib.redirect_stdout(io.StringIO()):  # dbt prints what it compiled
        report = run_dbt(settings, "benchmark", ["compile", "--inline", call], {})
    return next(report.target.glob("compiled/**/inline_query")).read_text()
