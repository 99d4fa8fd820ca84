"""What the shell says that counts, and the environment in which the project's processes run instead of the shell's.

dbt, Airflow, Great Expectations, MLflow, the numeric libraries and Python itself read dozens of variables, and files
in the user's home. What is not named here reaches none of them. This comes first in every command, so it imports
nothing that is not Python's own.
"""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]

# Where programs and libraries are, who runs them, how a person is shown things, how a server is reached.
KEPT = frozenset({
    "PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "USER", "LOGNAME",
    "TERM", "COLORTERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE",
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE", "GOOGLE_APPLICATION_CREDENTIALS", "JAVA_HOME", "HADOOP_CONF_DIR", "YARN_CONF_DIR", "KUBECONFIG",
})  # fmt: skip
# Settings, and what an MLflow server and the store behind it want to know of a client.
KEPT_PREFIXES = (
    "TRADELINE_", "MLFLOW_TRACKING_", "MLFLOW_HTTP_REQUEST_", "MLFLOW_S3_", "AWS_", "AZURE_STORAGE_", "DATABRICKS_",
)  # fmt: skip
# The same everywhere: text, numbers and days, and that no module is taken from the current folder or the user's.
FIXED = {
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONPATH": str(PROJECT),
    "PYTHONUTF8": "1",
    "PYTHONSAFEPATH": "1",
    "PYTHONNOUSERSITE": "1",
    "MPLBACKEND": "agg",
    "DO_NOT_TRACK": "1",
}
LOOPBACK = ("localhost", "127.0.0.1", "::1")
# Of these somebody may expect an effect; the others are only how a machine is set up.
TOLD_PREFIXES = ("AIRFLOW_", "DBT_", "GX_", "MLFLOW_")
# Airflow's own variables, by which it speaks to a task of it that runs in this process.
AIRFLOW_PREFIXES = ("AIRFLOW_", "_AIRFLOW_", "__AIRFLOW_")
MARK = "tradeline-surroundings"
# These write into the home of the user whose shell it is, and show what stands there.
ABOUT_THE_SHELL = frozenset({"--install-completion", "--show-completion"})


def home_of(given: Mapping[str, str]) -> Path:
    """The deployment's home folder, as an environment names it; by default ``.tradeline/`` in the checkout."""
    return Path(given.get("TRADELINE_HOME") or PROJECT / ".tradeline")


def own_environment(given: Mapping[str, str], home: Path) -> dict[str, str]:
    """The environment of a process of the deployment in ``home`` that is started from the environment ``given``.

    What programs take for the user's home, with its configuration and caches, is a folder of the deployment.
    """
    kept = {name: value for name, value in given.items() if _counts(name)}
    proxied = ",".join(dict.fromkeys([*_without_proxy(given), *LOOPBACK]))
    return kept | FIXED | {"HOME": str(home.absolute() / "cache"), "no_proxy": proxied, "NO_PROXY": proxied}


def enter() -> None:
    """Start this process again in its own environment; process id, arguments and open files stay.

    Once: some variables act only when Python or a library starts. What is about completions in the user's shell is
    done as it is.
    """
    if MARK in sys._xoptions or "_TRADELINE_COMPLETE" in os.environ or not ABOUT_THE_SHELL.isdisjoint(sys.argv[1:2]):
        return
    if told := without_effect(os.environ):
        print(
            f"tradeline: {', '.join(told)} of the shell {'has' if len(told) == 1 else 'have'} no effect: "
            "docs/operations.md says which variables count",
            file=sys.stderr,
            flush=True,
        )
    command = [sys.executable, "-X", MARK, "-m", "cli", *sys.argv[1:]]
    os.execve(sys.executable, command, own_environment(os.environ, home_of(os.environ)))  # noqa: S606


def without_effect(given: Mapping[str, str]) -> list[str]:
    """The names of other tools' variables that do not count; never their values, which may be secrets."""
    return sorted(name for name in given if name.upper().startswith(TOLD_PREFIXES) and not _counts(name))


@contextmanager
def own_surroundings(home: Path) -> Iterator[None]:
    """This process in its own environment for a while: a step is safe in an Airflow or a test run of somebody else's.

    Airflow's own variables stay, since it is at work in this process.
    """
    before = dict(os.environ)
    airflow = {name: value for name, value in before.items() if name.startswith(AIRFLOW_PREFIXES)}
    _become(own_environment(before, home) | airflow)
    try:
        yield
    finally:
        _become(before)


def _counts(name: str) -> bool:
    # Settings and proxies may be written small.
    return name.upper() in KEPT or name.upper().startswith(KEPT_PREFIXES)


def _without_proxy(given: Mapping[str, str]) -> list[str]:
    named = given.get("no_proxy") or given.get("NO_PROXY") or ""
    return [host.strip() for host in named.split(",") if host.strip()]


def _become(environment: Mapping[str, str]) -> None:
    if os.environ != environment:
        os.environ.clear()
        os.environ.update(environment)
        time.tzset()
