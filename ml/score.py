"""Scoring: pd, score and reasons of every seller on a night."""

import logging
import time
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ml import registry
from ml.booster import Floats, margin, pd_of
from ml.config import ScoreConfig
from ml.encode import Matrix, check_present, encode
from ml.errors import BadFeatures
from ml.explain import reasons_of
from ml.registry import CreditModel
from ml.training_set import select_feature
from ml.version import ModelVersion
from tradeline.settings import Settings

log = logging.getLogger(__name__)

LOWEST_SCORE, HIGHEST_SCORE = 350, 950

SCORES_TABLE = """
create schema if not exists ml;
create table if not exists ml.scores (
    seller_id varchar not null, as_of date not null, pd double not null, score integer not null,
    reasons varchar[] not null, model_version varchar not null, run_id varchar not null
)
"""


@dataclass(frozen=True)
class ScoredNight:
    """What was scored as of one day; ``model_version`` is None where no model serves it."""

    as_of: date
    model_version: str | None
    seller_count: int
    mean_pd: float | None


@dataclass(frozen=True)
class ScoreReport:
    """What one run scored."""

    run_id: str
    nights: tuple[ScoredNight, ...]


def score(settings: Settings, as_ofs: list[date], run_id: str) -> ScoreReport:
    """Score ``marts.seller_features`` of each day with the model that serves it, and replace those days' rows of
    ``ml.scores`` in one transaction. The caller holds the warehouse lock.

    Raises:
        BadFeatures: the mart lacks a feature of the model, or holds a seller twice or an infinite value.
        BadModel: the serving version was changed since it was saved.
    """
    with duckdb.connect(str(settings.warehouse), config={"threads": settings.threads}) as connection:
        connection.execute(SCORES_TABLE)
        connection.execute("begin")
        nights = tuple(_score_night(settings, connection, as_of, run_id) for as_of in sorted(set(as_ofs)))
        connection.execute("commit")
    return ScoreReport(run_id, nights)


def score_frame(model: CreditModel, frame: pd.DataFrame) -> pd.DataFrame:
    """One row per row of ``frame`` (seller_id and at least the model's features): seller_id, pd, score, reasons.

    ``reasons`` is a list of codes, most harmful first. On a night of more than ``reasons.all_rows_up_to`` sellers it
    is empty below ``reasons.from_pd``, where nobody is declined and no reason is owed. The scale and these settings
    are the version's own.

    Raises:
        BadFeatures: a feature is absent, infinite or not a number, or a seller repeats.
    """
    repeated = frame["seller_id"].duplicated()
    if repeated.any():
        first = frame["seller_id"][repeated].iloc[0]
        raise BadFeatures(f"{int(repeated.sum()):,} sellers are in the features twice, {first} among them")
    version = model.version
    values = encode(frame, version.features)
    pd_ = _pd(model, values)
    is_explained = (pd_ >= version.reasons.from_pd) | (len(frame) <= version.reasons.all_rows_up_to)
    reasons: list[list[str]] = [[] for _ in range(len(frame))]
    explained = reasons_of(model, values[is_explained], version.reasons.at_most)
    for position, codes in zip(np.flatnonzero(is_explained), explained, strict=True):
        reasons[position] = codes
    return pd.DataFrame(
        {"seller_id": frame["seller_id"], "pd": pd_, "score": score_of(pd_, version.score), "reasons": reasons}
    )


def predict_pd(model: CreditModel, frame: pd.DataFrame) -> Floats:
    """Probability of default, shape (rows,).

    Raises:
        BadFeatures: a feature is absent, infinite or not a number.
    """
    return _pd(model, encode(frame, model.version.features))


def score_of(pd_: Floats, scale: ScoreConfig) -> NDArray[np.int32]:
    """The pd on the scale of 350 to 950; the lower the pd the higher the score."""
    odds = (1 - pd_) / np.maximum(pd_, np.finfo(float).tiny)
    with np.errstate(divide="ignore"):
        doublings = np.log2(odds / scale.base_odds)
    points = scale.base_score + scale.points_to_double_odds * doublings
    return np.clip(np.rint(points), LOWEST_SCORE, HIGHEST_SCORE).astype(np.int32)


def _pd(model: CreditModel, values: Matrix) -> Floats:
    return pd_of(margin(model.booster, values), model.version.calibration)


def _score_night(settings: Settings, connection: duckdb.DuckDBPyConnection, as_of: date, run_id: str) -> ScoredNight:
    started = time.monotonic()
    connection.execute("delete from ml.scores where as_of = ?", [as_of])
    version = registry.serving_model(settings, as_of)
    if version is None:
        log.info("%s: no model trained by then serves; sellers get no score", as_of)
        return ScoredNight(as_of, None, 0, None)
    frame = _read_features(connection, version, as_of)
    scores = score_frame(registry.load(settings, version.model_version), frame)
    _insert(connection, scores, as_of, version, run_id)
    mean_pd = float(scores["pd"].mean()) if len(scores) else None
    log.info(
        "%s: %s sellers scored by %s, mean pd %s, %.1f s",
        as_of,
        f"{len(scores):,}",
        version.model_version,
        "none" if mean_pd is None else f"{mean_pd:.1%}",
        time.monotonic() - started,
    )
    return ScoredNight(as_of, version.model_version, len(scores), mean_pd)


def _read_features(connection: duckdb.DuckDBPyConnection, version: ModelVersion, as_of: date) -> pd.DataFrame:
    columns = connection.execute("from marts.seller_features limit 0").df()
    check_present(columns, version.features)
    select = ", ".join(("seller_id", *(select_feature(feature) for feature in version.features)))
    query = f"select {select} from marts.seller_features where as_of = ? order by seller_id"
    try:
        return connection.execute(query, [as_of]).df()
    except duckdb.ConversionException as error:
        raise BadFeatures(f"{as_of}: a feature that should be a number is not: {error}") from error


def _insert(
    connection: duckdb.DuckDBPyConnection, scores: pd.DataFrame, as_of: date, version: ModelVersion, run_id: str
) -> None:
    rows = pa.Table.from_pandas(
        scores,
        pa.schema(
            [
                ("seller_id", pa.string()),
                ("pd", pa.float64()),
                ("score", pa.int32()),
                ("reasons", pa.list_(pa.string())),
            ]
        ),
        preserve_index=False,
    )
    connection.register("tonight", rows)
    connection.execute(
        "insert into ml.scores select seller_id, ?::date, pd, score, reasons, ?, ? from tonight",
        [as_of, version.model_version, run_id],
    )
    connection.unregister("tonight")
