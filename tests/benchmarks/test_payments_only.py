"""What each family adds is read off loans whose families are known to tell something or nothing."""

import re

import numpy as np
import pandas as pd
import pytest

from benchmarks.payments_only import FOLDS, PAYMENTS, Loans, family_of, show_families
from tradeline.contracts.features import model_inputs

pytestmark = pytest.mark.slow


def test_every_input_is_counted_with_one_family() -> None:
    families = {feature.name: family_of(feature) for feature in model_inputs()}
    assert set(PAYMENTS) <= set(families.values()) and "payments" not in families.values()
    assert families["cash_inflow_share_90d"] == "cash" and families["cash_out_days_90d"] == "balances"
    assert families["month_end_balance_amount_90d"] == "month ends" and families["inflow_amount_90d"] == "flows"
    assert families["sales_amount_90d"] == "income" and families["suppliers_180d"] == "counterparties"


def test_a_family_that_tells_of_defaults_is_missed_and_one_of_noise_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    random = np.random.default_rng(1)
    markets = []
    for number in range(2):
        values = random.normal(size=(800, 4)).astype(np.float32)
        is_bad = values[:, 0] + random.normal(size=800) > 1
        sellers = pd.Series([f"{number}-{row // 2}" for row in range(800)])
        markets.append(Loans(sellers, is_bad, values, np.arange(800) // 2 % FOLDS))
    show_families(markets, np.array(["told", "noise", "noise", ""]))
    lost = re.findall(r"\| (\w+) \| (\d) \| \S+ \[.*?\] \| (\S+) \[(\S+),", capsys.readouterr().out)
    assert [(name, features) for name, features, _, _ in lost] == [("told", "1"), ("noise", "2")]
    assert float(lost[0][3]) > 0.1 and abs(float(lost[1][2])) < 0.05
