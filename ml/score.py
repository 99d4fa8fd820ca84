"""Scoring: pd, score and reasons of every seller on a night."""

import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ml.config import ScoreConfig, load_config
from ml.encode import Matrix, check_present, encode
from ml.errors import BadFeatures
from ml.explain import DETAIL, codes_array, details_array, reasons_of, spread
from ml.learning.calibrate import Floats
from ml.monitoring.stability import drift, make_baseline, unseen_categories
from ml.monitoring.stability_night import forget_night, publication_drift, record_night, settled_baseline
from ml.registry import store as registry
from ml.registry.champion import serving_model
from ml.registry.store import CreditModel
from ml.registry.version import ModelVersion
from ml.training_set import select_feature
from tradeline.database import connect
from tradeline.settings import Settings

log = logging.getLogger(__name__)

LOWEST_SCORE, HIGHEST_SCORE = 350, 950

SCORES_TABLE = """
create schema if not exists ml;
create table if not exists ml.scores (
    seller_id varchar not null, as_of date not null, pd double not null, score integer not null,
    reasons varchar[] not null, model_version varchar not null, run_id varchar not null
);
alter table ml.scores add column if not exists reason_details struct(
    reason_code varchar, feature varchar, seller_value double, typical_value double
)[];
"""

SCORES = pa.schema(
    [
        ("seller_id", pa.string()),
        ("pd", pa.float64()),
        ("score", pa.int32()),
        ("reasons", pa.list_(pa.string())),
        ("reason_details", pa.list_(DETAIL)),
    ]
)
CHUNK_ROWS = 100_000


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
    ``ml.scores`` and ``ml.stability`` in one transaction. The caller holds the warehouse lock.

    A night is read, scored and written in pieces of ``CHUNK_ROWS`` sellers, so memory does not grow with the market.

    Raises:
        BadFeatures: the mart lacks a feature of the model, or holds a seller twice or an infinite value.
        BadModel: the serving version was changed since it was saved.
    """
    with connect(settings, settings.warehouse) as connection:
        connection.execute(SCORES_TABLE)
        connection.execute("begin")
        nights = tuple(_score_night(settings, connection, as_of, run_id) for as_of in sorted(set(as_ofs)))
        connection.execute("commit")
    return ScoreReport(run_id, nights)


def score_piece(model: CreditModel, sellers: pd.Series, values: Matrix, is_everyone_explained: bool) -> pa.Table:
    """One row per seller with the columns of ``SCORES``; ``values``, shape (sellers, features), are encoded.

    ``reasons`` are codes, most harmful first; ``reason_details`` has for each the feature that weighed most, the
    seller's value and a typical good seller's. Both are empty below ``reasons.from_pd``, where nobody is declined or
    limited and no reason is owed, unless everyone is explained. The scale and these settings are the version's own.

    Raises:
        BadModel: contributions do not add up.
    """
    pd_ = _pd(model, values)
    is_explained = np.full(len(pd_), True) if is_everyone_explained else pd_ >= model.version.reasons.from_pd
    reasons = spread(reasons_of(model, values[is_explained]), is_explained)
    columns = [
        pa.array(sellers, pa.string()),
        pa.array(pd_),
        pa.array(score_of(pd_, model.version.score)),
        codes_array(model, reasons),
        details_array(model, reasons),
    ]
    return pa.Table.from_arrays(columns, schema=SCORES)


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
    return model.version.calibration.pd_of(model.predictor.margins(values))


def _score_night(settings: Settings, connection: duckdb.DuckDBPyConnection, as_of: date, run_id: str) -> ScoredNight:
    started = time.monotonic()
    connection.execute("delete from ml.scores where as_of = ?", [as_of])
    forget_night(connection, as_of)
    version = serving_model(settings, as_of)
    if version is None:
        log.info("%s: no model trained by then serves; sellers get no score", as_of)
        return ScoredNight(as_of, None, 0, None)
    check_present(connection.execute("from marts.seller_features limit 0").df(), version.features)
    rows = _count(connection, as_of)
    pds = _score_pieces(registry.load(settings, version.model_version), connection, as_of, run_id, rows)
    mean_pd = float(pds.mean()) if rows else None
    log.info(
        "%s: %s sellers scored by %s, mean pd %s, %.1f s",
        as_of,
        f"{rows:,}",
        version.model_version,
        "none" if mean_pd is None else f"{mean_pd:.1%}",
        time.monotonic() - started,
    )
    return ScoredNight(as_of, version.model_version, rows, mean_pd)


def _count(connection: duckdb.DuckDBPyConnection, as_of: date) -> int:
    """The night's sellers, none of them twice, in whatever pieces they are read."""
    repeated = connection.execute(
        "select seller_id, count(*) from marts.seller_features where as_of = ? group by all having count(*) > 1 "
        "order by seller_id",
        [as_of],
    ).fetchall()
    if repeated:
        raise BadFeatures(
            f"{len(repeated):,} sellers are in the features twice, {repeated[0][0]} among them: build the night again "
            "with seller_marts"
        )
    [(rows,)] = connection.execute("select count(*) from marts.seller_features where as_of = ?", [as_of]).fetchall()
    return int(rows)


