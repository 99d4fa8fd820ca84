import numpy as np
import pytest

from ml.config import CalibrationConfig
from ml.learning.calibrate import Calibration, Floats, calibrate
from ml.learning.rows import Flags

PLATT, ISOTONIC = CalibrationConfig(isotonic_bad_rows=10**9), CalibrationConfig(isotonic_bad_rows=1)


def distorted(rows: int = 20_000, seed: int = 2) -> tuple[Floats, Floats, Flags]:
    """Log-odds, the pds that they mean, and outcomes drawn with these."""
    random = np.random.default_rng(seed)
    log_odds = random.normal(-1, 1.2, rows)
    pds = 1 / (1 + np.exp(-log_odds))
    return log_odds, pds, random.random(rows) < pds


def test_platt_recovers_a_distorted_scale_and_never_reverses_ranks() -> None:
    log_odds, _, is_bad = distorted()
    found = calibrate(2 * log_odds + 1, is_bad, PLATT)
    assert found.method == "platt"
    assert found.slope == pytest.approx(0.5, abs=0.03)
    assert found.intercept == pytest.approx(-0.5, abs=0.06)
    reversed_ = calibrate(-log_odds, is_bad, PLATT)
    assert reversed_.slope > 0
    assert reversed_.pd_of(np.array([(-log_odds).mean()]))[0] == pytest.approx(is_bad.mean())


def test_isotonic_mends_a_distortion_that_platt_cannot() -> None:
    log_odds, pds, is_bad = distorted()
    margins = log_odds**3
    errors = [np.abs(calibrate(margins, is_bad, config).pd_of(margins) - pds).mean() for config in (ISOTONIC, PLATT)]
    assert errors[0] < 0.015 < 3 * errors[0] < errors[1]


def test_isotonic_never_falls_ties_few_rows_and_claims_no_certainty() -> None:
    log_odds, _, is_bad = distorted(2_000)
    found = calibrate(log_odds, is_bad, ISOTONIC)
    grid = np.linspace(-9, 9, 5_000)
    pds = found.pd_of(grid)
    assert (np.diff(pds) >= 0).all() and pds[0] > 0 and pds[-1] < 1
    assert len(np.unique(found.pd_of(log_odds))) > 0.9 * len(log_odds)


def test_the_number_of_bad_rows_decides_the_method() -> None:
    log_odds, _, is_bad = distorted(1_000)
    bad = int(is_bad.sum())
    methods = [calibrate(log_odds, is_bad, CalibrationConfig(isotonic_bad_rows=rows)).method for rows in (bad, bad + 1)]
    assert methods == ["isotonic", "platt"]


def test_repeats_weigh_as_one_sample() -> None:
    log_odds, _, is_bad = distorted(500)
    twice = calibrate(np.stack([log_odds, log_odds]), is_bad, PLATT)
    assert twice.slope == pytest.approx(calibrate(log_odds, is_bad, PLATT).slope, rel=0.01)


def test_it_survives_json() -> None:
    log_odds, _, is_bad = distorted(500)
    for config in (PLATT, ISOTONIC):
        found = calibrate(log_odds, is_bad, config)
        assert Calibration.model_validate_json(found.model_dump_json()) == found
