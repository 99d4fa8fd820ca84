"""Collect the tests twice, with another clock, hash seed, zone and temporary folder, and compare their names.

pytest-xdist stops where its processes do not find the same tests, and a name that changes cannot be asked for again.
"""

import difflib
import os
import subprocess
import sys
import tempfile
import time

from tradeline.settings import PROJECT

# Coarser than the second of a gzip header.
APART_SECONDS = 1.1
HEADERS = ("---", "+++")


def main() -> None:
    """Say how many tests there are; exit code 1 where the two lists differ."""
    first = collected("1", "UTC")
    time.sleep(APART_SECONDS)
    second = collected("2", "Asia/Shanghai")
    differences = [line for line in difflib.unified_diff(first, second, lineterm="", n=0) if line[:3] not in HEADERS]
    if differences:
        shown = "\n".join(differences[:20])
        sys.exit(f"tests have other names the second time; give their parameters fixed values or ids:\n{shown}")
    if not first:
        sys.exit("no test was collected")
    print(f"{len(first):,} tests, the same twice")


def collected(hash_seed: str, zone: str) -> list[str]:
    """The names of all tests in the order in which pytest would run them."""
    with tempfile.TemporaryDirectory() as folder:
        given = {"PYTHONHASHSEED": hash_seed, "TZ": zone, "TMPDIR": folder}
        command = [sys.executable, "-m", "pytest", "--collect-only", "-p", "no:cacheprovider"]
        done = subprocess.run(command, cwd=PROJECT, env=os.environ | given, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"the tests cannot be collected:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return [line for line in done.stdout.splitlines() if "::" in line]


if __name__ == "__main__":
    main()
