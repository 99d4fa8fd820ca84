import os
from datetime import date

import pytest

from ingest.landing import fingerprint, landed_nights, scan, stat_fingerprint
from tests.ingest.extract import LATER, NIGHT, land, land_bytes, path_of, row
from tradeline.errors import BadInput
from tradeline.settings import Settings


def test_nothing_has_landed_in_a_new_home(settings: Settings) -> None:
    assert landed_nights(settings) == []


def test_nights_are_those_of_any_table_in_order(settings: Settings) -> None:
    land(settings, "sellers", night=LATER)
    land(settings, "orders", night=NIGHT)
    land(settings, "orders", night=LATER)
    assert landed_nights(settings) == [NIGHT, LATER]


def test_copies_under_way_and_markers_are_left_alone(settings: Settings) -> None:
    land(settings, "orders")
    land_bytes(settings, "orders", b"", ".part-1.csv.77")
    land_bytes(settings, "orders", b"", "_SUCCESS")
    (settings.landing / ".olist-77").mkdir()
    assert [file.name for file in scan(settings.landing).files] == ["part-0.csv"]


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("ordres/arrived_on=2018-05-01/a.csv", "no such table; the tables are sellers, fx_rates, orders"),
        ("orders.csv", "no such table"),
        ("orders/arrived_on=2018-13-40/a.csv", "not a night's folder; name it arrived_on=YYYY-MM-DD"),
        ("orders/arrived_on=20180501/a.csv", "not a night's folder"),
        ("orders/2018-05-01/a.csv", "not a night's folder"),
        ("orders/a.csv", "not a night's folder"),
        ("orders/arrived_on=2018-05-01/more/a.csv", "a folder inside a night"),
        ("orders/arrived_on=2018-05-01/category=toys/a.parquet", "where the folder's name holds a value"),
    ],
)
def test_what_is_out_of_place_is_named(settings: Settings, path: str, problem: str) -> None:
    land(settings, "orders")
    (settings.landing / path).parent.mkdir(parents=True, exist_ok=True)
    (settings.landing / path).touch()
    with pytest.raises(BadInput, match=problem):
        landed_nights(settings)


def test_a_fingerprint_is_of_names_and_contents_only(settings: Settings) -> None:
    def prints() -> tuple[str, str]:
        files = scan(settings.landing).files
        return fingerprint(files), stat_fingerprint(files)

    path = land(settings, "orders")
    first, first_stat = prints()
    os.utime(path, ns=(1, 1))
    touched, touched_stat = prints()
    assert touched == first
    assert touched_stat != first_stat
    land(settings, "orders", row("orders", amount="12.51"))
    assert prints()[0] != first
    land(settings, "orders")
    assert prints()[0] == first
    path.rename(path.with_name("part-1.csv"))
    assert prints()[0] != first


def test_a_night_is_a_day_of_the_calendar(settings: Settings) -> None:
    land(settings, "orders", night=date(2020, 2, 29))
    assert landed_nights(settings) == [date(2020, 2, 29)]
    path_of(settings, "orders", date(2020, 2, 29)).parent.rename(settings.landing / "orders" / "arrived_on=2019-02-29")
    with pytest.raises(BadInput, match="2019-02-29"):
        landed_nights(settings)
