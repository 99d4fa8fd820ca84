"""Figures with an interval that holds them, whoever works them out: low <= value <= high, by construction."""

from math import sqrt
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator

Z_95 = 1.959964
Finite = Annotated[float, Field(allow_inf_nan=False)]


class Estimate(BaseModel):
    """A figure and its 95% interval, all finite.

    Raises ``ValidationError`` where the value lies outside, or something is NaN or infinite. Read from JSON, where
    earlier releases kept intervals that could miss their value, the interval is widened to hold it instead.
    """

    model_config = ConfigDict(frozen=True)

    value: Finite
    low: Finite
    high: Finite

    @model_validator(mode="after")
    def _value_is_inside(self, info: ValidationInfo) -> Self:
        if info.mode == "json":
            # Frozen once it is made; this is still the making of it.
            self.__dict__.update(low=min(self.low, self.value), high=max(self.high, self.value))
        if not self.low <= self.value <= self.high:
            raise ValueError(f"{self.value!r} is not within [{self.low!r}, {self.high!r}]")
        return self

    @classmethod
    def around(cls, value: float, low: float, high: float) -> Self:
        """The interval, widened to hold the value where a rounding error, or a statistic that resampling biases, leaves
        it outside."""
        return cls(value=value, low=min(low, value), high=max(high, value))

    def __str__(self) -> str:
        """As a report shows it."""
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def wilson(share: float, count: float) -> Estimate:
    """A share of ``count`` independent trials, above 0, with the score interval of Wilson (1927, JASA 22:209-212): from
    exactly 0 where the share is 0, and to exactly 1 where it is 1."""
    centre = (share + Z_95**2 / (2 * count)) / (1 + Z_95**2 / count)
    half = Z_95 / (1 + Z_95**2 / count) * sqrt(share * (1 - share) / count + Z_95**2 / (4 * count**2))
    return Estimate.around(share, max(0.0, centre - half), min(1.0, centre + half))
