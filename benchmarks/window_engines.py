"""One way of making the window features, in a process of its own: Parquet in, Parquet out, the seconds on stdout.

The folder holds days.parquet (the partials of order days), spine.parquet (seller_id, as_of; one night) and rings.sql.
Whoever knows one of the engines would write much the same; of several ways to write it, the fastest one measured is
taken (in Polars a conditional sum takes half the time of a filtered one; in DuckDB and Spark it is the reverse).

    python -m benchmarks.window_engines --folder F --engine polars --rounds 1 --threads 2 --memory-limit 1500MB
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from benchmarks.windows import MEASURES, WINDOWS
from tradeline.database import Limits, connect, scalar
from tradeline.sql import literal

FEATURES = {f"{measure}_{window}d": (measure, window) for measure in MEASURES for window in WINDOWS}
Way = Callable[[], object]


@dataclass(frozen=True)
class Task:
    """What every engine is given: inputs and result in a folder, threads, and for DuckDB its memory limit."""

    folder: Path
    threads: int
    memory_limit: str

    @property
    def days(self) -> Path:
        """Partials: seller_id, event_on, arrived_on and the measures."""
        return self.folder / "days.parquet"

    @property
    def spine(self) -> Path:
        """Whom to make features for: seller_id and as_of."""
        return self.folder / "spine.parquet"

    def result(self, engine: str) -> Path:
        """Where an engine writes: a Parquet file, or for Spark a folder of them."""
        return self.folder / f"{engine}.parquet"


def main() -> None:
    """Make the features as often as asked and print {"start_seconds": ..., "seconds": [...]} as the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--engine", choices=ENGINES, required=True)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--warm-up", action="store_true", help="once before the clock runs")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-limit", default="1500MB")
    asked = parser.parse_args()
    started = time.perf_counter()
    with ENGINES[asked.engine](Task(asked.folder, asked.threads, asked.memory_limit)) as way:
        start_seconds = time.perf_counter() - started
        if asked.warm_up:
            way()
        seconds = [_seconds(way) for _ in range(asked.rounds)]
    print(f"\n{json.dumps({'start_seconds': start_seconds, 'seconds': seconds})}")


def sql_type(name: str) -> str:
    """The SQL type in which a measure or a feature is exact."""
    return "decimal(18, 2)" if "_amount" in name else "bigint"


@contextmanager
def rings(task: Task) -> Iterator[Way]:
    """The project's macro, as dbt compiles it."""
    columns = ", ".join(f"cast({name} as {sql_type(name)}) as {name}" for name in FEATURES)
    with _duckdb(task) as connection:
        connection.execute("create view presence as select distinct as_of, true as has_orders from spine")
        features = f"select seller_id, as_of, {columns} from ({(task.folder / 'rings.sql').read_text()})"
        yield lambda: connection.execute(f"copy ({features}) to {literal(task.result('rings'))} (format parquet)")


@contextmanager
def filters(task: Task) -> Iterator[Way]:
    """One FILTER for each window and measure, in DuckDB."""
    with _duckdb(task) as connection:
        features = filters_sql(_as_of(task))
        yield lambda: connection.execute(f"copy ({features}) to {literal(task.result('filters'))} (format parquet)")


@contextmanager
def polars(task: Task) -> Iterator[Way]:
    """A lazy scan with one conditional sum for each window and measure, on the streaming engine."""
    import polars as pl

    as_of = _as_of(task)
    is_known = (pl.col("arrived_on") <= as_of) & (pl.col("event_on") <= as_of)
    within = {window: pl.col("event_on") > as_of - timedelta(days=window) for window in WINDOWS}

    def way() -> None:
        days = pl.scan_parquet(task.days).filter(is_known & within[max(WINDOWS)])
        sums = days.group_by("seller_id").agg(
            pl.when(within[window]).then(pl.col(measure)).sum().alias(name)
            for name, (measure, window) in FEATURES.items()
        )
        features = pl.scan_parquet(task.spine).join(sums, on="seller_id", how="left")
        features.with_columns(pl.col(*FEATURES).fill_null(0)).sink_parquet(task.result("polars"), engine="streaming")

    yield way


@contextmanager
def spark(task: Task) -> Iterator[Way]:
    """The same SQL as the filters in DuckDB, by a local Spark."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "4g",
        "spark.local.dir": str(task.folder / "spark"),
        "spark.sql.shuffle.partitions": str(task.threads),
        "spark.sql.warehouse.dir": str(task.folder / "spark"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    session = SparkSession.builder.master(f"local[{task.threads}]").config(map=settings).getOrCreate()
    features = filters_sql(_as_of(task))

    def way() -> None:
        session.read.parquet(str(task.days)).createOrReplaceTempView("days")
        session.read.parquet(str(task.spine)).createOrReplaceTempView("spine")
        session.sql(features).write.mode("overwrite").parquet(str(task.result("spark")))

    try:
        yield way
    finally:
        session.stop()


def filters_sql(as_of: date) -> str:
    """What one would write by hand, in SQL that DuckDB and Spark both speak."""
    sums = ",\n".join(
        f"sum({measure}) filter (where event_on > date '{as_of - timedelta(days=window)}') as {name}"
        for name, (measure, window) in FEATURES.items()
    )
    columns = ",\n".join(f"cast(coalesce({name}, 0) as {sql_type(name)}) as {name}" for name in FEATURES)
    return f"""
        with sums as (
            select seller_id, {sums}
            from days
            where arrived_on <= date '{as_of}'
                and event_on <= date '{as_of}' and event_on > date '{as_of - timedelta(days=max(WINDOWS))}'
            group by seller_id
        )
        select spine.seller_id, spine.as_of, {columns}
        from spine left join sums on sums.seller_id = spine.seller_id
    """


ENGINES: dict[str, Callable[[Task], AbstractContextManager[Way]]] = {
    "rings": rings,
    "filters": filters,
    "polars": polars,
    "spark": spark,
}


@contextmanager
def _duckdb(task: Task) -> Iterator[duckdb.DuckDBPyConnection]:
    limits = Limits(task.threads, task.memory_limit)
    with connect(limits, spill=task.folder / "duckdb") as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"create view days as from '{task.days}'; create view spine as from '{task.spine}'")
        yield connection


def _as_of(task: Task) -> date:
    with _duckdb(task) as connection:
        return date.fromisoformat(str(scalar(connection, "select distinct as_of from spine")))


def _seconds(way: Way) -> float:
    started = time.perf_counter()
    way()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
