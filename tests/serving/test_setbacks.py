"""Nights that are worse than the one before, and how loudly that is said."""

import logging
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from cli.status import status
from pipeline import steps
from serving.setbacks import setbacks
from tests.serving.built import build_night
from tradeline.contracts.publications import read_publications
from tradeline.journal import read_journal
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


EARLIER, NIGHT = date(2018, 7, 31), date(2018, 8, 31)


def publish(settings: Settings, as_of: date, run_id: str, offers: int, model_version: str | None = "m1") -> list[str]:
    """Publish a night with so many offers; what is said of it."""
    build_night(settings, as_of, run_id, model_version=model_version)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(
            "update marts.loan_eligibility set is_eligible = seller_id < printf('seller-%07d', ?::int) where as_of = ?",
            [offers, as_of],
        )
    steps.publish(settings, run_id, [as_of])
    return setbacks(settings, read_publications(settings), as_of)


@pytest.fixture(scope="module")
def ten_offers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose only publication, of the earlier night, has ten offers: nothing is said of it."""
    home = tmp_path_factory.mktemp("setbacks") / "home"
    assert publish(Settings(home=home), EARLIER, "first", 10) == []
    return home


@pytest.fixture
def published(ten_offers: Path, settings: Settings) -> Settings:
    """A copy of it, which the test may change."""
    shutil.copytree(ten_offers, settings.home)
    return settings


@pytest.mark.parametrize(("offers", "is_loud"), [(20, False), (5, False), (4, True), (0, True)])
def test_fewer_than_half_of_the_offers_are_loud(
    published: Settings, offers: int, is_loud: bool, caplog: pytest.LogCaptureFixture
) -> None:
    said = publish(published, NIGHT, "second", offers)
    assert bool(said) == is_loud
    if is_loud:
        assert said[0].startswith(f"{NIGHT} HAS FEWER THAN HALF OF THE OFFERS: {offers}, and the publication of")
        assert f"had 10; if that is wrong, `tradeline publications withdraw --as-of {NIGHT}" in said[0]
    is_warned = any(record.levelno == logging.WARNING and "FEWER THAN" in record.message for record in caplog.records)
    assert is_warned == read_journal(published)[-1].message.startswith(str(NIGHT)) == is_loud
    assert bool(said and status(published).notices[0] == said[0]) == is_loud


def test_a_night_without_a_model_where_there_was_one_is_loud(published: Settings) -> None:
    without, fewer = publish(published, NIGHT, "second", 0, model_version=None)
    assert without.startswith(f"{NIGHT} IS PUBLISHED WITHOUT A MODEL: the publication of {EARLIER} by run first had m1")
    assert "FEWER THAN HALF" in fewer


def test_a_night_that_is_published_again_is_compared_with_itself(settings: Settings) -> None:
    publish(settings, NIGHT, "first", 10)
    (said,) = publish(settings, NIGHT, "second", 2)
    assert f"the publication of {NIGHT} by run first had 10" in said


def test_what_was_withdrawn_or_came_without_a_model_is_no_measure(settings: Settings) -> None:
    assert publish(settings, EARLIER, "first", 0, model_version=None) == []
    publish(settings, NIGHT, "second", 10)
    steps.withdraw(settings, "run", NIGHT, "Too many.", "anna")
    assert publish(settings, NIGHT, "third", 0, model_version=None) == []


def test_a_damaged_measure_stops_nothing(published: Settings) -> None:
    (path,) = (published.published / "loan_eligibility" / f"as_of={EARLIER}").iterdir()
    path.unlink()
    assert publish(published, NIGHT, "second", 1) == []
