"""dbt on Spark, in a process of its own: the raw tables of a folder, then a dbt command for each line of JSON on stdin.

    python -m tests.spark.on_spark FOLDER

Great Expectations, which pytest's own process has imported, ends one in which it finds PySpark beside pytest-xdist.
"""

import json
import os
import sys
from pathlib import Path

import yaml
from pyspark.sql import SparkSession

from tradeline.dbt import DBT_PROJECT

# Statements over a few rows take most of their time to be compiled.
FOR_FEW_ROWS = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
SCHEMAS = ("raw", "policy", "contracts", "staging", "intermediate", "features", "marts", "training", "ml")


def main(folder: Path) -> None:
    """Exit code 1 where a command fails; what dbt says of it is on stdout."""
    from dbt.cli.main import dbtRunner

    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = _session(folder)
    for schema in SCHEMAS:
        session.sql(f"create database if not exists {schema}")
    for line in sys.stdin:
        command, variables = json.loads(line)
        for table in (folder / "raw").iterdir():
            session.sql(f"drop table if exists {table.name}")
            session.sql(f"create table {table.name} using parquet location '{table}'")
        given = variables | {"warehouse_path": str(folder / "tradeline.duckdb"), "spark_folder": str(folder)}
        places = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--target", "spark"]
        places += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
        result = dbtRunner().invoke([*command, *places, "--vars", json.dumps(given), "--no-write-json"])
        if not result.success:
            for each in getattr(result.result, "results", []):
                if each.status == "error":
                    print(each.node.name, each.message)
            sys.exit(f"dbt failed on Spark: {result.exception or 'see above'}")


def _session(folder: Path) -> SparkSession:
    """The session that dbt goes on in, as its profile describes it."""
    profile = yaml.safe_load((DBT_PROJECT / "profiles.yml").read_text("utf-8"))
    builder = SparkSession.builder.appName("tradeline").enableHiveSupport()
    parameters = profile["tradeline"]["outputs"]["spark"]["server_side_parameters"]
    for name, value in (parameters | FOR_FEW_ROWS).items():
        builder = builder.config(name, value.replace("{{ var('spark_folder') }}", str(folder)))
    return builder.getOrCreate()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
