"""A user's nights on Spark are published as on DuckDB: those of the benchmark that compares both engines."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from benchmarks.market import UNTIL
from serving.replay import replay
from tests.spark.compared import differences
from tests.spark.few_rows import FOR_FEW_ROWS, needs_java, needs_pyspark
from tradeline.contracts.publications import TABLES, find_publication
from tradeline.settings import PROJECT, Settings

pytestmark = [pytest.mark.slow, needs_pyspark, needs_java]

MARKET = ("--payments-only", "--sellers", "25", "--days", "70", "--one-pass", "--cores", "2")
OF_THE_RUN = ("run_id", "model_version")


def test_a_night_is_published_as_on_duckdb(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.spark", *MARKET, "--keep", str(tmp_path)],
        env=os.environ | {"TRADELINE_SPARK": json.dumps(FOR_FEW_ROWS)},
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "on duckdb, 2 cores" in done.stdout and "on spark, 2 cores" in done.stdout
    ours, theirs = (_published(tmp_path / name) for name in ("duckdb", "spark-2"))
    assert ours.keys() == theirs.keys() == set(TABLES)
    with duckdb.connect() as connection:
        for name in TABLES:
            described = [connection.execute(f"describe from {each[name]}").fetchall() for each in (ours, theirs)]
            assert described[0] == described[1], name
        told = [
            found
            for name in TABLES
            for found in differences(connection, name, ours[name], theirs[name], left_out=OF_THE_RUN)
        ]
    assert not told, "\n".join(told)
    assert replay(Settings(home=tmp_path / "spark-2"), UNTIL).is_equal


def _published(home: Path) -> dict[str, str]:
    """The files of the night's tables, as SQL has them."""
    settings = Settings(home=home)
    tables = find_publication(settings, UNTIL).tables
    return {table.table_name: f"'{settings.published / table.path}'" for table in tables}
