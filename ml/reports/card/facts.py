"""All input of a card, read once: the version's files, its training set, and the decisions on it."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from ml.config import ModelConfig, load_config
from ml.encode import Matrix, encode
from ml.evaluation.scored_rows import read_scored_rows
from ml.learning.booster import Trees
from ml.learning.scorecard import Points, Scorecard
from ml.monitoring.fairness import Pack, load_pack
from ml.numbers.bootstrap import Floats, Mask, bootstrap, percentile_estimate
from ml.promotion.compare import training_set_of as training_set_of
from ml.promotion.promote import Promotion, find_promotion
from ml.registry import store as registry
from ml.registry.pointer import Champion, read_champion
from ml.registry.store import CreditModel
from ml.registry.version import ModelVersion
from ml.reports.card.words import percent, share_interval
from ml.training_set import read_losses, read_training_set, read_vintages
from tradeline.contracts.policy import Reason, load_reasons, loss_given_default
from tradeline.estimates import Estimate
from tradeline.settings import Settings

LANDED = "has_"  # columns of the mart that say whether a table had landed by the day
TABLES = ("orders", "payments", "refunds", "reviews", "loans")
SELLERS_MIN = 10  # resampling fewer sellers gives no interval to go by


@dataclass(frozen=True)
class Facts:
    """``fitted``, ``evaluated``: masks over the rows of ``frame``. ``values``, shape (rows, features), and ``pds`` by
    algorithm, shape (repeats, rows): of the evaluated rows. ``sources``: share of the rows decided when a raw table had
    landed."""

    model: CreditModel
    trees: Trees | None
    scorecard: Scorecard | None
    frame: pd.DataFrame
    fitted: Mask
    evaluated: Mask
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
    def evaluated_rows(self) -> pd.DataFrame:
        """The rows behind every metric."""
        return self.frame[self.evaluated]

    @property
    def served_pds(self) -> Floats:
        """Of the evaluated rows by the serving algorithm, the mean over repeats: shape (rows,)."""
        return np.asarray(self.pds[self.version.algorithm].mean(axis=0))

    @property
    def gap(self) -> Mask:
        """The rows between both, which nothing used."""
        return np.asarray(~self.fitted & ~self.evaluated)

    @cached_property
    def observed_loss(self) -> Estimate | None:
        """The mean of ``lost_share`` over loans that went bad, its interval of whole sellers resampled; None of too
        few sellers."""
        if self.losses["seller_id"].nunique() < SELLERS_MIN:
            return None
        shares, config = self.losses["lost_share"].to_numpy(np.float64), self.config

        def mean(weights: Floats) -> dict[str, float]:
            return {"lost_share": float(np.average(shares, weights=weights))}

        drawn = bootstrap(self.losses["seller_id"], mean, config.evaluation.resamples, config.seed)
        return percentile_estimate(float(shares.mean()), drawn["lost_share"])

    @property
    def assumed_loss(self) -> float:
        """The loss given default in the policy's prices."""
        return loss_given_default()

    @property
    def loss_warning(self) -> str | None:
        """The effect on prices of an assumption outside the interval of the observed loss; None where it is inside."""
        observed, assumed = self.observed_loss, self.assumed_loss
        if observed is None or observed.low <= assumed <= observed.high:
            return None
        prices = "too low" if assumed < observed.value else "too high"
        return (
            f"Warning: the policy prices with a loss given default of {percent(assumed)}, outside the observed "
            f"{share_interval(observed)}: its prices are {prices} for such losses. Set loss_given_default in "
            "policy_parameters.csv, or say there why the next loans will lose another share."
        )

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
    frame = read_training_set(settings, training_set, version.features)
    fitted, evaluated = _masks(frame, version)
    kept = registry.read_file(settings, version, "judged.parquet")
    return Facts(
        model=model,
        trees=registry.load_algorithm(settings, version, Trees) if Trees.name in version.contenders else None,
        scorecard=version.part(Points.section, Scorecard) if Points.name in version.contenders else None,
        frame=frame,
        fitted=fitted,
        evaluated=evaluated,
        values=encode(frame[evaluated], version.features),
        pds={name: read_scored_rows(kept, name)[1] for name in version.contenders},
        sources=_sources(training_set),
        vintages=read_vintages(settings, training_set),
        losses=read_losses(settings, training_set),
        decision=find_promotion(settings, model_version),
        champion=read_champion(settings),
        pack=load_pack(version.fairness.jurisdiction),
        reasons=load_reasons(),
        config=load_config(),
    )


def _masks(frame: pd.DataFrame, version: ModelVersion) -> tuple[Mask, Mask]:
    """The training rows and the evaluated rows, as ``ml.learning.split`` had cut them."""
    evaluated = (frame["as_of"] >= pd.Timestamp(version.split.judged.first_on)).to_numpy()
    if version.judged_by == "cross_validation":
        return evaluated, evaluated
    return ~evaluated & (frame["matures_on"] <= pd.Timestamp(version.split.judged.first_on)).to_numpy(), evaluated


def earned(facts: Facts) -> str:
    """What a loan would be repaid from, as a card calls it: a bank's clients have incoming payments and no orders."""
    return "sales" if "orders" in facts.sources else "income"


def _sources(training_set: Path) -> dict[str, float]:
    """The share of rows by whose decision day each raw table had landed; sellers always have."""
    names = set(pq.read_schema(training_set).names)
    present = [table for table in TABLES if f"{LANDED}{table}" in names]
    flags = pq.read_table(training_set, columns=[f"{LANDED}{table}" for table in present]).to_pandas()
    shares = {table: float(flags[f"{LANDED}{table}"].eq(True).mean()) for table in present}
    return {"sellers": 1.0} | {table: share for table, share in shares.items() if share}
