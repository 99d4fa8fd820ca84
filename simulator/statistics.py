"""The main statistics of a landed market beside the ranges that published figures give (statistics.yml)."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
import yaml
from pydantic import ValidationError, model_validator

from tradeline.checked import Frozen, yaml_of
from tradeline.database import scalar
from tradeline.errors import TradelineError

DEFINITIONS = Path(__file__).with_name("statistics.yml")
Unit = Literal["share", "orders", "amount", "times", "slope", "stars", "correlation", "days", "months"]


class Definition(Frozen):
    """One statistic: how it is measured, the range it is held to, both ends included, and where that is from."""

    name: str
    title: str
    unit: Unit
    low: float
    high: float
    set_by: tuple[str, ...] = ()
    published: str
    sources: tuple[str, ...] = ()
    is_assumed: bool = False
    sql: str


class Subject(Frozen):
    """Statistics of one subject."""

    group: str
    statistics: tuple[Definition, ...]


class Definitions(Frozen):
    """Everything in ``statistics.yml``."""

    groups: tuple[Subject, ...]
    sources: dict[str, str]

    @model_validator(mode="after")
    def _sources_are_named(self) -> "Definitions":
        cited = {source for group in self.groups for one in group.statistics for source in one.sources}
        if cited != set(self.sources):
            raise ValueError(f"cited but not listed, or listed but not cited: {cited ^ set(self.sources)}")
        return self


@dataclass(frozen=True)
class Statistic:
    """One measured figure. ``value`` is None where what it needs has not landed; shares are 0 to 1."""

    name: str
    group: str
    title: str
    value: float | None
    unit: Unit
    low: float
    high: float
    source: str

    @property
    def is_met(self) -> bool | None:
        """Whether the value is in its range; None without a value."""
        return None if self.value is None else self.low <= self.value <= self.high


def definitions() -> Definitions:
    """The statistics and their ranges.

    Raises:
        TradelineError: ``statistics.yml`` is not as it should be.
    """
    try:
        return Definitions.model_validate(yaml_of(DEFINITIONS))
    except (yaml.YAMLError, ValidationError) as error:
        raise TradelineError(f"{DEFINITIONS.name}: {error}") from error


def measure(connection: duckdb.DuckDBPyConnection) -> tuple[Statistic, ...]:
    """Every statistic, of a landed market that is open."""
    return tuple(
        Statistic(
            name=one.name,
            group=group.group,
            title=one.title,
            value=_number(scalar(connection, one.sql)),
            unit=one.unit,
            low=one.low,
            high=one.high,
            source=one.published,
        )
        for group in definitions().groups
        for one in group.statistics
    )


def _number(value: object) -> float | None:
    number = math.nan if value is None else float(str(value))
    return number if math.isfinite(number) else None
