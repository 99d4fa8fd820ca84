"""A small market, made once, and homes that have landed it."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.waive import last_reports
from ingest.files import land_files
from serving.query import query
from tests.local_airflow import use_local_airflow
from tests.markets import Market, make_market
from tradeline.local_run import run_dag
from tradeline.settings import Settings

DagRunner = Callable[..., None]


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    """The whole small market."""
    return make_market(tmp_path_factory.mktemp("market"))


@pytest.fixture(scope="session")
def built(market: Market, local_airflow: None, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose last but nine nights are built, trained and published; copy it with ``copy_of``, never change it."""
    settings = Settings(home=tmp_path_factory.mktemp("built") / "home")
    land_files(settings, market.folder)
    night = market.night(9).isoformat()
    for dag_id in ("seller_marts", "credit_model", "loan_eligibility"):
        run_dag(settings, dag_id, {"as_of": night})
    return settings


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
