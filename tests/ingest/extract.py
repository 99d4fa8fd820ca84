"""Small extracts in the raw contract's layout, and the way from landing to the warehouse."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.admission import admit
from ingest.load import load, mark_built
from ingest.plan import NightPlan, plan_nights
from tradeline.settings import Settings

NIGHT = date(2018, 5, 1)
LATER = date(2018, 5, 2)
Row = dict[str, Any]

VALID: dict[str, Row] = {
    "sellers": {"seller_id": "s1", "seller_type": "business", "registered_at": "2018-04-30 10:00:00"},
    "fx_rates": {"currency": "EUR", "rate_on": "2018-05-01", "rate": "7.5"},
    "orders": {
        "order_id": "o1",
        "seller_id": "s1",
        "buyer_id": "b1",
        "status": "paid",
        "ordered_at": "2018-05-01 08:00:00",
        "paid_at": "2018-05-01 09:00:00",
        "amount": "12.50",
    },
    "payments": {
        "payment_id": "p1",
        "seller_id": "s1",
        "direction": "in",
        "kind": "sale",
        "amount": "12.50",
        "occurred_at": "2018-05-01 09:00:00",
    },
    "refunds": {
        "refund_id": "f1",
        "order_id": "o1",
        "seller_id": "s1",
        "amount": "2.00",
        "requested_at": "2018-05-01 10:00:00",
    },
    "reviews": {
        "review_id": "r1",
        "order_id": "o1",
        "seller_id": "s1",
        "rating": "5",
        "reviewed_at": "2018-05-01 11:00:00",
    },
    "loans": {"loan_id": "l1", "seller_id": "s1", "applied_at": "2018-05-01 12:00:00", "status": "applied"},
    "repayments": {"loan_id": "l1", "installment_no": "1", "due_on": "2018-06-01", "amount_due": "100.00"},
}


def row(table: str, **changes: Any) -> Row:
    """A valid row of a table with some values changed."""
    return VALID[table] | changes


def path_of(settings: Settings, table: str, night: date = NIGHT, name: str = "part-0.csv") -> Path:
    return settings.landing / table / f"arrived_on={night}" / name


def write(path: Path, rows: list[Row]) -> Path:
    """Write rows as the file's name says; values of a CSV as they are, those of a Parquet by their Python types."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        with path.open("w", newline="") as lines:
            writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return path


def land(settings: Settings, table: str, *rows: Row, night: date = NIGHT, name: str = "part-0.csv") -> Path:
    """Put one file of rows into landing, the table's valid row if none is given."""
    return write(path_of(settings, table, night, name), list(rows) or [row(table)])


def land_bytes(settings: Settings, table: str, content: bytes, name: str = "part-0.csv") -> Path:
    path = path_of(settings, table, name=name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def plan(settings: Settings, as_of: date = NIGHT) -> NightPlan:
    """The plan up to a night; there must be something to build."""
    found = plan_nights(settings, as_of)
    assert found is not None
    return found


def admitted(settings: Settings, as_of: date = NIGHT) -> Path:
    return admit(settings, plan(settings, as_of), "run-1")


def build(settings: Settings, as_of: date = NIGHT) -> NightPlan:
    """Admit, load and mark as built whatever there is to build."""
    found = plan(settings, as_of)
    load(settings, admit(settings, found, "run-1"))
    mark_built(settings, found)
    return found


def ask(database: Path, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query on a DuckDB file."""
    with duckdb.connect(database, read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")  # an admission's views read texts again, in the session's zone
        return connection.execute(query).fetchall()
