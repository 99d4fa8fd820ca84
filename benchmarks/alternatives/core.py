"""The core: 60 features of the catalogue that every tool makes of the same landed Parquet, as of one night.

Each feature is a sum over a window, or a ratio of two. A window of 90 days ends with the night's day; rows count in
the version that had arrived by then.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

# The sums by table: each measure and its windows in days. What a measure is, each tool says in its own way.
SUMS: dict[str, dict[str, tuple[int, ...]]] = {
    "orders": {
        "orders_placed": (30, 90, 365),
        "orders_paid": (7, 30, 90, 180, 365),
        "paid_amount": (7, 30, 90, 180, 365),
        "orders_shipped": (30, 90, 365),
        "orders_shipped_late": (30, 90, 365),  # more than 72 hours after the payment
        "ship_seconds": (90, 365),
        "orders_promised": (30, 90, 365),
        "orders_delivered": (90, 365),
        "orders_delivered_late": (30, 90, 365),
        "delivery_seconds": (90, 365),
        "orders_cancelled": (30, 90, 365),
        "cancelled_paid_amount": (30, 90, 180, 365),
    },
    "refunds": {"refunds": (30, 90, 365), "refund_amount": (30, 90, 180, 365), "disputes": (90, 365)},
    "reviews": {
        "reviews": (30, 90, 365),
        "rating_sum": (30, 90, 365),
        "low_ratings": (90, 365),
        "five_star_ratings": (90, 365),
    },
    "payments": {
        "payments": (30, 90, 180, 365),
        "inflow_amount": (30, 90, 180, 365),
        "outflow_amount": (30, 90, 180, 365),
        "payout_amount": (90,),
        "purchase_amount": (90,),
        "fee_amount": (90,),
    },
}
# What identifies a row in all its versions.
KEYS = {
    "orders": ["order_id", "seller_id"],
    "refunds": ["refund_id"],
    "reviews": ["review_id", "order_id", "seller_id"],
    "payments": ["payment_id"],
}
LONGEST = 365

# The features by name: a sum; or what was paid, less what was cancelled after it and refunds; or a ratio of two sums,
# the denominator times a factor.
PLAIN = {
    f"{feature}_{window}d": f"{measure}_{window}d"
    for feature, table, measure in [
        ("orders", "orders", "orders_paid"),
        ("sales_amount", "orders", "paid_amount"),
        ("reviews", "reviews", "reviews"),
        ("payments", "payments", "payments"),
        ("inflow_amount", "payments", "inflow_amount"),
        ("outflow_amount", "payments", "outflow_amount"),
    ]
    for window in SUMS[table][measure]
}
NET = {
    f"net_sales_amount_{window}d": (
        f"paid_amount_{window}d",
        f"cancelled_paid_amount_{window}d",
        f"refund_amount_{window}d",
    )
    for window in (30, 90, 180, 365)
}
DAY_SECONDS = 86_400
RATIOS = {
    f"{feature}_{window}d": (f"{numerator}_{window}d", f"{denominator}_{window}d", factor)
    for feature, numerator, denominator, factor, windows in [
        ("average_order_amount", "paid_amount", "orders_paid", 1, (30, 90, 365)),
        ("cancellation_rate", "orders_cancelled", "orders_placed", 1, (30, 90, 365)),
        ("late_shipment_rate", "orders_shipped_late", "orders_shipped", 1, (30, 90, 365)),
        ("late_delivery_rate", "orders_delivered_late", "orders_promised", 1, (30, 90, 365)),
        ("ship_days", "ship_seconds", "orders_shipped", DAY_SECONDS, (90, 365)),
        ("delivery_days", "delivery_seconds", "orders_delivered", DAY_SECONDS, (90, 365)),
        ("refund_rate", "refunds", "orders_paid", 1, (30, 90, 365)),
        ("dispute_rate", "disputes", "orders_paid", 1, (90, 365)),
        ("average_rating", "rating_sum", "reviews", 1, (30, 90, 365)),
        ("low_rating_share", "low_ratings", "reviews", 1, (90, 365)),
        ("five_star_share", "five_star_ratings", "reviews", 1, (90, 365)),
        ("payout_ratio", "payout_amount", "inflow_amount", 1, (90,)),
        ("purchase_ratio", "purchase_amount", "inflow_amount", 1, (90,)),
        ("fee_ratio", "fee_amount", "inflow_amount", 1, (90,)),
    ]
    for window in windows
}
FEATURES = [*PLAIN, *NET, *RATIOS]


@dataclass(frozen=True)
class Task:
    """What every tool is given; ``threads`` and ``memory_limit`` are for those that can be told."""

    landing: Path
    as_of: date
    folder: Path
    threads: int
    memory_limit: str

    @property
    def scratch(self) -> Path:
        """Where a tool may keep what it needs, and spill."""
        return self.folder / "scratch"

    def result(self, tool: str) -> Path:
        """Where a tool writes: a Parquet file, or for Spark a folder of them."""
        return self.folder / f"{tool}.parquet"

    def as_arguments(self) -> list[str]:
        """The task on a command line."""
        arguments = {"landing": self.landing, "as-of": self.as_of, "folder": self.folder, "threads": self.threads}
        arguments["memory-limit"] = self.memory_limit
        return [part for name, value in arguments.items() for part in (f"--{name}", str(value))]

    def since(self, window: int) -> date:
        """The first day of a window."""
        return self.as_of - timedelta(days=window - 1)

    def files(self, table: str) -> list[Path]:
        """The Parquet files that can hold events of the longest window: nothing arrives before it happens."""
        nights = sorted((self.landing / table).glob("arrived_on=*"))
        first, last = (f"arrived_on={day}" for day in (self.since(LONGEST), self.as_of))
        return [file for night in nights if first <= night.name <= last for file in sorted(night.glob("*.parquet"))]

    def one_file(self, table: str) -> Path:
        """A Parquet file of the table, which tells its columns."""
        return next((self.landing / table).glob("arrived_on=*/*.parquet"))

    def seller_files(self) -> list[Path]:
        """The Parquet files of all sellers known by the night."""
        nights = (self.landing / "sellers").glob("arrived_on=*")
        return sorted(
            file for night in nights if night.name <= f"arrived_on={self.as_of}" for file in night.glob("*.parquet")
        )


def is_amount(name: str) -> bool:
    """Whether a measure, sum or feature is exact money."""
    return "_amount" in name and name not in RATIOS


def features_sql() -> str:
    """The features as a list of SQL expressions over the sums, which DuckDB and Spark both understand."""
    sums = {name: f"coalesce({total}, 0)" for name, total in PLAIN.items()}
    nets = {name: " - ".join(f"coalesce({total}, 0)" for total in totals) for name, totals in NET.items()}
    exact = [
        f"cast({formula} as {'decimal(18, 2)' if is_amount(name) else 'bigint'}) as {name}"
        for name, formula in (sums | nets).items()
    ]
    ratios = [
        f"cast(coalesce({numerator}, 0) as double) / nullif(cast({factor} * {denominator} as double), 0) as {name}"
        for name, (numerator, denominator, factor) in RATIOS.items()
    ]
    return ",\n".join([*exact, *ratios])
