"""Contributions of rows that trees treat alike are XGBoost's own to the bit."""

import numpy as np
import pytest
import xgboost as xgb

from ml.encode import Matrix
from ml.learning.alike import MOST_SPLITS, Alike

TYPES = ["q", "q", "q", "q", "c", "c"]


def _rows(count: int, seed: int) -> Matrix:
    """Numbers with ties and holes, and two categories with holes."""
    chance = np.random.default_rng(seed)
    numbers = chance.normal(size=(count, 4)).round(1)
    categories = chance.integers(0, [3, 30], size=(count, 2))
    values = np.column_stack([numbers, categories]).astype(np.float32)
    values[chance.random(values.shape) < 0.1] = np.nan
    return values


def _grown(depth: int, rounds: int = 40) -> xgb.Booster:
    values = _rows(3_000, seed=1)
    chance = np.random.default_rng(2)
    shown = np.nan_to_num(values[:, 0] * values[:, 1] + (values[:, 4] == 1) - (values[:, 5] % 3 == 0))
    is_bad = chance.random(len(values)) < 1 / (1 + np.exp(-shown))
    data = xgb.DMatrix(values, is_bad, feature_types=TYPES, enable_categorical=True)
    parameters = {"max_depth": depth, "max_cat_to_onehot": 8, "objective": "binary:logistic", "nthread": 1}
    return xgb.train(parameters, data, rounds)


def _explained(booster: xgb.Booster, values: Matrix) -> Matrix:
    return np.asarray(booster.predict(xgb.DMatrix(values), pred_contribs=True, validate_features=False))


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_contributions_are_the_same_to_the_bit(depth: int) -> None:
    booster = _grown(depth)
    alike = Alike.of(booster)
    assert alike is not None
    for seed in (3, 4):  # what the first rows have not shown is learnt from the second
        values = _rows(2_000, seed)
        np.testing.assert_array_equal(alike.contributions(values), _explained(booster, values))


def test_both_kinds_of_categories_are_met() -> None:
    alike = Alike.of(_grown(3))
    assert alike is not None
    sizes = {len(split.categories) for tree in alike.trees for split in tree.splits if split.categories is not None}
    assert 1 in sizes
    assert max(sizes) > 1


def test_rows_at_the_edge_of_a_split_fall_as_xgboost_has_them() -> None:
    booster = _grown(3)
    alike = Alike.of(booster)
    assert alike is not None
    values = np.repeat(_rows(1, seed=5), 500, axis=0)
    edges = [split for tree in alike.trees for split in tree.splits if split.categories is None][:500]
    for row, split in enumerate(edges):
        values[row, split.feature] = split.below
    np.testing.assert_array_equal(alike.contributions(values), _explained(booster, values))


def test_of_one_row_and_of_a_tree_without_splits() -> None:
    booster = _grown(2, rounds=3)
    constant = xgb.train({"max_depth": 2, "min_split_loss": 1e9}, xgb.DMatrix(_rows(50, 1), np.arange(50.0)), 2)
    for grown in (booster, constant):
        alike = Alike.of(grown)
        assert alike is not None
        values = _rows(1, seed=6)
        np.testing.assert_array_equal(alike.contributions(values), _explained(grown, values))


def test_deep_trees_are_left_to_xgboost() -> None:
    booster = _grown(5)
    assert Alike.of(booster) is None
    assert max(tree.count("yes=") for tree in booster.get_dump()) > MOST_SPLITS
