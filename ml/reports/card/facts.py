"""All that a card is made of, read once: the version's files, its training set, and what was decided on it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from ml.config import ModelConfig, load_config
from ml.encode import Matrix, encode
from ml.judging.judged import read_judged
from ml.learning.booster import Trees
from ml.learning.scorecard import Points, Scorecard
from ml.monitoring.fairness import Pack, load_pack
from ml.numbers.bootstrap import Floats, Mask
from ml.promotion.compare import training_set_of as training_set_of
from ml.promotion.promote import Promotion, find_promotion
from ml.registry import store as registry
from ml.registry.pointer import Champion, read_champion
from ml.registry.store import CreditModel
from ml.registry.version import ModelVersion
from ml.training_set import read_losses, read_training_set, read_vintages
from tradeline.contracts.policy import Reason, load_reasons
from tradeline.settings import Settings

LANDED = "has_"  # columns of the mart that say whether a table had landed by the day
TABLES = ("orders", "payments", "refunds", "reviews", "loans")


@dataclass(frozen=True)
class Facts:
    """``fitted``, ``judged``: masks over the rows of ``frame``; ``values``: of the judged rows, shape (rows, features);
    ``pds``: theirs by each contender, shape (repeats, rows); ``sources``: share of the rows that knew a raw table."""

    model: CreditModel
    trees: Trees | None
    scorecard: Scorecard | None
    frame: pd.DataFrame
    fitted: Mask
    judged: Mask
    values: Matrix
    pds: dict[str, Floats]
    sources: dict[str, float]
    vintages: pd.DataFrame
    losses: pd.DataFrame
    decision: Promotion | None
    champion: Champion | None
    pack: Pack
    reasons: dict[str, Reason]
    config: ModelConfig

    @property
    def version(self) -> ModelVersion:
        """The version that the card is of."""
        return self.model.version

    @property
    def judged_rows(self) -> pd.DataFrame:
        """The rows behind every metric."""
        return self.frame[self.judged]

    @property
    def served_pds(self) -> Floats:
        """Of the judged rows by the algorithm that serves, the mean over repeats: shape (rows,)."""
        return np.asarray(self.pds[self.version.algorithm].mean(axis=0))

    @property
    def row_word(self) -> str:
        """What a row is."""
        return "loans" if self.version.label_kind == "loan_default" else "decisions"


def read_facts(settings: Settings, model_version: str) -> Facts:
    """Read everything about a version.

    Raises:
        BadModel: the version or its training set is absent or changed, or the decision on it cannot be read.
    """
    model = registry.load(settings, model_version)
    version = model.version
    training_set = training_set_of(settings, version)
    frame = read_training_set(training_set, version.features)
    fitted, judged = _masks(frame, version)
    kept = registry.read_file(settings, version, "judged.parquet")
    return Facts(
        model=model,
        trees=registry.load_algorithm(settings, version, Trees) if Trees.name in version.contenders else None,
        scorecard=version.part(Points.section, Scorecard) if Points.name in version.contenders else None,
        frame=frame,
        fitted=fitted,
        judged=judged,
        values=encode(frame[judged], version.features),
        pds={name: read_judged(kept, name)[1] for name in version.contenders},
        sources=_sources(training_set),
        vintages=read_vintages(training_set),
        losses=read_losses(training_set),
        decision=find_promotion(settings, model_version),
        champion=read_champion(settings),
        pack=load_pack(version.fairness.jurisdiction),
        reasons=load_reasons(),
        config=load_config(),
    )


def _masks(frame: pd.DataFrame, version: ModelVersion) -> tuple[Mask, Mask]:
    """The rows that it learned from and those that judge it, as ``ml.learning.split`` had cut them."""
    judged = (frame["as_of"] >= pd.Timestamp(version.split.judged.first_on)).to_numpy()
    if version.judged_by == "cross_validation":
        return judged, judged
    return ~judged & (frame["matures_on"] <= pd.Timestamp(version.split.judged.first_on)).to_numpy(), judged


def _sources(training_set: Path) -> dict[str, float]:
    """Sellers, and the tables of which the rows say that they had landed."""
    names = set(pq.read_schema(training_set).names)
    present = [table for table in TABLES if f"{LANDED}{table}" in names]
    flags = pq.read_table(training_set, columns=[f"{LANDED}{table}" for table in present]).to_pandas()
    shares = {table: float(flags[f"{LANDED}{table}"].eq(True).mean()) for table in present}
    return {"sellers": 1.0} | {table: share for table, share in shares.items() if share}
