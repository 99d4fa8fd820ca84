"""Fairness of what was decided: shares, limits and rates by hand, where the pds alone would see nothing."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ml.monitoring.fairness import assess, load_pack
from ml.monitoring.fairness_decisions import DecidedGroup, DecisionFairness, assess_decisions
from tests.ml.monitoring.test_fairness import group as group_by_pd
from tests.ml.monitoring.test_fairness import pack

NIGHT = date(2026, 3, 31)


def decisions() -> pd.DataFrame:
    """Everybody has the same pd. In the north 120 of 200 get 100 at 12%, in the south 60 of 200 get 300 at 20%."""
    is_eligible = np.repeat([True, False, True, False], [120, 80, 60, 140])
    is_north = np.arange(400) < 200
    return pd.DataFrame(
        {
            "seller_id": [f"s{row}" for row in range(400)],
            "is_eligible": is_eligible,
            "limit_amount": np.where(is_eligible, np.where(is_north, 100.0, 300.0), 0.0),
            "annual_rate": np.where(is_eligible, np.where(is_north, 0.12, 0.20), np.nan),
            "pd": np.where(np.arange(400) < 399, 0.05, np.nan),
            "region": np.where(is_north, "north", "south"),
        }
    )


def group(found: DecisionFairness, name: str) -> DecidedGroup:
    return next(each for each in found.groups if each.group == name)


def test_who_is_declined_by_another_rule_than_the_pd_counts_as_declined() -> None:
    frame = decisions()
    found = assess_decisions(frame, NIGHT, pack())
    north, south = group(found, "north"), group(found, "south")
    assert north.is_reference and north.approved_share and north.approved_share.value == 0.6
    assert south.adverse_impact_ratio and south.adverse_impact_ratio.value == pytest.approx(0.5)
    (breach,) = found.breaches
    assert breach.sentence == (
        "region south: 30.0% of 200 sellers were offered a loan, 0.50 times the share of north (60.0% of 200 sellers), "
        "below 0.8"
    )
    by_pd = assess(frame.assign(as_of=NIGHT, is_default=False, pd=0.05), np.full(400, 0.05), 0.1, pack())
    assert by_pd.breaches == () and not group_by_pd(by_pd, "south").is_less_approved


def test_limits_and_rates_are_told_over_all_sellers_and_over_offers() -> None:
    found = assess_decisions(decisions(), NIGHT, pack())
    north, south = group(found, "north"), group(found, "south")
    assert (north.limit_amount.value, south.limit_amount.value) == (60, 90)
    spread = 100 * np.sqrt(0.6 * 0.4 * 200 / 199 / 200)
    assert north.limit_amount.high - 60 == pytest.approx(1.959964 * spread)
    assert south.offer_limit_amount and south.offer_limit_amount.value == 300
    assert south.offer_annual_rate and south.offer_annual_rate.value == pytest.approx(0.2)
    assert south.mean_pd and south.mean_pd.value == pytest.approx(0.05)


def test_a_night_without_offers_or_scores_is_judged_too() -> None:
    nobody = decisions().assign(is_eligible=False, limit_amount=0.0, annual_rate=np.nan, pd=np.nan)
    found = assess_decisions(nobody, NIGHT, pack("ethnicity"))
    assert found.breaches == () and found.notes == (
        "the gate of ethnicity could not be judged: the rows have no such column",
    )
    south = group(found, "south")
    assert south.approved_share and south.approved_share.value == 0
    assert (south.adverse_impact_ratio, south.offer_annual_rate, south.mean_pd) == (None, None, None)
    assert assess_decisions(decisions(), NIGHT, load_pack("none")).breaches == ()
