"""The first loans of a programme: what training on a few hundred says of itself, and what became of it later.

Of each market the loans that had matured by the day when there were so many, of those decided once the platform had
half a year of records; trained as of that day, evaluated by cross-validation. Then thousands of loans that were decided
after that day say how good the model really was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.truth_figures import matched
from benchmarks.truth_markets import Extract
from ml.errors import NotEnoughData
from ml.numbers.bootstrap import Ranking
from ml.registry import store as registry
from ml.registry.version import ModelVersion
from ml.score import predict_pd
from ml.train import train
from ml.training_set import read_training_set
from tradeline.database import Limits, connect
from tradeline.estimates import Estimate
from tradeline.settings import Settings
from tradeline.sql import literal

SIZES = (300, 700, 1000, 1600)
RECORDS_DAYS = 180


@dataclass(frozen=True)
class Start:
    """A programme with its first loans; ``later``: its pds of the loans decided afterwards, beside the outcomes."""

    version: ModelVersion
    later: pd.DataFrame

    @property
    def auc(self) -> Estimate:
        """What cross-validation says."""
        return self.version.evaluation.metrics["auc"]

    @property
    def later_auc(self) -> float:
        """What became of it."""
        is_bad = self.later["is_default"].to_numpy(bool)
        return Ranking(is_bad, self.later["pd"].to_numpy()).auc_and_ks(np.ones(len(is_bad)))[0]


def show(extracts: Sequence[Extract], folder: Path) -> None:
    """A line for each market and number of loans."""
    print("\nthe first loans of a programme: cross-validated, and on all loans decided later")
    print(f"  {'loans (bad)':>14}  {'serves':<10} {'AUC said':>22} {'later':>7} {'pd / true pd later':>19}")
    for number, extract in enumerate(extracts, start=1):
        for size in SIZES:
            print(f"  {_line(extract, size, folder / f'start-{number}-{size}')}", flush=True)


def first_loans(extract: Extract, size: int, target: Path) -> date:
    """Write the training set of the day when ``size`` loans had matured, and return that day."""
    with connect(Limits(threads=2), spill=target.parent) as connection:
        connection.execute(
            f"create table loans as from read_parquet({literal(extract.training)}) "
            f"qualify as_of >= min(as_of) over () + interval {RECORDS_DAYS} day"
        )
        [(day,)] = connection.execute(
            "select matures_on::date from loans order by matures_on limit 1 offset ?", [size - 1]
        ).fetchall()
        target.parent.mkdir(parents=True, exist_ok=True)
        known = f"from loans where matures_on <= date '{day}' order by as_of, seller_id"
        connection.execute(f"copy ({known}) to {literal(target)} (format parquet)")
    return date.fromisoformat(str(day))


def start(extract: Extract, size: int, folder: Path) -> Start:
    """Train on the first loans and score those decided afterwards.

    Raises:
        NotEnoughData: too few of them are bad.
    """
    target = folder / "first.parquet"
    day = first_loans(extract, size, target)
    settings = Settings(home=folder)
    version = train(settings, target, day, "small_data")
    rows = read_training_set(settings, extract.training, version.features)
    later = rows[rows["as_of"] > pd.Timestamp(day)]
    pds = predict_pd(registry.load(settings, version.model_version), later)
    evaluated = later[["seller_id", "as_of", "is_default"]].assign(pd=pds)
    return Start(version, matched(evaluated, pd.read_parquet(extract.truth)[["seller_id", "as_of", "true_pd"]]))


def _line(extract: Extract, size: int, folder: Path) -> str:
    try:
        found = start(extract, size, folder)
    except NotEnoughData as error:
        return f"{size:>14}  refused: {error}"
    part, later = found.version.split.fitted, found.later
    loans = f"{part.rows:,} ({part.bad_rows:,})"
    ratio = later["pd"].mean() / later["true_pd"].mean()
    return f"{loans:>14}  {found.version.algorithm:<10} {found.auc!s:>22} {found.later_auc:>7.3f} {ratio:>19.2f}"
