"""A validator who works a night out by hand, from raw rows and the policy, comes to what is published."""

from pathlib import Path

import pytest

from ingest.files import land_files
from pipeline.whole_nights import run_nights
from serving.query import query
from tests.markets import make_market
from tests.walkthrough.walk import differences
from tradeline.settings import PROJECT, Settings

pytestmark = pytest.mark.slow


SEEDS = PROJECT / "dbt_project" / "seeds"


def test_of_a_whole_market(built: Settings) -> None:
    assert list(differences(built.home, SEEDS, sellers=3)) == []


def test_of_payments_alone(local_airflow: None, tmp_path: Path) -> None:
    market = make_market(tmp_path / "market", tables=("sellers", "payments", "loans", "repayments"))
    settings = Settings(home=tmp_path / "home")
    land_files(settings, market.folder)
    run_nights(settings, {"as_of": market.last_on.isoformat()})
    ((sellers, scored, offers),) = query(
        settings, "select count(*), count(score), count_if(is_eligible) from loan_eligibility"
    ).rows
    assert (sellers, scored) == (60, 60) and offers > 0
    ((with_orders, with_inflow),) = query(
        settings, "select count_if(has_orders), count_if(sales_amount_90d > 0) from seller_features"
    ).rows
    assert (with_orders, with_inflow) == (0, 60)
    assert list(differences(settings.home, SEEDS, sellers=3)) == []
