"""Fairness of a published night's decisions, from the published files to the terminal and the log."""

import json
import logging
from datetime import date

import duckdb
import pytest

from pipeline import steps
from serving.publish import publish
from tests.command import tradeline
from tests.serving.built import build_night
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


NIGHT = date(2018, 8, 31)


@pytest.fixture
def home(settings: Settings) -> Settings:
    """400 sellers of two regions; of 200 in the south 50 have an offer, of 200 in the north all."""
    build_night(settings, NIGHT, "run", sellers=400)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(
            """
            update marts.seller_features set region = if(right(seller_id, 1)::integer < 5, 'north', 'south');
            update marts.loan_eligibility set is_eligible = false, limit_amount = 0, annual_rate = null
            where right(seller_id, 1)::integer >= 5 and right(seller_id, 2)::integer not between 75 and 99;
            """
        )
    return settings.model_copy(update={"jurisdiction": "four_fifths"})


def test_the_command_tells_every_group_of_the_published_night(home: Settings) -> None:
    publish(home, [NIGHT], "run")
    found = json.loads(tradeline(home.home, "models", "fairness", "--format", "json").stdout)
    shares = {each["group"]: each["approved_share"]["value"] for each in found["groups"] if each["by"] == "region"}
    assert shares["north"] == 1 and 0 < shares["south"] < 0.8
    assert {each["by"] for each in found["groups"]} >= {"region", "seller_type", "industry", "size", "tenure"}
    shown = tradeline(home.home, "models", "fairness", "--as-of", NIGHT.isoformat())
    assert shown.returncode == 0 and "region south" in shown.stdout and "highest" in shown.stdout
    nothing = tradeline(home.home, "models", "fairness", "--as-of", "2018-08-30")
    assert nothing.returncode == 1 and "nothing is published for 2018-08-30" in nothing.stderr


def test_a_night_that_breaches_a_gate_is_published_and_warned_of(
    home: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        steps.publish(home, "run", [NIGHT])
    assert f"{NIGHT}: region south: " in caplog.text
    assert "were offered a loan" in caplog.text and "(jurisdiction four_fifths)" in caplog.text
