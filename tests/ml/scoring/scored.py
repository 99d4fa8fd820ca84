"""A night in a warehouse, and what was scored."""

from datetime import date

import duckdb
import pandas as pd

from ml.encode import encode
from ml.registry.store import CreditModel
from ml.score import score_piece
from tradeline.settings import Settings

NIGHTS = [date(2018, 8, 30), date(2018, 8, 31), date(2018, 9, 1)]


def scored(model: CreditModel, frame: pd.DataFrame) -> pd.DataFrame:
    """As plain lists, as SQL shows them."""
    is_small = len(frame) <= model.version.reasons.all_rows_up_to
    table = score_piece(model, frame["seller_id"], encode(frame, model.version.features), is_small)
    return pd.DataFrame({name: pd.Series(table[name].to_pylist(), dtype=object) for name in table.column_names}).astype(
        {"pd": float, "score": int}
    )


def fill_mart(settings: Settings, frame: pd.DataFrame) -> None:
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.register("frame", frame)
        connection.execute("create schema if not exists marts")
        connection.execute("create or replace table marts.seller_features as from frame")


def rows_of(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.warehouse)) as connection:
        return connection.execute(query).fetchall()
