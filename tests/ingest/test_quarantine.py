"""The way of a bad file: quarantined, refused until it is landed again or discarded, and then forgotten."""

import json
import os
from pathlib import Path

import pytest

from ingest.files import land_files
from ingest.plan import plan_nights
from ingest.quarantine import clear, list_quarantined
from tests.ingest.extract import LATER, NIGHT, ask, build, land, path_of, row, write
from tradeline.errors import BadInput
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture
def refused(settings: Settings) -> Settings:
    """A home with one bad file in quarantine, the only one of its night."""
    land(settings, "sellers")
    land(settings, "orders")
    build(settings)
    land(settings, "orders", row("orders", order_id="o2", amount="-1"), night=LATER)
    with pytest.raises(BadInput, match="is negative"):
        build(settings, LATER)
    return settings


def test_the_reason_is_kept_beside_the_file(refused: Settings) -> None:
    (entry,) = list_quarantined(refused)
    assert (entry.table, entry.arrived_on, entry.name, entry.run_id) == ("orders", LATER, "part-0.csv", "run-1")
    reason = json.loads((refused.quarantine / f"{entry.source}.reason.json").read_text())
    assert reason["faults"][0]["row"] == 1
    assert reason["faults"][0]["column"] == "amount"
    assert reason["faults"][0]["value"] == "-1"
    assert "-1" in (refused.quarantine / entry.source).read_text()


def test_the_night_is_refused_until_then(refused: Settings) -> None:
    with pytest.raises(BadInput, match=r"in quarantine(.|\n)*orders/arrived_on=2018-05-02/part-0.csv"):
        build(refused, LATER)
    assert ask(refused.warehouse, "select order_id from raw.orders") == [("o1",)]


def test_a_late_file_beside_it_does_not_let_the_night_through(refused: Settings) -> None:
    land(refused, "orders", row("orders", order_id="o3"), night=LATER, name="part-1.csv")
    with pytest.raises(BadInput, match="in quarantine"):
        build(refused, LATER)


def test_nights_before_it_are_not_held_up(refused: Settings) -> None:
    assert plan_nights(refused, NIGHT) is None


def test_landing_the_file_again_settles_it(refused: Settings, tmp_path: Path) -> None:
    source = tmp_path / "extract"
    write(source / "orders" / f"arrived_on={LATER}" / "part-0.csv", [row("orders", order_id="o2", amount="1")])
    land_files(refused, source)
    assert list_quarantined(refused) == []
    build(refused, LATER)
    assert ask(refused.warehouse, "select order_id from raw.orders order by 1") == [("o1",), ("o2",)]


def test_copying_the_file_into_landing_by_hand_settles_it_too(refused: Settings) -> None:
    land(refused, "orders", row("orders", order_id="o2", amount="1"), night=LATER)
    build(refused, LATER)
    assert list_quarantined(refused) == []


def test_discarding_it_lets_the_rest_through(refused: Settings) -> None:
    assert clear(refused, "orders", LATER, "part-0.csv")
    assert not clear(refused, "orders", LATER, "part-0.csv")
    assert plan_nights(refused, LATER) is None
    assert not path_of(refused, "orders", LATER).parent.exists()


def test_a_file_that_is_bad_again_is_quarantined_again(refused: Settings) -> None:
    land(refused, "orders", row("orders", order_id="o2", amount="-2"), night=LATER)
    with pytest.raises(BadInput, match="'-2' is negative"):
        build(refused, LATER)
    assert len(list_quarantined(refused)) == 1


def test_a_bad_file_in_a_built_night_leaves_what_was_built(refused: Settings) -> None:
    land(refused, "orders", row("orders", amount="-9"))
    with pytest.raises(BadInput, match="'-9' is negative"):
        build(refused)
    assert ask(refused.warehouse, "select amount::varchar from raw.orders") == [("12.50",)]
    assert ask(refused.warehouse, "select count(*) from raw.nights where built_at is not null") == [(1,)]


@pytest.mark.parametrize("damage", [None, b"", b'{"faults": ', b"\xff\x00"])
def test_a_file_whose_reasons_are_lost_or_damaged_still_holds_its_night(
    refused: Settings, damage: bytes | None
) -> None:
    (reason,) = refused.quarantine.rglob("*.reason.json")
    reason.unlink() if damage is None else reason.write_bytes(damage)
    (entry,) = list_quarantined(refused)
    assert str(reason) in entry.faults[0] and "land the file again" in entry.faults[0]
    with pytest.raises(BadInput, match=r"in quarantine(.|\n)*orders/arrived_on=2018-05-02/part-0.csv"):
        build(refused, LATER)
    assert clear(refused, "orders", LATER, "part-0.csv") and list_quarantined(refused) == []


def test_a_name_that_is_not_utf8_is_refused_and_no_other_file(settings: Settings) -> None:
    land(settings, "sellers")
    land(settings, "orders")
    proper = path_of(settings, "orders", NIGHT)
    (proper.parent / os.fsdecode(b"order-\xff.csv")).write_bytes(proper.read_bytes())
    with pytest.raises(BadInput, match=r"1 file(.|\n)*order-\\xff.csv: has a name that is not UTF-8"):
        build(settings)
    (entry,) = list_quarantined(settings)
    assert entry.name == r"order-\xff.csv" and proper.exists()
    assert clear(settings, entry.table, entry.arrived_on, entry.name)
    build(settings)


def test_landing_refuses_a_name_that_is_not_utf8(settings: Settings, tmp_path: Path) -> None:
    source = tmp_path / "extract" / "orders" / f"arrived_on={NIGHT}" / os.fsdecode(b"order-\xff.csv")
    write(source, [row("orders")])
    with pytest.raises(BadInput, match=r"order-\\xff.csv: the name is not UTF-8"):
        land_files(settings, tmp_path / "extract")
