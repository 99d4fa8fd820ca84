"""A database that publications are written to, and the tables and views that they need there."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import pyarrow as pa

from serving.targets.contract import MANIFEST, Types, key_columns


class Database(Protocol):
    """A database that is written to; nothing counts before ``commit``. Each table is below the target's schema."""

    types: Types

    def table(self, name: str) -> str:
        """A table or view as SQL writes it."""

    def column(self, name: str) -> str:
        """A column as SQL writes it."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The answer to a question."""

    def run(self, sql: str) -> None:
        """Do a statement."""

    def columns(self, table: str) -> dict[str, str]:
        """The columns of a table or view, name -> type as ``types`` has it; empty where there is none."""

    def retype(self, table: str, column: str, type_: str) -> None:
        """Let a column have another type."""

    def append(self, table: str, rows: pa.RecordBatchReader) -> None:
        """Add rows."""

    def grant(self, views: list[str], role: str) -> None:
        """Let a role read views."""

    def commit(self) -> None:
        """Let everything count."""

    def rollback(self) -> None:
        """Forget everything since the last ``commit``."""


def prepare(database: Database, columns: Mapping[str, dict[str, str]], roles: Iterable[str]) -> None:
    """Tables with all columns that are asked for, the views on them, and who may read these.

    ``columns``: by published table, name -> DuckDB's type. What is as it should be is not touched, so that on most
    nights readers and this have no lock in common.
    """
    _take_up(database, "publications", MANIFEST, ("publication_id",), ())
    for table, of_table in columns.items():
        key = ("publication_id", *key_columns(table))
        _take_up(database, rows_of(table), {"publication_id": "bigint"} | of_table, key, _views_of(table))
        _make_views(database, table)
    readable = [view for table in columns for view in _views_of(table)]
    for role in roles:
        database.grant(["publications", *readable], role)


def rows_of(table: str) -> str:
    """The table that has the rows of a published table, those of all publications."""
    return f"{table}_rows"


def _views_of(table: str) -> tuple[str, str]:
    """The latest night under the published table's own name, and all nights."""
    return table, f"{table}_history"


def _take_up(
    database: Database, table: str, columns: Mapping[str, str], key: tuple[str, ...], views: tuple[str, ...]
) -> None:
    """Let a table have these columns, also where ``views`` are on it; one that is there and not asked for stays."""
    wanted = {name: database.types.of(type_, is_key=name in key) for name, type_ in columns.items()}
    there = database.columns(table)
    if not there:
        named = [f"{database.column(name)} {type_}" for name, type_ in wanted.items()]
        keys = f"primary key ({', '.join(map(database.column, key))})"
        database.run(f"create table {database.table(table)} ({', '.join([*named, keys])})")
        return
    retyped = [name for name, type_ in wanted.items() if there.get(name, type_) != type_]
    for view in views if retyped else ():
        database.run(f"drop view if exists {database.table(view)}")
    for name in (name for name in wanted if name not in there):
        database.run(f"alter table {database.table(table)} add column {database.column(name)} {wanted[name]}")
    for name in retyped:
        database.retype(table, name, wanted[name])


def _make_views(database: Database, table: str) -> None:
    columns = [column for column in database.columns(rows_of(table)) if column != "publication_id"]
    latest, history = _views_of(table)
    if list(database.columns(history)) == columns:  # the one that is made last
        return
    names = ", ".join(map(database.column, columns))
    selected = f"select {names} from {database.table(rows_of(table))} where publication_id"
    ids = f"select publication_id from {database.table('publications')} where"
    database.run(f"create or replace view {database.table(latest)} as {selected} = ({ids} is_latest)")
    database.run(f"create or replace view {database.table(history)} as {selected} in ({ids} is_current)")
