"""The evaluation rows of a version with each contender's pds, kept beside it, so that every figure can be worked out
again."""

import io
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ml.learning.calibrate import Floats

SCHEMA = pa.schema(
    [
        ("repeat", pa.int16()),
        ("seller_id", pa.string()),
        ("as_of", pa.date32()),
        ("matures_on", pa.date32()),
        ("is_default", pa.bool_()),
    ]
)
KEYS = ["seller_id", "as_of", "matures_on", "is_default"]


def scored_rows_content(frame: pd.DataFrame, pds: Mapping[str, Floats]) -> bytes:
    """A Parquet file with one row per repeat and row of ``frame``; pds by algorithm, each of shape (repeats, rows)."""
    repeats = len(next(iter(pds.values())))
    rows = pd.concat([frame[KEYS]] * repeats, ignore_index=True)
    rows.insert(0, "repeat", np.repeat(np.arange(repeats, dtype=np.int16), len(frame)))
    columns = {name: each.ravel() for name, each in pds.items()}
    schema = pa.schema([*SCHEMA, *((name, pa.float64()) for name in columns)])
    table = pa.Table.from_pandas(rows.assign(**columns), schema, preserve_index=False)
    written = io.BytesIO()
    pq.write_table(table, written)
    return written.getvalue()


def read_scored_rows(content: bytes, algorithm: str) -> tuple[pd.DataFrame, Floats]:
    """The evaluation rows (seller_id, as_of, matures_on, is_default) and one contender's pds, shape (repeats, rows)."""
    table = pq.read_table(io.BytesIO(content)).to_pandas(date_as_object=False)
    repeats = table["repeat"].nunique()
    rows = table[table["repeat"] == 0][KEYS].reset_index(drop=True)
    return rows, table[algorithm].to_numpy(np.float64).reshape(repeats, len(rows))
