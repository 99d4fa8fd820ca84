import json
import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ml import registry
from ml.errors import BadModel
from ml.promote import promote_or_keep, read_promotion
from ml.registry import Cause
from ml.train import train
from ml.version import ModelVersion
from tests.ml.synthetic import FEATURES, TRAINED_AS_OF, synthetic_frame, write_catalogue, write_training_set
from tradeline.settings import Settings

EARLIER = date(2018, 7, 31)


@pytest.fixture
def champion(settings: Settings, training_set: Path, catalogue: Path) -> ModelVersion:
    version = train(settings, training_set, EARLIER, "champion", catalogue)
    assert promote_or_keep(settings, version.model_version).is_promoted
    return version


def challenger_on(frame: pd.DataFrame, settings: Settings, catalogue: Path) -> ModelVersion:
    path = write_training_set(frame, settings.models / "training" / "challenger.parquet")
    return train(settings, path, TRAINED_AS_OF, "challenger", catalogue)


def shuffled_before_out_of_time() -> pd.DataFrame:
    """Training labels without a relation to the features, out-of-time labels with it: a useless challenger."""
    frame = synthetic_frame()
    early = (frame["as_of"] < date(2017, 12, 1)).to_numpy()
    shuffled = np.random.default_rng(1).permutation(frame.loc[early, "is_default"].to_numpy())
    frame.loc[early, "is_default"] = shuffled
    return frame


def test_the_first_model_is_promoted_and_its_comparison_recorded(settings: Settings, champion: ModelVersion) -> None:
    decision = read_promotion(settings, champion.model_version)
    assert decision.is_promoted and decision.champion is None and not decision.is_forced
    assert decision.reason == "no model serves yet"
    gains = champion.out_of_time.auc_gains
    assert decision.numbers["auc_gain_over_sales_amount_90d"] == gains["sales_amount_90d"].value
    assert registry.serving_model(settings, EARLIER) == champion


def test_a_challenger_as_good_as_the_champion_takes_over(
    settings: Settings, catalogue: Path, champion: ModelVersion
) -> None:
    challenger = challenger_on(synthetic_frame(sellers=600), settings, catalogue)
    decision = promote_or_keep(settings, challenger.model_version)
    assert decision.is_promoted and decision.champion == champion.model_version
    assert decision.numbers["auc_difference_low"] < decision.numbers["auc_difference"]
    assert registry.serving_model(settings, TRAINED_AS_OF) == challenger
    assert registry.serving_model(settings, EARLIER) == champion


def test_a_worse_challenger_is_kept_out_with_its_reason(
    settings: Settings, catalogue: Path, champion: ModelVersion
) -> None:
    challenger = challenger_on(shuffled_before_out_of_time(), settings, catalogue)
    decision = promote_or_keep(settings, challenger.model_version)
    assert not decision.is_promoted
    assert decision.numbers["auc_difference_high"] < 0
    assert "below the champion's, more than the 0.01 allowed" in decision.reason
    assert registry.serving_model(settings, TRAINED_AS_OF) == champion
    assert read_promotion(settings, challenger.model_version) == decision


def test_force_promotes_and_says_so(settings: Settings, catalogue: Path, champion: ModelVersion) -> None:
    challenger = challenger_on(shuffled_before_out_of_time(), settings, catalogue)
    decision = promote_or_keep(settings, challenger.model_version, force=True)
    assert decision.is_promoted and decision.is_forced
    assert decision.reason.startswith("forced, although its AUC is")
    assert registry.serving_model(settings, TRAINED_AS_OF) == challenger


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
    assert "times the observed rate of default, outside 0.67 to 1.5" in decision.reason
    assert decision.numbers["pd_ratio"] < 0.67 < decision.numbers["champion_pd_ratio"] < 1.5


def test_after_a_jump_in_defaults_the_nearer_level_takes_over(
    settings: Settings, catalogue: Path, champion: ModelVersion
) -> None:
    frame = synthetic_frame(sellers=600)
    late = frame["as_of"] > date(2017, 12, 1)
    forewarned = spared(frame, (frame["as_of"] > date(2017, 7, 1)) & ~late, 0.2)
    challenger = challenger_on(spared(forewarned, late, 0.7), settings, catalogue)
    decision = promote_or_keep(settings, challenger.model_version)
    assert 1.5 < decision.numbers["pd_ratio"] < decision.numbers["champion_pd_ratio"]
    assert decision.is_promoted


