import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ml import registry
from ml.booster import calibrate, pd_of
from ml.errors import BadFeatures, NotEnoughData
from ml.score import predict_pd
from ml.train import train
from tests.ml.synthetic import FEATURES, TRAINED_AS_OF, synthetic_frame, write_catalogue, write_training_set
from tradeline.settings import PROJECT, Settings


def test_learns_the_known_relation_and_beats_both_baselines(
    settings: Settings, training_set: Path, catalogue: Path
) -> None:
    found = train(settings, training_set, TRAINED_AS_OF, "run", catalogue).out_of_time
    assert found.metrics["auc"].low > 0.7
    assert all(gain.low > 0.1 for gain in found.auc_gains.values())
    assert found.mean_pd == pytest.approx(found.base_rate, rel=0.15)
    base_rate_brier = found.base_rate * (1 - found.base_rate)
    assert found.metrics["brier"].value < 0.9 * base_rate_brier


def test_without_a_relation_the_auc_is_a_half(settings: Settings, tmp_path: Path, catalogue: Path) -> None:
    unrelated = write_training_set(synthetic_frame(seed=3, strength=0), tmp_path / "unrelated.parquet")
    version = train(settings, unrelated, TRAINED_AS_OF, "run", catalogue)
    auc = version.out_of_time.metrics["auc"]
    assert auc.low < 0.5 < auc.high
    assert version.calibration.slope > 0


