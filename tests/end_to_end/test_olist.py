"""One night of the real marketplace, from its archive to published offers, as `make demo OLIST=PATH` makes it."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tradeline.settings import PROJECT

pytestmark = pytest.mark.slow

MEMORY_LIMIT_KB = 2_000_000


def test_every_seller_known_by_the_night_is_decided_within_two_gigabytes(olist: Path, tmp_path: Path) -> None:
    def tradeline(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            env=os.environ | {"TRADELINE_HOME": str(tmp_path), "PYTHONPATH": str(PROJECT)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    shown = tradeline("demo", "--olist", str(olist))
    assert "2018-08-31" in shown and "BRL" in shown
    (found,) = json.loads(
        tradeline(
            "sql",
            "--format=json",
            """select count(*) as sellers, count(distinct seller_id) as distinct_sellers, count(score) as scored,
            count_if(is_eligible) as offers, max(limit_amount)::double as largest from loan_eligibility""",
        )
    )
    assert found["sellers"] == found["distinct_sellers"] == found["scored"] == 3095
    assert 0 < found["offers"] < 3095 and 0 < found["largest"] <= 1_000_000
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < MEMORY_LIMIT_KB
