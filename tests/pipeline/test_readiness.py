"""When a night is built: once its required sources have landed it or at its deadline, and again for a late one."""

import logging
from datetime import timedelta

import pytest

from pipeline import steps
from pipeline.readiness import night_at_the_deadline, night_that_is_ready
from tests.ingest.sources.deployment import NIGHT, SELLERS_CSV, Deployment
from tests.ingest.sources.test_landing import ORDERS_CSV
from tradeline.settings import Settings

pytestmark = pytest.mark.slow
PAYMENTS_CSV = (
    "payment_id,seller_id,direction,kind,amount,occurred_at\n"
    "p1,s1,in,sale,5,2024-03-03 10:00:00\n"
    "p2,s1,in,sale,5,2024-03-05 10:00:00\n"
)


@pytest.fixture
def two(settings: Settings) -> Deployment:
    """A shop and a payment service."""
    shop = Deployment(settings)
    shop.write("sellers.csv", SELLERS_CSV)
    shop.write("orders.csv", ORDERS_CSV)
    shop.write("payments.csv", PAYMENTS_CSV)
    shop.map_same("sellers", "orders")
    shop.map_same("payments", name="bank")
    return shop


def build(shop: Deployment) -> None:
    """Build the night for real."""
    steps.raw_gate(shop.settings, "run", [NIGHT])
    steps.build_marts(shop.settings, "run", [NIGHT])


def test_a_night_waits_for_its_sources_is_built_once_and_again_for_one_that_is_late(
    two: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    settings = two.settings
    assert str(night_at_the_deadline(settings, NIGHT)).startswith(f"nothing has landed for {NIGHT}; once it has, ")
    two.land()
    told = night_that_is_ready(settings, NIGHT)
    assert told == f"{NIGHT} waits for bank (landed through no night); it is built without them at the latest at " + (
        "the scheduled time"
    )
    assert night_at_the_deadline(settings, NIGHT) == [NIGHT]
    assert "is built without bank (landed through no night); what they bring is taken up once" in caplog.text
    build(two)
    two.land(name="bank")
    assert night_that_is_ready(settings, NIGHT) == [NIGHT]
    build(two)
    assert night_that_is_ready(settings, NIGHT) == f"{NIGHT} is built, and nothing new has landed"
    assert night_at_the_deadline(settings, NIGHT) == f"{NIGHT} was built when its sources had landed"
    # A rerun of a source lands nothing new.
    assert two.land(name="bank").was_landed
    assert isinstance(night_that_is_ready(settings, NIGHT), str)
    following = NIGHT + timedelta(days=1)
    assert f"waits for bank (landed through {NIGHT}), shop" in str(night_that_is_ready(settings, following))


def test_all_landed_before_the_deadline(two: Deployment, caplog: pytest.LogCaptureFixture) -> None:
    two.land()
    two.land(name="bank")
    assert night_that_is_ready(two.settings, NIGHT) == [NIGHT]
    assert night_at_the_deadline(two.settings, NIGHT) == [NIGHT]
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_source_that_is_not_required_is_not_waited_for(two: Deployment) -> None:
    two.map_same("payments", name="bank", is_required=False)
    two.land()
    assert night_that_is_ready(two.settings, NIGHT) == [NIGHT]


@pytest.mark.parametrize("text", ["kind: nothing", "kind: [", ""])
def test_a_source_whose_mapping_is_broken_is_waited_for_until_the_deadline(
    two: Deployment, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    two.land()
    two.land(name="bank")
    (two.settings.sources / "bank.yml").write_text(text)
    assert f"{NIGHT} waits for bank (" in str(told := night_that_is_ready(two.settings, NIGHT)) and "bank.yml" in str(
        told
    )
    assert night_at_the_deadline(two.settings, NIGHT) == [NIGHT]
    assert "is built without bank (" in caplog.text and "no night" not in caplog.text


def test_a_file_with_no_name_of_a_source_stops_no_night(two: Deployment) -> None:
    two.land()
    two.land(name="bank")
    two.map_same("payments", name="The Bank")
    assert "waits for The Bank" in str(night_that_is_ready(two.settings, NIGHT))
    assert night_at_the_deadline(two.settings, NIGHT) == [NIGHT]


def test_without_sources_a_night_is_what_has_landed(settings: Settings) -> None:
    path = settings.landing / "sellers" / f"arrived_on={NIGHT}" / "sellers.csv"
    path.parent.mkdir(parents=True)
    path.write_text(SELLERS_CSV)
    assert night_at_the_deadline(settings, NIGHT) == [NIGHT]
    assert isinstance(night_at_the_deadline(settings, NIGHT + timedelta(days=1)), str)


def test_a_quiet_day_on_which_all_sources_landed_nothing_is_built(two: Deployment) -> None:
    following = NIGHT + timedelta(days=1)
    for night in (NIGHT, following):
        two.land(night)
        two.land(night, name="bank")
    assert night_that_is_ready(two.settings, following) == [following]
