"""The state of a source: landings that die, states that are lost, and disks that are full."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

import ingest.sources.land as land
from ingest.sources.listing import list_sources
from ingest.sources.state import adopt, state_folder
from pipeline import steps
from tests.ingest.sources.deployment import NIGHT, SELLERS_CSV, Deployment
from tests.ingest.sources.test_landing import ORDERS_CSV, statuses
from tradeline.damage import damage_told
from tradeline.errors import BadInput, Damaged, TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow
NEXT = NIGHT + timedelta(days=1)
MORE = ORDERS_CSV + "o3,s1,b1,created,2024-03-06 08:00:00,,,1\no4,s1,b1,created,2024-03-07 00:10:00,,,1\n"


class Killed(BaseException):
    """What ends a process, as far as its code sees it."""


@pytest.fixture
def orders(shop: Deployment) -> Deployment:
    """Two orders of one seller."""
    shop.write("sellers.csv", SELLERS_CSV)
    shop.write("orders.csv", ORDERS_CSV)
    shop.map_same("sellers", "orders")
    return shop


def dying(step: str, *, before: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the landing die before or after a step of it."""
    whole: Callable[..., Any] = getattr(land, step)

    def half(*arguments: Any) -> Any:
        if not before:
            whole(*arguments)
        raise Killed

    monkeypatch.setattr(land, step, half)


STEPS = [
    ("extract", False),
    ("_refuse_faults", False),
    ("place_all", True),
    ("place_all", False),
    ("write_state", True),
]


