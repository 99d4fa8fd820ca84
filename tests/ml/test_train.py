import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ml.config
from ml.config import load_config
from ml.errors import BadFeatures, NotEnoughData
from ml.learning.booster import Trees
from ml.learning.registered import registered
from ml.learning.scorecard import Points, Scorecard
from ml.registry import store as registry
from ml.registry.store import CreditModel
from ml.registry.version import ModelVersion
from ml.score import predict_pd
from ml.train import train
from tests.ml.synthetic import FEATURES, TRAINED_AS_OF, synthetic_frame, write_catalogue, write_training_set
from tradeline.settings import PROJECT, Settings

pytestmark = pytest.mark.slow


def learned_of(version: ModelVersion) -> tuple[object, ...]:
    """Everything that the rows to learn from gave."""
    calibrations = {name: each.calibration for name, each in version.contenders.items()}
    return version.fingerprint_of("model.ubj"), version.features, version.parts, calibrations


def contender(settings: Settings, version: ModelVersion, name: str) -> CreditModel:
    """A version as it would be if this contender served."""
    predictor = registry.load_algorithm(settings, version, registered()[name])
    return CreditModel(version.model_copy(update={"algorithm": name}), predictor)


def test_learns_the_known_relation_and_beats_both_baselines(
    settings: Settings, training_set: Path, catalogue: Path
) -> None:
    version = train(settings, training_set, TRAINED_AS_OF, "run", catalogue)
    assert version.judged_by == "out_of_time"
    found = version.evaluation
    assert found.metrics["auc"].low > 0.7
    assert all(gain.low > 0.1 for gain in found.auc_gains.values())
    assert found.mean_pd == pytest.approx(found.base_rate, rel=0.15)
    base_rate_brier = found.base_rate * (1 - found.base_rate)
    assert found.metrics["brier"].value < 0.9 * base_rate_brier


def test_without_a_relation_the_auc_is_a_half(settings: Settings, tmp_path: Path, catalogue: Path) -> None:
    unrelated = write_training_set(synthetic_frame(seed=3, strength=0), tmp_path / "unrelated.parquet")
    version = train(settings, unrelated, TRAINED_AS_OF, "run", catalogue)
    for contender in version.contenders.values():
        auc = contender.evaluation.metrics["auc"]
        assert auc.low <= 0.5 <= auc.high
        assert contender.calibration.slope > 0


def test_same_data_gives_the_same_bytes_in_another_process(
    settings: Settings, training_set: Path, catalogue: Path, tmp_path: Path
) -> None:
    here = train(settings, training_set, TRAINED_AS_OF, "run-1", catalogue)
    program = (
        "import sys; from datetime import date; from pathlib import Path; import ml.config; "
        "from ml.train import train; from tradeline.settings import Settings; "
        "home, data, catalogue, ml.config.CONFIG = map(Path, sys.argv[1:]); "
        f"print(train(Settings(home=home, threads=2), data, date({TRAINED_AS_OF:%Y, %-m, %-d}), 'run-2', catalogue)"
        ".model_version)"
    )
    command = [
        sys.executable,
        "-c",
        program,
        str(tmp_path / "other"),
        str(training_set),
        str(catalogue),
        str(ml.config.CONFIG),
    ]
    there = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.strip()
    assert there == here.model_version
    for name in ("model.ubj", "judged.parquet"):
        ours, theirs = (home / "models" / there / name for home in (settings.home, tmp_path / "other"))
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
    assert learned_of(one) == learned_of(other)


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
    assert one.evaluation != other.evaluation
    assert learned_of(one) == learned_of(other)


@pytest.mark.parametrize("algorithm", ["xgboost", "scorecard"])
def test_the_served_model_obeys_every_sign(
    settings: Settings, training_set: Path, catalogue: Path, algorithm: str
) -> None:
    """Each signed feature over its range and beyond, the others fixed, nulls among them; null itself has no sign."""
    model = contender(settings, train(settings, training_set, TRAINED_AS_OF, "run", catalogue), algorithm)
    learnt, rows = synthetic_frame(), synthetic_frame(seed=5, sellers=40, months=1)
    signs = {feature.name: feature.expected_sign for feature in model.version.features if feature.expected_sign}
    assert len(signs) == 4
    highest_step = {}
    for name, sign in signs.items():
        low, high = learnt[name].min(), learnt[name].max()
        grid = np.linspace(low - (high - low), 2 * high - low, 120)
        swept = np.array([predict_pd(model, rows.assign(**{name: value})) for value in grid])
        steps = np.diff(swept, axis=0) * (1 if sign == "+" else -1)
        assert (steps >= 0).all(), name
        highest_step[name] = steps.max()
    assert highest_step["late_share_90d"] > 0 and highest_step["rating_mean_90d"] > 0


