"""A naive join takes today's features and nothing else from after the decision; what it then claims is too good."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from benchmarks.naive_join import joins, write_joined
from benchmarks.truth_markets import Extract
from tests.ml.synthetic import synthetic_frame, write_training_set
from tradeline.contracts.features import read_catalogue


def test_only_what_is_asked_for_is_of_today(tmp_path: Path) -> None:
    extract = Extract(tmp_path / "extract")
    decided = synthetic_frame(sellers=10, months=3)
    write_training_set(decided, extract.training)
    today = pd.DataFrame(
        {"seller_id": [f"s{number:04}" for number in range(9)], "as_of": "2026-01-01", "tenure_days": range(9)}
    ).assign(rating_mean_90d=1.0)
    today.to_parquet(extract.today, index=False)
    write_joined(extract, ("tenure_days",), tmp_path / "joined.parquet")
    joined = duckdb.execute(f"select * from '{tmp_path / 'joined.parquet'}'").df()
    expected = decided.sort_values(["as_of", "seller_id"], ignore_index=True)
    assert list(joined.columns) == list(expected.columns)
    number = expected["seller_id"].str[1:].astype(int)
    np.testing.assert_array_equal(joined["tenure_days"], number.where(number < 9).astype(float))
    for name in ("seller_id", "is_default", "rating_mean_90d"):
        np.testing.assert_array_equal(joined[name], expected[name])
    assert (joined["as_of"].dt.date == expected["as_of"]).all()


def test_the_ways_of_joining() -> None:
    honest, naive, careful = (set(join.of_today) for join in joins())
    features = {feature.name: feature.family for feature in read_catalogue()}
    assert honest == set() and naive == set(features)
    assert naive - careful == {name for name, family in features.items() if family == "credit"}
    assert {"loans_written_off", "worst_days_past_due"} < naive - careful
