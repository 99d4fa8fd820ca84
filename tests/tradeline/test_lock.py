"""One writer to the warehouse at a time."""

import time
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from tradeline.errors import TradelineError
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


def hold(home: Path, is_held: Event, seconds: float) -> None:
    with warehouse_lock(Settings(home=home)):
        is_held.set()
        time.sleep(seconds)


@pytest.mark.parametrize(("seconds", "timeout"), [(1.5, 30.0)])
def test_a_second_process_waits_for_the_first(tmp_path: Path, seconds: float, timeout: float) -> None:
    context = get_context("spawn")
    is_held = context.Event()
    holder = context.Process(target=hold, args=(tmp_path, is_held, seconds))
    holder.start()
    assert is_held.wait(timeout)
    started = time.monotonic()
    with warehouse_lock(Settings(home=tmp_path, lock_timeout_seconds=timeout)):
        assert time.monotonic() - started > 0.5
    holder.join()


def test_waiting_ends_with_a_clear_error(tmp_path: Path) -> None:
    context = get_context("spawn")
    is_held = context.Event()
    holder = context.Process(target=hold, args=(tmp_path, is_held, 60))
    holder.start()
    assert is_held.wait(30)
    with (
        pytest.raises(TradelineError, match="TRADELINE_LOCK_TIMEOUT_SECONDS"),
        warehouse_lock(Settings(home=tmp_path, lock_timeout_seconds=0.2)),
    ):
        pass
    holder.kill()
    holder.join()
    with warehouse_lock(Settings(home=tmp_path, lock_timeout_seconds=5)):
        pass


def test_its_holder_may_take_it_again(settings: Settings) -> None:
    with warehouse_lock(settings), warehouse_lock(settings):
        pass
    with warehouse_lock(settings):
        pass