def _score_pieces(
    model: CreditModel, connection: duckdb.DuckDBPyConnection, as_of: date, run_id: str, rows: int
) -> Floats:
    """Score and insert the night's rows piece by piece, record how they drift, and return their pds."""
    version, config = model.version, load_config().stability
    is_everyone_explained = rows <= version.reasons.all_rows_up_to
    every = max(1, math.ceil(rows / config.sampled_rows))
    pds, sampled, frames = [], [], []
    for frame in _read_features(connection, version, as_of):
        values = encode(frame, version.features)
        scores = score_piece(model, frame["seller_id"], values, is_everyone_explained)
        _insert(connection, scores, as_of, version, run_id)
        pds.append(scores["pd"].to_numpy())
        sampled.append(values[::every].copy())  # a view would keep the whole piece
        frames.append(frame[[feature.name for feature in version.features if feature.is_category]][::every].copy())
    if not rows:
        return np.empty(0)
    everyone, sample = np.concatenate(pds), np.concatenate([piece[::every] for piece in pds])
    unseen = unseen_categories(pd.concat(frames), version.features)
    rows_values, name = np.concatenate(sampled), version.model_version
    first = settled_baseline(
        connection, as_of, name, lambda: make_baseline(rows_values, sample, version.features, config)
    )
    stability = drift(first.baseline, rows_values, sample, config, unseen=unseen)
    publication = publication_drift(connection, as_of, everyone, config)
    record_night(connection, as_of, name, run_id, stability, first.as_of, publication)
    return everyone


def _read_features(connection: duckdb.DuckDBPyConnection, version: ModelVersion, as_of: date) -> Iterator[pd.DataFrame]:
    select = ", ".join(("seller_id", *(select_feature(feature) for feature in version.features)))
    query = f"select {select} from marts.seller_features where as_of = ?"
    # A cursor of its own: the transaction's connection writes while this one is still being read.
    with connection.cursor() as cursor:
        try:
            for piece in cursor.sql(query, params=[as_of]).to_arrow_reader(CHUNK_ROWS):
                yield piece.to_pandas()
        except duckdb.ConversionException as error:
            raise BadFeatures(f"{as_of}: a feature that should be a number is not: {error}") from error


def _insert(
    connection: duckdb.DuckDBPyConnection, scores: pa.Table, as_of: date, version: ModelVersion, run_id: str
) -> None:
    connection.register("tonight", scores)
    connection.execute(
        "insert into ml.scores (seller_id, as_of, pd, score, reasons, reason_details, model_version, run_id) "
        "select seller_id, ?::date, pd, score, reasons, reason_details, ?, ? from tonight",
        [as_of, version.model_version, run_id],
    )
    connection.unregister("tonight")
