"""The home's own mart of its newest night, and what a tool made, in one order and one set of exact types."""

from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds

from benchmarks.alternatives.core import FEATURES, RATIOS, is_amount
from benchmarks.engines import first_difference
from tradeline.database import connect
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings

__all__ = ["expected_features", "first_difference", "read_features"]


def expected_features(home: Settings) -> pa.Table:
    """The features of the newest night that the home has built."""
    with warehouse_lock(home), connect(home, home.warehouse, read_only=True) as connection:
        newest = "as_of = (select max(as_of) from marts.seller_features)"
        query = f"select {', '.join(_schema().names)} from marts.seller_features where {newest}"
        return _exact(connection.sql(query).to_arrow_table())


def read_features(path: Path) -> pa.Table:
    """What a tool wrote: a Parquet file or a folder of them."""
    return _exact(ds.dataset(path, format="parquet").to_table(_schema().names))


def _exact(table: pa.Table) -> pa.Table:
    return table.cast(_schema()).sort_by("seller_id").combine_chunks()


def _schema() -> pa.Schema:
    money, types = pa.decimal128(18, 2), {"seller_id": pa.string(), "as_of": pa.date32()}
    for name in FEATURES:
        types[name] = money if is_amount(name) else pa.float64() if name in RATIOS else pa.int64()
    return pa.schema(list(types.items()))
