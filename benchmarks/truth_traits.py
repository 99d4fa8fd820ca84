"""What decides in the simulator whether a loan goes bad, and how much of it the features show.

A seller's hidden traits are found by letting the market's days pass once more: the same numbers go the same way, and
without raw rows a market takes seconds. With them the true pd follows from its formula, and it can be asked what the pd
of somebody would be who knows a trait only as well as the features show it.
"""

from datetime import timedelta

import numpy as np
import pandas as pd
import xgboost as xgb

from ml.encode import Matrix
from ml.numbers.bootstrap import Floats, Ranking
from simulator.days import Days
from simulator.levels import LEVELS
from simulator.market import Market
from simulator.risk import TrueDefault, log_odds

# leverage: the logarithm of the principal in months of true sales; quality and condition are safer the higher.
TRAITS = ("condition", "quality", "is_faker", "leverage")
ROUNDS = 300
PARAMETERS = {
    "max_depth": 5, "learning_rate": 0.06, "subsample": 0.8, "colsample_bytree": 0.3, "min_child_weight": 10, "seed": 1,
}  # fmt: skip


def hidden_traits(market: Market) -> pd.DataFrame:
    """One row per loan: seller_id, as_of (the eve of its application), true_pd and the traits on that day."""
    first_on = market.until - timedelta(days=market.days - 1)
    days = Days(LEVELS, market.sellers, market.days, market.seed, first_on)
    by_day = [_loans_of(days, day) for day in range(market.days)]
    loans = pd.concat([loans for loans in by_day if len(loans)], ignore_index=True)
    as_of = pd.Timestamp(first_on) + pd.to_timedelta(loans["day"], unit="D")
    seller_id = loans["seller"].map("S{:06d}".format)
    return loans[["true_pd", *TRAITS]].assign(seller_id=seller_id, as_of=as_of.astype("datetime64[us]"))


def pd_of(traits: pd.DataFrame) -> Floats:
    """The true pd that follows from the traits, shape (rows,)."""
    quality, is_faker, leverage, condition = (
        traits[name].to_numpy(np.float64) for name in ("quality", "is_faker", "leverage", "condition")
    )
    return TrueDefault(LEVELS)(log_odds(LEVELS, quality, is_faker, np.exp(leverage), np.ones(len(traits))), condition)


def expected_auc(true_pd: Floats, risk: Floats) -> float:
    """The AUC of ``risk`` where each row is bad with its true pd: what is left when the luck of outcomes is taken out.

    Both of shape (rows,). Every row counts as bad with weight pd and as good with weight 1 - pd.
    """
    is_bad = np.repeat([True, False], len(risk))
    return Ranking(is_bad, np.tile(risk, 2)).auc_and_ks(np.r_[true_pd, 1 - true_pd])[0]


def shown_traits(learned: Matrix, traits: pd.DataFrame, evaluated: Matrix, threads: int) -> pd.DataFrame:
    """The traits of the ``evaluated`` rows, predicted from the features by trees that are trained on ``learned`` rows.

    ``learned`` and ``evaluated``: shape (rows, features); ``traits``: those of the ``learned`` rows.
    """
    rows = xgb.QuantileDMatrix(learned, nthread=threads)
    shown = {}
    for name in TRAITS:
        rows.set_label(traits[name].to_numpy(np.float64))
        booster = xgb.train(PARAMETERS | {"nthread": threads}, rows, ROUNDS)
        shown[name] = booster.inplace_predict(evaluated).astype(np.float64)
    return pd.DataFrame(shown)


def shown_share(trait: pd.Series, shown: pd.Series) -> float:
    """How much of a trait's variance the features show, 0 to 1 (R squared, below 0 where it is worse than the mean)."""
    true, found = trait.to_numpy(np.float64), shown.to_numpy(np.float64)
    return float(1 - ((true - found) ** 2).sum() / ((true - true.mean()) ** 2).sum())


def _loans_of(days: Days, day: int) -> pd.DataFrame:
    """The loans applied for on one day, with what was true on its eve, which is what the lender decides on."""
    demand, people = days.demand, days.population
    condition, inflation = demand.condition.copy(), days.lender.inflation(demand)
    monthly_sales = np.maximum(30 * demand.seen_orders * people.price, 1)
    tables = days.block(day, day).tables
    loans, booked = tables["true_loans"].to_pandas(), tables["loan_changes"].to_pandas()
    cents = booked[booked["status"] == "disbursed"].set_index("loan")["principal_cents"]
    principal = cents.reindex(loans["loan"]).to_numpy(np.float64) / 100
    seller = loans["seller"].to_numpy()
    traits = {
        "condition": condition[seller],
        "quality": people.quality[seller],
        "is_faker": people.is_faker[seller].astype(np.float64),
        "leverage": np.log(principal / monthly_sales[seller] * inflation[seller]),
    }
    return pd.DataFrame({"day": loans["day"], "seller": seller + 1, "true_pd": loans["true_pd"], **traits})