def test_same_data_gives_the_same_bytes_in_another_process(
    settings: Settings, training_set: Path, catalogue: Path, tmp_path: Path
) -> None:
    here = train(settings, training_set, TRAINED_AS_OF, "run-1", catalogue)
    program = (
        "import sys; from datetime import date; from pathlib import Path; from ml.train import train; "
        "from tradeline.settings import Settings; home, data, catalogue = map(Path, sys.argv[1:]); "
        f"print(train(Settings(home=home, threads=2), data, date({TRAINED_AS_OF:%Y, %-m, %-d}), 'run-2', catalogue)"
        ".model_version)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "other"), str(training_set), str(catalogue)]
    there = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.strip()
    assert there == here.model_version
    ours, theirs = (home / "models" / there / "model.ubj" for home in (settings.home, tmp_path / "other"))
    assert ours.read_bytes() == theirs.read_bytes()


def test_a_rerun_writes_nothing(settings: Settings, training_set: Path, catalogue: Path) -> None:
    first = train(settings, training_set, TRAINED_AS_OF, "run-1", catalogue)
    saved = settings.models / first.model_version / "model.json"
    before = saved.stat().st_mtime_ns
    assert train(settings, training_set, TRAINED_AS_OF, "run-2", catalogue).model_version == first.model_version
    assert saved.stat().st_mtime_ns == before
    assert [path.name for path in settings.models.iterdir()] == [first.model_version]


def test_other_data_gives_another_version(
    settings: Settings, training_set: Path, catalogue: Path, tmp_path: Path
) -> None:
    other = write_training_set(synthetic_frame(seed=8), tmp_path / "other.parquet")
    versions = {train(settings, path, TRAINED_AS_OF, "run", catalogue).model_version for path in (training_set, other)}
    assert len(versions) == 2


def test_rows_between_train_and_out_of_time_change_nothing(
    settings: Settings, training_set: Path, catalogue: Path, tmp_path: Path
) -> None:
    frame = synthetic_frame()
    in_gap = pd.to_datetime(frame["as_of"]).between("2017-10-01", "2017-12-30")
    frame.loc[in_gap, "is_default"] = ~frame.loc[in_gap, "is_default"]
    flipped = write_training_set(frame, tmp_path / "flipped.parquet")
    one, other = (train(settings, path, TRAINED_AS_OF, "run", catalogue) for path in (training_set, flipped))
    assert one.model_fingerprint == other.model_fingerprint
    assert one.calibration == other.calibration


def test_what_is_out_of_time_reaches_nothing_that_is_fitted(
    settings: Settings, training_set: Path, catalogue: Path, tmp_path: Path
) -> None:
    frame = synthetic_frame()
    late = frame["as_of"] >= date(2017, 12, 31)
    frame.loc[late, "is_default"] = ~frame.loc[late, "is_default"]
    frame.loc[late, "rating_mean_90d"] = 1.0
    frame.loc[late, "industry"] = "antiques"
    changed = write_training_set(frame, tmp_path / "changed.parquet")
    one, other = (train(settings, path, TRAINED_AS_OF, "run", catalogue) for path in (training_set, changed))
    assert one.out_of_time != other.out_of_time
    assert one.model_fingerprint == other.model_fingerprint
    assert (one.features, one.rounds, one.calibration) == (other.features, other.rounds, other.calibration)


def test_the_served_model_obeys_every_sign(settings: Settings, training_set: Path, catalogue: Path) -> None:
    """Each signed feature over its range and beyond, the others fixed, nulls among them; null itself has no sign."""
    model = registry.load(settings, train(settings, training_set, TRAINED_AS_OF, "run", catalogue).model_version)
    learnt, rows = synthetic_frame(), synthetic_frame(seed=5, sellers=40, months=1)
    signs = {feature.name: feature.expected_sign for feature in model.version.features if feature.expected_sign}
    assert len(signs) == 5
    highest_step = {}
    for name, sign in signs.items():
        low, high = (0, 1) if learnt[name].isna().all() else (learnt[name].min(), learnt[name].max())
        grid = np.linspace(low - (high - low), 2 * high - low, 120)
        swept = np.array([predict_pd(model, rows.assign(**{name: value})) for value in grid])
        steps = np.diff(swept, axis=0) * (1 if sign == "+" else -1)
        assert (steps >= 0).all(), name
        highest_step[name] = steps.max()
    assert highest_step["late_share_90d"] > 0 and highest_step["rating_mean_90d"] > 0


def test_infinite_values_are_refused_by_name(settings: Settings, catalogue: Path, tmp_path: Path) -> None:
    frame = synthetic_frame()
    frame.loc[3, "noise_rate"] = np.inf
    path = write_training_set(frame, tmp_path / "infinite.parquet")
    with pytest.raises(BadFeatures, match=r"infinite values in noise_rate \(1 rows\)"):
        train(settings, path, TRAINED_AS_OF, "run", catalogue)


def test_one_class_leaves_no_trace(settings: Settings, catalogue: Path, tmp_path: Path) -> None:
    path = write_training_set(synthetic_frame().assign(is_default=True), tmp_path / "bad.parquet")
    with pytest.raises(NotEnoughData, match="0 good and 2,250 bad"):
        train(settings, path, TRAINED_AS_OF, "run", catalogue)
    assert not settings.models.exists()


def test_an_all_null_category_works(settings: Settings, tmp_path: Path) -> None:
    catalogue = write_catalogue(tmp_path / "c.yml", (*FEATURES, ("region", "tenure", "category", None)))
    path = write_training_set(synthetic_frame().assign(region=None), tmp_path / "t.parquet")
    version = train(settings, path, TRAINED_AS_OF, "run", catalogue)
    assert next(feature for feature in version.features if feature.name == "region").categories == ()


def test_calibration_recovers_a_distorted_scale_and_never_reverses_ranks() -> None:
    random = np.random.default_rng(2)
    log_odds = random.normal(-1, 1.2, 20_000)
    is_bad = random.random(20_000) < 1 / (1 + np.exp(-log_odds))
    found = calibrate(2 * log_odds + 1, is_bad)
    assert found.slope == pytest.approx(0.5, abs=0.03)
    assert found.intercept == pytest.approx(-0.5, abs=0.06)
    reversed_ = calibrate(-log_odds, is_bad)
    assert reversed_.slope > 0
    assert pd_of(np.array([(-log_odds).mean()]), reversed_)[0] == pytest.approx(is_bad.mean())
