"""The file that readers open, ``published/marts.duckdb``: the latest night's tables and the manifest."""

from typing import Any

import duckdb
import pyarrow as pa

from serving.versions import DBT_PROJECT, policy_archive
from tradeline.checked import yaml_of
from tradeline.contracts.policy import reason_rows
from tradeline.contracts.publications import (
    COLUMNS,
    CREATE_PUBLICATIONS,
    TABLES,
    Publication,
    as_rows,
    attach,
    latest_publication,
    marts_file,
    verified,
)
from tradeline.database import connect
from tradeline.files import put_file
from tradeline.settings import Settings
from tradeline.sql import identifier, literal

REASON_CODES = pa.schema([(name, pa.string()) for name in ("code", "kind", "basis", "sentence", "advice")])


def replace_marts(settings: Settings, publications: list[Publication]) -> None:
    """Build ``marts.duckdb`` and ``publications.parquet`` aside, then put them in place; the first is the commit.

    At least one publication must be there; where every one is withdrawn, the tables are those of the last, empty.
    Both files are made from the manifest and the kept Parquet files alone. A crash between the two leaves
    ``publications.parquet`` one publication behind, never ahead, until the next publication.
    """
    aside = settings.published / ".aside"
    marts, manifest = aside / "marts.duckdb", aside / "publications.parquet"
    with connect(settings, spill=aside / "spill") as connection:
        attach(connection, marts, "marts", is_writable=True)
        connection.execute("use marts")
        connection.execute("begin")
        _write_manifest(connection, publications)
        latest = latest_publication(publications)
        _write_tables(settings, connection, latest or publications[-1], is_empty=latest is None)
        _write_comments(connection)
        connection.execute(f"copy publications to {literal(manifest)} (format parquet)")
        connection.execute("commit")
        connection.execute("checkpoint marts")
        connection.execute("use memory")
        connection.execute("detach marts")
    # A log left by someone who opened the old file for writing must not be replayed into the new one.
    marts_file(settings).with_name("marts.duckdb.wal").unlink(missing_ok=True)
    put_file(marts, marts_file(settings), is_read_only=True)
    put_file(manifest, settings.published / "publications.parquet", is_read_only=True)


def _write_manifest(connection: duckdb.DuckDBPyConnection, publications: list[Publication]) -> None:
    connection.execute(CREATE_PUBLICATIONS)
    connection.register("manifest_rows", pa.Table.from_pylist(as_rows(publications)))
    connection.execute(f"insert into publications by name select {', '.join(COLUMNS)} from manifest_rows")
    connection.unregister("manifest_rows")


def _write_tables(
    settings: Settings, connection: duckdb.DuckDBPyConnection, latest: Publication, *, is_empty: bool
) -> None:
    """The latest night's tables, from the kept files, and the reason codes of its policy."""
    for kept in latest.tables:
        path = verified(settings, kept)
        rows = f"from read_parquet({literal(path)}, hive_partitioning = false)"
        connection.execute(f"create table {kept.table_name} as {rows} {'limit 0' if is_empty else ''}")
    reasons = reason_rows(policy_archive(settings, latest.policy_version))
    if not _has_orders(connection):
        reasons = [row | {name: row[f"{name}_without_orders"] for name in ("sentence", "advice")} for row in reasons]
    connection.register("reason_rows", pa.Table.from_pylist(reasons, schema=REASON_CODES))
    connection.execute("create table reason_codes as from reason_rows")
    connection.unregister("reason_rows")


def _has_orders(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the night's sellers have orders; true where nobody is there to tell."""
    columns = [row[0] for row in connection.execute("describe seller_features").fetchall()]
    if "has_orders" not in columns:
        return True
    [(has_orders,)] = connection.execute("select bool_or(has_orders) from seller_features").fetchall()
    return has_orders is not False


def _write_comments(connection: duckdb.DuckDBPyConnection) -> None:
    """Carry the descriptions of dbt's models and columns into the file."""
    there = connection.execute(
        """
        select table_name, column_name from duckdb_columns() where database_name = 'marts'
        union all select table_name, null from duckdb_tables() where database_name = 'marts'
        """
    ).fetchall()
    comments = [
        f"comment on table {table} is {literal(text)};"
        if column is None
        else f"comment on column {table}.{identifier(column)} is {literal(text)};"
        for (table, column), text in _descriptions().items()
        if (table, column) in there
    ]
    connection.execute("\n".join(comments))


def _descriptions() -> dict[tuple[str, str | None], str]:
    """What dbt's YAML says of the published tables, by (table, column), and by (table, None) of the table itself."""
    texts: dict[tuple[str, str | None], str] = {}
    for name in (*TABLES, "reason_codes"):
        for node in described(name):
            texts[name, None] = node.get("description", "")
            texts |= {(name, column["name"]): column.get("description", "") for column in node.get("columns", [])}
    return {key: " ".join(text.split()) for key, text in texts.items() if text}


def described(name: str) -> list[dict[str, Any]]:
    """A published table's entry in dbt's YAML, a model's or a source's, which is in a file of its name."""
    contents = [yaml_of(path) for path in DBT_PROJECT.glob(f"models/*/{name}.yml")]
    sources = [source for content in contents for source in content.get("sources", [])]
    nodes = [node for each in contents for node in each.get("models", [])]
    nodes += [table for source in sources for table in source["tables"]]
    return [node for node in nodes if node["name"] == name]
