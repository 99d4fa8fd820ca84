"""The newest DuckDB 1.x in an environment of its own, opening what is published."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.serving.client import contents
from tradeline.contracts.publications import TABLES, marts_file
from tradeline.settings import PROJECT, Settings

READER = PROJECT / ".venv" / "reader" / "bin" / "python"
CLIENT = Path(__file__).parent / "client.py"


def read_by_an_older_client(path: Path) -> dict[str, Any]:
    """The contents of the file as the newest DuckDB 1.x finds them."""
    if not READER.exists():
        pytest.skip("`make test` installs the newest DuckDB 1.x")
    answer = subprocess.run([READER, CLIENT, path], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    found: dict[str, Any] = json.loads(answer.stdout)
    assert found.pop("version").startswith("1.")
    return found


def check_alike(settings: Settings) -> None:
    """Every table, view and comment of a publication is the same for both."""
    ours = contents(str(marts_file(settings)))
    assert set(ours["tables"]) == {*TABLES, "publications", "reason_codes"}
    assert all(table["rows"] for table in ours["tables"].values())
    assert sum(comment is not None for *_, comment in ours["comments"]) > 100
    assert read_by_an_older_client(marts_file(settings)) == ours
