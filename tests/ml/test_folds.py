from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ml.booster import booster_parameters, calibrate, pd_of
from ml.catalogue import model_inputs
from ml.config import load_config
from ml.encode import encode, fix_features
from ml.folds import cross_fit, seller_folds
from tests.ml.synthetic import synthetic_frame


def test_a_seller_is_in_one_fold_and_every_row_is_held_out_once() -> None:
    sellers = pd.Series(np.random.default_rng(1).integers(0, 40, 300).astype(str))
    folds = seller_folds(sellers, 5, seed=7)
    held_out = np.concatenate([rows for _, rows in folds])
    assert sorted(held_out) == list(range(300)) and len(folds) == 5
    for fitted, held in folds:
        assert not set(sellers[fitted]) & set(sellers[held])
        assert len(fitted) + len(held) == 300


def test_held_out_margins_rank_and_calibrate(catalogue: Path) -> None:
    frame, config = synthetic_frame(sellers=120, months=6), load_config()
    features = fix_features(frame, model_inputs(catalogue))
    values, is_bad = encode(frame, features), frame["is_default"].to_numpy(bool)
    folds = seller_folds(frame["seller_id"], 5, config.seed)
    rounds, margins = cross_fit(values, is_bad, folds, features, booster_parameters(features, config), 100, 2)
    assert 1 < rounds <= 100
    assert margins[is_bad].mean() > margins[~is_bad].mean() + 0.2
    assert pd_of(margins, calibrate(margins, is_bad)).mean() == pytest.approx(is_bad.mean(), rel=0.02)


def test_what_a_fold_did_reaches_the_margins_of_the_others_only(catalogue: Path) -> None:
    frame, config = synthetic_frame(sellers=60, months=6), load_config()
    features = fix_features(frame, model_inputs(catalogue))
    values, is_bad = encode(frame, features), frame["is_default"].to_numpy(bool)
    folds = seller_folds(frame["seller_id"], 5, config.seed)
    held_out = folds[0][1]
    flipped = is_bad.copy()
    flipped[held_out] = ~flipped[held_out]
    parameters = booster_parameters(features, config)
    (_, one), (_, other) = (cross_fit(values, each, folds, features, parameters, 1, 1) for each in (is_bad, flipped))
    assert np.array_equal(one[held_out], other[held_out])
    assert not np.array_equal(np.delete(one, held_out), np.delete(other, held_out))