def test_indeterminate_rows_fit_nothing_and_count_as_not_bad(
    settings: Settings, training_set: Path, catalogue: Path, tmp_path: Path
) -> None:
    """Some early good rows are indeterminate, and one contradicts everything: only the calibration may notice it."""
    frame = synthetic_frame()
    is_early = (frame["as_of"] < date(2017, 9, 1)).to_numpy()
    frame["is_indeterminate"] = is_early & ~frame["is_default"] & (np.arange(len(frame)) % 10 == 0)
    contrary = frame.copy()
    contrary.loc[contrary["is_indeterminate"], "late_share_90d"] = 0.99
    one, other = (
        train(settings, write_training_set(each, tmp_path / f"{name}.parquet"), TRAINED_AS_OF, "run", catalogue)
        for name, each in (("one", frame), ("other", contrary))
    )
    assert one.fingerprint_of("model.ubj") == other.fingerprint_of("model.ubj")
    ours, theirs = (version.part(Points.section, Scorecard).characteristics for version in (one, other))
    assert [each.woe for each in ours] == [each.woe for each in theirs]
    assert one.contenders["xgboost"].calibration != other.contenders["xgboost"].calibration
    decided = train(settings, training_set, TRAINED_AS_OF, "run", catalogue)
    assert one.fingerprint_of("model.ubj") != decided.fingerprint_of("model.ubj")
    assert one.split == decided.split


def test_too_short_a_history_is_cross_validated(settings: Settings, catalogue: Path, tmp_path: Path) -> None:
    path = write_training_set(synthetic_frame(months=3), tmp_path / "short.parquet")
    version = train(settings, path, TRAINED_AS_OF, "run", catalogue)
    assert version.judged_by == "cross_validation" and version.stability is None
    assert version.split.fitted == version.split.judged
    assert version.evaluation.rows == version.split.fitted.rows == 750
    assert version.evaluation.metrics["auc"].low > 0.65
    assert version.evaluation.metrics["pd_ratio"].low < 1 < version.evaluation.metrics["pd_ratio"].high


def test_the_scorecard_serves_unless_xgboost_is_better_by_the_margin(
    settings: Settings, training_set: Path, catalogue: Path
) -> None:
    version = train(settings, training_set, TRAINED_AS_OF, "run", catalogue)
    aucs = {name: each.evaluation.metrics["auc"].value for name, each in version.contenders.items()}
    assert version.choice.auc_difference.value == pytest.approx(aucs["xgboost"] - aucs["scorecard"])
    assert version.evaluation.bad_rows > load_config().challenge.proven_below_bad_rows
    is_better = version.choice.auc_difference.value >= version.choice.auc_margin
    assert version.algorithm == ("xgboost" if is_better else "scorecard")
    assert type(registry.load(settings, version.model_version).predictor) is (Trees if is_better else Points)


def test_a_protected_field_never_trains(settings: Settings, training_set: Path, tmp_path: Path) -> None:
    catalogue = write_catalogue(tmp_path / "c.yml", (*FEATURES, ("owner_age_years", "tenure", "count", None)))
    with pytest.raises(BadFeatures, match="protected fields never train a model: owner_age_years"):
        train(settings, training_set, TRAINED_AS_OF, "run", catalogue)


def test_infinite_values_are_refused_by_name(settings: Settings, catalogue: Path, tmp_path: Path) -> None:
    frame = synthetic_frame()
    frame.loc[3, "noise_rate"] = np.inf
    path = write_training_set(frame, tmp_path / "infinite.parquet")
    with pytest.raises(BadFeatures, match=r"infinite values in noise_rate \(1 rows\)"):
        train(settings, path, TRAINED_AS_OF, "run", catalogue)


def test_one_class_leaves_no_trace(settings: Settings, catalogue: Path, tmp_path: Path) -> None:
    path = write_training_set(synthetic_frame().assign(is_default=True), tmp_path / "bad.parquet")
    with pytest.raises(NotEnoughData, match="0 good and 3,500 bad"):
        train(settings, path, TRAINED_AS_OF, "run", catalogue)
    assert not settings.models.exists()


def test_an_all_null_category_is_left_out(settings: Settings, tmp_path: Path) -> None:
    catalogue = write_catalogue(tmp_path / "c.yml", (*FEATURES, ("brand", "tenure", "category", None)))
    path = write_training_set(synthetic_frame().assign(brand=None), tmp_path / "t.parquet")
    version = train(settings, path, TRAINED_AS_OF, "run", catalogue)
    assert "brand" not in {feature.name for feature in version.features}
    assert {each.name: each.reason for each in version.left_out}["brand"] == "no_value"
