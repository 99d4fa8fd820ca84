"""Spark, local: the latest version of each row, then the same FILTERs as in plain DuckDB."""

from benchmarks.alternatives.core import KEYS, LONGEST, SUMS, Task, features_sql
from benchmarks.alternatives.with_duckdb import COLUMNS
from benchmarks.alternatives.with_duckdb import MEASURES as DUCKDB_MEASURES

MEASURES = DUCKDB_MEASURES | {
    "ship_seconds": ("shipped_at", "datediff(second, paid_at, shipped_at)", "paid_at <= shipped_at"),
    "delivery_seconds": ("delivered_at", "datediff(second, ordered_at, delivered_at)", "true"),
}


def run(task: Task) -> None:
    """Write the features of the night, in a folder of Parquet files."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "4g",
        "spark.local.dir": str(task.scratch),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(4 * task.threads),
        "spark.sql.warehouse.dir": str(task.scratch),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    session = SparkSession.builder.master(f"local[{task.threads}]").config(map=settings).getOrCreate()
    try:
        for table in SUMS:
            known = f"arrived_on between date '{task.since(LONGEST)}' and date '{task.as_of}'"
            # Told the columns, it does not look for them in the files of every night.
            schema = session.read.parquet(str(task.one_file(table))).schema.add("arrived_on", "date")
            rows = session.read.schema(schema).parquet(str(task.landing / table))
            rows.where(known).createOrReplaceTempView(table)
        session.read.parquet(*map(str, task.seller_files())).createOrReplaceTempView("sellers")
        session.sql(sql(task)).write.mode("overwrite").parquet(str(task.result("spark")))
    finally:
        session.stop()


def sql(task: Task) -> str:
    """One query, as one writes it by hand."""
    sums = ",\n".join(f"{table}_sums as ({_sums(task, table)})" for table in SUMS)
    joins = "\n".join(f"left join {table}_sums using (seller_id)" for table in SUMS)
    sellers = "select distinct seller_id from sellers"
    return f"with {sums} select seller_id, date '{task.as_of}' as as_of, {features_sql()} from ({sellers}) {joins}"


def _sums(task: Task, table: str) -> str:
    keys = ", ".join(KEYS[table])
    filters = ",\n".join(
        f"sum({value}) filter (where {moment} >= date '{task.since(window)}' and {condition}) as {measure}_{window}d"
        for measure, windows in SUMS[table].items()
        for moment, value, condition in [MEASURES[measure]]
        for window in windows
    )
    return f"""
        with versions as (
            select {keys}, {COLUMNS[table]}, row_number() over (partition by {keys} order by arrived_on desc) as recency
            from {table}
        ),
        latest as (
            select * from versions where recency = 1
        )
        select seller_id, {filters} from latest group by seller_id
    """
