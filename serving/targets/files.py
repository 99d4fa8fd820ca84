"""A folder or an object store as a target: the kept files under the names that they have here, the manifest last."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from serving.targets.contract import is_nested
from serving.targets.target import Target
from serving.targets.writer import Key, hash_of_tables, key_of, lacking, shown
from tradeline.contracts.publications import KeptTable, Publication, as_rows, latest_publication, verified
from tradeline.database import connect
from tradeline.errors import BadInput, TradelineError
from tradeline.settings import Settings
from tradeline.sql import identifier, literal

# As ``serving.marts`` has it, and which night is the latest.
MANIFEST = pa.schema(
    [
        ("as_of", pa.date32()),
        *((name, pa.string()) for name in ("run_id", "model_version", "policy_version", "code_version")),
        ("input_fingerprint", pa.string()),
        ("published_at", pa.timestamp("us")),
        ("is_current", pa.bool_()),
        ("waivers", pa.list_(pa.string())),
        ("withdrawn_at", pa.timestamp("us")),
        *((name, pa.string()) for name in ("withdrawn_by", "withdrawn_reason", "table_name")),
        ("row_count", pa.int64()),
        *((name, pa.string()) for name in ("path", "content_hash")),
        ("is_latest", pa.bool_()),
    ]
)
STORES = ("s3", "s3a", "gs", "az", "abfs", "abfss")
# A store that does not answer is given up after that.
RETRIES: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}


@contextmanager
def open_files(settings: Settings, name: str, target: Target) -> Iterator["Files"]:
    """The target's folder or prefix; credentials of a store are variables, as docs/targets.md says.

    Raises:
        TradelineError: the store cannot be reached, or refuses; in its own words.
    """
    try:
        store = _store(name, str(target.url))
        with TemporaryDirectory(dir=settings.targets / ".state") as aside, connect(settings) as connection:
            yield Files(settings, target, store, connection, Path(aside))
    except (BaseError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # this machine's own
        said = str(error).partition("Debug source")[0]
        raise TradelineError(f"the store says: {' '.join(said.split())}") from None


def _store(name: str, url: str) -> ObjectStore:
    if url.startswith("/"):
        return LocalStore(url, mkdir=True)
    if url.partition("://")[0] not in STORES:
        raise BadInput(
            f"the url of {name} is neither a folder nor a store: write it as in /folder, s3://bucket/prefix, "
            "gs://bucket/prefix or az://container/prefix"
        )
    return from_url(url, retry_config=RETRIES)


class Files:
    """A ``Writer`` of objects. One that the manifest names is never changed; ``aside``: an empty folder."""

    def __init__(
        self,
        settings: Settings,
        target: Target,
        store: ObjectStore,
        connection: duckdb.DuckDBPyConnection,
        aside: Path,
    ) -> None:
        self.settings, self.target, self.store, self.connection, self.aside = settings, target, store, connection, aside
        self.manifest = f"publications.{target.format}"
        self.there = self._read_manifest()

    def missing(self, publications: list[Publication]) -> list[Publication]:
        """As of ``Writer``; the latest first, since it is what applications act on."""
        there = {key: hash_of_tables(self.target, tables) for key, tables in self.there.items()}
        return lacking(self.target, publications, there)[::-1]

    def write(self, publication: Publication, publications: list[Publication]) -> None:
        """As of ``Writer``."""
        for kept in self._written(publication):
            self.store.put(kept.path, self._as_written(verified(self.settings, publication.table(kept.table_name))))
        self._show(publications, {*self.there, key_of(publication)})

    def follow(self, publications: list[Publication]) -> None:
        """As of ``Writer``."""
        self._show(publications, set(self.there))

    def _written(self, publication: Publication) -> list[KeptTable]:
        """A publication's tables, as they are named in the target."""
        chosen = [kept for kept in publication.tables if kept.table_name in self.target.tables]
        return [replace(kept, path=str(Path(kept.path).with_suffix(f".{self.target.format}"))) for kept in chosen]

    def _as_written(self, kept: Path) -> Path:
        """A finished file in the target's format: what is uploaded appears whole or not at all."""
        if self.target.format == "parquet":
            return kept
        return self._copied(f"from read_parquet({literal(kept)}, hive_partitioning = false)", "rows")

    def _show(self, publications: list[Publication], keys: set[Key]) -> None:
        """Replace the manifest; where no history is kept, then delete what it does not name any more."""
        known = [found for found in publications if key_of(found) in keys]
        known = known if self.target.history else shown(self.target, known)
        written = [replace(found, tables=tuple(self._written(found))) for found in known]
        latest = latest_publication(written)
        rows = [row | {"is_latest": latest is not None and _is_of(row, latest)} for row in as_rows(written)]
        self.connection.register("manifest", pa.Table.from_pylist(rows, schema=MANIFEST))
        self.store.put(self.manifest, self._copied("from manifest", "manifest"))
        before, self.there = self.there, {key_of(found): found.tables for found in written}
        self._delete(before)

    def _delete(self, before: dict[Key, tuple[KeptTable, ...]]) -> None:
        named = {kept.path for tables in self.there.values() for kept in tables}
        gone = sorted({kept.path for tables in before.values() for kept in tables} - named)
        if not self.target.history and gone:
            self.store.delete(gone)

    def _read_manifest(self) -> dict[Key, tuple[KeptTable, ...]]:
        """What the target's manifest names."""
        try:
            content = self.store.get(self.manifest).bytes()
        except FileNotFoundError:
            return {}
        (self.aside / "read").write_bytes(content)
        path = literal(self.aside / "read")
        rows = f"read_csv({path}, header = true, all_varchar = true)"
        rows = f"read_parquet({path})" if self.target.format == "parquet" else rows
        names = "as_of::date, run_id, table_name, row_count::bigint, path, content_hash"
        found = self.connection.execute(f"select {names} from {rows} order by all").fetchall()
        groups = groupby(found, lambda row: (row[0], row[1]))
        return {key: tuple(KeptTable(*row[2:]) for row in rows) for key, rows in groups}

    def _copied(self, rows: str, name: str) -> Path:
        """Rows as a file in the target's format; in CSV, what has values in it is JSON."""
        path, options = self.aside / name, "format parquet, compression zstd"
        if self.target.format == "csv":
            types = self.connection.execute(f"select column_name, column_type from (describe {rows})").fetchall()
            nested = [identifier(column) for column, type_ in types if is_nested(type_.lower())]
            as_json = ", ".join(f"to_json({column}) as {column}" for column in nested)
            rows, options = f"select * {f'replace ({as_json})' if nested else ''} {rows}", "format csv, header"
        self.connection.execute(f"copy ({rows}) to {literal(path)} ({options})")
        return path


def _is_of(row: dict[str, Any], publication: Publication) -> bool:
    return (row["as_of"], row["run_id"]) == key_of(publication)
