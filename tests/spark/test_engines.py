"""DuckDB and Spark make the same tables of the same raw rows."""

import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt_project.random_market import LAST_ON, random_market, write_raw
from tradeline.dbt import run_dbt
from tradeline.settings import PROJECT, Settings

SPARK = PROJECT / ".venv" / "spark"
JAVA = shutil.which("java")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SPARK.exists(), reason="no PySpark: make test installs it"),
    pytest.mark.skipif(JAVA is None, reason="no Java: apt install openjdk-17-jre-headless"),
]

# A backlog, then nights that are made again with one that brings late and corrected rows.
NIGHTS = ((date(2023, 1, 1), LAST_ON - timedelta(days=1)), (LAST_ON - timedelta(days=3), LAST_ON))
COMMAND = ["run", "--selector", "seller_marts"]
# What one engine alone keeps: what to go on from, and in which order rows are stored.
DUCKDB_ALONE = {"carried_nights", "stored_nights"}


def variables(arrived_from: date, arrived_to: date) -> dict[str, Any]:
    return {"arrived_from": str(arrived_from), "arrived_to": str(arrived_to), "as_ofs": [str(arrived_to)]}


def test_partials_and_features_are_the_same_on_both_engines(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    write_raw(settings, random_market(9))
    for night in NIGHTS:
        run_dbt(settings, "night", COMMAND, variables(*night))
    spark = tmp_path / "spark"
    _export_raw(settings, spark / "raw")
    _run_on_spark(spark, [(COMMAND, variables(*night)) for night in NIGHTS])
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        tables = connection.execute(
            """
            select schema_name, table_name from duckdb_tables()
            where schema_name in ('intermediate', 'features', 'marts') order by all
            """
        ).fetchall()
        compared = [name for name in tables if name[1] not in DUCKDB_ALONE]
        assert len(compared) > 50
        differences = [found for schema, table in compared for found in _differences(connection, spark, schema, table)]
    assert not differences, "\n".join(differences)


def _export_raw(settings: Settings, folder: Path) -> None:
    """What Spark reads, a folder of Parquet for each table."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name in ('raw', 'policy', 'contracts')"
        ).fetchall():
            (folder / f"{schema}.{table}").mkdir(parents=True)
            path = folder / f"{schema}.{table}" / "rows.parquet"
            connection.execute(f"copy {schema}.{table} to '{path}' (format parquet)")


def _run_on_spark(folder: Path, commands: Sequence[tuple[list[str], dict[str, Any]]]) -> None:
    surroundings = os.environ | {"PYTHONPATH": f"{PROJECT}{os.pathsep}{SPARK}", "SPARK_LOCAL_IP": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.spark.on_spark", str(folder)],
        input="".join(f"{json.dumps(command)}\n" for command in commands),
        env=surroundings, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def _differences(connection: duckdb.DuckDBPyConnection, spark: Path, schema: str, table: str) -> list[str]:
    """Rows that the engines do not have in common; a ratio may differ in its last bits, by the order of its sums."""
    columns = [row[0] for row in connection.execute(f"describe {schema}.{table}").fetchall()]
    types = [row[1] for row in connection.execute(f"describe {schema}.{table}").fetchall()]
    names = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in zip(columns, types, strict=True))
    exact = ", ".join(f'"{name}"' for name, kind in zip(columns, types, strict=True) if kind != "DOUBLE")
    files = spark / "warehouse" / f"{schema}.db" / table / "**" / "*.parquet"
    ours = connection.execute(f"select {names} from {schema}.{table} order by {exact}").fetchall()
    theirs = connection.execute(
        f"select {names} from read_parquet('{files}', hive_partitioning = true, union_by_name = true) order by {exact}"
    ).fetchall()
    if len(ours) != len(theirs):
        return [f"{schema}.{table}: {len(ours)} rows in DuckDB, {len(theirs)} in Spark"]
    return [
        f"{schema}.{table}.{name}: {one!r} in DuckDB, {other!r} in Spark, of {row[:3]}"
        for row, their in zip(ours, theirs, strict=True)
        for name, one, other in zip(columns, row, their, strict=True)
        if not _are_equal(one, other)
    ][:5]


def _are_equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12)
    return bool(one == other)
