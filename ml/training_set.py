"""The training set, and vintages and losses beside it: out of the warehouse as Parquet, and from there into memory."""

import logging
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from ml.errors import BadFeatures, NotEnoughData
from ml.features import ModelFeature
from tradeline.contracts.features import Feature
from tradeline.database import connect
from tradeline.errors import TradelineError
from tradeline.files import written_aside
from tradeline.settings import Settings
from tradeline.sql import identifier, literal

log = logging.getLogger(__name__)

OUTCOMES = ("is_default", "is_indeterminate", "is_early_payment_default")
KEYS = ("seller_id", "as_of", "matures_on", "label_kind", *OUTCOMES)
VINTAGES = ("cohort_on", "age_days", "loans", "bad_loans", "early_payment_defaults")
LOSSES = ("seller_id", "principal_amount", "paid_amount", "lost_share")
VINTAGES_SUFFIX, LOSSES_SUFFIX = ".vintages.parquet", ".losses.parquet"


def export_training_set(settings: Settings, run_id: str) -> Path:
    """Write ``training.training_set`` to ``models/training/<run_id>.parquet``; the caller holds the warehouse lock.

    ``training.loan_vintages`` and ``training.loan_losses`` go beside it, first, so that no training set is without.
    Rows are ordered, so that the same rows give the same bytes.
    """
    target = settings.models / "training" / f"{run_id}.parquet"
    with connect(settings, settings.warehouse) as connection:
        vintages, losses = (_beside(target, suffix) for suffix in (VINTAGES_SUFFIX, LOSSES_SUFFIX))
        _export(connection, "from training.loan_vintages order by cohort_on, age_days", vintages)
        _export(connection, "from training.loan_losses order by loan_id", losses)
        _export(connection, "from training.training_set order by as_of, seller_id", target)
    return target


def training_sets(folder: Path) -> list[Path]:
    """The exported training sets of a folder, the latest last."""
    found = (path for path in folder.glob("*.parquet") if not path.name.endswith((VINTAGES_SUFFIX, LOSSES_SUFFIX)))
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))


def read_training_set(settings: Settings, path: Path, features: Sequence[Feature | ModelFeature]) -> pd.DataFrame:
    """Keys, label and features, ordered by (as_of, seller_id): numbers as float32, categories as text, days as dates.

    Raises:
        BadFeatures: a column is absent or cannot be read as a number, or a (seller_id, as_of) repeats.
        NotEnoughData: the file has no rows.
    """
    with connect(settings) as connection:
        source = _source(path)
        present = _columns(connection, source)
        missing = [name for name in (*KEYS, *(feature.name for feature in features)) if name not in present]
        if missing:
            lacks = f"the training set lacks {', '.join(missing)}"
            raise BadFeatures(f"{path.name}: {lacks}: build it again with `tradeline run`")
        select = ", ".join((*KEYS, *(select_feature(feature) for feature in features)))
        try:
            frame = connection.execute(f"select {select} from {source} order by as_of, seller_id").df()
        except duckdb.ConversionException as error:
            raise BadFeatures(f"{path.name}: a feature that should be a number is not: {error}") from error
    _check(path, frame)
    return frame


def read_vintages(settings: Settings, training_set: Path) -> pd.DataFrame:
    """The columns ``VINTAGES``, ordered by (cohort_on, age_days): loans, and of these bad ones, counted by each age.

    No rows where no real loan has reached any age, or the training set was exported without.
    """
    return _read_beside(settings, training_set, VINTAGES_SUFFIX, VINTAGES, "cohort_on, age_days")


def read_losses(settings: Settings, training_set: Path) -> pd.DataFrame:
    """The columns ``LOSSES`` of matured bad loans, one row each: principal, what was paid on it, and the share lost.

    No rows where no real loan has gone bad, or the training set was exported without.
    """
    return _read_beside(settings, training_set, LOSSES_SUFFIX, LOSSES, "loan_id")


def select_feature(feature: Feature | ModelFeature) -> str:
    """The SQL that reads one feature: categories as text, everything else as float32."""
    name = identifier(feature.name)
    return f"{name}::{'varchar' if feature.is_category else 'float'} as {name}"


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
        raise NotEnoughData(
            "the training set has no matured rows: wait until loans, sales or income have run their term"
        )
    for outcome in OUTCOMES:
        if unlabelled := int(frame[outcome].isna().sum()):
            raise TradelineError(f"{path.name}: {unlabelled:,} rows have no {outcome}; leave immature rows out")
        frame[outcome] = frame[outcome].astype(bool)
    kinds = sorted(frame["label_kind"].unique())
    if len(kinds) > 1:
        raise TradelineError(f"{path.name}: label kinds {', '.join(kinds)} are mixed; train on one kind")
    repeated = frame.duplicated(["seller_id", "as_of"])
    if repeated.any():
        row = frame[repeated].iloc[0]
        raise BadFeatures(f"{path.name}: seller {row.seller_id} has several rows as of {row.as_of:%Y-%m-%d}")


def _export(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    with written_aside(target) as aside:
        connection.execute(f"copy ({query}) to {literal(aside)} (format parquet)")


def _beside(training_set: Path, suffix: str) -> Path:
    return training_set.with_name(training_set.name.removesuffix(".parquet") + suffix)


def _read_beside(
    settings: Settings, training_set: Path, suffix: str, columns: Sequence[str], order: str
) -> pd.DataFrame:
    path = _beside(training_set, suffix)
    if not path.exists():
        return pd.DataFrame(columns=list(columns))
    with connect(settings) as connection:
        return connection.execute(f"select {', '.join(columns)} from {_source(path)} order by {order}").df()


def _source(path: Path) -> str:
    return f"read_parquet({literal(path)})"


def _columns(connection: duckdb.DuckDBPyConnection, source: str) -> set[str]:
    return {row[0] for row in connection.execute(f"describe from {source}").fetchall()}
