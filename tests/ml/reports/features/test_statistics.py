"""The figures on the pages: counts, and the AUC of one feature with its interval."""

import numpy as np
import pandas as pd
import pytest

from ml.numbers.auc import Auc, univariate_auc
from ml.numbers.bootstrap import Ranking, bootstrap
from ml.reports.features.statistics import describe


def test_auc_and_interval_are_those_of_the_pairs() -> None:
    """DeLong's variance by its definition, pair by pair, where every row is of another seller."""
    bad, good = [1.0, 4.0, 5.0, 7.0, 7.0, 9.0], [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0]
    wins = [[1.0 if b > g else 0.5 if b == g else 0.0 for g in good] for b in bad]
    of_bad, of_good = [np.mean(row) for row in wins], [np.mean([row[n] for row in wins]) for n in range(len(good))]
    error = float(np.sqrt(np.var(of_bad, ddof=1) / len(bad) + np.var(of_good, ddof=1) / len(good)))
    is_bad = np.array([True] * len(bad) + [False] * len(good))
    found = univariate_auc(np.array(bad + good), is_bad, np.arange(len(is_bad)))
    assert isinstance(found, Auc)
    assert found.value == pytest.approx(float(np.mean(wins)))
    assert (found.high - found.low) / 2 == pytest.approx(1.959964 * error)


def test_interval_is_that_of_resampled_sellers() -> None:
    """400 sellers with up to 6 alike rows each: the interval agrees with the bootstrap by seller, and is the wider."""
    random = np.random.default_rng(7)
    sellers = np.repeat(np.arange(400), random.integers(1, 7, 400))
    is_bad = (random.random(400) < 0.2)[sellers]
    of_sellers = random.normal(size=400) + 0.5 * is_bad[np.searchsorted(sellers, np.arange(400))]
    values = np.asarray(of_sellers[sellers].round(1), dtype=np.float64)
    values[::50] = np.nan
    found = univariate_auc(values, is_bad, sellers)
    alone = univariate_auc(values, is_bad, np.arange(len(values)))
    assert found is not None
    assert alone is not None
    known = ~np.isnan(values)
    assert (found.rows, found.bad_rows) == (known.sum(), is_bad[known].sum())
    ranking = Ranking(is_bad[known], values[known])
    drawn = bootstrap(pd.Series(sellers[known]), lambda w: {"auc": ranking.auc_and_ks(w)[0]}, 600, seed=3)["auc"]
    assert found.high - found.value == pytest.approx(1.96 * drawn.std(), rel=0.15)
    assert found.high - found.low > 1.3 * (alone.high - alone.low)


def test_a_feature_that_hardly_varies_has_no_auc() -> None:
    is_bad = np.arange(200) < 20
    values = np.zeros(200)
    values[:4] = 1
    assert univariate_auc(values, is_bad, np.arange(200)) is None
    values[:5] = 1
    values[150:155] = 1
    assert univariate_auc(values, is_bad, np.arange(200)) is not None
    assert univariate_auc(np.full(200, np.nan), is_bad, np.arange(200)) is None


def test_statistics_count_every_seller_and_loan() -> None:
    training = pd.DataFrame({"seller_id": [f"s{n}" for n in range(60)], "is_default": [n % 6 == 0 for n in range(60)]})
    training["amount"] = [None if n % 10 == 0 else 0.0 if n % 3 == 0 else float(n) for n in range(60)]
    training["region"] = ["north" if n % 2 else None for n in range(60)]
    amount = describe(training["amount"], training, "amount")
    assert amount.distribution.missing_share == pytest.approx(0.1)
    assert amount.distribution.zero_share == pytest.approx(18 / 54)
    assert amount.distribution.quantiles[0] == 0
    assert amount.distribution.quantiles[4] == 59
    assert sum(each.sellers for each in amount.distribution.bins) == 54
    assert [(group.label, group.loans) for group in (amount.groups[0], amount.groups[-1])] == [
        ("0", 18),
        ("missing", 6),
    ]
    region = describe(training["region"], training, "region")
    assert region.distribution.counts == (("north", 30),)
    assert region.auc is None
    for found in (amount, region):
        assert sum(group.loans for group in found.groups) == 60
        assert sum(group.bad_loans for group in found.groups) == 10
