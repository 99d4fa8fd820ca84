"""The command line as a user calls it, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from tradeline.settings import PROJECT


def tradeline(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        env=os.environ | {"TRADELINE_HOME": str(home), "PYTHONPATH": str(PROJECT), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
