"""The benchmark of a small night runs to its end on a tiny market."""

import subprocess
import sys

import pytest

from tradeline.settings import PROJECT

pytestmark = pytest.mark.slow


def test_every_part_of_a_small_night_is_told() -> None:
    command = [sys.executable, "-m", "benchmarks.small_night", "--sellers", "20", "--days", "10"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for part in ("start of Python", "gate of the raw rows", "publication", "the whole command: "):
        assert part in done.stdout
    for command_line in ("tradeline --help: ", "tradeline status: "):
        assert "s of processor, best of 3" in done.stdout.partition(command_line)[2].partition("\n")[0]
