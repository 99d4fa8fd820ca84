"""A copy of the project with a change, and a night that the copy builds and publishes in a process of its own."""

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

from tradeline.settings import PROJECT

ROOMS = ("dbt_project", "expectations", "ingest", "ml", "pages", "pipeline", "serving", "tradeline")
NIGHT = """
import logging, os, sys, traceback
from datetime import date
from pipeline import steps
from tradeline.settings import Settings
logging.basicConfig(level=logging.INFO, format="%(message)s")
settings, as_ofs, run_id, code = Settings(), [date.fromisoformat(sys.argv[1])], sys.argv[2], 1
try:
    steps.raw_gate(settings, run_id, as_ofs)
    steps.build_marts(settings, run_id, as_ofs)
    steps.score(settings, run_id, as_ofs)
    steps.decide(settings, run_id, as_ofs)
    steps.publish(settings, run_id, as_ofs)
    code = 0
except BaseException:
    traceback.print_exc()
sys.stderr.flush()
os._exit(code)
"""


def copy_project(folder: Path, project: Path = PROJECT) -> Path:
    """What a night needs of the project."""
    for room in ROOMS:
        shutil.copytree(project / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def edit(project: Path, path: str, old: str, new: str) -> None:
    """Replace a text, which is there once, in a file of the copy."""
    file = project / path
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path} has {text.count(old)} times {old!r}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def rename(project: Path, old: str, new: str) -> None:
    """Rename something wherever dbt's project and the gates name it."""
    files = [path for room in ("dbt_project", "expectations") for path in (project / room).rglob("*") if path.is_file()]
    for file in files:
        content = file.read_bytes()
        if old.encode() in content:
            file.write_bytes(content.replace(old.encode(), new.encode()))


def run_night(project: Path, home: Path, night: date) -> subprocess.CompletedProcess[str]:
    """Build, score, decide and publish a night with the code of ``project``; what it logs is in ``stderr``."""
    return subprocess.run(
        [sys.executable, "-c", NIGHT, night.isoformat(), f"night.{night}"],
        cwd=project,
        env=os.environ | {"TRADELINE_HOME": str(home), "PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
