"""Two versions on the same rows."""

from pathlib import Path

import numpy as np
import pytest

from ml.errors import BadModel
from ml.promotion.compare import compare
from ml.promotion.promote import promote_or_keep
from ml.registry import store as registry
from tests.ml.trained import AUGUST, FEATURES, JULY, SEPTEMBER, market, train_version, useless
from tradeline.errors import BadInput
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture
def july(settings: Settings) -> str:
    return train_version(settings, JULY, market())


def test_both_are_judged_on_the_rows_of_the_later_one(settings: Settings, july: str) -> None:
    august = train_version(settings, AUGUST, useless())
    found = compare(settings, july, august)
    later = registry.describe(settings, august)
    assert (found.judge, found.rows, found.bad_rows) == (august, later.evaluation.rows, later.evaluation.bad_rows)
    assert found.second.metrics == later.evaluation.metrics and found.second.mean_pd == later.evaluation.mean_pd
    assert found.auc_difference and found.auc_difference.low > 0.02
    gained = found.first.metrics["auc"].value - found.second.metrics["auc"].value
    assert found.auc_difference.value == pytest.approx(gained)
    assert found.first.mean_pd and found.first.pd_ratio == pytest.approx(found.first.mean_pd / found.base_rate)
    assert found.first.known_rows == found.second.known_rows == 0
    assert found.features_of_first == found.features_of_second == ()


def test_the_order_only_turns_the_sign_and_agrees_with_the_promotion(settings: Settings, july: str) -> None:
    promote_or_keep(settings, july)
    august = train_version(settings, AUGUST, useless())
    there, back = compare(settings, july, august), compare(settings, august, july)
    assert there.judge == back.judge and there.first == back.second
    assert there.auc_difference and back.auc_difference
    assert there.auc_difference.value == -back.auc_difference.value
    contest = promote_or_keep(settings, august).contest
    assert contest and contest.differences["auc"] == back.auc_difference
    assert contest.champion_pd_ratio == back.second.pd_ratio


def test_what_differs_in_the_making_is_named(settings: Settings, july: str) -> None:
    frame = market().replace({"industry": {"books": "wine"}})
    frame["share_of_rain"] = np.random.default_rng(1).random(len(frame))
    signs = {"sales_amount_90d": ("sales_amount_90d", "sales", "amount", None)}
    features = (*(signs.get(each[0], each) for each in FEATURES), ("share_of_rain", "sales", "share", None))
    found = compare(settings, july, train_version(settings, AUGUST, frame, features))
    assert (found.features_of_first, found.features_of_second) == ((), ("share_of_rain",))
    differences = {each.name: (each.first, each.second) for each in found.differences}
    assert differences["sales_amount_90d: expected sign"] == ("-", None)
    assert differences["industry: names of its own"] == ("books", "wine")
    assert "xgboost.parameters.max_depth" in differences and "label_kind" not in differences
    assert not any("monotone_constraints" in name for name in differences)


def test_a_version_that_cannot_score_the_rows_says_what_they_lack(settings: Settings, july: str) -> None:
    frame = market().rename(columns={"tenure_days": "tenure_months"})
    features = tuple(("tenure_months", *rest) if name == "tenure_days" else (name, *rest) for name, *rest in FEATURES)
    found = compare(settings, july, train_version(settings, AUGUST, frame, features))
    assert found.first.fault and "lacks tenure_days" in found.first.fault and found.first.metrics == {}
    assert found.auc_difference is None and found.second.fault is None and found.second.metrics["auc"].value > 0.6
    assert (found.features_of_first, found.features_of_second) == (("tenure_days",), ("tenure_months",))


def test_versions_of_two_labels_are_compared_on_the_later_ones_outcome(settings: Settings, july: str) -> None:
    august = train_version(settings, AUGUST, market(8).assign(label_kind="loan_default"))
    found = compare(settings, july, august)
    assert found.label_kind == "loan_default" != found.first.label_kind
    assert found.auc_difference
    assert ("label_kind", "cash_flow_replay", "loan_default") in [
        (each.name, each.first, each.second) for each in found.differences
    ]


def test_rows_that_a_version_had_learned_from_are_counted(settings: Settings, july: str) -> None:
    frame = market()
    early = frame[frame["as_of"] <= sorted(frame["as_of"].unique())[9]]
    found = compare(settings, july, train_version(settings, AUGUST, early))
    trained_to = registry.describe(settings, july).split.fitted.last_on
    assert found.first_on <= trained_to
    days = [day for day in early["as_of"].unique() if found.first_on <= day <= trained_to]
    assert found.first.known_rows == 250 * len(days) > 0 and found.second.known_rows == 0


def test_a_cross_validated_version_is_judged_by_models_that_had_not_seen_the_rows(
    settings: Settings, july: str
) -> None:
    frame = market()
    few = frame[frame["as_of"] <= sorted(frame["as_of"].unique())[3]]
    august = train_version(settings, AUGUST, few)
    found, version = compare(settings, july, august), registry.describe(settings, august)
    assert (found.judged_by, found.rows) == ("cross_validation", len(few))
    assert found.second.metrics == version.evaluation.metrics
    assert (found.first.known_rows, found.second.known_rows) == (len(few), 0)


def test_damage_is_named(settings: Settings, july: str) -> None:
    with pytest.raises(BadInput, match="compared with itself"):
        compare(settings, july, july)
    other = train_version(settings, SEPTEMBER, market(8))
    training_set: Path = settings.models / registry.describe(settings, other).training_set
    training_set.unlink()
    with pytest.raises(BadModel, match=f"the training set .* of {other} is absent or changed"):
        compare(settings, july, other)
    (settings.models / july / "model.ubj").unlink()
    with pytest.raises(BadModel, match=rf"{july}/model\.ubj is not the file that was saved"):
        compare(settings, july, other)