@pytest.mark.parametrize(
    ("unsound", "reason"),
    [
        (synthetic_frame(seed=3, strength=0), r"its AUC of 0\.\d+ may be chance: the interval begins at 0\.4"),
        (spared(synthetic_frame(), synthetic_frame()["as_of"] > date(2017, 12, 1), 0.7), "outside 0.67 to 1.5"),
    ],
)
def test_a_first_model_that_is_unsound_does_not_serve(
    settings: Settings, catalogue: Path, unsound: pd.DataFrame, reason: str
) -> None:
    version = challenger_on(unsound, settings, catalogue)
    decision = promote_or_keep(settings, version.model_version)
    assert not decision.is_promoted and re.search(reason, decision.reason)
    assert registry.serving_model(settings, TRAINED_AS_OF) is None
    assert promote_or_keep(settings, version.model_version, force=True).is_forced
    assert registry.serving_model(settings, TRAINED_AS_OF) == version


def test_a_repeated_promotion_changes_nothing(settings: Settings, champion: ModelVersion) -> None:
    before = (settings.models / "champion.json").read_bytes()
    assert promote_or_keep(settings, champion.model_version) == read_promotion(settings, champion.model_version)
    assert (settings.models / "champion.json").read_bytes() == before


def test_a_retrained_past_month_is_judged_by_and_leaves_the_later_champion(
    settings: Settings, training_set: Path, catalogue: Path, champion: ModelVersion
) -> None:
    past = train(settings, training_set, date(2018, 6, 30), "backfill", catalogue)
    decision = promote_or_keep(settings, past.model_version)
    assert decision.champion is None and decision.is_promoted
    assert registry.serving_model(settings, EARLIER) == champion
    assert registry.serving_model(settings, date(2018, 7, 1)) == past


def test_a_champion_that_cannot_score_todays_features_gives_way(
    settings: Settings, tmp_path: Path, champion: ModelVersion
) -> None:
    renamed = tuple(("noise_share" if name == "noise_rate" else name, *rest) for name, *rest in FEATURES)
    catalogue = write_catalogue(tmp_path / "renamed.yml", renamed)
    frame = synthetic_frame().rename(columns={"noise_rate": "noise_share"})
    decision = promote_or_keep(settings, challenger_on(frame, settings, catalogue).model_version)
    assert decision.is_promoted
    assert "cannot score today's features" in decision.reason and "noise_rate" in decision.reason


def test_a_changed_training_set_is_noticed_and_the_same_bytes_elsewhere_found(
    settings: Settings, catalogue: Path, champion: ModelVersion
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


def test_a_decision_from_before_these_fields_is_read_and_kept(
    settings: Settings, catalogue: Path, champion: ModelVersion
) -> None:
    name = challenger_on(shuffled_before_out_of_time(), settings, catalogue).model_version
    refused = promote_or_keep(settings, name)
    path = settings.models / name / "promotion.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({key: value for key, value in content.items() if key not in ("cause", "earlier")}))
    assert read_promotion(settings, name) == refused
    assert promote_or_keep(settings, name, force=True).earlier == (refused,)


def test_a_damaged_decision_is_not_written_over(settings: Settings, catalogue: Path, champion: ModelVersion) -> None:
    name = challenger_on(synthetic_frame(sellers=600), settings, catalogue).model_version
    path = settings.models / name / "promotion.json"
    path.write_text('{"model_version"')
    with pytest.raises(BadModel, match=r"promotion\.json cannot be read .*restore it from a backup or"):
        promote_or_keep(settings, name)
    assert path.read_text() == '{"model_version"'
    assert registry.serving_model(settings, TRAINED_AS_OF) == champion
    path.unlink()
    assert promote_or_keep(settings, name).is_promoted


def test_a_promotion_that_was_cut_short_is_completed_by_the_next(settings: Settings, champion: ModelVersion) -> None:
    (settings.models / "champion.json").unlink()  # as if it had not been written any more
    first = read_promotion(settings, champion.model_version)
    again = promote_or_keep(settings, champion.model_version)
    assert again.is_promoted and again.earlier == (first,)
    assert registry.serving_model(settings, EARLIER) == champion
