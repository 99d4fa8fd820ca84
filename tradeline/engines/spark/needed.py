"""What Spark needs of the machine: its packages, Java, and a master that answers."""

import os
import re
import shutil
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path

from tradeline.errors import TradelineError
from tradeline.settings import PROJECT

# Where `make spark` puts the packages. They are not in the environment itself, where other libraries would import them.
PACKAGES = PROJECT / ".venv" / "spark"
JAVA_MIN = 17
ANSWER_SECONDS = 10


def packages() -> list[str]:
    """The folders in which Spark's packages are beside the environment; none where they are in it."""
    return [str(PACKAGES)] if PACKAGES.exists() else []


def check_needed(master: str) -> None:
    """Make sure that a session can start.

    Raises:
        TradelineError: packages or Java are missing, Java is too old, or nobody answers at the master's address.
    """
    beside = all((PACKAGES / name).exists() for name in ("pyspark/jars", "dbt/adapters/spark"))
    if not beside and not (find_spec("pyspark") and find_spec("dbt.adapters.spark")):
        raise TradelineError("TRADELINE_ENGINE is spark, and PySpark is not installed: make spark (660 MB)")
    _check_java()
    if found := re.fullmatch(r"spark://(.+)", master):
        _check_answers(master, found[1].split(","))


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    remedy = f"install Java {JAVA_MIN} or newer (Debian: apt install openjdk-17-jre-headless), or set JAVA_HOME to it"
    try:
        said = subprocess.run([java or "java", "-version"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise TradelineError(f"TRADELINE_ENGINE is spark, and there is no Java ({error}): {remedy}") from error
    version = re.search(r'version "(?:1\.)?(\d+)', said.stderr + said.stdout)
    if version is None:
        raise TradelineError(f"{java} does not say which Java it is ({(said.stderr or said.stdout).strip()}): {remedy}")
    if int(version[1]) < JAVA_MIN:
        raise TradelineError(f"{java} is Java {version[1]}, and Spark needs {JAVA_MIN}: {remedy}")


def _check_answers(master: str, addresses: list[str]) -> None:
    """Spark itself would ask for a minute before it gives up."""
    for address in addresses:
        host, _, port = address.rpartition(":")
        try:
            within = ANSWER_SECONDS / len(addresses)
            socket.create_connection((host.strip("[]"), int(port)), timeout=within).close()
        except (OSError, ValueError):
            continue
        return
    raise TradelineError(
        f"nobody answers at {master}: start the cluster's master, or set spark.master in TRADELINE_SPARK"
    )
