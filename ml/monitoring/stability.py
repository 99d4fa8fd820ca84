"""Whether rows are like those that a model was trained on, or an earlier night's: PSI of the pd, CSI of each feature.

A small sample passes 0.1 by chance and in a large one any difference is significant. A shift therefore counts only
where it passes both the convention (from 0.1 watch, from 0.25 alarm: large enough to matter) and a critical value for
the sizes of the samples (more than chance). The score falls as the pd rises, so its index is the pd's.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from ml.config import StabilityConfig
from ml.encode import Matrix
from ml.features import ModelFeature
from ml.monitoring.stability_index import (
    Column,
    FeatureBaseline,
    bin_category,
    bin_number,
    count_again,
    critical_value,
    index,
)
from ml.numbers.bootstrap import Floats
from tradeline.checked import Frozen
from tradeline.errors import TradelineError

Band = Literal["stable", "watch", "alarm"]

WORST_NAMED = 3


class Baseline(Frozen):
    """The rows that a model was trained on, or a night; ``effective_rows``: fewer, as one seller's rows are alike."""

    rows: int
    effective_rows: float
    features: tuple[FeatureBaseline, ...]
    pd: FeatureBaseline


class Drift(Frozen):
    """One feature, or the pd, then and now.

    ``critical``: what chance explains of the index. ``band``: by the convention, "stable" where not significant.
    ``missing_share``: as the model sees it, so the ``unseen_share`` in categories unknown to training is in it.
    ``has_missing_shift``: by more than configured, and more than chance.
    """

    name: str
    psi: float
    critical: float
    is_significant: bool
    band: Band
    missing_share_before: float
    missing_share: float
    has_missing_shift: bool
    unseen_share: float
    has_unseen: bool

    @property
    def is_worth_telling(self) -> bool:
        """Whether it is reported."""
        return self.band != "stable" or self.has_missing_shift or self.has_unseen

    def __str__(self) -> str:
        """In a log or a sentence."""
        found = f"{self.name} PSI {self.psi:.2f} (chance explains {self.critical:.3f})"
        if self.has_missing_shift:
            found += f", missing in {self.missing_share_before:.0%} before and {self.missing_share:.0%} now"
        return found + (f", {self.unseen_share:.1%} in categories unknown to training" if self.has_unseen else "")


class Stability(Frozen):
    """``rows`` compared with the ``rows_before`` of the baseline."""

    rows_before: int
    rows: int
    pd: Drift
    features: tuple[Drift, ...]

    @property
    def told(self) -> tuple[Drift, ...]:
        """The features that are reported, the worst first."""
        return tuple(sorted((each for each in self.features if each.is_worth_telling), key=lambda each: -each.psi))


def make_baseline(
    values: Matrix,
    pd_: Floats,
    features: Sequence[ModelFeature],
    config: StabilityConfig,
    sellers: "pd.Series | None" = None,
) -> Baseline:
    """Of training rows: ``values`` (rows, features) and ``pd_`` (rows,), the latter best by models that had not seen
    the row. ``sellers`` (rows,): whose rows they are, where one has several."""

    def binned(feature: ModelFeature, column: Column) -> FeatureBaseline:
        if feature.categories is not None:
            return bin_category(feature.name, column, feature.categories)
        return bin_number(feature.name, column, config.bins)

    columns = np.ascontiguousarray(values.T)
    return Baseline(
        rows=len(values),
        effective_rows=_effective_rows(len(values), sellers),
        features=tuple(binned(feature, column) for feature, column in zip(features, columns, strict=True)),
        pd=bin_number("pd", pd_, config.bins),
    )


