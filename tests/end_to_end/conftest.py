"""A small market, made once, and homes that have landed it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.waive import last_reports
from serving.query import query
from tests.local_airflow import use_local_airflow
from tests.markets import Market, make_market
from tests.once import made_once
from tradeline.settings import Settings

TRADELINE = Path(sys.executable).parent / "tradeline"
DagRunner = Callable[..., None]


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    """The whole small market."""
    return make_market(tmp_path_factory.mktemp("market"))


@pytest.fixture(scope="session")
def built(market: Market, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose last but nine nights a user has built, trained and published; copy it, never change it."""
    return Settings(
        home=made_once(tmp_path_factory, "built", lambda home: run_night(market, home, home, plain_shell()))
    )


def plain_shell() -> dict[str, str]:
    """The environment of a user who has set nothing."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("TRADELINE_", "AIRFLOW_"))}


def run_night(market: Market, home: Path, folder: Path, environment: Mapping[str, str]) -> None:
    """Land the market and run its last but nine nights, as a user does from ``folder``."""
    for arguments in (("land", "files", str(market.folder)), ("run", "--as-of", market.night(9).isoformat())):
        done = subprocess.run(
            [TRADELINE, *arguments],
            cwd=folder,
            env={**environment, "TRADELINE_HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def local_airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Airflow in this process, with its database in a folder of this process's own."""
    before = dict(os.environ)
    use_local_airflow(tmp_path_factory)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def home(built: Settings, tmp_path: Path) -> Settings:
    """A home of this test's own that is as ``built``."""
    shutil.copytree(built.home, tmp_path / "home")
    return Settings(home=tmp_path / "home")


def rows(settings: Settings, table: str, as_of: date) -> list[tuple[Any, ...]]:
    """What readers find of a night, without the name of the run that made it."""
    names = [name for (name, *_) in query(settings, f"describe history.{table}").rows if name != "run_id"]
    sql = f"select {', '.join(names)} from history.{table} where as_of = '{as_of}' order by all"
    return query(settings, sql).rows


def land_in_cents(settings: Settings, night: date) -> None:
    """Make the landed payments of a night a hundred times as large."""
    for path in (settings.landing / "payments" / f"arrived_on={night}").glob("*.csv"):
        scaled = path.with_suffix(".scaled")
        with duckdb.connect() as connection:
            connection.execute(
                f"copy (select * replace ((amount::decimal(18, 2) * 100)::decimal(18, 2) as amount) "
                f"from read_csv('{path}', all_varchar = true)) to '{scaled}' (format csv, header)"
            )
        os.replace(scaled, path)


def other_faults(settings: Settings, night: date, name: str) -> list[str]:
    """What else stopped the night than the expectation ``name``, such as each seller's own usual amount."""
    unmet = [result for report in last_reports(settings, night) for result in report.unmet("hard")]
    return [str(result.name) for result in unmet if result.name != name]
