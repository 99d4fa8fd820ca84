"""The command line as a user calls it, in a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from tradeline.settings import PROJECT
from tradeline.surroundings import MARK, own_environment, without_effect


def tradeline(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a fork of a process that has imported its libraries; its exit code and what it has written.

    Where the shell has variables without effect, which a command says before it starts again without them, it is
    started as a user does it.
    """
    if without_effect(os.environ):
        return started(home, *arguments)
    given = os.environ | {"TRADELINE_HOME": str(home), "NO_COLOR": "1"}
    with tempfile.TemporaryDirectory() as folder:
        written = [Path(folder) / name for name in ("stdout", "stderr")]
        for path in written:
            path.touch()
        request = {
            "arguments": arguments,
            "environment": own_environment(given, home),
            "folder": str(Path.cwd()),
            "stdout": str(written[0]),
            "stderr": str(written[1]),
        }
        warm = _warm()
        assert warm.stdin and warm.stdout
        warm.stdin.write(f"{json.dumps(request)}\n")
        warm.stdin.flush()
        code = int(warm.stdout.readline())
        return subprocess.CompletedProcess([*arguments], code, *(path.read_text("utf-8") for path in written))


def started(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a user does, from Python's start on."""
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        env=os.environ | {"TRADELINE_HOME": str(home), "PYTHONPATH": str(PROJECT), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@cache
def _warm() -> subprocess.Popen[str]:
    """One for each process of the test run."""
    return subprocess.Popen(
        [sys.executable, "-X", MARK, "-m", "tests.warm"],
        env=own_environment(os.environ, PROJECT / ".tradeline"),
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
