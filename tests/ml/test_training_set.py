import os
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from ml.errors import BadFeatures, NotEnoughData
from ml.training_set import (
    LOSSES,
    LOSSES_SUFFIX,
    VINTAGES,
    VINTAGES_SUFFIX,
    check_matured,
    export_training_set,
    read_losses,
    read_training_set,
    read_vintages,
    training_sets,
)
from tests.ml.synthetic import synthetic_frame, write_training_set
from tradeline.contracts.features import read_catalogue
from tradeline.errors import TradelineError
from tradeline.settings import Settings

SUFFIXES = (VINTAGES_SUFFIX, LOSSES_SUFFIX)


def test_export_writes_the_same_bytes_whatever_the_order_of_rows(settings: Settings) -> None:
    frame = synthetic_frame(sellers=50)
    settings.warehouse.parent.mkdir(parents=True)
    fill_warehouse(settings, frame)
    first = export_training_set(settings, "run-1")
    fill_warehouse(settings, frame.sample(frac=1, random_state=1))
    second = export_training_set(settings, "run-2")
    assert first == settings.models / "training" / "run-1.parquet"
    assert first.read_bytes() == second.read_bytes()
    beside = [tuple(path.with_name(path.stem + suffix) for path in (first, second)) for suffix in SUFFIXES]
    assert all(one.read_bytes() == other.read_bytes() for one, other in beside)
    assert set(first.parent.iterdir()) == {first, second, *beside[0], *beside[1]}


def test_training_sets_are_told_from_the_vintages_beside_them(settings: Settings) -> None:
    settings.warehouse.parent.mkdir(parents=True)
    fill_warehouse(settings, synthetic_frame(sellers=5))
    exported = [export_training_set(settings, run_id) for run_id in ("manual__2024-01-01T00:00:00.5+00:00", "a")]
    assert training_sets(settings.models / "training") == exported
    os.utime(exported[1], (0, 0))
    assert training_sets(settings.models / "training") == exported[::-1]
    assert [len(read_vintages(settings, path)) for path in exported] == [2, 2]


def test_vintages_come_back_in_order_and_empty_where_there_are_none(settings: Settings, training_set: Path) -> None:
    settings.warehouse.parent.mkdir(parents=True)
    fill_warehouse(settings, synthetic_frame(sellers=5))
    vintages = read_vintages(settings, export_training_set(settings, "run-1"))
    assert tuple(vintages.columns) == VINTAGES
    assert vintages.values.tolist() == [
        [pd.Timestamp(2024, 1, 1), 30, 3, 1, 0],
        [pd.Timestamp(2024, 1, 1), 60, 3, 2, 1],
    ]
    without = read_vintages(settings, training_set)
    assert without.empty and tuple(without.columns) == VINTAGES


def test_losses_come_back_and_are_empty_where_there_are_none(settings: Settings, training_set: Path) -> None:
    settings.warehouse.parent.mkdir(parents=True)
    fill_warehouse(settings, synthetic_frame(sellers=5))
    losses = read_losses(settings, export_training_set(settings, "run-1"))
    assert tuple(losses.columns) == LOSSES
    assert losses["lost_share"].tolist() == [0.65, 1.0]
    without = read_losses(settings, training_set)
    assert without.empty and tuple(without.columns) == LOSSES


def fill_warehouse(settings: Settings, frame: pd.DataFrame) -> None:
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.register("frame", frame)
        connection.execute("create schema if not exists training")
        connection.execute("create or replace table training.training_set as from frame")
        ages = "(date '2024-01-01', 60, 3, 2, 1), (date '2024-01-01', 30, 3, 1, 0)"
        connection.execute(
            f"create or replace table training.loan_vintages as from (values {ages}) as t({', '.join(VINTAGES)})"
        )
        lost = "('b', 's2', 100.00, 0.00, 1::double), ('a', 's1', 900.00, 315.00, 0.65::double)"
        connection.execute(
            f"create or replace table training.loan_losses as from (values {lost}) as t(loan_id, {', '.join(LOSSES)})"
        )


def test_a_training_set_of_before_is_to_be_built_again(tmp_path: Path) -> None:
    frame = synthetic_frame(sellers=5).drop(columns=["is_indeterminate", "is_early_payment_default"])
    path = write_training_set(frame, tmp_path / "t.parquet")
    missing = "t.parquet: the training set lacks is_indeterminate, is_early_payment_default: build it again"
    with pytest.raises(BadFeatures, match=missing):
        read_training_set(Settings(home=tmp_path), path, [])


