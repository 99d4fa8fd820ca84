"""The feature catalogue: which columns of ``marts.seller_features`` the model may learn from, and how.

The one definition is dbt's description of the mart; this file only reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from tradeline.checked import yaml_of
from tradeline.errors import TradelineError
from tradeline.settings import PROJECT

CATALOGUE = PROJECT / "dbt_project" / "models" / "marts" / "seller_features.yml"
MART = "seller_features"

Sign = Literal["+", "-"]

# What values of a unit can be, unless a feature's meta names another minimum or maximum.
BOUNDS = ("minimum", "maximum")
RANGES: dict[str, tuple[float | None, float | None]] = {
    "amount": (0, None),
    "count": (0, None),
    "days": (0, None),
    "rate": (0, None),
    "share": (0, 1),
    "stars": (1, 5),
}


@dataclass(frozen=True)
class Feature:
    """One feature.

    ``expected_sign`` is the direction in which the feature moves the pd: ``+`` riskier as it grows, ``-`` safer,
    ``None`` left to the data. ``minimum`` and ``maximum`` bound its values, both included; ``None`` is no bound.
    ``reason``: the reason code that a seller is given where the feature weighs against it.
    """

    name: str
    family: str
    unit: str
    expected_sign: Sign | None
    is_model_input: bool
    minimum: float | None = None
    maximum: float | None = None
    reason: str | None = None

    @property
    def is_number(self) -> bool:
        """Whether its values can be counted or measured."""
        return self.unit not in ("category", "flag")

    @property
    def is_category(self) -> bool:
        """Whether its values are names, not numbers."""
        return self.unit == "category"


def read_catalogue(path: Path = CATALOGUE) -> list[Feature]:
    """Every feature of the mart, in the order of the file; columns without a family (the keys) are left out.

    Raises:
        TradelineError: the file or the mart's entry is absent, or a feature is described wrongly.
    """
    if not path.exists():
        raise TradelineError(f"the feature catalogue {path} does not exist")
    models = (yaml_of(path) or {}).get("models", [])
    columns = next((model.get("columns", []) for model in models if model["name"] == MART), None)
    if columns is None:
        raise TradelineError(f"{path} describes no model {MART}")
    described = [(column["name"], column.get("config", {}).get("meta", {})) for column in columns]
    return [_feature(path, name, meta) for name, meta in described if "family" in meta]


def model_inputs(path: Path = CATALOGUE) -> list[Feature]:
    """The features that the model learns from.

    Raises:
        TradelineError: as ``read_catalogue``, or there are none.
    """
    inputs = [feature for feature in read_catalogue(path) if feature.is_model_input]
    if not inputs:
        raise TradelineError(f"{path}: no column of {MART} is marked is_model_input")
    return inputs


@cache
def reasons_of_inputs(path: Path = CATALOGUE) -> Mapping[str, str]:
    """The reason code of each of the model's inputs, by name.

    Raises:
        TradelineError: as ``read_catalogue``.
    """
    return {feature.name: feature.reason for feature in read_catalogue(path) if feature.reason}


def _feature(path: Path, name: str, meta: dict[str, Any]) -> Feature:
    missing = [key for key in ("unit", "expected_sign", "is_model_input") if key not in meta]
    if missing:
        raise TradelineError(f"{path}, column {name}: meta lacks {', '.join(missing)}")
    sign = meta["expected_sign"]
    if sign not in ("+", "-", None):
        raise TradelineError(f"{path}, column {name}: expected_sign is {sign!r}; use '+', '-' or null")
    if sign is not None and meta["unit"] == "category":
        raise TradelineError(f"{path}, column {name}: a category has no expected_sign; use null")
    minimum, maximum = (meta.get(bound, of_unit) for bound, of_unit in zip(BOUNDS, _range_of_unit(meta), strict=True))
    sign_ = cast(Sign | None, sign)
    is_input, reason = bool(meta["is_model_input"]), meta.get("reason")
    return Feature(name, meta["family"], meta["unit"], sign_, is_input, minimum, maximum, reason)


def _range_of_unit(meta: dict[str, Any]) -> tuple[float | None, float | None]:
    return RANGES.get(meta["unit"], (None, None))
