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
from pyspark.sql.pandas.types import to_arrow_schema

from tradeline.engines.invoke import BuiltTable, Invocation, invoke
from tradeline.engines.spark.tidy import clear_leftovers, own_databases, registered

# So many nights are told one by one; of more, Spark looks at the table's whole folder.
FEW_NIGHTS = 10


def main(answers: TextIO) -> None:
    """Exit code 0 where the command ran, whether it failed or not."""
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    folder = Path(request["folder"])
    session = _session(request["settings"])
    if stranger := own_databases(session, folder / "warehouse"):
        _answer(answers, {"error": stranger})
        return _end(session)
    clear_leftovers(session, folder / "warehouse")
    for table in request["tables"]:
        _register(session, table)
    target, manifests = Path(request["target"]), Path(request["manifests"])
    invocation = Invocation(request["command"], request["variables"], target, manifests, "spark")

    def tell(done: int, total: int | None, part: str) -> None:
        _answer(answers, {"done": done, "total": total, "part": part})

    outcome = invoke(invocation, tell)
    shown = [_shown(session, table, folder) for table in outcome.tables]
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
    where = session.sparkContext.uiWebUrl or "without a web UI"
    print("application", session.sparkContext.applicationId, where, flush=True)
    return session


def _register(session: SparkSession, table: dict[str, Any]) -> None:
    """Let dbt find a folder of Parquet files as a table; files without one of its columns have nulls there."""
    name, columns = table["name"], dict(table["columns"])
    if table["is_by_night"]:
        columns["arrived_on"] = columns.pop("arrived_on")  # Spark has a column that partitions a table last
    known = session.table(name).schema.fields if session.catalog.tableExists(name) else []
    if {field.name: field.dataType.simpleString() for field in known} != columns:
        declared = ", ".join(f"`{column}` {kind}" for column, kind in columns.items())
        by = "partitioned by (arrived_on)" if table["is_by_night"] else ""
        place = table["folder"].replace("\\", "\\\\").replace("'", "\\'")
        session.sql(f"drop table if exists {name}")
        session.sql(f"create table {name} ({declared}) using parquet {by} location '{place}'")
    if table["is_by_night"]:
        _register_nights(session, name, Path(table["folder"]))


def _register_nights(session: SparkSession, name: str, folder: Path) -> None:
    """Let the table have the nights that have a folder, whatever it had before."""
    there, known = {path.name for path in folder.glob("arrived_on=*")}, registered(session, name)
    if len(there ^ known) > FEW_NIGHTS:
        session.sql(f"msck repair table {name} sync partitions")
        return
    for night in sorted(there ^ known):
        change = "add" if night in there else "drop"
        session.sql(f"alter table {name} {change} partition (arrived_on = '{night.partition('=')[2]}')")


def _shown(session: SparkSession, table: BuiltTable, folder: Path) -> dict[str, Any]:
    name = f"{table.schema}.{table.name}"
    partitions = [column for column in session.catalog.listColumns(name) if column.isPartition]
    rows = session.table(name)
    empty = folder / "empty" / f"{name}.parquet"
    empty.parent.mkdir(exist_ok=True)
    pq.write_table(to_arrow_schema(rows.schema).empty_table(), empty)
    return {
        "schema": table.schema,
        "name": table.name,
        "folder": str(folder / "warehouse" / f"{table.schema}.db" / table.name),
        # Of a mart, those of its contract in that order: Spark puts columns that partition a table last.
        "columns": table.columns if table.schema == "marts" else rows.columns,
        "partitions": [(column.name, "date" if column.dataType == "date" else "varchar") for column in partitions],
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
