"""DuckDB and Spark make the same tables of the same raw rows."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from ml.score import SCORES_TABLE
from tests.dbt_project.random_market import LAST_ON, Version, random_market, write_raw
from tests.spark.compared import differences
from tests.spark.few_rows import FOR_FEW_ROWS, needs_java, needs_pyspark
from tradeline.dbt import run_dbt
from tradeline.settings import Settings

pytestmark = [pytest.mark.slow, needs_pyspark, needs_java]

# A backlog, then nights that are made again with one that brings late and corrected rows.
NIGHTS = ((date(2023, 1, 1), LAST_ON - timedelta(days=1)), (LAST_ON - timedelta(days=3), LAST_ON))
# What one engine alone keeps: what to go on from, and in which order rows are stored.
DUCKDB_ALONE = {"carried_nights", "stored_nights"}
# Of every second seller, so that some have no score and some no reasons.
SCORES = f"""
insert into ml.scores by name
select
    seller_id, date '{LAST_ON}' as as_of, 0.02 + (hash(seller_id) % 20) / 100 as pd, 600 as score, 'm' as model_version,
    'r' as run_id,
    if(hash(seller_id) % 3 = 0, [], ['MODEL_SALES_VOLUME', 'MODEL_REFUNDS']) as reasons,
    [{{'reason_code': reason, 'feature': 'sales_amount_90d', 'seller_value': 1234.125, 'typical_value': null}}
        for reason in reasons] as reason_details
from (select distinct seller_id from raw.sellers) where right(seller_id, 1) in ('0', '2', '4', '6', '8')
"""


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Settings]:
    """The random market's nights, training set and decisions, on DuckDB and on Spark."""
    folder = tmp_path_factory.mktemp("engines")
    market = random_market(9)
    duckdb_home = Settings(home=folder / "duckdb")
    spark_home = Settings(home=folder / "spark", engine="spark", spark=FOR_FEW_ROWS)
    for settings in (duckdb_home, spark_home):
        _write(settings, market)
        for arrived_from, arrived_to in NIGHTS:
            arrived = {"arrived_from": str(arrived_from), "arrived_to": str(arrived_to), "as_ofs": [str(arrived_to)]}
            run_dbt(settings, "night", ["run", "--selector", "seller_marts"], arrived)
            if settings.engine == "spark":
                _leave_as_killed(settings.warehouse.parent / "spark" / "warehouse")
        training = {"training_as_of": str(LAST_ON), "spine_kind": "training"}
        run_dbt(settings, "training", ["run", "--selector", "training"], training)
        as_ofs = {"as_ofs": [str(LAST_ON)]}
        decisions = ["credit_scores", "path:seeds", "path:models/decisions", "--exclude-resource-type", "unit_test"]
        run_dbt(settings, "first", ["build", "--select", *decisions], as_ofs)
        for _ in range(2):
            run_dbt(settings, "again", ["run", "--select", "loan_eligibility", "seller_credit_record"], as_ofs)
    return duckdb_home, spark_home


def test_tables_are_the_same_on_both_engines(homes: tuple[Settings, Settings]) -> None:
    ours, theirs = homes
    with duckdb.connect() as connection:
        connection.execute(f"attach '{ours.warehouse}' as ours (read_only)")
        connection.execute(f"attach '{theirs.warehouse}' as theirs (read_only)")
        tables = connection.execute(
            """
            select schema_name, table_name from duckdb_tables() where database_name = 'ours'
            and schema_name in ('intermediate', 'features', 'marts', 'training', 'policy') order by all
            """
        ).fetchall()
        compared = [name for name in tables if name[1] not in DUCKDB_ALONE]
        assert len(compared) > 80
        told = [
            found
            for name in (f"{schema}.{table}" for schema, table in compared)
            for found in differences(connection, name, f"ours.{name}", f"theirs.{name}")
        ]
    assert not told, "\n".join(told)


def test_a_run_that_decides_again_replaces_its_own_rows(homes: tuple[Settings, Settings]) -> None:
    for settings in homes:
        with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
            kept = connection.execute(
                "select run_id, count(distinct seller_id), count(*) from marts.seller_credit_record "
                "group by all order by all"
            ).fetchall()
        assert [run_id for run_id, *_ in kept] == ["again", "first"]
        assert all(sellers == rows > 0 for _, sellers, rows in kept)


def _leave_as_killed(warehouse: Path) -> None:
    """What is left of sessions that died while they made a table, and before a partition was registered."""
    begun = warehouse / "marts.db" / "credit_scores" / "_temporary" / "0"
    begun.mkdir(parents=True, exist_ok=True)
    (begun / "part-0.parquet").write_bytes(b"PAR1")
    partial = warehouse / "intermediate.db" / "int_order_days"
    unknown = partial / "arrived_on=2031-01-01"
    unknown.mkdir(exist_ok=True)
    shutil.copy(next(partial.glob("arrived_on=*/*.parquet")), unknown)


def _write(settings: Settings, market: list[Version]) -> None:
    write_raw(settings, market)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(
            "insert into raw.nights select distinct arrived_on, '', '', '', timestamp '2024-01-01', null "
            "from raw.arrivals"
        )
        connection.execute(SCORES_TABLE)
        connection.execute(SCORES)
