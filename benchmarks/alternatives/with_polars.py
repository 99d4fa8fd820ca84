"""Polars on its streaming engine: the latest version of each row, then one conditional sum a window and measure."""

import polars as pl

from benchmarks.alternatives.core import KEYS, NET, PLAIN, RATIOS, SUMS, Task

one, amount = pl.lit(1, pl.Int64), pl.col("amount")
is_out = pl.col("direction") == "out"


def _seconds(since: str, until: str) -> pl.Expr:
    return (pl.col(until) - pl.col(since)).dt.total_seconds()


# The moment by which a measure is dated, what is added up, and which rows count.
MEASURES: dict[str, tuple[str, pl.Expr, pl.Expr | bool]] = {
    "orders_placed": ("ordered_at", one, True),
    "orders_paid": ("paid_at", one, True),
    "paid_amount": ("paid_at", amount, True),
    "orders_shipped": ("shipped_at", one, pl.col("paid_at") <= pl.col("shipped_at")),
    "orders_shipped_late": ("shipped_at", one, pl.col("shipped_at") > pl.col("paid_at") + pl.duration(hours=72)),
    "ship_seconds": ("shipped_at", _seconds("paid_at", "shipped_at"), pl.col("paid_at") <= pl.col("shipped_at")),
    "orders_promised": ("delivered_at", one, pl.col("promised_at").is_not_null()),
    "orders_delivered": ("delivered_at", one, True),
    "orders_delivered_late": ("delivered_at", one, pl.col("delivered_at") > pl.col("promised_at")),
    "delivery_seconds": ("delivered_at", _seconds("ordered_at", "delivered_at"), True),
    "orders_cancelled": ("cancelled_at", one, True),
    "cancelled_paid_amount": ("cancelled_at", amount, pl.col("paid_at").is_not_null()),
    "refunds": ("requested_at", one, True),
    "refund_amount": ("requested_at", amount, True),
    "disputes": ("requested_at", one, pl.col("reason") == "dispute"),
    "reviews": ("reviewed_at", one, True),
    "rating_sum": ("reviewed_at", pl.col("rating").cast(pl.Int64), True),
    "low_ratings": ("reviewed_at", one, pl.col("rating") <= 2),
    "five_star_ratings": ("reviewed_at", one, pl.col("rating") == 5),
    "payments": ("occurred_at", one, True),
    "inflow_amount": ("occurred_at", amount, pl.col("direction") == "in"),
    "outflow_amount": ("occurred_at", amount, is_out),
    "payout_amount": ("occurred_at", amount, (pl.col("kind") == "payout") & is_out),
    "purchase_amount": ("occurred_at", amount, (pl.col("kind") == "purchase") & is_out),
    "fee_amount": ("occurred_at", amount, (pl.col("kind") == "fee") & is_out),
}
COLUMNS = {
    "orders": ["ordered_at", "paid_at", "shipped_at", "promised_at", "delivered_at", "cancelled_at", "amount"],
    "refunds": ["seller_id", "requested_at", "amount", "reason"],
    "reviews": ["reviewed_at", "rating"],
    "payments": ["seller_id", "occurred_at", "amount", "direction", "kind"],
}


def run(task: Task) -> None:
    """Write the features of the night."""
    mart = pl.scan_parquet(task.seller_files()).select("seller_id").unique()
    for table in SUMS:
        mart = mart.join(_sums(task, table), on="seller_id", how="left")
    mart = mart.with_columns(pl.col(_sum_names()).fill_null(0))
    mart.select("seller_id", pl.lit(task.as_of).alias("as_of"), *_features()).sink_parquet(
        task.result("polars"), engine="streaming"
    )


def _sums(task: Task, table: str) -> pl.LazyFrame:
    newest = pl.col("arrived_on").arg_max()
    latest = (
        pl.scan_parquet(task.files(table), hive_partitioning=True)
        .group_by(KEYS[table])
        .agg(pl.col(COLUMNS[table]).get(newest))
    )
    return latest.group_by("seller_id").agg(
        pl.when((pl.col(moment) >= task.since(window)) & condition).then(value).sum().alias(f"{measure}_{window}d")
        for measure, windows in SUMS[table].items()
        for moment, value, condition in [MEASURES[measure]]
        for window in windows
    )


def _sum_names() -> list[str]:
    return [f"{measure}_{window}d" for sums in SUMS.values() for measure, windows in sums.items() for window in windows]


def _features() -> list[pl.Expr]:
    exact = {name: pl.col(total) for name, total in PLAIN.items()}
    exact |= {
        name: pl.col(paid) - pl.col(cancelled) - pl.col(refunds) for name, (paid, cancelled, refunds) in NET.items()
    }
    ratios = {
        name: pl.col(numerator).cast(pl.Float64) / (pl.col(denominator).cast(pl.Float64) * factor)
        for name, (numerator, denominator, factor) in RATIOS.items()
    }
    return [
        *(total.alias(name) for name, total in exact.items()),
        *(pl.when(pl.col(RATIOS[name][1]) != 0).then(ratio).alias(name) for name, ratio in ratios.items()),
    ]
