"""What a killed process has spilled is removed by the next run, and a run that has no room says so before it begins."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from pipeline import steps
from tests.ingest.extract import land
from tradeline import room
from tradeline.database import connect
from tradeline.errors import TradelineError
from tradeline.settings import PROJECT, Settings

pytestmark = pytest.mark.slow
NIGHT = date(2018, 5, 1)
SPILL = """
import sys
from pathlib import Path
from tradeline.database import connect
from tradeline.settings import Settings
settings = Settings(home=Path(sys.argv[1]), memory_limit="50MB", threads=1)
with connect(settings, settings.warehouse if sys.argv[2] == "warehouse" else None) as connection:
    connection.execute("create temp table rows as select range, hash(range) as hashed from range(5_000_000)")
    print("spilled", flush=True)
    sys.stdin.read()
"""


@contextmanager
def spilling(settings: Settings, where: str = "memory") -> Iterator[subprocess.Popen[str]]:
    """A process that has more rows in a connection than fit in memory, and waits."""
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", SPILL, str(settings.home), where]
    with subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "spilled\n"
        yield process
        process.kill()


def spilled_by(settings: Settings, process: int) -> list[str]:
    """The names of a process's files in both places that connections spill to."""
    folders = (settings.spill, settings.warehouse.with_name("tradeline.duckdb.tmp"))
    return [path.name for folder in folders for path in folder.glob(f"duckdb_temp_{process}_*")]


@pytest.mark.parametrize("where", ["memory", "warehouse"])
def test_a_run_removes_what_a_killed_process_has_spilled_and_nothing_of_one_that_lives(
    settings: Settings, where: str
) -> None:
    land(settings, "sellers", night=NIGHT)
    land(settings, "orders", night=NIGHT)
    with spilling(settings) as alive, spilling(settings, where) as killed:
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
        left, living = spilled_by(settings, killed.pid), spilled_by(settings, alive.pid)
        assert left and living
        steps.raw_gate(settings, "run", [NIGHT])
        assert not spilled_by(settings, killed.pid)
        assert spilled_by(settings, alive.pid) == living


def test_a_run_without_room_says_how_much_it_lacks_and_admits_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(settings, "sellers", night=NIGHT)
    land(settings, "orders", night=NIGHT)
    monkeypatch.setattr(room, "BYTES_PER_LANDED_BYTE", 10**15)
    with pytest.raises(TradelineError, match=r"has [\d.]+ GB free, and .* takes about \d+\.\d GB: free the rest"):
        steps.raw_gate(settings, "run", [NIGHT])
    assert not list(settings.warehouse.parent.glob("admission/*.duckdb"))


def test_a_database_in_memory_spills_into_the_home(settings: Settings) -> None:
    small = settings.model_copy(update={"memory_limit": "50MB", "threads": 1})
    settings.warehouse.parent.mkdir(parents=True)
    with connect(small) as connection:
        connection.execute("create temp table rows as select range, hash(range) as hashed from range(5_000_000)")
        assert spilled_by(settings, os.getpid())
    assert not spilled_by(settings, os.getpid())