@pytest.mark.parametrize(("step", "before"), STEPS)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_landing_that_dies_is_made_good_by_the_next(
    orders: Deployment, tmp_path: Path, step: str, before: bool, is_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nights(shop: Deployment, *, dies: bool) -> dict[str, bytes]:
        for night, content in ((NIGHT, ORDERS_CSV), (NEXT, MORE), (NEXT + timedelta(days=1), MORE)):
            shop.write("orders.csv", content)
            if dies and night == (NIGHT if is_first else NEXT):
                with monkeypatch.context() as patch, pytest.raises(Killed):
                    dying(step, before=before, monkeypatch=patch)
                    shop.land(night)
            shop.land(night)
        return shop.bytes_of()

    undisturbed = Deployment(Settings(home=tmp_path / "other"))
    undisturbed.write("sellers.csv", SELLERS_CSV)
    undisturbed.map_same("sellers", "orders")
    assert nights(orders, dies=True) == nights(undisturbed, dies=False)


def test_a_first_landing_that_died_leaves_nothing_that_the_next_would_not_land(
    orders: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, pytest.raises(Killed):
        dying("place_all", before=False, monkeypatch=patch)
        orders.land()
    orders.write("orders.csv", ORDERS_CSV.replace("2024-03-02", "2024-03-03"))
    orders.land()
    assert statuses(orders) == [("03-01", "o1", "created"), ("03-03", "o1", "paid"), ("03-05", "o2", "created")]


def test_a_night_that_died_and_is_skipped_lands_with_the_next(
    orders: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders.land()
    orders.write("orders.csv", MORE)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        dying("place_all", before=True, monkeypatch=patch)
        orders.land(NEXT)
    orders.land(NEXT + timedelta(days=1))
    assert statuses(orders)[3:] == [("03-07", "o3", "created"), ("03-07", "o4", "created")]


def test_without_its_state_a_source_is_damaged_until_it_is_taken_up(orders: Deployment) -> None:
    orders.land()
    before = orders.bytes_of()
    shutil.rmtree(state_folder(orders.settings, "shop"))
    with pytest.raises(
        Damaged, match=r"current\.json is missing, though .*/shop\.parquet is landed: restore it .* take up"
    ):
        orders.land(NEXT)
    (listed,) = list_sources(orders.settings)
    assert "current.json is missing" in listed.problem and listed.landed_through is None
    assert orders.bytes_of() == before
    adopt(orders.settings, "shop", NIGHT)
    orders.write("orders.csv", MORE)
    assert orders.land().was_landed
    assert orders.land(NEXT).rows == {"sellers": 1, "orders": 3}
    assert [row for row in statuses(orders) if row[0] == "03-06"] == [
        ("03-06", "o1", "paid"),
        ("03-06", "o2", "created"),
        ("03-06", "o3", "created"),
    ]
    orders.land(NEXT + timedelta(days=1))
    assert statuses(orders)[-1] == ("03-07", "o4", "created")


def test_what_cannot_be_taken_up(orders: Deployment) -> None:
    with pytest.raises(BadInput, match="has not ended: give the last day that has landed"):
        adopt(orders.settings, "shop", land.last_ended_day(orders.settings) + timedelta(days=1))
    with pytest.raises(BadInput, match="no such file; the sources are shop"):
        adopt(orders.settings, "ship", NIGHT)
    orders.land()
    with pytest.raises(BadInput, match="its state is there; there is nothing to take up"):
        adopt(orders.settings, "shop", NIGHT)


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"\xff", b'{"landed_through": "2024-03-05", "more": 1}'])
def test_a_state_that_cannot_be_read_is_damaged(orders: Deployment, content: bytes) -> None:
    orders.land()
    (state_folder(orders.settings, "shop") / "current.json").write_bytes(content)
    with pytest.raises(
        Damaged, match=r"current\.json cannot be read .*: restore it from a backup or, without one, take up"
    ):
        orders.land(NEXT)


@pytest.mark.parametrize("name", ["known-orders.parquet", "held-orders.parquet"])
def test_a_file_of_the_state_that_cannot_be_read_is_damaged(orders: Deployment, name: str) -> None:
    orders.write("orders.csv", ORDERS_CSV + "o3,s1,b1,created,2024-03-06 00:10:00,,,1\n")
    orders.land()
    path = state_folder(orders.settings, "shop") / "a" / name
    path.write_bytes(path.read_bytes()[:20])
    before = orders.bytes_of()
    with pytest.raises(Damaged, match=rf"{name} cannot be read .*: restore it from a backup or, without one, "):
        orders.land(NEXT)
    assert orders.bytes_of() == before


def test_a_folder_of_the_state_that_is_gone_is_damaged(orders: Deployment) -> None:
    orders.land()
    shutil.rmtree(state_folder(orders.settings, "shop") / "a")
    with pytest.raises(Damaged, match=r"shop/a is missing: restore it from a backup or, without one, take up"):
        orders.land(NEXT)
    adopt(orders.settings, "shop", NIGHT)
    assert orders.land(NEXT).rows == {"sellers": 1, "orders": 2}


def test_anothers_file_of_the_same_name_is_not_overwritten(orders: Deployment) -> None:
    path = orders.settings.landing / "orders" / "arrived_on=2024-03-05" / "shop.parquet"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"mine")
    with pytest.raises(Damaged, match="where that file is not of this source, give one of the two another name"):
        orders.land()
    assert path.read_bytes() == b"mine"


def test_two_landings_at_once(orders: Deployment) -> None:
    folder = state_folder(orders.settings, "shop")
    folder.mkdir(parents=True)
    with FileLock(folder / "lock"), pytest.raises(TradelineError, match="another landing is under way; wait for it"):
        orders.land()
    assert orders.land().files == 4


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB; the test is skipped where one cannot be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False)
    if mount.returncode:
        pytest.skip(f"needs to mount a file system: {mount.stderr.decode()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_lands_nothing_and_room_is_all_that_it_takes(small_disk: Path) -> None:
    shop = Deployment(Settings(home=small_disk / "home"))
    shop.write("sellers.csv", SELLERS_CSV)
    shop.write("orders.csv", ORDERS_CSV)
    shop.map_same("sellers", "orders")
    with pytest.raises(TradelineError, match=r"No space left on device in .*: make room and try again"):
        steps.land_source(shop.settings, "run", "shop", NIGHT)
    assert not shop.bytes_of()
    subprocess.run(["mount", "-o", "remount,size=100m", small_disk], check=True)
    assert shop.land().files == 4


def test_a_home_that_cannot_be_written_is_named(small_disk: Path) -> None:
    shop = Deployment(Settings(home=small_disk / "home"))
    shop.write("sellers.csv", SELLERS_CSV)
    shop.map_same("sellers")
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    told = r"Read-only file system.*: let this account read and write the home"
    with pytest.raises(Damaged, match=told), damage_told(shop.settings.home):
        shop.land()
