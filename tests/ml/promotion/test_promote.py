import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ml.errors import BadModel
from ml.promotion.gates import PromotionGate
from ml.promotion.promote import Promotion, promote_or_keep, read_promotion
from ml.registry.champion import serving_model
from ml.registry.pointer import Cause
from ml.registry.version import ModelVersion
from tests.ml.kept import train_once
from tests.ml.synthetic import FEATURES, TRAINED_AS_OF, synthetic_frame, write_catalogue, write_training_set
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


EARLIER = date(2018, 7, 31)


@pytest.fixture
def training_set(settings: Settings) -> Path:
    """In the home, so that a version trained on it is the same in each test's."""
    return write_training_set(synthetic_frame(), settings.models / "training" / "training.parquet")


@pytest.fixture
def champion(settings: Settings, training_set: Path, catalogue: Path) -> ModelVersion:
    version = train_once(settings, training_set, EARLIER, "champion", catalogue)
    assert promote_or_keep(settings, version.model_version).is_promoted
    return version


def challenger_on(frame: pd.DataFrame, settings: Settings, catalogue: Path) -> ModelVersion:
    path = write_training_set(frame, settings.models / "training" / "challenger.parquet")
    return train_once(settings, path, TRAINED_AS_OF, "challenger", catalogue)


def shuffled_before_out_of_time() -> pd.DataFrame:
    """Training labels without a relation to the features, out-of-time labels with it: a useless challenger."""
    frame = synthetic_frame()
    early = (frame["as_of"] < date(2017, 12, 1)).to_numpy()
    shuffled = np.random.default_rng(1).permutation(frame.loc[early, "is_default"].to_numpy())
    frame.loc[early, "is_default"] = shuffled
    return frame


def gate(decision: Promotion, name: str) -> PromotionGate:
    (found,) = [each for each in decision.gates if each.name == name]
    return found


@pytest.fixture
def useless_champion(settings: Settings, catalogue: Path) -> ModelVersion:
    """A champion that learned from shuffled outcomes; a person let it serve."""
    path = write_training_set(shuffled_before_out_of_time(), settings.models / "training" / "useless.parquet")
    version = train_once(settings, path, EARLIER, "useless", catalogue)
    assert promote_or_keep(settings, version.model_version, force=True).is_promoted
    return version


def test_the_first_sound_model_is_promoted_with_every_gate_recorded(settings: Settings, champion: ModelVersion) -> None:
    decision = read_promotion(settings, champion.model_version)
    assert decision.is_promoted and decision.champion is None and not decision.is_forced and decision.contest is None
    assert decision.reason == "no model serves yet"
    names = ["ranking", "level", "calibration", "stability", "fairness", "better"]
    assert [each.name for each in decision.gates] == names and all(each.is_passed for each in decision.gates)
    assert str(champion.evaluation.metrics["auc"]) in gate(decision, "ranking").sentence
    assert serving_model(settings, EARLIER) == champion


def test_a_challenger_that_is_proven_better_takes_over(
    settings: Settings, catalogue: Path, useless_champion: ModelVersion
) -> None:
    challenger = challenger_on(synthetic_frame(sellers=600), settings, catalogue)
    decision = promote_or_keep(settings, challenger.model_version)
    assert decision.is_promoted and decision.champion == useless_champion.model_version
    assert decision.contest and decision.contest.differences["auc"].low > 0
    assert decision.reason.startswith("it ranks better: AUC +0.")
    assert serving_model(settings, TRAINED_AS_OF) == challenger
    assert serving_model(settings, EARLIER) == useless_champion


def test_a_challenger_that_is_only_as_good_is_kept_out(
    settings: Settings, training_set: Path, catalogue: Path, champion: ModelVersion
) -> None:
    twin = train_once(settings, training_set, TRAINED_AS_OF, "twin", catalogue)
    decision = promote_or_keep(settings, twin.model_version)
    assert not decision.is_promoted
    assert gate(decision, "not_worse").is_passed and not gate(decision, "better").is_passed
    assert decision.reason.startswith("it is not proven better on 750 rows (")
    assert serving_model(settings, TRAINED_AS_OF) == champion


