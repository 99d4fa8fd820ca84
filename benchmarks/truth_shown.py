"""Why more loans would not reach the true pd: what of the hidden traits the features show, and what that costs."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from benchmarks.truth_markets import Extract
from benchmarks.truth_traits import TRAITS, expected_auc, pd_of, shown_share, shown_traits
from ml.encode import Matrix, encode
from ml.features import ModelFeature
from ml.training_set import read_training_set
from tradeline.settings import Settings

LEARNED_MARKETS = 9  # of the pool: about 100,000 loans, with which a trait's trees hardly improve
TITLES = {
    "condition": "condition (demand, and the cushion)", "quality": "quality", "is_faker": "who fakes orders",
    "leverage": "leverage (loan to true sales)",
}  # fmt: skip


def show_what_is_hidden(
    evaluated: Sequence[Extract],
    pool: Sequence[Extract],
    features: tuple[ModelFeature, ...],
    first_on: date,
    threads: int,
) -> None:
    """Print the expected AUC of the true pd, then of one for which traits are as the features show them.

    No outcome is used: trees learn the traits themselves, from loans of the pool that had matured by ``first_on``.
    """
    learned, traits = _loans(pool[:LEARNED_MARKETS], features, f"matures_on <= '{first_on}'")
    values, true = _loans(evaluated, features, f"as_of >= '{first_on}'")
    shown = shown_traits(learned, traits, values, threads)
    print(f"\nthe true pd of somebody who knows a trait only as far as the {len(features)} features show it")
    print(f"  {'':<36} {'shown':>6} {'expected AUC':>13}")
    print(f"  {'all traits known':<36} {'':>6} {expected_with(true, shown, ()):>13.3f}")
    for name, title in TITLES.items():
        share = shown_share(true[name], shown[name])
        print(f"  {title:<36} {share:>6.0%} {expected_with(true, shown, (name,)):>13.3f}")
    print(f"  {'all four':<36} {'':>6} {expected_with(true, shown, TRAITS):>13.3f}")


def expected_with(true: pd.DataFrame, shown: pd.DataFrame, replaced: Sequence[str]) -> float:
    """The expected AUC of the pd that follows from the true traits, the ``replaced`` ones as shown.

    Rows of both are the same loans; the mean over the markets that the column ``market`` of ``true`` separates.
    """
    risk = pd_of(true.assign(**{name: shown[name].to_numpy() for name in replaced}))
    true_pd, market = true["true_pd"].to_numpy(np.float64), true["market"].to_numpy()
    each = [expected_auc(true_pd[market == number], risk[market == number]) for number in np.unique(market)]
    return float(np.mean(each))


def _loans(
    extracts: Sequence[Extract], features: tuple[ModelFeature, ...], condition: str
) -> tuple[Matrix, pd.DataFrame]:
    """Features, shape (loans, features), and traits of the loans that meet a condition on their days."""
    values, traits = [], []
    for number, extract in enumerate(extracts):
        loans = read_training_set(Settings(home=extract.folder), extract.training, features).query(condition)
        values.append(encode(loans, features))
        keys = ["seller_id", "as_of"]
        traits.append(loans[keys].merge(pd.read_parquet(extract.truth), on=keys, how="left").assign(market=number))
    return np.concatenate(values), pd.concat(traits, ignore_index=True)
