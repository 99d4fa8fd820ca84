"""Fairness: ratios worked by hand, gates that chance does not breach, and fields that never train a model."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from ml.errors import BadFeatures
from ml.monitoring.fairness import Fairness, GroupOutcome, assess, check_unprotected, fault, load_pack
from ml.monitoring.fairness_policy import POLICY, FairnessGate, Jurisdiction, Pack
from ml.numbers.bootstrap import Floats
from tradeline.contracts.features import Feature, model_inputs
from tradeline.errors import TradelineError
from tradeline.settings import Settings

NONE = load_pack("none")
APPROVE_BELOW_PD = 0.1
GOOD, RISKY = 0.05, 0.2


def pack(by: str = "region", action: str = "refuse", rows_min: int = 100) -> Pack:
    gate = FairnessGate.model_validate(
        {"by": by, "adverse_impact_ratio_min": 0.8, "significance": 0.05, "rows_min": rows_min, "action": action}
    )
    jurisdiction = Jurisdiction(note="", source="", as_of=pd.Timestamp("2026-01-01").date(), gates=(gate,))
    return Pack(name="ours", protected=NONE.protected, jurisdiction=jurisdiction)


def rows_of(by: str, counts: dict[str, tuple[int, int]]) -> tuple[pd.DataFrame, Floats]:
    """One row per seller, nobody bad: of each group how many would be approved, of how many."""
    groups = np.repeat(list(counts), [total for _, total in counts.values()])
    pd_ = np.concatenate([np.repeat([GOOD, RISKY], [yes, total - yes]) for yes, total in counts.values()])
    sellers = [f"s{row}" for row in range(len(groups))]
    as_of = pd.Timestamp("2026-03-31")
    return pd.DataFrame({"seller_id": sellers, "as_of": as_of, "is_default": False, by: groups}), pd_


def group(found: Fairness, name: str) -> GroupOutcome:
    return next(each for each in found.groups if each.group == name)


def test_the_ratio_by_hand() -> None:
    frame, pd_ = rows_of("region", {"north": (160, 200), "south": (150, 300), "west": (9, 9)})
    found = assess(frame, pd_, APPROVE_BELOW_PD, pack())
    north, south, west = (group(found, name) for name in ("north", "south", "west"))
    assert north.is_reference and north.approved_share and north.approved_share.value == 0.8
    assert north.adverse_impact_ratio is None and south.adverse_impact_ratio is not None
    ratio = south.adverse_impact_ratio
    assert ratio.value == pytest.approx(0.5 / 0.8) and ratio.low < ratio.value < ratio.high < 0.8
    assert south.is_less_approved and south.p_value and south.p_value < 1e-10
    # nine sellers, all approved, are shown, and no reference
    assert west.sellers == 9 and west.adverse_impact_ratio is None and not west.is_reference
    (breach,) = found.breaches
    assert (breach.by, breach.group, breach.value, breach.minimum) == ("region", "south", ratio.value, 0.8)
    assert breach.sentence == (
        "region south: 50.0% of 300 sellers have a pd that passes, 0.62 times the share of north (80.0% of 200 "
        "sellers), below 0.8"
    )
    assert fault(found) == f"{breach.sentence} (jurisdiction ours)"


def test_a_warning_refuses_nothing_and_no_gate_breaches_nothing() -> None:
    frame, pd_ = rows_of("region", {"north": (160, 200), "south": (150, 300)})
    warned = assess(frame, pd_, APPROVE_BELOW_PD, pack(action="warn"))
    assert [breach.action for breach in warned.breaches] == ["warn"] and fault(warned) is None
    measured = assess(frame, pd_, APPROVE_BELOW_PD, NONE)
    assert measured.breaches == () and group(measured, "south").is_less_approved


@pytest.mark.parametrize(
    ("south", "is_breached"),
    [
        ((66, 100), True),
        ((76, 100), False),  # within four fifths of 0.9
        ((58, 99), False),  # too few to judge
    ],
)
def test_what_a_gate_asks_for(south: tuple[int, int], is_breached: bool) -> None:
    frame, pd_ = rows_of("region", {"north": (900, 1000), "south": south})
    assert bool(assess(frame, pd_, APPROVE_BELOW_PD, pack()).breaches) == is_breached


def test_a_ratio_that_may_be_chance_is_no_breach() -> None:
    frame, pd_ = rows_of("region", {"north": (18, 30), "south": (14, 30)})
    found = assess(frame, pd_, APPROVE_BELOW_PD, pack(rows_min=30))
    south = group(found, "south")
    assert south.adverse_impact_ratio and south.adverse_impact_ratio.value == pytest.approx(14 / 18)
    assert south.p_value and south.p_value > 0.05 and found.breaches == ()


def test_a_dozen_groups_that_are_alike_are_not_breached_by_chance() -> None:
    random = np.random.default_rng(1)

    def draw() -> Fairness:
        counts = {f"r{i}": (int(random.binomial(100, 0.5)), 100) for i in range(12)}
        return assess(*rows_of("region", counts), APPROVE_BELOW_PD, pack())

    found = [draw() for _ in range(60)]
    assert sum(bool(each.breaches) for each in found) <= 5
    ratios = [min(each.adverse_impact_ratio.value for each in one.groups if each.adverse_impact_ratio) for one in found]
    assert np.mean([ratio < 0.8 for ratio in ratios]) > 0.8  # four fifths alone would refuse nearly all of them


def test_a_seller_is_counted_once_by_its_latest_row() -> None:
    frame, pd_ = rows_of("region", {"north": (120, 150), "south": (120, 150)})
    earlier = frame.assign(as_of=pd.Timestamp("2026-01-31"))
    both = pd.concat([frame, earlier], ignore_index=True)
    found = assess(both, np.r_[pd_, np.full(300, RISKY)], APPROVE_BELOW_PD, pack())
    assert [(each.sellers, each.rows) for each in found.groups] == [(150, 300)] * 2
    assert all(each.approved_share and each.approved_share.value == 0.8 for each in found.groups)


def test_the_pds_of_a_group_are_held_against_its_defaults() -> None:
    random = np.random.default_rng(2)
    regions = np.repeat(["right", "high", "low", "few"], [2000, 2000, 2000, 20])
    pd_ = random.beta(2, 18, len(regions))
    actual = pd_ * np.select([regions == "high", regions == "low"], [0.5, 1.6], 1.0)
    frame = pd.DataFrame({"seller_id": [f"s{row}" for row in range(len(regions))], "as_of": "2026-03-31"})
    frame = frame.assign(is_default=random.random(len(regions)) < actual, region=regions)
    found = assess(frame, pd_, APPROVE_BELOW_PD, NONE)
    expected = {"right": "consistent", "high": "overstated", "low": "understated", "few": None}
    assert {each.group: each.calibration for each in found.groups} == expected
    assert {each.group for each in found.miscalibrated} == {"high", "low"}
    right = group(found, "right")
    assert right.default_rate.low < right.mean_pd < right.default_rate.high
    assert right.default_rate.value == right.bad_rows / right.rows


def test_a_sellers_rows_do_not_make_calibration_surer() -> None:
    frame, _ = rows_of("region", {"north": (100, 100)})
    frame["is_default"] = np.arange(100) < 12
    once = group(assess(frame, np.full(100, 0.06), APPROVE_BELOW_PD, NONE), "north")
    again = pd.concat([frame.assign(as_of=day) for day in pd.date_range("2026-01-01", periods=5)], ignore_index=True)
    five = group(assess(again, np.full(500, 0.06), APPROVE_BELOW_PD, NONE), "north")
    assert five.default_rate.value == once.default_rate.value == 0.12
    assert five.default_rate.high == pytest.approx(once.default_rate.high)
    strangers = again.assign(seller_id=[f"s{row}" for row in range(500)])
    alone = group(assess(strangers, np.full(500, 0.06), APPROVE_BELOW_PD, NONE), "north")
    assert alone.default_rate.high < five.default_rate.high
    assert (alone.calibration, five.calibration) == ("understated", "consistent")


def test_all_five_ways_to_group_and_whatever_a_deployment_adds() -> None:
    random = np.random.default_rng(3)
    frame, pd_ = rows_of("region", {"north": (300, 400), "south": (300, 400)})
    frame = frame.assign(
        seller_type=random.choice(["individual", "business"], 800),
        industry=random.choice([f"i{number:02}" for number in range(20)], 800),
        sales_amount_90d=random.lognormal(size=800),
        tenure_days=random.integers(0, 900, 800),
        gender=pd.Series(["f", "f", None, "f"] * 200),
    )
    found = assess(frame, pd_, APPROVE_BELOW_PD, NONE)
    assert {each.by for each in found.groups} == {"seller_type", "region", "industry", "size", "tenure"}
    added = assess(frame, pd_, APPROVE_BELOW_PD, pack("gender"))
    assert [each.group for each in added.groups if each.by == "gender"] == ["f", "unknown"]
    # where industries are gated, none hides among others
    gated = assess(frame, pd_, APPROVE_BELOW_PD, pack("industry"))
    assert len([each for each in gated.groups if each.by == "industry"]) == 20
    assert Fairness.model_validate_json(gated.model_dump_json()) == gated


def test_a_gate_that_cannot_be_judged_is_told() -> None:
    frame, pd_ = rows_of("region", {"north": (160, 200), "south": (150, 300)})
    found = assess(frame, pd_, APPROVE_BELOW_PD, pack("ethnicity"))
    assert found.notes == ("the gate of ethnicity could not be judged: the rows have no such column",)
    nobody = assess(frame, np.full(500, RISKY), APPROVE_BELOW_PD, pack())
    assert all(each.adverse_impact_ratio is None for each in nobody.groups) and fault(nobody) is None


def inputs(names: Sequence[str]) -> list[Feature]:
    return [Feature(name, "tenure", "category", None, is_model_input=True) for name in names]


@pytest.mark.parametrize(
    "name", ["region", "region_risk_rate", "owner_age_years", "is_owner_female", "gender", "zip_3"]
)
def test_a_protected_field_never_trains_a_model(name: str) -> None:
    with pytest.raises(BadFeatures, match=f"protected fields never train a model: {name} .*is_model_input: false"):
        check_unprotected(inputs(["sales_amount_90d", name]), NONE)


def test_the_catalogue_trains_on_nothing_protected() -> None:
    check_unprotected(model_inputs(), NONE)
    check_unprotected(inputs(["buyer_regions_90d", "top_region_share_90d", "average_rating_90d", "seller_type"]), NONE)


def test_an_unknown_jurisdiction_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(TradelineError, match=r"'atlantis'; .* has none, four_fifths, us_federal, us_states"):
        load_pack(Settings(home=tmp_path, jurisdiction="atlantis").jurisdiction)
    assert load_pack(Settings(home=tmp_path).jurisdiction) == NONE


def test_each_jurisdiction_says_what_it_rests_on_and_when() -> None:
    for name in yaml.safe_load(POLICY.read_text())["jurisdictions"]:
        found = load_pack(name).jurisdiction
        assert found.note and found.source and found.as_of
    assert load_pack("us_federal").jurisdiction.gates == ()
    assert "verify with counsel" in load_pack("us_federal").jurisdiction.note


def test_a_policy_with_a_fault_is_refused(tmp_path: Path) -> None:
    policy = yaml.safe_load(POLICY.read_text())
    gates = policy["jurisdictions"]["eu"]["gates"]
    broken = tmp_path / "fairness.yml"
    for change in ({"action": "ignore"}, {"adverse_impact_ratio_min": 1.2}, {"by": "seller_type"}):
        policy["jurisdictions"]["eu"]["gates"] = [gates[0] | change, gates[1]]
        broken.write_text(yaml.safe_dump(policy))
        with pytest.raises(TradelineError, match=r"fairness\.yml"):
            load_pack("eu", broken)