def test_a_worse_challenger_is_kept_out_with_its_reason(
    settings: Settings, catalogue: Path, champion: ModelVersion
) -> None:
    challenger = challenger_on(shuffled_before_out_of_time(), settings, catalogue)
    decision = promote_or_keep(settings, challenger.model_version)
    assert not decision.is_promoted
    assert decision.contest and decision.contest.differences["auc"].high < 0
    assert not gate(decision, "not_worse").is_passed
    assert "the interval must stay above -0.02" in gate(decision, "not_worse").sentence
    assert serving_model(settings, TRAINED_AS_OF) == champion
    assert read_promotion(settings, challenger.model_version) == decision


def test_only_rows_that_the_champion_has_not_learned_from_count(
    settings: Settings, training_set: Path, catalogue: Path, useless_champion: ModelVersion
) -> None:
    decision = promote_or_keep(
        settings, train_once(settings, training_set, TRAINED_AS_OF, "run", catalogue).model_version
    )
    fresh = synthetic_frame()["as_of"] > useless_champion.split.fitted.last_on
    assert (
        decision.contest and decision.contest.rows == (fresh & (synthetic_frame()["as_of"] > date(2017, 12, 1))).sum()
    )


def test_too_few_fresh_rows_prove_nothing(settings: Settings, catalogue: Path) -> None:
    """Both are cross-validated on the same three months: the champion has learned from every row."""
    path = write_training_set(synthetic_frame(months=3), settings.models / "training" / "short.parquet")
    first = train_once(settings, path, EARLIER, "first", catalogue)
    assert promote_or_keep(settings, first.model_version).is_promoted
    decision = promote_or_keep(settings, train_once(settings, path, TRAINED_AS_OF, "again", catalogue).model_version)
    assert not decision.is_promoted and decision.contest is None
    assert "fewer than 30 loans of each class are known that the champion was not trained on" in decision.reason


def test_an_old_champion_gives_way_to_one_that_is_not_worse(
    settings: Settings, training_set: Path, catalogue: Path
) -> None:
    old = train_once(settings, training_set, date(2018, 6, 30), "old", catalogue)
    assert promote_or_keep(settings, old.model_version).is_promoted
    later = train_once(settings, training_set, date(2019, 7, 1), "later", catalogue)
    decision = promote_or_keep(settings, later.model_version)
    assert decision.is_promoted and "the champion was trained 366 days before" in decision.reason


def test_force_promotes_and_says_so(settings: Settings, catalogue: Path, champion: ModelVersion) -> None:
    challenger = challenger_on(shuffled_before_out_of_time(), settings, catalogue)
    decision = promote_or_keep(settings, challenger.model_version, force=True)
    assert decision.is_promoted and decision.is_forced
    first = next(each for each in decision.gates if not each.is_passed)
    assert decision.reason == f"forced, although {first.sentence}"
    assert serving_model(settings, TRAINED_AS_OF) == challenger


def spared(frame: pd.DataFrame, is_in: pd.Series, share: float) -> pd.DataFrame:
    """The frame with a share of the defaults of some rows undone."""
    is_lucky = np.random.default_rng(0).random(len(frame)) < share
    return frame.assign(is_default=frame["is_default"] & ~(is_in & is_lucky))


def test_a_challenger_with_an_insane_level_is_kept_out(
    settings: Settings, catalogue: Path, champion: ModelVersion
) -> None:
    frame = synthetic_frame(sellers=600)
    challenger = challenger_on(spared(frame, frame["as_of"] < date(2017, 12, 1), 0.5), settings, catalogue)
    decision = promote_or_keep(settings, challenger.model_version)
    assert not decision.is_promoted
    assert "times the observed rate of default, 0.67 to 1.5 allowed" in decision.reason
    assert challenger.evaluation.metrics["pd_ratio"].value < 0.67
    assert decision.contest and 0.67 < decision.contest.champion_pd_ratio < 1.5


