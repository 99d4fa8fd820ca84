"""A copy of the ``ml`` package whose ``model.yml`` says something else, as after an edit."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

import ml.config
from tradeline.settings import PROJECT

OTHER_SCALE = {"base_score": 500, "base_odds": 10, "points_to_double_odds": 20}
OTHER_REASONS = {"at_most": 1, "all_rows_up_to": 10, "from_pd": 0.9}


def run_after_a_change_of_settings(folder: Path, program: str, *arguments: str) -> str:
    """What ``program`` prints in a process of its own that imports such a copy, made in ``folder``."""
    shutil.copytree(PROJECT / "ml", folder / "ml", ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "ml" / "model.yml"
    changed = yaml.safe_load(ml.config.CONFIG.read_text()) | {"score": OTHER_SCALE, "reasons": OTHER_REASONS}
    path.write_text(yaml.safe_dump(changed))
    check = f"import ml.config; assert ml.config.load_config().reasons.at_most == 1, ml.config.CONFIG\n{program}"
    done = subprocess.run(
        [sys.executable, "-c", check, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join((str(folder), str(PROJECT)))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
