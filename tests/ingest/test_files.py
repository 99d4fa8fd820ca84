from datetime import timedelta
from pathlib import Path

import pytest

from ingest.files import land_files
from ingest.landing import scan
from tests.ingest.extract import LATER, NIGHT, land, path_of, row, write
from tradeline.errors import BadInput
from tradeline.settings import Settings


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "extract"
    write(folder / "sellers" / f"arrived_on={NIGHT}" / "a.csv", [row("sellers")])
    write(folder / "orders" / f"arrived_on={NIGHT}" / "a.parquet", [row("orders")])
    write(folder / "orders" / f"arrived_on={LATER}" / "a.csv", [row("orders", order_id="o2")])
    return folder


def test_a_folder_is_landed_as_it_is(settings: Settings, source: Path) -> None:
    report = land_files(settings, source)
    assert (report.nights, report.first_on, report.last_on) == (2, NIGHT, LATER)
    assert (report.files, report.new_files) == (3, 3)
    landed = {file.source: file.path.read_bytes() for file in scan(settings.landing).files}
    assert landed == {file.source: file.path.read_bytes() for file in scan(source).files}


def test_landing_it_again_touches_nothing(settings: Settings, source: Path) -> None:
    land_files(settings, source)
    before = scan(settings.landing)
    assert land_files(settings, source).new_files == 0
    assert scan(settings.landing) == before


def test_a_file_of_the_same_name_is_replaced(settings: Settings, source: Path) -> None:
    land_files(settings, source)
    changed = write(source / "sellers" / f"arrived_on={NIGHT}" / "a.csv", [row("sellers", status="closed")])
    assert land_files(settings, source).new_files == 1
    assert path_of(settings, "sellers", name="a.csv").read_bytes() == changed.read_bytes()


def test_a_later_extract_needs_no_sellers_of_its_own(settings: Settings, source: Path, tmp_path: Path) -> None:
    land_files(settings, source)
    more = tmp_path / "more"
    write(more / "orders" / f"arrived_on={LATER + timedelta(days=1)}" / "a.csv", [row("orders", order_id="o3")])
    assert land_files(settings, more).files == 1


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("ordres/arrived_on=2018-05-01/a.csv", "no such table"),
        ("orders/arrived_on=2018-13-40/a.csv", "not a night's folder"),
        ("orders/arrived_on=2018-05-01/a.xlsx", "not a .parquet, .csv or .csv.gz file"),
        ("payments/arrived_on=2018-05-01/", "no file in it"),
    ],
)
def test_a_fault_of_the_layout_lands_nothing(settings: Settings, source: Path, path: str, problem: str) -> None:
    folder, _, name = path.rpartition("/")
    (source / folder).mkdir(parents=True, exist_ok=True)
    if name:
        (source / path).touch()
    with pytest.raises(BadInput, match=problem):
        land_files(settings, source)
    assert not settings.landing.exists()


def test_what_is_required_is_named(settings: Settings, tmp_path: Path) -> None:
    write(tmp_path / "extract" / "reviews" / f"arrived_on={NIGHT}" / "a.csv", [row("reviews")])
    with pytest.raises(BadInput, match=r"sellers: missing(.|\n)*neither orders/ nor payments/"):
        land_files(settings, tmp_path / "extract")


def test_an_empty_or_absent_folder_is_named(settings: Settings, tmp_path: Path) -> None:
    land(settings, "sellers")
    land(settings, "orders")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="no files to land"):
        land_files(settings, tmp_path / "empty")
    with pytest.raises(BadInput, match="is not a folder"):
        land_files(settings, tmp_path / "nowhere")


def test_landing_warns_of_nights_that_are_still_to_come(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for table in ("sellers", "orders"):
        write(tmp_path / "extract" / table / "arrived_on=2999-01-01" / "part-0.csv", [row(table)])
    land_files(settings, tmp_path / "extract")
    assert "1 landed nights are still to come (arrived_on=2999-01-01; today is " in caplog.text
