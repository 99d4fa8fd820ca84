"""A home that commit 750b1fe made takes up what changes later, night by night, by the code of a copy of the project."""

import csv
import re
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.files import land_files
from serving.query import query
from serving.replay import replay
from tests.upgrades.changed_project import copy_project, edit, rename, run_night
from tests.upgrades.make_home import write_market
from tradeline.contracts.publications import read_publications
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


ARCHIVE = Path(__file__).with_name("home_750b1fe.tar.xz")
MADE_ON, LATER_ON, ADDED_ON, RENAMED_ON = (date(2018, 6, day) for day in (26, 27, 28, 29))
MEASURES = "select sum({name}), count(*) from intermediate.int_order_days where arrived_on <= ?"
FEATURE = """      - name: weeks_with_sales
        data_type: bigint
        description: Whole weeks since the first sale.
        config: {meta: {family: tenure, unit: count, expected_sign: "-", is_model_input: true, reason: MODEL_SHOP_AGE,
          words: weeks since the first sale}}
"""
COLUMN = """      - name: tenure_days
        data_type: bigint
        description: Age of the shop.
"""


@dataclass(frozen=True)
class Upgraded:
    """A home as a night left it, and how that night went."""

    settings: Settings
    night: subprocess.CompletedProcess[str]

    def ask(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """The rows of a query on the warehouse."""
        with duckdb.connect(self.settings.warehouse, read_only=True) as connection:
            return connection.execute(sql, parameters).fetchall()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, which each night changes a little more."""
    return copy_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The home as it was made, with three more nights landed; the last one's orders have a column of their own."""
    folder = tmp_path_factory.mktemp("upgrades")
    with tarfile.open(ARCHIVE) as packed:
        packed.extractall(folder, filter="data")
    settings = Settings(home=folder / "home")
    write_market(folder / "market", LATER_ON, RENAMED_ON)
    _wrap(folder / "market" / "orders" / f"arrived_on={RENAMED_ON}")
    land_files(settings, folder / "market")
    return settings


@pytest.fixture(scope="module")
def later(old: Settings, project: Path) -> Upgraded:
    """Today's code."""
    return _next(old, project, LATER_ON)


@pytest.fixture(scope="module")
def added(later: Upgraded, project: Path) -> Upgraded:
    """A new feature, and a new column of a published table."""
    tenure = "      - name: tenure_days\n"
    edit(project, "dbt_project/models/marts/seller_features.yml", tenure, FEATURE + tenure)
    edit(
        project,
        "dbt_project/models/features/tenure_features.sql",
        "        sellers.seller_type,\n",
        "        cast(floor(series.days_since_first_sale / 7) as bigint) as weeks_with_sales,\n"
        "        sellers.seller_type,\n",
    )
    offers = "dbt_project/models/decisions/loan_eligibility"
    edit(project, f"{offers}.sql", "        inputs.score,\n", "        inputs.score,\n        inputs.tenure_days,\n")
    limit = "      - name: limit_amount\n        data_type: decimal(18, 2)\n        description: >\n"
    edit(project, f"{offers}.yml", limit, COLUMN + limit)
    return _next(later.settings, project, ADDED_ON)


@pytest.fixture(scope="module")
def renamed(added: Upgraded, project: Path) -> Upgraded:
    """A new raw column, and other names of a measure and of a feature that the home's model was trained on."""
    category = '        _text("category", '
    edit(project, "tradeline/contracts/raw.py", category, f'        _text("gift_wrap", "How."),\n{category}')
    rename(project, "orders_round_amount", "orders_even_amount")
    rename(project, "is_dormant", "is_asleep")
    return _next(added.settings, project, RENAMED_ON)


def test_the_next_night_is_published_and_takes_up_the_columns_of_currencies(later: Upgraded) -> None:
    assert later.night.returncode == 0, later.night.stderr
    line = "raw.{} has other columns now: currency, converted (new, null in earlier rows)\n"
    for table in ("orders", "payments", "refunds", "loans", "repayments"):
        assert later.night.stderr.count(line.format(table)) == 1
    assert later.night.stderr.count("has other columns now") == 5
    assert later.ask("select count(*) > 0, count(currency), count(converted) from raw.orders") == [(True, 0, 0)]
    assert [found.as_of for found in read_publications(later.settings)] == [MADE_ON, LATER_ON]


def test_the_night_that_was_published_before_is_replayed_to_the_bit(later: Upgraded) -> None:
    assert replay(later.settings, MADE_ON).is_equal


def test_a_new_feature_is_null_in_the_nights_from_before(added: Upgraded) -> None:
    assert added.night.returncode == 0, added.night.stderr
    line = "marts.seller_features has other columns now: weeks_with_sales (new, null in earlier rows)\n"
    assert added.night.stderr.count(line) == 1
    filled = "select as_of, count(weeks_with_sales) > 0, count(*) from marts.seller_features group by 1 order by 1"
    assert added.ask(filled)[-2:] == [(LATER_ON, False, 24), (ADDED_ON, True, 24)]


def test_a_new_column_of_a_published_table_is_published(added: Upgraded) -> None:
    line = "marts.loan_eligibility has other columns now: tenure_days (new, null in earlier rows)\n"
    assert added.night.stderr.count(line) == 1
    filled = "select as_of, count(tenure_days) from history.loan_eligibility group by 1 order by 1"
    assert query(added.settings, filled).rows == [(MADE_ON, 0), (LATER_ON, 0), (ADDED_ON, 24)]
    assert query(added.settings, "select count(tenure_days) from loan_eligibility").rows == [(24,)]


def test_a_new_raw_column_is_null_in_the_rows_from_before(renamed: Upgraded) -> None:
    line = "raw.orders has other columns now: gift_wrap (new, null in earlier rows)\n"
    assert renamed.night.stderr.count(line) == 1
    wrapped = "select gift_wrap, max(arrived_on) from raw.orders group by 1 order by 1 nulls first"
    assert renamed.ask(wrapped) == [(None, ADDED_ON), ("paper", RENAMED_ON)]


def test_partials_whose_measure_has_another_name_are_built_again_from_landing(
    added: Upgraded, renamed: Upgraded
) -> None:
    assert re.search(r"built again: \d+ nights, the first is 2016-11-01", renamed.night.stderr)
    before = added.ask(MEASURES.format(name="orders_round_amount"), ADDED_ON)
    assert renamed.ask(MEASURES.format(name="orders_even_amount"), ADDED_ON) == before


def test_a_model_whose_feature_has_another_name_scores_nobody_and_says_what_to_do(renamed: Upgraded) -> None:
    assert renamed.night.returncode == 1
    *_, last = renamed.night.stderr.strip().splitlines()
    assert "the model needs is_dormant, which the features do not have" in last
    assert "DAG `credit_model`" in last
    assert read_publications(renamed.settings)[-1].as_of == ADDED_ON
    columns = [name for (name,) in renamed.ask("select column_name from (describe marts.seller_features)")]
    assert "is_asleep" in columns and "is_dormant" not in columns


def _next(settings: Settings, project: Path, night: date) -> Upgraded:
    """A copy of the home once a night has run on it."""
    home = shutil.copytree(settings.home, settings.home.with_name(f"home-{night}"))
    return Upgraded(Settings(home=home), run_night(project, home, night))


def _wrap(folder: Path) -> None:
    """Let a night's orders say how they are wrapped."""
    for path in folder.glob("*.csv"):
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, [*rows[0], "gift_wrap"])
            writer.writeheader()
            writer.writerows(row | {"gift_wrap": "paper"} for row in rows)
