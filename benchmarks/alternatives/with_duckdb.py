"""Plain DuckDB: the latest version of each row, then one FILTER for each window and measure, straight from Parquet."""

from pathlib import Path

from benchmarks.alternatives.core import KEYS, SUMS, Task, features_sql
from tradeline.database import Limits, connect
from tradeline.sql import literal

# The moment by which a measure is dated, what is added up, and which rows count.
MEASURES = {
    "orders_placed": ("ordered_at", "1", "true"),
    "orders_paid": ("paid_at", "1", "true"),
    "paid_amount": ("paid_at", "amount", "true"),
    "orders_shipped": ("shipped_at", "1", "paid_at <= shipped_at"),
    "orders_shipped_late": ("shipped_at", "1", "shipped_at > paid_at + interval 72 hour"),
    "ship_seconds": ("shipped_at", "date_diff('second', paid_at, shipped_at)", "paid_at <= shipped_at"),
    "orders_promised": ("delivered_at", "1", "promised_at is not null"),
    "orders_delivered": ("delivered_at", "1", "true"),
    "orders_delivered_late": ("delivered_at", "1", "delivered_at > promised_at"),
    "delivery_seconds": ("delivered_at", "date_diff('second', ordered_at, delivered_at)", "true"),
    "orders_cancelled": ("cancelled_at", "1", "true"),
    "cancelled_paid_amount": ("cancelled_at", "amount", "paid_at is not null"),
    "refunds": ("requested_at", "1", "true"),
    "refund_amount": ("requested_at", "amount", "true"),
    "disputes": ("requested_at", "1", "reason = 'dispute'"),
    "reviews": ("reviewed_at", "1", "true"),
    "rating_sum": ("reviewed_at", "rating", "true"),
    "low_ratings": ("reviewed_at", "1", "rating <= 2"),
    "five_star_ratings": ("reviewed_at", "1", "rating = 5"),
    "payments": ("occurred_at", "1", "true"),
    "inflow_amount": ("occurred_at", "amount", "direction = 'in'"),
    "outflow_amount": ("occurred_at", "amount", "direction = 'out'"),
    "payout_amount": ("occurred_at", "amount", "kind = 'payout' and direction = 'out'"),
    "purchase_amount": ("occurred_at", "amount", "kind = 'purchase' and direction = 'out'"),
    "fee_amount": ("occurred_at", "amount", "kind = 'fee' and direction = 'out'"),
}  # fmt: skip
COLUMNS = {
    "orders": "ordered_at, paid_at, shipped_at, promised_at, delivered_at, cancelled_at, amount",
    "refunds": "seller_id, requested_at, amount, reason",
    "reviews": "reviewed_at, rating",
    "payments": "seller_id, occurred_at, amount, direction, kind",
}


def run(task: Task) -> None:
    """Write the features of the night."""
    with connect(Limits(task.threads, task.memory_limit), spill=task.scratch) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"copy ({sql(task)}) to {literal(task.result('duckdb'))} (format parquet)")


def sql(task: Task) -> str:
    """One query, as one writes it by hand."""
    sums = ",\n".join(f"{table}_sums as ({_sums(task, table)})" for table in SUMS)
    joins = "\n".join(f"left join {table}_sums using (seller_id)" for table in SUMS)
    sellers = f"select distinct seller_id from read_parquet({_listed(task.seller_files())})"
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
        with latest as (
            select {keys}, {COLUMNS[table]}
            from read_parquet({_listed(task.files(table))}, hive_partitioning = true)
            qualify row_number() over (partition by {keys} order by arrived_on desc) = 1
        )
        select seller_id, {filters} from latest group by seller_id
    """


def _listed(files: list[Path]) -> str:
    return f"[{', '.join(literal(file) for file in files)}]"
