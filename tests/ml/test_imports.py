"""What a command waits for at its start."""

import subprocess
import sys

from tradeline.settings import PROJECT

STATEMENTS = """
import sys
import ml.promotion.listing, ml.score
print(*(name for name in ("sklearn", "scipy.stats", "optbinning", "matplotlib") if name in sys.modules))
"""


def test_reading_and_scoring_versions_imports_nothing_that_only_fitting_needs() -> None:
    done = subprocess.run([sys.executable, "-c", STATEMENTS], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
