"""pandas, amounts in whole cents: the latest version of each row, then one group-by for each window and measure."""

from collections.abc import Callable
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from benchmarks.alternatives.core import KEYS, NET, PLAIN, RATIOS, SUMS, Task, is_amount

Values = Callable[[pd.DataFrame], pd.Series]


def _one(rows: pd.DataFrame) -> pd.Series:
    return pd.Series(1, rows.index)


def _column(name: str) -> Values:
    return lambda rows: rows[name]


def _seconds(since: str, until: str) -> Values:
    return lambda rows: (rows[until] - rows[since]).dt.total_seconds()


def _any(rows: pd.DataFrame) -> pd.Series:
    return pd.Series(True, rows.index)


def _paid_out(kind: str) -> Values:
    return lambda rows: (rows["kind"] == kind) & (rows["direction"] == "out")


# The moment by which a measure is dated, what is added up, and which rows count.
MEASURES: dict[str, tuple[str, Values, Values]] = {
    "orders_placed": ("ordered_at", _one, _any),
    "orders_paid": ("paid_at", _one, _any),
    "paid_amount": ("paid_at", _column("cents"), _any),
    "orders_shipped": ("shipped_at", _one, lambda rows: rows["paid_at"] <= rows["shipped_at"]),
    "orders_shipped_late": (
        "shipped_at",
        _one,
        lambda rows: rows["shipped_at"] > rows["paid_at"] + pd.Timedelta(hours=72),
    ),
    "ship_seconds": (
        "shipped_at",
        _seconds("paid_at", "shipped_at"),
        lambda rows: rows["paid_at"] <= rows["shipped_at"],
    ),
    "orders_promised": ("delivered_at", _one, lambda rows: rows["promised_at"].notna()),
    "orders_delivered": ("delivered_at", _one, _any),
    "orders_delivered_late": ("delivered_at", _one, lambda rows: rows["delivered_at"] > rows["promised_at"]),
    "delivery_seconds": ("delivered_at", _seconds("ordered_at", "delivered_at"), _any),
    "orders_cancelled": ("cancelled_at", _one, _any),
    "cancelled_paid_amount": ("cancelled_at", _column("cents"), lambda rows: rows["paid_at"].notna()),
    "refunds": ("requested_at", _one, _any),
    "refund_amount": ("requested_at", _column("cents"), _any),
    "disputes": ("requested_at", _one, lambda rows: rows["reason"] == "dispute"),
    "reviews": ("reviewed_at", _one, _any),
    "rating_sum": ("reviewed_at", _column("rating"), _any),
    "low_ratings": ("reviewed_at", _one, lambda rows: rows["rating"] <= 2),
    "five_star_ratings": ("reviewed_at", _one, lambda rows: rows["rating"] == 5),
    "payments": ("occurred_at", _one, _any),
    "inflow_amount": ("occurred_at", _column("cents"), lambda rows: rows["direction"] == "in"),
    "outflow_amount": ("occurred_at", _column("cents"), lambda rows: rows["direction"] == "out"),
    "payout_amount": ("occurred_at", _column("cents"), _paid_out("payout")),
    "purchase_amount": ("occurred_at", _column("cents"), _paid_out("purchase")),
    "fee_amount": ("occurred_at", _column("cents"), _paid_out("fee")),
}
COLUMNS = {
    "orders": ["ordered_at", "paid_at", "shipped_at", "promised_at", "delivered_at", "cancelled_at", "amount"],
    "refunds": ["seller_id", "requested_at", "amount", "reason"],
    "reviews": ["reviewed_at", "rating"],
    "payments": ["seller_id", "occurred_at", "amount", "direction", "kind"],
}


def run(task: Task) -> None:
    """Write the features of the night."""
    sellers = pd.Index(pq.ParquetDataset(task.seller_files()).read(["seller_id"])["seller_id"].to_pandas().unique())
    sums = {name: total for table in SUMS for name, total in _sums(task, table).items()}
    frame = pd.DataFrame(sums, index=sellers).fillna(0).astype("int64")
    columns = {name: frame[total] for name, total in PLAIN.items()}
    columns |= {
        name: frame[paid] - frame[cancelled] - frame[refunds] for name, (paid, cancelled, refunds) in NET.items()
    }
    columns |= {
        name: _number(frame, numerator) / (factor * _number(frame, denominator)).where(frame[denominator] != 0)
        for name, (numerator, denominator, factor) in RATIOS.items()
    }
    arrays = {name: _money(values) if is_amount(name) else pa.array(values) for name, values in columns.items()}
    as_of = pa.array([task.as_of] * len(sellers), pa.date32())
    pq.write_table(pa.table({"seller_id": pa.array(sellers), "as_of": as_of, **arrays}), task.result("pandas"))


def _sums(task: Task, table: str) -> dict[str, pd.Series]:
    latest = _latest(task, table)
    sums = {}
    for measure, windows in SUMS[table].items():
        moment, value, condition = MEASURES[measure]
        counted = latest[latest[moment].notna() & condition(latest)]
        dated = pd.DataFrame({"seller_id": counted["seller_id"], "at": counted[moment], "value": value(counted)})
        for window in sorted(windows, reverse=True):
            dated = dated[dated["at"] >= pd.Timestamp(task.since(window))]
            sums[f"{measure}_{window}d"] = dated.groupby("seller_id", observed=True, sort=False)["value"].sum()
    return sums


def _latest(task: Task, table: str) -> pd.DataFrame:
    """The latest version of each row; the files come in the order of their arrival."""
    rows = ds.dataset([str(file) for file in task.files(table)]).to_table(
        [*dict.fromkeys(KEYS[table] + COLUMNS[table])]
    )
    if "amount" in rows.column_names:
        cents = pc.cast(pc.multiply(rows["amount"], pa.scalar(100, pa.decimal128(3, 0))), pa.int64())
        rows = rows.drop_columns("amount").append_column("cents", cents)
    texts = [name for name in rows.column_names if pa.types.is_string(rows.schema.field(name).type)]
    repeated = [name for name in texts if name not in KEYS[table] or name == "seller_id"]
    frame: pd.DataFrame = rows.to_pandas(categories=repeated, split_blocks=True, self_destruct=True)
    return frame.drop_duplicates(KEYS[table], keep="last")


def _money(cents: pd.Series) -> pa.Array:
    hundredth = pa.scalar(Decimal("0.01"), pa.decimal128(3, 2))
    return pc.cast(pc.multiply(pc.cast(pa.array(cents), pa.decimal128(19)), hundredth), pa.decimal128(18, 2))


def _number(frame: pd.DataFrame, name: str) -> pd.Series:
    """A sum as a float, money in whole units."""
    return frame[name] / 100 if is_amount(name) else frame[name]