def drift(
    baseline: Baseline,
    values: Matrix,
    pd_: Floats,
    config: StabilityConfig,
    sellers: "pd.Series | None" = None,
    unseen: Mapping[str, Mapping[str, int]] | None = None,
) -> Stability:
    """How rows, shaped as in ``make_baseline``, differ from it; ``unseen``: their ``unseen_categories``.

    Of more than ``sampled_rows`` so many at even distances are compared. The pd is tested with ``confidence``, each
    feature with Bonferroni's share of it, so that it holds for all of them together, however they depend on each other.

    Raises:
        TradelineError: there are no rows.
    """
    rows = min(len(values), config.sampled_rows)
    picked = np.arange(rows) * len(values) // max(1, rows)
    columns, pds = np.ascontiguousarray(values[picked].T), pd_[picked]
    noise = 1 / baseline.effective_rows + 1 / _effective_rows(rows, None if sellers is None else sellers.iloc[picked])
    confidence = 1 - (1 - config.confidence) / max(1, len(baseline.features))
    shares = {name: sum(counts.values()) / len(values) for name, counts in (unseen or {}).items()}
    return Stability(
        rows_before=baseline.rows,
        rows=rows,
        pd=compare(baseline.pd, pds, noise, config.confidence, config),
        features=tuple(
            compare(before, column, noise, confidence, config, shares.get(before.name, 0.0))
            for before, column in zip(baseline.features, columns, strict=True)
        ),
    )


def fault(stability: Stability) -> str | None:
    """What speaks against promoting a model whose training rows were compared with those that it is evaluated on."""
    if stability.pd.band != "alarm":
        return None
    worst = "".join(f"; {each}" for each in stability.told[:WORST_NAMED])
    return f"its pds have shifted since training: {stability.pd}{worst}"


def unseen_categories(frame: pd.DataFrame, features: Sequence[ModelFeature]) -> dict[str, dict[str, int]]:
    """Rows of each category that training did not have, by feature; ``encode`` makes them missing."""
    counted: dict[str, dict[str, int]] = {}
    for feature in features:
        if feature.categories is not None:
            names = frame[feature.name].dropna().astype(str)
            counts = names[~names.isin(feature.categories)].value_counts()
            counted[feature.name] = {str(name): int(count) for name, count in sorted(counts.items())}
    return {name: counts for name, counts in counted.items() if counts}


def compare(
    before: FeatureBaseline,
    column: Column,
    noise: float,
    confidence: float,
    config: StabilityConfig,
    unseen_share: float = 0.0,
) -> Drift:
    """One column, shape (rows,), with its baseline; ``noise``: ``1 / n + 1 / m`` of the two samples."""
    then, now = np.array(before.counts, np.float64), count_again(before, column)
    psi, critical = index(then, now), critical_value(then, now, noise, confidence)
    missing_then, missing_now = float(then[-1] / then.sum()), float(now[-1] / now.sum())
    known_then, known_now = (np.array([counts[:-1].sum(), counts[-1]]) for counts in (then, now))
    is_chance = index(known_then, known_now) <= critical_value(known_then, known_now, noise, confidence)
    return Drift(
        name=before.name,
        psi=psi,
        critical=critical,
        is_significant=psi > critical,
        band="stable" if psi <= critical else _band(psi, config),
        missing_share_before=missing_then,
        missing_share=missing_now,
        has_missing_shift=not is_chance and abs(missing_now - missing_then) >= config.missing_share_shift,
        unseen_share=unseen_share,
        has_unseen=unseen_share >= config.unseen_share,
    )


def _band(psi: float, config: StabilityConfig) -> Band:
    return "alarm" if psi >= config.psi_alarm else "watch" if psi >= config.psi_watch else "stable"


def _effective_rows(rows: int, sellers: "pd.Series | None") -> float:
    """Kish's effective sample size (1965, Survey Sampling) as if a seller's rows were all the same: the careful end."""
    if not rows:
        raise TradelineError("there are no rows to compare with those that the model was trained on")
    repeats = np.ones(rows) if sellers is None else sellers.value_counts().to_numpy(np.float64)
    return float(repeats.sum() ** 2 / (repeats**2).sum())
