"""A user's night on Spark is published as on DuckDB."""

import json
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from serving.replay import replay
from tests.command import started, tradeline
from tests.spark.compared import differences
from tests.spark.few_rows import FOR_FEW_ROWS, needs_java, needs_pyspark
from tradeline.contracts.publications import TABLES, KeptTable, find_publication
from tradeline.settings import Settings

pytestmark = [pytest.mark.slow, needs_pyspark, needs_java]

MARKET = ("simulate", "--payments-only", "--sellers", "25", "--days", "70", "--until", "2026-06-30")
AS_OF = date(2026, 6, 30)
OF_THE_RUN = ("run_id", "model_version")


def test_a_night_is_published_as_on_duckdb(tmp_path: Path) -> None:
    homes = (tmp_path / "duckdb", tmp_path / "spark")
    assert tradeline(homes[0], *MARKET).returncode == 0
    shutil.copytree(*homes)
    (homes[1] / "settings.env").write_text(f"TRADELINE_ENGINE=spark\nTRADELINE_SPARK='{json.dumps(FOR_FEW_ROWS)}'\n")
    for home in homes:
        done = started(home, "run")
        assert done.returncode == 0, done.stdout + done.stderr
    ours, theirs = (
        {table.table_name: f"'{home / 'published' / table.path}'" for table in _published(home)} for home in homes
    )
    assert ours.keys() == set(TABLES)
    with duckdb.connect() as connection:
        told = [
            found
            for name in TABLES
            for found in differences(connection, name, ours[name], theirs[name], left_out=OF_THE_RUN)
        ]
    assert not told, "\n".join(told)
    assert replay(Settings(home=homes[1]), AS_OF).is_equal
    again = started(homes[1], "run")
    assert again.returncode == 0 and "nothing new" in again.stderr, again.stderr


def _published(home: Path) -> tuple[KeptTable, ...]:
    return find_publication(Settings(home=home), AS_OF).tables
