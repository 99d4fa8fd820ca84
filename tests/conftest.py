"""Fixtures for every test: a home of its own, one parse of dbt's project, the Olist archive where there is one."""

import atexit
import logging
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

import tradeline.dbt
from tests import databases, stores
from tests.once import shared_folder
from tradeline.settings import PROJECT, Settings

# Tests speak to servers on this machine alone, whatever proxy the shell names.
os.environ["no_proxy"] = "*"
EXIT_STATUS = pytest.StashKey[int]()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty home that this test has to itself."""
    return Settings(home=tmp_path / "home")


@pytest.fixture(autouse=True, scope="session")
def _parsed_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let all homes share what dbt has parsed, which is the same in each; tests/tradeline/test_dbt.py parses itself."""
    folder = shared_folder(tmp_path_factory) / "dbt_manifests"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tradeline.dbt, "manifests_folder", lambda settings: folder)
        yield


@pytest.fixture(autouse=True)
def _report_lines(caplog: pytest.LogCaptureFixture) -> None:
    """Let tests see report lines whatever ran before: Airflow quiets the root logger of its process for good."""
    caplog.set_level(logging.INFO)


@pytest.fixture(scope="session")
def olist() -> Path:
    """The path of the Olist archive; the test is skipped where it is absent."""
    given = os.environ.get("OLIST")
    path = Path(given) if given else PROJECT.parent / "shared" / "data" / "olist.zip"
    if not path.exists():
        pytest.skip(f"needs the Olist archive, and {path} is absent: give its path in OLIST")
    return path


@pytest.fixture(scope="session")
def _postgres() -> Iterator[str]:
    with databases.postgres() as url:
        yield url


@pytest.fixture
def postgres_url(_postgres: str) -> str:
    """The URL of an empty database of a real PostgreSQL; the test is skipped where none is installed."""
    return databases.postgres_database(_postgres)


@pytest.fixture(scope="session")
def _mariadb() -> Iterator[str]:
    with databases.mariadb() as url:
        yield url


@pytest.fixture
def mariadb_url(_mariadb: str) -> str:
    """The URL of an empty database of a real MariaDB; the test is skipped where none is installed."""
    return databases.mariadb_database(_mariadb)


@pytest.fixture(scope="session")
def _s3() -> Iterator[str]:
    with stores.s3() as address:
        yield address


@pytest.fixture
def s3_bucket(_s3: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an empty bucket of a real S3-like store, which the variables of this process lead to."""
    return stores.bucket(_s3, monkeypatch)


# The files and folders whose tests take minutes. The services need no home that another process would make first.
LONG = ("test_services.py", "test_nights.py", "end_to_end", "upgrades", "benchmarks")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the files whose tests take minutes and end with those of moments: no process is left with a long one.

    Each file stays together, because the processes of a run take whole files.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}

    def turn(item: pytest.Item) -> tuple[int, bool]:
        where = (item.path.name if "end_to_end" in item.path.parts else "", *item.path.parts)
        return min((LONG.index(part) for part in where if part in LONG), default=len(LONG)), item.path not in slow

    items.sort(key=turn)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Write names that are not UTF-8 with backslashes, as a terminal does: a process of the run cannot send them."""
    report = yield
    report.sections = [(name, text.encode(errors="backslashreplace").decode()) for name, text in report.sections]
    return report


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[EXIT_STATUS] = int(exitstatus)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_unconfigure(config: pytest.Config) -> Generator[None, None, None]:
    """Leave as the command line does: DuckDB lists at exit whatever Great Expectations still holds on to."""
    yield
    if EXIT_STATUS in config.stash and not hasattr(config, "workerinput"):
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[EXIT_STATUS])
