"""The process of a Spark session: it reads one request, runs dbt's command and answers with what came of it.

    python -m tradeline.engines.spark.process DESCRIPTOR

The request is a line of JSON on stdin, answers are lines of JSON to the open file DESCRIPTOR (see run.py). Where stdin
ends before the command does, whoever asked is gone, and so is this process then: another may be at the tables.
"""

import json
import os
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

import pyarrow.parquet as pq
from pyspark.sql import SparkSession

from tradeline.engines.invoke import BuiltTable, Invocation, invoke

SCHEMAS = ("raw", "policy", "contracts", "staging", "intermediate", "features", "marts", "training", "ml")
# So many are told one by one; of more, Spark looks at the table's whole folder.
FEW_NIGHTS = 10


def main(answers: TextIO) -> None:
    """Exit code 0 where the command ran, whether it failed or not."""
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    session = _session(request["settings"])
    for schema in SCHEMAS:
        session.sql(f"create database if not exists {schema}")
    for table in request["tables"]:
        _register(session, table)
    target, manifests = Path(request["target"]), Path(request["manifests"])
    invocation = Invocation(request["command"], request["variables"], target, manifests, "spark")

    def tell(done: int, total: int | None, part: str) -> None:
        _answer(answers, {"done": done, "total": total, "part": part})

    outcome = invoke(invocation, tell)
    shown = [_shown(session, table, Path(request["folder"])) for table in outcome.tables]
    _answer(answers, asdict(outcome) | {"shown": shown})
    _end(session)


def _end_with_stdin() -> None:
    sys.stdin.read()
    os._exit(1)


def _answer(answers: TextIO, content: dict[str, Any]) -> None:
    answers.write(json.dumps(content) + "\n")
    answers.flush()


def _session(settings: dict[str, str]) -> SparkSession:
    builder = SparkSession.builder.appName("tradeline").enableHiveSupport()
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    print("application", session.sparkContext.applicationId, session.sparkContext.uiWebUrl or "without a web UI")
    return session


def _register(session: SparkSession, table: dict[str, Any]) -> None:
    """Let dbt find a folder of Parquet files as a table; files without one of its columns have nulls there."""
    name, nights = table["name"], table["nights"]
    columns = dict(table["columns"])
    # Where a table is partitioned by it, Spark has this column last.
    if nights is not None:
        columns["arrived_on"] = columns.pop("arrived_on")
    known = session.table(name).schema.fields if session.catalog.tableExists(name) else []
    is_known = {field.name: field.dataType.simpleString() for field in known} == {
        column: kind.replace(": ", ":").replace(", ", ",") for column, kind in columns.items()
    }
    if not is_known:
        declared = ", ".join(f"`{column}` {kind}" for column, kind in columns.items())
        by = "partitioned by (arrived_on)" if nights is not None else ""
        session.sql(f"drop table if exists {name}")
        session.sql(f"create table {name} ({declared}) using parquet {by} location '{table['folder']}'")
    if nights is not None and (nights or not is_known):
        _take_up_nights(session, name, Path(table["folder"]), nights, is_known)


def _take_up_nights(session: SparkSession, name: str, folder: Path, nights: list[str], is_known: bool) -> None:
    if not is_known or len(nights) > FEW_NIGHTS:
        session.sql(f"msck repair table {name} sync partitions")
        return
    session.sql(f"alter table {name} drop if exists {_partitions(nights, ', ')}")
    if there := [night for night in nights if (folder / f"arrived_on={night}").exists()]:
        session.sql(f"alter table {name} add if not exists {_partitions(there, ' ')}")


def _partitions(nights: list[str], between: str) -> str:
    return between.join(f"partition (arrived_on = '{night}')" for night in nights)


def _shown(session: SparkSession, table: BuiltTable, folder: Path) -> dict[str, Any]:
    name = f"{table.schema}.{table.name}"
    partitions = [(column.name, column.dataType) for column in session.catalog.listColumns(name) if column.isPartition]
    rows = session.table(name)
    empty = folder / "empty" / f"{name}.parquet"
    empty.parent.mkdir(exist_ok=True)
    pq.write_table(rows.limit(0).toArrow(), empty)
    return {
        "schema": table.schema,
        "name": table.name,
        "folder": str(folder / "warehouse" / f"{table.schema}.db" / table.name),
        # Of a mart, those of its contract in that order: Spark puts columns that partition a table last.
        "columns": table.columns if table.schema == "marts" else rows.columns,
        "partitions": [(column, "date" if kind == "date" else "varchar") for column, kind in partitions],
        "empty": str(empty),
    }


def _end(session: SparkSession) -> None:
    """Stop Java too: until it is gone, nobody else can open the metastore."""
    gateway = session.sparkContext._gateway
    session.stop()
    gateway.shutdown()
    with suppress(OSError):
        gateway.proc.stdin.close()
    gateway.proc.wait(timeout=60)


if __name__ == "__main__":
    main(os.fdopen(int(sys.argv[1]), "w", encoding="utf-8"))
