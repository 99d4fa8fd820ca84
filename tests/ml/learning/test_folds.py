import numpy as np
import pandas as pd

from ml.learning.folds import seller_folds


def test_a_seller_is_in_one_fold_and_every_row_is_held_out_once() -> None:
    random = np.random.default_rng(1)
    sellers = pd.Series(random.integers(0, 40, 300).astype(str))
    folds = seller_folds(sellers, random.random(300) < 0.1, 5, seed=7)
    held_out = np.concatenate([rows for _, rows in folds])
    assert sorted(held_out) == list(range(300)) and len(folds) == 5
    for fitted, held in folds:
        assert not set(sellers[fitted]) & set(sellers[held])
        assert len(fitted) + len(held) == 300


def test_bad_sellers_are_dealt_out_evenly() -> None:
    is_bad = np.arange(1000) < 33
    folds = seller_folds(pd.Series(np.arange(1000).astype(str)), is_bad, 5, seed=1)
    assert sorted(int(is_bad[held].sum()) for _, held in folds) == [6, 6, 7, 7, 7]
    assert {len(held) for _, held in folds} == {200}


def test_another_seed_deals_differently_and_the_same_the_same() -> None:
    sellers, is_bad = pd.Series(np.arange(100).astype(str)), np.zeros(100, bool)
    one, again, other = (seller_folds(sellers, is_bad, 5, seed)[0][1].tolist() for seed in (1, 1, 2))
    assert one == again != other
