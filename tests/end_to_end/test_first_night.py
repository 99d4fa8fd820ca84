"""docs/first_night.md, command by command, as a newcomer would run it on a real PostgreSQL."""

import os
import re
import subprocess
from pathlib import Path

import psycopg
import pytest

from tests.end_to_end.conftest import plain_shell
from tradeline.settings import PROJECT

pytestmark = pytest.mark.slow


def test_every_command_of_the_page_works_and_offers_reach_the_database(postgres_url: str, tmp_path: Path) -> None:
    page = (PROJECT / "docs" / "first_night.md").read_text()
    first, *blocks = re.findall(r"```bash\n(.*?)```", page, flags=re.DOTALL)
    assert "SHOP=" in first and "TRADELINE_HOME=" in first
    # Its address and folder are the reader's own.
    script = "\n".join(
        ["set -euo pipefail", "shopt -s expand_aliases", first.splitlines()[-1].replace("$PWD", str(PROJECT))]
    )
    home = tmp_path / "home"
    done = subprocess.run(
        ["bash", "-c", "\n".join([script, *blocks])],
        cwd=tmp_path,
        env=plain_shell() | {"SHOP": postgres_url, "TRADELINE_HOME": str(home), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with psycopg.connect(postgres_url) as connection:
        ((sellers, offers),) = connection.execute(
            "select count(*), count(*) filter (where is_eligible) from tradeline.loan_eligibility"
        ).fetchall()
    assert sellers == 60 and 0 < offers < 60