def test_a_champion_whose_level_is_off_gives_way_to_one_that_is_not_worse(
    settings: Settings, catalogue: Path, champion: ModelVersion
) -> None:
    """Defaults fall by 70% from July on: the champion does not know, the challenger does."""
    frame = synthetic_frame(sellers=600)
    challenger = challenger_on(spared(frame, frame["as_of"] > date(2017, 1, 1), 0.7), settings, catalogue)
    decision = promote_or_keep(settings, challenger.model_version)
    assert decision.contest and decision.contest.champion_pd_ratio > 1.5
    assert decision.is_promoted
    assert f"the champion's mean pd is {decision.contest.champion_pd_ratio:.2f} times" in decision.reason


@pytest.mark.parametrize(
    ("unsound", "reason"),
    [
        (synthetic_frame(seed=3, strength=0), r"its AUC is 0\.\d+ \[0\.[0-5]\d+, .*: it may be chance"),
        (spared(synthetic_frame(), synthetic_frame()["as_of"] > date(2017, 12, 1), 0.7), "0.67 to 1.5 allowed"),
    ],
)
def test_a_first_model_that_is_unsound_does_not_serve(
    settings: Settings, catalogue: Path, unsound: pd.DataFrame, reason: str
) -> None:
    version = challenger_on(unsound, settings, catalogue)
    decision = promote_or_keep(settings, version.model_version)
    assert not decision.is_promoted and re.search(reason, decision.reason)
    assert serving_model(settings, TRAINED_AS_OF) is None
    assert promote_or_keep(settings, version.model_version, force=True).is_forced
    assert serving_model(settings, TRAINED_AS_OF) == version


def test_a_repeated_promotion_changes_nothing(settings: Settings, champion: ModelVersion) -> None:
    before = (settings.models / "champion.json").read_bytes()
    assert promote_or_keep(settings, champion.model_version) == read_promotion(settings, champion.model_version)
    assert (settings.models / "champion.json").read_bytes() == before


def test_a_retrained_past_month_is_judged_by_and_leaves_the_later_champion(
    settings: Settings, training_set: Path, catalogue: Path, champion: ModelVersion
) -> None:
    past = train_once(settings, training_set, date(2018, 6, 30), "backfill", catalogue)
    decision = promote_or_keep(settings, past.model_version)
    assert decision.champion is None and decision.is_promoted
    assert serving_model(settings, EARLIER) == champion
    assert serving_model(settings, date(2018, 7, 1)) == past


def test_a_champion_that_cannot_score_todays_features_gives_way(
    settings: Settings, tmp_path: Path, champion: ModelVersion
) -> None:
    renamed = tuple(("noise_share" if name == "noise_rate" else name, *rest) for name, *rest in FEATURES)
    catalogue = write_catalogue(tmp_path / "renamed.yml", renamed)
    frame = synthetic_frame().rename(columns={"noise_rate": "noise_share"})
    decision = promote_or_keep(settings, challenger_on(frame, settings, catalogue).model_version)
    assert decision.is_promoted
    assert "cannot score: " in decision.reason and "lacks noise_rate" in decision.reason


def test_a_changed_training_set_is_noticed_and_the_same_bytes_elsewhere_found(
    settings: Settings, catalogue: Path, useless_champion: ModelVersion
) -> None:
    frame = synthetic_frame(sellers=600)
    challenger = challenger_on(frame, settings, catalogue)
    write_training_set(synthetic_frame(sellers=599), settings.models / challenger.training_set)
    with pytest.raises(BadModel, match="is absent or changed: train again"):
        promote_or_keep(settings, challenger.model_version)
    write_training_set(frame, settings.models / "training" / "rerun.parquet")
    assert promote_or_keep(settings, challenger.model_version).is_promoted


