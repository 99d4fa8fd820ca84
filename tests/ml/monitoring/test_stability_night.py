"""``ml.stability``: a row for each figure of a night, safe to run again; ``tradeline models stability`` shows it."""

import csv
import io
import json
import logging
from collections.abc import Iterator
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from ml.config import load_config
from ml.features import ModelFeature
from ml.monitoring.stability import Baseline, Stability, drift, make_baseline
from ml.monitoring.stability_night import (
    NightDrift,
    forget_night,
    publication_drift,
    read_night,
    record_night,
    settled_baseline,
)
from ml.numbers.bootstrap import Floats
from tests.command import tradeline
from tradeline.errors import TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


CONFIG = load_config().stability
FIRST, SECOND, THIRD = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)
FEATURES = tuple(ModelFeature(name=f"f{i}", family="sales", expected_sign=None, categories=None) for i in range(3))
ROWS = 2000


def pds(seed: int) -> Floats:
    return np.random.default_rng(seed).beta(2, 20, ROWS)


def baseline() -> Baseline:
    values = np.random.default_rng(0).normal(size=(ROWS, 3)).astype(np.float32)
    return make_baseline(values, pds(0), FEATURES, CONFIG)


def other_baseline() -> Baseline:
    values = np.random.default_rng(9).normal(size=(ROWS, 3)).astype(np.float32)
    return make_baseline(values, pds(9) * 2, FEATURES, CONFIG)


def night_of(seed: int, shift: float = 0.0, factor: float = 1.0) -> Stability:
    """f1 is shifted and the pd multiplied."""
    values = np.random.default_rng(seed).normal(size=(ROWS, 3)).astype(np.float32)
    values[:, 1] += np.float32(shift)
    return drift(baseline(), values, pds(seed) * factor, CONFIG)


@pytest.fixture
def connection(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    settings.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create schema ml; create table ml.scores (as_of date, pd double, model_version varchar)")
        yield connection


def score(connection: duckdb.DuckDBPyConnection, as_of: date, model_version: str, pd_: Floats) -> None:
    connection.register("tonight", pa.table({"pd": pd_}))
    connection.execute("insert into ml.scores select ?::date, pd, ? from tonight", [as_of, model_version])
    connection.unregister("tonight")


def rows(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return connection.execute("select * from ml.stability order by as_of, kind, name").fetchall()


def test_a_night_is_replaced_by_its_rerun_and_by_nothing_else(connection: duckdb.DuckDBPyConnection) -> None:
    record_night(connection, FIRST, "m1", "run-1", night_of(1), FIRST, None)
    record_night(connection, SECOND, "m1", "run-2", night_of(2, shift=1), FIRST, None)
    before = rows(connection)
    assert len(before) == 8
    connection.execute("begin")
    record_night(connection, SECOND, "m1", "run-2", night_of(2, shift=1), FIRST, None)
    connection.execute("commit")
    assert rows(connection) == before
    forget_night(connection, SECOND)
    assert rows(connection) == before[:4]


def test_pds_are_held_against_the_last_scored_night_before(connection: duckdb.DuckDBPyConnection) -> None:
    assert publication_drift(connection, FIRST, pds(1), CONFIG) is None
    score(connection, FIRST, "m1", pds(1))
    score(connection, SECOND, "m2", pds(2) * 1.6)
    score(connection, THIRD, "m2", pds(3))
    found = publication_drift(connection, SECOND, pds(2) * 1.6, CONFIG)
    assert found and (found.as_of, found.model_version, found.rows_before, found.rows) == (FIRST, "m1", ROWS, ROWS)
    assert found.pd.band == "alarm"
    later = publication_drift(connection, date(2026, 4, 1), pds(4), CONFIG)
    assert later and (later.as_of, later.model_version, later.pd.band) == (THIRD, "m2", "stable")
    assert publication_drift(connection, SECOND, pds(2)[:0], CONFIG) is None


def test_a_night_is_held_against_the_first_that_the_same_model_scored(connection: duckdb.DuckDBPyConnection) -> None:
    forget_night(connection, FIRST)
    first = settled_baseline(connection, FIRST, "m1", baseline)
    assert (first.as_of, first.baseline) == (FIRST, baseline())
    assert settled_baseline(connection, SECOND, "m1", other_baseline) == first
    assert settled_baseline(connection, SECOND, "m2", other_baseline).baseline == other_baseline()
    forget_night(connection, FIRST)  # it is scored again
    again = settled_baseline(connection, FIRST, "m1", other_baseline)
    assert (again.as_of, again.baseline) == (FIRST, other_baseline())
    assert settled_baseline(connection, THIRD, "m2", baseline).as_of == SECOND


def test_what_drifts_is_warned_of_once(connection: duckdb.DuckDBPyConnection, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    record_night(connection, FIRST, "m1", "r", night_of(1), FIRST, None)
    assert not caplog.records
    record_night(connection, SECOND, "m1", "r", night_of(2, shift=1, factor=1.6), FIRST, None)
    assert (
        f"newly drifted under m1 (2 of 4 figures): since {FIRST} (scored by m1) pd PSI" in caplog.text
        and ") f1 PSI" in caplog.text
    )
    caplog.clear()
    record_night(connection, THIRD, "m1", "r", night_of(3, shift=1, factor=1.6), FIRST, None)
    assert not caplog.records
    is_new = connection.execute("select as_of, name from ml.stability where is_new order by all").fetchall()
    assert is_new == [(SECOND, "f1"), (SECOND, "pd")]
    record_night(connection, date(2026, 3, 4), "m2", "r", night_of(3, shift=1), FIRST, None)
    assert "newly drifted under m2 (1 of 4 figures): since 2026-03-01 (scored by m2) f1" in caplog.text


def test_the_command_shows_the_latest_or_a_named_night(
    settings: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    score(connection, FIRST, "m0", pds(1))
    record_night(connection, FIRST, "m0", "r", night_of(1), FIRST, None)
    publication = publication_drift(connection, SECOND, pds(2) * 1.6, CONFIG)
    record_night(connection, SECOND, "m1", "r", night_of(2, shift=1, factor=1.6), FIRST, publication)
    connection.close()
    shown = tradeline(settings.home, "models", "stability")
    words = " ".join(shown.stdout.split())
    assert shown.returncode == 0 and f"{SECOND}: 2,000 sellers scored by m1, beside the 2,000 of {FIRST}" in words
    assert f"pd since {FIRST}: alarm" in words and f"pd since {FIRST}, scored by m0: alarm" in words
    assert "features: 1 alarm, 0 watch, 2 stable" in words and "f1" in words and "f0" not in words
    night = read_night(settings, SECOND)
    assert [each.kind for each in night] == ["pd", "publication", "feature", "feature", "feature"]
    listed = json.loads(tradeline(settings.home, "models", "stability", "--format", "json").stdout)
    assert [NightDrift.model_validate(each) for each in listed] == list(night)
    text = tradeline(settings.home, "models", "stability", "--as-of", str(FIRST), "--format", "csv").stdout
    assert next(csv.DictReader(io.StringIO(text)))["name"] == "pd" and text.count("\n") == 5


def test_a_night_that_is_not_scored_is_said(settings: Settings) -> None:
    with pytest.raises(TradelineError, match="no night is scored yet"):
        read_night(settings)
    settings.warehouse.parent.mkdir(parents=True)
    duckdb.connect(str(settings.warehouse)).close()
    found = tradeline(settings.home, "models", "stability", "--as-of", "2026-03-01")
    assert found.returncode == 1 and "no model has scored 2026-03-01 yet" in found.stderr
