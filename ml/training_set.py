"""The training set: out of the warehouse as Parquet, and from there into memory."""

import hashlib
import logging
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from ml.catalogue import Feature
from ml.errors import BadFeatures, NotEnoughData
from ml.version import ModelFeature
from tradeline.errors import TradelineError
from tradeline.settings import Settings

log = logging.getLogger(__name__)

KEYS = ("seller_id", "as_of", "matures_on", "label_kind", "is_default")


def export_training_set(settings: Settings, run_id: str) -> Path:
    """Write ``training.training_set`` to ``models/training/<run_id>.parquet``; the caller holds the warehouse lock.

    Rows are ordered, so that the same rows give the same bytes.
    """
    target = settings.models / "training" / f"{run_id}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_suffix(".part")
    with duckdb.connect(str(settings.warehouse), config={"threads": settings.threads}) as connection:
        connection.execute(
            f"copy (from training.training_set order by as_of, seller_id) to '{_quoted(aside)}' (format parquet)"
        )
    return aside.replace(target)


def read_training_set(path: Path, features: Sequence[Feature | ModelFeature]) -> pd.DataFrame:
    """Keys, label and features, ordered by (as_of, seller_id): numbers as float32, categories as text, days as dates.

    Raises:
        BadFeatures: a column is absent or cannot be read as a number, or a (seller_id, as_of) repeats.
        NotEnoughData: the file has no rows.
    """
    with duckdb.connect() as connection:
        source = f"read_parquet('{_quoted(path)}')"
        present = {row[0] for row in connection.execute(f"describe from {source}").fetchall()}
        missing = [name for name in (*KEYS, *(feature.name for feature in features)) if name not in present]
        if missing:
            raise BadFeatures(f"{path.name}: the training set lacks {', '.join(missing)}; rebuild it from the mart")
        select = ", ".join((*KEYS, *(select_feature(feature) for feature in features)))
        try:
            frame = connection.execute(f"select {select} from {source} order by as_of, seller_id").df()
        except duckdb.ConversionException as error:
            raise BadFeatures(f"{path.name}: a feature that should be a number is not: {error}") from error
    _check(path, frame)
    return frame


def select_feature(feature: Feature | ModelFeature) -> str:
    """The SQL that reads one feature: categories as text, everything else as float32."""
    return f'"{feature.name}"::{"varchar" if feature.is_category else "float"} as "{feature.name}"'


def fingerprint(path: Path) -> str:
    """SHA-256 of the file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_matured(frame: pd.DataFrame, as_of: date) -> None:
    """Refuse a training set that holds an outcome which was not known at ``as_of``.

    Raises:
        TradelineError: rows mature after ``as_of``.
    """
    late = int((~(frame["matures_on"] <= pd.Timestamp(as_of))).sum())  # no day at all counts as late
    if late:
        raise TradelineError(f"{late:,} rows of the training set mature after {as_of}: build it as of {as_of}")


def _check(path: Path, frame: pd.DataFrame) -> None:
    if frame.empty:
        raise NotEnoughData("the training set has no matured rows: wait until loans or sales have run their term")
    unlabelled = int(frame["is_default"].isna().sum())
    if unlabelled:
        raise TradelineError(f"{path.name}: {unlabelled:,} rows have no is_default; leave immature rows out")
    kinds = sorted(frame["label_kind"].unique())
    if len(kinds) > 1:
        raise TradelineError(f"{path.name}: label kinds {', '.join(kinds)} are mixed; train on one kind")
    repeated = frame.duplicated(["seller_id", "as_of"])
    if repeated.any():
        row = frame[repeated].iloc[0]
        raise BadFeatures(f"{path.name}: seller {row.seller_id} has several rows as of {row.as_of:%Y-%m-%d}")
    frame["is_default"] = frame["is_default"].astype(bool)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