def test_reads_numbers_of_any_type_and_keeps_null_null(tmp_path: Path, catalogue: Path) -> None:
    path = tmp_path / "typed.parquet"
    with duckdb.connect() as connection:
        connection.register("frame", synthetic_frame(sellers=3, months=2))
        connection.execute(
            f"""copy (select * replace (sales_amount_90d::decimal(18, 2) as sales_amount_90d,
                tenure_days > 400 as tenure_days, null::boolean as noise_rate) from frame) to '{path}'"""
        )
    frame = read_training_set(Settings(home=tmp_path), path, read_catalogue(catalogue))
    assert {str(frame[name].dtype) for name in ("sales_amount_90d", "tenure_days", "noise_rate")} == {"float32"}
    assert set(frame["tenure_days"]) <= {0.0, 1.0}
    assert frame["noise_rate"].isna().all()


def test_a_missing_feature_is_named(tmp_path: Path, catalogue: Path) -> None:
    path = write_training_set(synthetic_frame().drop(columns=["noise_rate"]), tmp_path / "t.parquet")
    with pytest.raises(BadFeatures, match="the training set lacks noise_rate"):
        read_training_set(Settings(home=tmp_path), path, read_catalogue(catalogue))


def test_text_where_a_number_is_due_is_refused(tmp_path: Path, catalogue: Path) -> None:
    path = write_training_set(synthetic_frame().assign(noise_rate="high"), tmp_path / "t.parquet")
    with pytest.raises(BadFeatures, match="should be a number"):
        read_training_set(Settings(home=tmp_path), path, read_catalogue(catalogue))


def test_a_repeated_seller_on_one_day_is_named(tmp_path: Path, catalogue: Path) -> None:
    frame = synthetic_frame(sellers=5, months=1)
    path = write_training_set(pd.concat([frame, frame.tail(1)]), tmp_path / "t.parquet")
    with pytest.raises(BadFeatures, match="seller s0004 has several rows as of 2017-01-31"):
        read_training_set(Settings(home=tmp_path), path, read_catalogue(catalogue))


def test_an_empty_training_set_is_not_enough_data(tmp_path: Path, catalogue: Path) -> None:
    path = write_training_set(synthetic_frame().head(0), tmp_path / "t.parquet")
    with pytest.raises(NotEnoughData, match="no matured rows"):
        read_training_set(Settings(home=tmp_path), path, read_catalogue(catalogue))


def test_mixed_labels_are_refused(tmp_path: Path, catalogue: Path) -> None:
    frame = synthetic_frame(sellers=5, months=1)
    frame.loc[0, "label_kind"] = "loan_default"
    with pytest.raises(TradelineError, match="cash_flow_replay, loan_default are mixed"):
        read_training_set(
            Settings(home=tmp_path), write_training_set(frame, tmp_path / "t.parquet"), read_catalogue(catalogue)
        )


@pytest.mark.parametrize("outcome", ["is_default", "is_indeterminate", "is_early_payment_default"])
def test_an_unlabelled_row_is_refused(outcome: str, tmp_path: Path, catalogue: Path) -> None:
    frame = synthetic_frame(sellers=5, months=1).astype({outcome: object})
    frame.loc[0, outcome] = None
    with pytest.raises(TradelineError, match=f"1 rows have no {outcome}"):
        read_training_set(
            Settings(home=tmp_path), write_training_set(frame, tmp_path / "t.parquet"), read_catalogue(catalogue)
        )


def test_an_outcome_unknown_at_the_training_day_is_refused(
    settings: Settings, training_set: Path, catalogue: Path
) -> None:
    frame = read_training_set(settings, training_set, read_catalogue(catalogue))
    check_matured(frame, date(2018, 5, 29))
    with pytest.raises(TradelineError, match="250 rows of the training set mature after 2018-05-28"):
        check_matured(frame, date(2018, 5, 28))
    frame.loc[:2, "matures_on"] = pd.NaT
    with pytest.raises(TradelineError, match="3 rows of the training set mature after 2018-05-29"):
        check_matured(frame, date(2018, 5, 29))
