"""Landed files as versions of rows."""

from datetime import date
from pathlib import Path

import duckdb

from tests.dbt_project.random_market import Row, Version

AMOUNTS = {"amount", "freight", "balance_after", "principal", "amount_due", "amount_paid"}
# What a file may leave out, as docs/raw_contract.md has it.
OPTIONAL = {
    "sellers": "industry region owner_id buyer_id status",
    "orders": "paid_at shipped_at promised_at delivered_at cancelled_at freight category buyer_region",
    "payments": "order_id counterparty_id method balance_after",
    "refunds": "reason completed_at",
    "reviews": "buyer_id",
    "loans": "decided_at principal term_days annual_rate disbursed_at",
    "repayments": "paid_at amount_paid",
}
WHOLE = {"rating", "term_days", "installment_no"}


def landed_versions(landing: Path, until: date) -> list[Version]:
    """Every landed row with the night of its folder; the files' values are taken to be sound."""
    return [
        version for folder in sorted(landing.iterdir()) for version in _table(folder) if version.arrived_on <= until
    ]


def _table(folder: Path) -> list[Version]:
    versions = []
    for suffix in ("csv", "parquet"):
        files = [str(path) for path in folder.glob(f"arrived_on=*/*.{suffix}")]
        if not files:
            continue
        read = f"read_{suffix}(?, hive_partitioning = true, union_by_name = true, hive_types_autocast = false"
        source = f"{read}, all_varchar = true)" if suffix == "csv" else f"{read})"
        names = [row[0] for row in duckdb.execute(f"describe from {source}", [files]).fetchall()]
        values = ", ".join(f"{_cast(name)} as {name}" for name in names)
        rows = duckdb.execute(f"select {values} from {source}", [files]).fetchall()
        for values_of in rows:
            row: Row = dict.fromkeys(OPTIONAL[folder.name].split()) | dict(zip(names, values_of, strict=True))
            versions.append(Version(folder.name, row.pop("arrived_on"), row))
    return versions


def _cast(name: str) -> str:
    kind = "varchar"
    if name in AMOUNTS:
        kind = "decimal(18, 2)"
    elif name in WHOLE:
        kind = "integer"
    elif name.endswith("_at"):
        kind = "timestamp"
    elif name.endswith("_on"):
        kind = "date"
    elif name == "annual_rate":
        kind = "double"
    return f"nullif({name}::varchar, '')::{kind}"
