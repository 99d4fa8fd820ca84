"""What each family of features adds where there are payments alone: on simulated markets, told as a bank sees them.

Each market's matured loans are predicted by trees that have not seen the seller (folds by seller): by all features, by
all but one family, and by one family alone. The AUC is the mean over markets; its intervals, and those of what is lost
without a family, come from resampling sellers.

    python -m benchmarks.payments_only --seeds 3 --keep PATH
"""

import argparse
import re
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xgboost as xgb

from benchmarks.truth_markets import Extract, extract_markets, of_market
from ml.encode import Matrix, encode, fix_features
from ml.numbers.bootstrap import Floats, Ranking, bootstrap, percentile_estimate
from ml.training_set import read_training_set
from simulator.market import UNTIL, Market
from tradeline.contracts.features import Feature, model_inputs
from tradeline.settings import Settings

SELLERS, DAYS, FOLDS, ROUNDS, RESAMPLES = 1_500, 420, 4, 100, 300
PARAMETERS = {
    "objective": "binary:logistic", "max_depth": 3, "learning_rate": 0.05, "subsample": 0.8, "colsample_bytree": 0.3,
    "min_child_weight": 5, "max_bin": 64, "seed": 1, "nthread": 1,
}  # fmt: skip
# Of the catalogue's family payments, by name; the first that matches. Other families are as the catalogue has them.
PAYMENTS = {
    "standing payments": "^standing_",
    "month ends": "^month_end_",
    "penalties": "^penalt",
    "paydays": "payday|^settlement_|^salary_",
    "cash": "^cash_(in|out)flow_share",
    "counterparties": "^payers|^payees|payer_share|supplier",
    "balances": "balance|^cash_out_days",
    "flows": "",
}
INCOME = ("sales", "growth", "volatility", "seasonality")


@dataclass(frozen=True)
class Loans:
    """Matured loans of one market: ``matrix`` has shape (loans, features); ``fold`` is the seller's."""

    sellers: pd.Series
    is_bad: np.ndarray
    matrix: Matrix
    fold: np.ndarray


def main() -> None:
    """Measure on as many markets as asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3, help="how many markets, from seed 1 on")
    parser.add_argument("--keep", type=Path, help="a folder for the extracts of the markets, used again if there")
    parser.add_argument("--sellers", type=int, default=SELLERS)
    parser.add_argument("--days", type=int, default=DAYS)
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the folder goes, however this ends
    with tempfile.TemporaryDirectory(prefix="tradeline-bench-") as folder:
        markets = (Market(asked.sellers, asked.days, seed + 1, UNTIL, True) for seed in range(asked.seeds))
        show(list(extract_markets(markets, asked.keep or Path(folder))))


def family_of(feature: Feature) -> str:
    """The family that a feature is counted with here."""
    if feature.family == "payments":
        return next(name for name, pattern in PAYMENTS.items() if re.search(pattern, feature.name))
    return "income" if feature.family in INCOME else feature.family


def show(extracts: Sequence[Extract]) -> None:
    """Print a line for each family that any loan has a value of."""
    inputs = model_inputs()
    markets = [_loans(number, extract, inputs) for number, extract in enumerate(extracts, start=1)]
    is_filled = np.any([~np.isnan(each.matrix).all(axis=0) for each in markets], axis=0)
    family = np.array([family_of(feature) if there else "" for feature, there in zip(inputs, is_filled, strict=True)])
    show_families(markets, family)


def show_families(markets: Sequence[Loans], family: np.ndarray) -> None:
    """The same of loans at hand; ``family``, shape (features,), is empty for a feature that is left out."""
    families = [name for name in dict.fromkeys(family.tolist()) if name]
    chosen = {"all": family != ""}
    for name in families:
        chosen |= {f"without {name}": (family != "") & (family != name), f"{name} alone": family == name}
    risks = {name: [_risk(each, columns) for each in markets] for name, columns in chosen.items()}
    _print(markets, families, family, risks)


def _loans(number: int, extract: Extract, inputs: Sequence[Feature]) -> Loans:
    rows = read_training_set(Settings(home=extract.folder), extract.training, inputs)
    codes, names = pd.factorize(rows["seller_id"])
    fold = np.random.default_rng(1).permutation(len(names))[codes] % FOLDS
    sellers = rows["seller_id"].map(lambda name: of_market(number, name))
    matrix = encode(rows, fix_features(rows, inputs))
    return Loans(sellers, rows["is_default"].to_numpy(bool), matrix, fold)


def _risk(loans: Loans, columns: np.ndarray) -> Floats:
    """Of each loan the pd that trees say who have not seen its seller, shape (loans,)."""
    risk = np.empty(len(loans.is_bad))
    for fold in range(FOLDS):
        held = loans.fold == fold
        learned = xgb.QuantileDMatrix(loans.matrix[~held][:, columns], loans.is_bad[~held], max_bin=64, nthread=1)
        risk[held] = xgb.train(PARAMETERS, learned, ROUNDS).inplace_predict(loans.matrix[held][:, columns])
    return risk


def _print(
    markets: Sequence[Loans], families: Sequence[str], family: np.ndarray, risks: dict[str, list[Floats]]
) -> None:
    rankings = {
        name: [Ranking(each.is_bad, risk) for each, risk in zip(markets, found, strict=True)]
        for name, found in risks.items()
    }
    ends = np.cumsum([len(each.is_bad) for each in markets])[:-1]

    def aucs(weights: Floats) -> dict[str, float]:
        parts = np.split(weights, ends)
        return {
            name: float(np.mean([each.auc_and_ks(part)[0] for each, part in zip(found, parts, strict=True)]))
            for name, found in rankings.items()
        }

    sellers = pd.concat([each.sellers for each in markets], ignore_index=True)
    found, resampled = aucs(np.ones(len(sellers))), bootstrap(sellers, aucs, RESAMPLES, seed=1)
    bad = sum(int(each.is_bad.sum()) for each in markets)
    print(f"\n{len(markets)} markets, {len(sellers):,} matured loans, {bad:,} bad")
    print(f"AUC of all features: {percentile_estimate(found['all'], resampled['all'])}\n")
    print("| family | features | AUC alone | lost without it |\n| --- | --- | --- | --- |")
    for name in families:
        alone = percentile_estimate(found[f"{name} alone"], resampled[f"{name} alone"])
        without = f"without {name}"
        lost = percentile_estimate(found["all"] - found[without], resampled["all"] - resampled[without])
        print(f"| {name} | {int((family == name).sum())} | {alone} | {lost} |")


if __name__ == "__main__":
    main()
