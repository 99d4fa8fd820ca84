"""A fitted scorecard, and what it makes of the encoded features."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ml.encode import Matrix
from ml.errors import BadFeatures
from ml.features import ModelFeature
from ml.numbers.bootstrap import Floats
from tradeline.checked import Frozen

Column = NDArray[np.float32]


class Characteristic(Frozen):
    """A feature cut into bins, and what each bin says about the risk.

    ``edges``: inner cut points of a number, ascending; the bin above an edge holds it. ``groups``: the categories of
    each bin. ``woe``: ln(share of all bad rows / share of all good rows) in each bin, so higher is riskier.
    ``missing_woe``: for null, and for a category without a bin. ``mean_woe``: over the training rows.
    """

    name: str
    family: str
    edges: tuple[float, ...] | None
    groups: tuple[tuple[str, ...], ...] | None
    woe: tuple[float, ...]
    missing_woe: float
    coefficient: Annotated[float, Field(gt=0)]
    mean_woe: float
    information_value: float


class Scorecard(Frozen):
    """Log-odds of default: ``intercept`` plus, of each characteristic, its coefficient times the woe of its bin."""

    intercept: float
    characteristics: tuple[Characteristic, ...]


def margins(scorecard: Scorecard, values: Matrix, features: Sequence[ModelFeature]) -> Floats:
    """Log-odds before calibration, shape (rows,), of ``values`` (rows, features).

    Raises:
        BadFeatures: ``features`` lacks a characteristic.
    """
    total = np.full(len(values), scorecard.intercept)
    for characteristic, position in _placed(scorecard, features):
        total += characteristic.coefficient * evidence(characteristic, values[:, position], features[position])
    return total


def contributions(scorecard: Scorecard, values: Matrix, features: Sequence[ModelFeature]) -> Matrix:
    """What each feature adds to the margin of an average training row, shape (rows, features + 1), last that margin.

    ``coefficient * (woe - mean_woe)`` is the exact Shapley value of an additive model against the training rows
    (Lundberg and Lee 2017, corollary 1); a row's values add up to its margin.

    Raises:
        BadFeatures: ``features`` lacks a characteristic.
    """
    found = np.zeros((len(values), len(features) + 1), dtype=np.float32)
    base = scorecard.intercept
    for characteristic, position in _placed(scorecard, features):
        woe = evidence(characteristic, values[:, position], features[position])
        found[:, position] = characteristic.coefficient * (woe - characteristic.mean_woe)
        base += characteristic.coefficient * characteristic.mean_woe
    found[:, -1] = base
    return found


def evidence(characteristic: Characteristic, column: Column, feature: ModelFeature) -> Floats:
    """The woe of each row's bin, shape (rows,); ``column`` holds numbers, or codes of ``feature.categories``."""
    bins = bins_of(column, characteristic.edges, characteristic.groups, feature.categories)
    return np.array([*characteristic.woe, characteristic.missing_woe])[bins]


def bins_of(
    column: Column,
    edges: tuple[float, ...] | None,
    groups: tuple[tuple[str, ...], ...] | None,
    categories: tuple[str, ...] | None,
) -> NDArray[np.intp]:
    """The number of each row's bin, from 0; rows without one get the number after the last."""
    if groups is None:
        # NaN sorts after every number, so it falls behind a last edge of NaN; in float32, as the values are.
        return np.searchsorted(np.array([*(edges or ()), np.nan], np.float32), column, side="right")
    numbers = {name: number for number, group in enumerate(groups) for name in group}
    by_code = np.array([*(numbers.get(name, len(groups)) for name in categories or ()), len(groups)], np.intp)
    return by_code[np.where(np.isnan(column), len(by_code) - 1, column).astype(np.intp)]


def _placed(scorecard: Scorecard, features: Sequence[ModelFeature]) -> list[tuple[Characteristic, int]]:
    positions = {feature.name: position for position, feature in enumerate(features)}
    absent = [each.name for each in scorecard.characteristics if each.name not in positions]
    if absent:
        raise BadFeatures(f"the scorecard needs {', '.join(absent)}, which the model's features do not have")
    return [(each, positions[each.name]) for each in scorecard.characteristics]