def test_who_forced_it_and_why_is_kept_beside_the_earlier_refusal(
    settings: Settings, catalogue: Path, champion: ModelVersion
) -> None:
    name = challenger_on(shuffled_before_out_of_time(), settings, catalogue).model_version
    refused = promote_or_keep(settings, name)
    files = {path: path.read_bytes() for path in (settings.models / name).glob("model.*")}
    cause = Cause(by="risk", reason="the committee's decision 12")
    forced = promote_or_keep(settings, name, force=True, cause=cause)
    assert forced.is_forced and forced.cause == cause and forced.earlier == (refused,)
    assert read_promotion(settings, name) == forced
    assert {path: path.read_bytes() for path in (settings.models / name).glob("model.*")} == files


def test_the_same_refusal_again_changes_nothing(settings: Settings, catalogue: Path, champion: ModelVersion) -> None:
    name = challenger_on(shuffled_before_out_of_time(), settings, catalogue).model_version
    refused = promote_or_keep(settings, name)
    assert promote_or_keep(settings, name) == refused == read_promotion(settings, name)
    asked = promote_or_keep(settings, name, cause=Cause(by="risk", reason="asked once more"))
    assert asked.earlier == (refused,)
    assert promote_or_keep(settings, name).earlier == (refused, asked.model_copy(update={"earlier": ()}))


def test_a_damaged_decision_is_not_written_over(
    settings: Settings, catalogue: Path, useless_champion: ModelVersion
) -> None:
    name = challenger_on(synthetic_frame(sellers=600), settings, catalogue).model_version
    path = settings.models / name / "promotion.json"
    path.write_text('{"model_version"')
    with pytest.raises(BadModel, match=r"promotion\.json cannot be read .*restore it from a backup or"):
        promote_or_keep(settings, name)
    assert path.read_text() == '{"model_version"'
    assert serving_model(settings, TRAINED_AS_OF) == useless_champion
    path.unlink()
    assert promote_or_keep(settings, name).is_promoted


def test_a_promotion_that_was_cut_short_is_completed_by_the_next(settings: Settings, champion: ModelVersion) -> None:
    (settings.models / "champion.json").unlink()  # as if it had not been written any more
    first = read_promotion(settings, champion.model_version)
    again = promote_or_keep(settings, champion.model_version)
    assert again.is_promoted and again.earlier == (first,)
    assert serving_model(settings, EARLIER) == champion


def test_a_damaged_champion_gives_way(settings: Settings, catalogue: Path, champion: ModelVersion) -> None:
    (settings.models / champion.model_version / "model.json").write_text("{")
    decision = promote_or_keep(settings, challenger_on(synthetic_frame(), settings, catalogue).model_version)
    assert decision.is_promoted and f"the champion {champion.model_version} cannot score" in decision.reason


def test_a_breach_of_the_jurisdictions_gate_refuses(settings: Settings, tmp_path: Path) -> None:
    """Businesses sell worse parcels than individuals, so fewer of them are approved than four fifths."""
    frame = synthetic_frame(sellers=600)
    frame["seller_type"] = np.where(frame["late_share_90d"] > 0.25, "business", "individual")
    catalogue = write_catalogue(tmp_path / "c.yml", (*FEATURES, ("seller_type", "tenure", "category", None)))
    strict = settings.model_copy(update={"jurisdiction": "four_fifths"})
    path = write_training_set(frame, settings.models / "training" / "unfair.parquet")
    decision = promote_or_keep(strict, train_once(strict, path, TRAINED_AS_OF, "run", catalogue).model_version)
    assert not decision.is_promoted and not gate(decision, "fairness").is_passed
    assert "seller_type" in decision.reason
    relaxed = train_once(settings, path, EARLIER, "run", catalogue)
    assert promote_or_keep(settings, relaxed.model_version).is_promoted
