"""Publications in a database: rows under the key of their publication, and views on those that readers are to see.

Everything that readers can notice happens in one transaction, and no row that they can see is changed or taken away, so
that they see the whole old night or the whole new one.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from serving.targets.contract import MANIFEST, columns_of
from serving.targets.database import Database, prepare, rows_of
from serving.targets.target import Target
from serving.targets.writer import Key, content_of, key_of, lacking, shown
from tradeline.contracts.publications import HEADER, TABLES, Publication, latest_publication, verified
from tradeline.database import connect
from tradeline.settings import Settings
from tradeline.sql import literal

BATCH_ROWS = 10_000
ARROW = {
    "bigint": pa.int64(),
    "date": pa.date32(),
    "varchar": pa.string(),
    "timestamp": pa.timestamp("us"),
    "boolean": pa.bool_(),
    "varchar[]": pa.list_(pa.string()),
}
MANIFEST_SCHEMA = pa.schema([(name, ARROW[type_]) for name, type_ in MANIFEST.items()])


@dataclass(frozen=True)
class Delivered:
    """A publication as the database has it: the number that its rows have, its content, and when it came (UTC)."""

    publication_id: int
    content_hash: str
    delivered_at: datetime


class Relational:
    """A ``Writer`` to a database."""

    def __init__(self, settings: Settings, target: Target, database: Database) -> None:
        self.settings, self.target, self.database = settings, target, database

    def missing(self, publications: list[Publication]) -> list[Publication]:
        """As of ``Writer``; the latest first, since it is what applications act on."""
        there = {key: found.content_hash for key, found in self._delivered().items()}
        self.database.commit()  # so that what is read next is of its own moment
        return lacking(self.target, publications, there)[::-1]

    def write(self, publication: Publication, publications: list[Publication]) -> None:
        """As of ``Writer``."""
        kept = [table for table in publication.tables if table.table_name in self.target.tables]
        files = {table.table_name: literal(verified(self.settings, table)) for table in kept}
        scans = {table: f"from read_parquet({path}, hive_partitioning = false)" for table, path in files.items()}
        with self._whole(), connect(self.settings) as connection:
            columns = {table: columns_of(connection, table, rows) for table, rows in scans.items()}
            prepare(self.database, columns, self.target.grants)
            delivered, key = self._delivered(), key_of(publication)
            number = max((found.publication_id for found in delivered.values()), default=0) + 1
            publication_id = delivered[key].publication_id if key in delivered else number
            for table, rows in scans.items():
                self._replace(connection, rows_of(table), publication_id, columns[table], rows)
            now = datetime.now(UTC).replace(tzinfo=None)
            delivered[key] = Delivered(publication_id, content_of(self.target, publication), now)
            self._show(connection, delivered, publications)

    def follow(self, publications: list[Publication]) -> None:
        """As of ``Writer``."""
        with self._whole(), connect(self.settings) as connection:
            prepare(self.database, {}, self.target.grants)
            self._show(connection, self._delivered(), publications)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        try:
            yield
            self.database.commit()
        except BaseException:
            with suppress(Exception):  # of a connection that is gone, whose server has forgotten everything
                self.database.rollback()
            raise

    def _delivered(self) -> dict[Key, Delivered]:
        if not self.database.columns("publications"):
            return {}
        names = "as_of, run_id, publication_id, content_hash, delivered_at"
        found = self.database.rows(f"select {names} from {self.database.table('publications')}")
        return {(as_of, run_id): Delivered(*rest) for as_of, run_id, *rest in found}

    def _replace(
        self, connection: duckdb.DuckDBPyConnection, table: str, publication_id: int, columns: dict[str, str], rows: str
    ) -> None:
        """The rows of one publication in one table; a column that the rows do not have is null."""
        there = {name for name, *_ in connection.execute(f"describe {rows}").fetchall()}
        values = [self.database.types.value(name, type_) for name, type_ in columns.items() if name in there]
        self.database.run(f"delete from {self.database.table(table)} where publication_id = {publication_id}")
        query = f"select {publication_id}::bigint as publication_id, {', '.join(values)} {rows}"
        self.database.append(table, connection.sql(query).to_arrow_reader(BATCH_ROWS))

    def _show(
        self, connection: duckdb.DuckDBPyConnection, delivered: dict[Key, Delivered], publications: list[Publication]
    ) -> None:
        """Bring the manifest up to date, by which the views choose; without a history, forget what they do not show."""
        known = [found for found in publications if key_of(found) in delivered]
        if not self.target.history:
            known = shown(self.target, known)
            self._forget_all_but(known, delivered)
        manifest, ids = self.database.table("publications"), _ids(known, delivered)
        self.database.run(f"delete from {manifest} where publication_id in ({ids})")
        # Of another home, or of this one before it was restored from a backup.
        self.database.run(f"update {manifest} set is_current = false, is_latest = false where is_current or is_latest")
        connection.register("manifest", pa.Table.from_pylist(_manifest_rows(delivered, known), schema=MANIFEST_SCHEMA))
        values = ", ".join(self.database.types.value(name, type_) for name, type_ in MANIFEST.items())
        self.database.append("publications", connection.sql(f"select {values} from manifest").to_arrow_reader())

    def _forget_all_but(self, known: list[Publication], delivered: dict[Key, Delivered]) -> None:
        there = [rows_of(table) for table in TABLES if self.database.columns(rows_of(table))]
        for table in ("publications", *there):
            others = f"publication_id not in ({_ids(known, delivered)})"
            self.database.run(f"delete from {self.database.table(table)} where {others}")


def _ids(publications: list[Publication], delivered: dict[Key, Delivered]) -> str:
    return ", ".join(str(delivered[key_of(found)].publication_id) for found in publications) or "0"


def _manifest_rows(delivered: dict[Key, Delivered], known: list[Publication]) -> list[dict[str, Any]]:
    latest = latest_publication(known)
    return [
        {name: getattr(found, name) for name in HEADER}
        | {"waivers": list(found.waivers), "is_latest": found is latest}
        | asdict(delivered[key_of(found)])
        for found in known
    ]
