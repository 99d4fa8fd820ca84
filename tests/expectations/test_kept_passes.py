"""A pass is good for the very build that has passed, and for nothing else."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from expectations.kept_passes import keep_pass, passed_by
from expectations.waivers import waivers_file
from tests.expectations.warehouse import AS_OF, change, publish_from
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


EARLIER = AS_OF - timedelta(days=3)


def passed(settings: Settings) -> dict[date, str]:
    return passed_by(settings, "features_out", [AS_OF, EARLIER])


@pytest.fixture
def kept(settings: Settings) -> Settings:
    change(
        settings.warehouse,
        f"insert into raw.nights values ('{AS_OF}', 'content', 'stat', 'sql', '2018-09-01', '2018-09-01')",
    )
    assert passed(settings) == {}
    keep_pass(settings, "features_out", [AS_OF], "run-1")
    return settings


def test_the_night_that_has_passed_is_known_with_its_run(kept: Settings) -> None:
    assert passed(kept) == {AS_OF: "run-1"}
    keep_pass(kept, "features_out", [AS_OF], "run-2")
    assert passed(kept) == {AS_OF: "run-2"}
    assert passed_by(kept, "scores_out", [AS_OF]) == {}


@pytest.mark.parametrize(
    "happens",
    [
        lambda home: change(
            home.warehouse, "update marts.seller_features set tenure_days = 1 where seller_id = 'seller-7'"
        ),
        lambda home: change(home.warehouse, "update raw.nights set built_at = '2018-09-02'"),
        lambda home: change(home.warehouse, "delete from marts.seller_features"),
        lambda home: publish_from(home, home.warehouse, EARLIER, "run-0"),
        lambda home: _waive(home),
    ],
    ids=["other rows", "built anew", "no rows", "other night before", "waiver"],
)
def test_it_does_not_pass_once_its_ground_has_changed(kept: Settings, happens: Callable[[Settings], object]) -> None:
    happens(kept)
    assert passed(kept) == {}


def test_other_nights_change_nothing(kept: Settings) -> None:
    after = AS_OF + timedelta(days=1)
    change(
        kept.warehouse,
        f"insert into raw.nights values ('{after}', 'content', 'stat', 'sql', '2018-09-02', '2018-09-02')",
        f"insert into marts.seller_features select * replace (date '{after}' as as_of) from marts.seller_features",
    )
    assert passed(kept) == {AS_OF: "run-1"}


def _waive(settings: Settings) -> None:
    waivers_file(settings).parent.mkdir(parents=True, exist_ok=True)
    waivers_file(settings).write_text("{}\n")
