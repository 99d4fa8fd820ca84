"""A home with sources of plain data: writing a mapping, landing it, and reading what has landed."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import yaml

from ingest.sources.land import SourceReport, land_source
from tradeline.contracts.raw import BY_NAME
from tradeline.database import Limits, connect
from tradeline.settings import Settings
from tradeline.sql import literal, plain_path

Row = dict[str, Any]
NIGHT = date(2024, 3, 5)
SELLERS_CSV = "seller_id,seller_type,registered_at\ns1,business,2024-01-01 10:00:00\n"
# Mappings of tables whose columns are named as the contract's.
SAME = {
    "sellers": ["seller_id", "seller_type", "registered_at"],
    "orders": ["order_id", "seller_id", "buyer_id", "status", "ordered_at", "paid_at", "shipped_at", "amount"],
    "payments": ["payment_id", "seller_id", "direction", "kind", "amount", "occurred_at"],
}


@dataclass(frozen=True)
class Deployment:
    """A home and its sources; ``folder`` is where files of a source lie."""

    settings: Settings

    @property
    def folder(self) -> Path:
        folder = self.settings.sources / "files"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the source."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def map(self, name: str = "shop", **content: Any) -> Path:
        """Write a mapping of kind files with a read and a table for each of ``tables``, unless they are given."""
        path = self.settings.sources / f"{name}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump({"kind": "files", "url": "files"} | content, sort_keys=False))
        return path

    def map_same(self, *tables: str, name: str = "shop", **content: Any) -> Path:
        """A mapping of files ``TABLE*.csv`` whose columns are named as the contract's."""
        return self.map(
            name,
            read={table: {"files": f"{table}*.csv"} for table in tables},
            tables={table: {"of": table, "columns": {each: each for each in SAME[table]}} for table in tables},
            **content,
        )

    def land(self, night: date = NIGHT, name: str = "shop", *, again: bool = False) -> SourceReport:
        """Land a source."""
        return land_source(self.settings, name, night, is_again=again)

    def landed(self, table: str, columns: str = "*", name: str = "shop") -> list[tuple[Any, ...]]:
        """What has landed of a table, by arrival day and key."""
        if not list(self.settings.landing.glob(f"{table}/*/{name}*.parquet")):
            return []
        order = ", ".join(["arrived_on", *BY_NAME[table].key])
        files = f"{plain_path(self.settings.landing)}/{table}/*/{name}*.parquet"
        with connect(Limits(1)) as connection:
            rows = f"read_parquet({literal(files)}, hive_partitioning = true, union_by_name = true)"
            return connection.execute(f"select {columns} from {rows} order by {order}").fetchall()

    def bytes_of(self) -> dict[str, bytes]:
        """Every landed file by its path in landing."""
        landing = self.settings.landing
        return {str(path.relative_to(landing)): path.read_bytes() for path in sorted(landing.rglob("*.parquet"))}


def typed_table(connection: duckdb.DuckDBPyConnection, name: str, rows: list[Row]) -> None:
    """Make a table of rows in the contract's columns and types; columns that no row has are absent."""
    columns = {column: None for row in rows for column in row}
    own = {"changed_at": "timestamp", "arrived_on": "date", "source_file_at": "timestamp"}
    kinds = {column.name: column.type for column in BY_NAME[name.removeprefix("out_")].columns} | own
    sql = {"text": "varchar", "amount": "decimal(18, 2)", "rate": "double"}
    described = ", ".join(f"{column} {sql.get(kinds[column], kinds[column])}" for column in columns)
    connection.execute(f"create or replace table {name} ({described})")
    for row in rows:
        places = ", ".join("?" for _ in columns)
        connection.execute(f"insert into {name} values ({places})", [row.get(column) for column in columns])


def at(text: str) -> datetime:
    """A moment in UTC: ``03-05 10:00`` of 2024."""
    return datetime.fromisoformat(f"2024-{text}")
