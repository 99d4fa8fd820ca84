"""Tradeline: the night's raw rows, its partials, and window sums by the project's own models, as dbt compiles them.

All of a home's raw rows and partials of earlier nights lie in a warehouse of the benchmark's own, which is what a home
has when a night lands. dbt's and Airflow's start are no part of it, nor are validation and gates.
"""

import contextlib
import io
import json
from collections.abc import Iterator
from typing import Any

import duckdb

from benchmarks.alternatives.core import KEYS, LONGEST, SUMS, Task, features_sql
from ingest.raw_schema import ensure_raw_schema
from tradeline.database import connect
from tradeline.dbt import run_dbt
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings
from tradeline.sql import literal

PARTIALS = {table: f"int_{table.removesuffix('s')}_days" for table in SUMS}
RAW = ("sellers", *KEYS)


def prepare(home: Settings, task: Task) -> None:
    """Make the warehouse of the nights before, and the night's statements, in the task's scratch folder."""
    own = _own(task)
    _copy(home, own, task)
    variables = {"arrived_from": str(task.as_of), "arrived_to": str(task.as_of), "as_ofs": [str(task.as_of)]}
    with warehouse_lock(own), contextlib.redirect_stdout(io.StringIO()):  # dbt prints what it compiled
        names = [f"+{name}" for name in PARTIALS.values()]
        built = run_dbt(own, "partials", ["compile", "--select", *names], variables).target
        sums = run_dbt(own, "sums", ["compile", "--inline", _sums_call()], variables).target
    nodes = json.loads((built / "manifest.json").read_text())["nodes"]
    statements = [_statement(node) for node in _in_order(nodes)]
    (task.scratch / "partials.json").write_text(json.dumps(statements))
    (task.scratch / "sums.sql").write_text(next(sums.glob("compiled/**/inline_query")).read_text())


def forget_night(task: Task) -> None:
    """Make the warehouse again what it was before the night."""
    with connect(_own(task), _own(task).warehouse) as connection:
        for schema, table in _tables(connection):
            connection.execute(f"delete from {schema}.{table} where arrived_on >= ?", [task.as_of])


def run(task: Task) -> None:
    """Take the night's raw rows over, add its partials, and write the features."""
    with connect(_own(task), _own(task).warehouse) as connection:
        connection.execute("set preserve_insertion_order = false")
        for table in RAW:
            night = task.landing / table / f"arrived_on={task.as_of}"
            if any(night.glob("*.parquet")):
                files = f"read_parquet({literal(night / '*.parquet')}, hive_partitioning = true)"
                connection.execute(f"insert into raw.{table} by name select *, filename as source_file from {files}")
        for statement in json.loads((task.scratch / "partials.json").read_text()):
            connection.execute(statement)
        connection.execute(
            f"""
            create temp table spine as
            select distinct seller_id, date '{task.as_of}' as as_of from raw.sellers where arrived_on <= '{task.as_of}';
            create temp table presence as select distinct as_of, true as has_rows from spine
            """
        )
        features = f"select seller_id, as_of, {features_sql()} from ({(task.scratch / 'sums.sql').read_text()})"
        connection.execute(f"copy ({features}) to {literal(task.result('tradeline'))} (format parquet)")


def run_floor(task: Task) -> None:
    """The least that any way has to do: the partials of the longest window read once, and added up by seller."""
    sums = [
        f"(select seller_id, {', '.join(f'sum({measure}) as {measure}' for measure in measures)} "
        f"from intermediate.{PARTIALS[table]} where event_on >= '{task.since(LONGEST)}' group by seller_id) as {table}"
        for table, measures in SUMS.items()
    ]
    with connect(_own(task), _own(task).warehouse, read_only=True) as connection:
        connection.execute("set preserve_insertion_order = false")
        joined = sums[0] + "".join(f" full join {each} using (seller_id)" for each in sums[1:])
        connection.execute(f"copy (from {joined}) to {literal(task.result('floor'))} (format parquet)")


def _own(task: Task) -> Settings:
    return Settings(home=task.scratch / "home", threads=task.threads, memory_limit=task.memory_limit)


def _copy(home: Settings, own: Settings, task: Task) -> None:
    own.warehouse.parent.mkdir(parents=True)
    with warehouse_lock(home), connect(own, own.warehouse) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"attach {literal(home.warehouse)} as home (read_only)")
        ensure_raw_schema(connection)
        connection.execute("create schema intermediate; create schema staging")
        for table in RAW:
            rows = f"from home.raw.{table} where arrived_on < ?"
            connection.execute(f"insert into raw.{table} by name {rows}", [task.as_of])
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where (database_name, schema_name) = ('home', 'intermediate')"
        ).fetchall():
            rows = f"from home.intermediate.{table}"
            connection.execute(f"create table intermediate.{table} as {rows}")


def _tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Schema and name of those that grow by nights."""
    return connection.execute(
        "select schema_name, table_name from duckdb_columns() "
        "where column_name = 'arrived_on' and schema_name in ('raw', 'intermediate') and table_name in "
        "(select table_name from duckdb_tables())"
    ).fetchall()


def _sums_call() -> str:
    """The macro behind every window feature, for each table, side by side."""
    sums = [
        f'({{{{ window_sums(ref("{PARTIALS[table]}"), {list(measures)}, "has_rows", '
        f"{sorted({window for windows in measures.values() for window in windows})}, "
        f'spine="spine", presence="presence") }}}}) as {table}'
        for table, measures in SUMS.items()
    ]
    return f"select * from {sums[0]}" + "".join(f" inner join {each} using (seller_id, as_of)" for each in sums[1:])


def _in_order(nodes: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The partials and all that they are made of, each after what it reads."""
    waiting = [f"model.tradeline.{name}" for name in PARTIALS.values()]
    seen: dict[str, dict[str, Any]] = {}

    def visit(name: str) -> None:
        if name in nodes and name not in seen:
            for other in nodes[name]["depends_on"]["nodes"]:
                visit(other)
            seen[name] = nodes[name]

    for name in waiting:
        visit(name)
    yield from seen.values()


def _statement(node: dict[str, Any]) -> str:
    """What dbt runs for a model on a night that is new."""
    made, compiled = node["relation_name"], node["compiled_code"]
    kind = node["config"]["materialized"]
    if kind == "partials":
        return f"insert into {made} by name {compiled}"
    return f"create or replace {'table' if kind == 'changes' else kind} {made} as {compiled}"
