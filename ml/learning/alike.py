"""Exact contributions of shallow trees, computed once for all rows that a tree treats alike.

What a tree contributes to a row depends on nothing but how each of its splits decides for it (TreeSHAP,
path-dependent). A tree of depth 3 has 7 splits, so that a million rows differ in 128 ways at most: XGBoost explains one
row of each, and the others take that over. Trees are added up in XGBoost's order, so the sums are its own to the bit.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from ml.encode import Matrix

MOST_SPLITS = 7
Codes = NDArray[np.intp]


@dataclass(frozen=True)
class Split:
    """Where a tree divides rows: by ``below``, or by ``categories`` where these are not None."""

    feature: int
    below: np.float32
    categories: NDArray[np.float32] | None
    is_missing_left: bool

    def decides(self, values: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which side each value of the feature falls on."""
        is_left = values < self.below if self.categories is None else ~np.isin(values, self.categories)
        return np.where(np.isnan(values), self.is_missing_left, is_left)


@dataclass
class Tree:
    """One tree; ``known`` of shape (codes,), ``contributions`` of shape (codes, its features)."""

    number: int
    splits: list[Split]
    features: list[int]
    known: NDArray[np.bool_]
    contributions: Matrix

    def codes(self, columns: Matrix) -> Codes:
        """How all splits decide, as one number a row; ``columns`` of shape (features, rows)."""
        codes = np.zeros(columns.shape[1], np.intp)
        for place, split in enumerate(self.splits):
            codes |= split.decides(columns[split.feature]).astype(np.intp) << place
        return codes


@dataclass(frozen=True)
class Alike:
    """The trees of a booster, which is on one thread: for a row or a few, threads only wait for each other."""

    booster: xgb.Booster
    trees: list[Tree]

    @classmethod
    def of(cls, booster: xgb.Booster) -> Self | None:
        """None where a tree has too many splits for its rows to be alike."""
        model = json.loads(bytes(booster.save_raw("json")))["learner"]["gradient_booster"]["model"]
        splits = [list(_splits(tree)) for tree in model["trees"]]
        if max(map(len, splits), default=0) > MOST_SPLITS or booster.num_boosted_rounds() != len(splits):
            return None
        alone = booster.copy()
        alone.set_param({"nthread": 1})
        return cls(alone, [_tree(number, each) for number, each in enumerate(splits)])

    def contributions(self, values: Matrix) -> Matrix:
        """Those of XGBoost, shape (rows, features + 1), the last column the base value."""
        columns = np.ascontiguousarray(values.T)
        found = np.zeros((len(columns) + 1, len(values)), np.float32)
        for tree in self.trees:
            codes = tree.codes(columns)
            self._learn(tree, codes, values)
            for place, feature in enumerate(tree.features):
                found[feature] += tree.contributions[codes, place]
        found[-1] = _explained(self.booster, values[:1])[:, -1]
        return np.ascontiguousarray(found.T)

    def _learn(self, tree: Tree, codes: Codes, values: Matrix) -> None:
        """Let XGBoost explain one row of each code that is new."""
        rows = np.full(len(tree.known), -1)
        rows[codes] = np.arange(len(codes))
        new = np.flatnonzero((rows >= 0) & ~tree.known)
        if len(new):
            found = _explained(self.booster[tree.number : tree.number + 1], values[rows[new]])
            tree.contributions[new] = found[:, tree.features]
            tree.known[new] = True


def _explained(booster: xgb.Booster, values: Matrix) -> Matrix:
    found = booster.predict(xgb.DMatrix(values, nthread=1), pred_contribs=True, validate_features=False)
    return np.asarray(found, np.float32)


def _tree(number: int, splits: list[Split]) -> Tree:
    features = sorted({split.feature for split in splits})
    codes = 2 ** len(splits)
    return Tree(number, splits, features, np.zeros(codes, bool), np.zeros((codes, len(features)), np.float32))


def _splits(tree: dict[str, Any]) -> Iterator[Split]:
    """The splits of a tree as XGBoost's JSON has it; a node without children is a leaf."""
    begins = dict(zip(tree["categories_nodes"], tree["categories_segments"], strict=True))
    sizes = dict(zip(tree["categories_nodes"], tree["categories_sizes"], strict=True))
    for node, left in enumerate(tree["left_children"]):
        if left < 0:
            continue
        categories = None
        if node in begins:
            begin, size = begins[node], sizes[node]
            categories = np.array(tree["categories"][begin : begin + size], np.float32)
        below = np.float32(tree["split_conditions"][node])
        yield Split(tree["split_indices"][node], below, categories, bool(tree["default_left"][node]))
