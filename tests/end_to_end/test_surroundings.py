"""A night under a hostile shell, from a hostile folder, with a hostile user's home, is the same to the bit."""

from pathlib import Path
from typing import Any

import pytest

from serving.query import query
from tests.end_to_end.conftest import plain_shell, rows, run_night
from tests.markets import Market
from tradeline.contracts.publications import read_publications
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


TABLES = ("seller_features", "credit_scores", "loan_eligibility", "seller_credit_record", "adverse_actions")
# Tables that do not name their run, so that their files are the same.
WITHOUT_RUN = ("seller_features", "credit_scores")
SHADOWED = ("airflow", "calendar", "dbt", "duckdb", "numpy", "pandas", "random", "typer", "xgboost")

VARIABLES = {
    "DBT_FULL_REFRESH": "true",
    "DBT_ENGINE_FULL_REFRESH": "true",
    "DBT_EMPTY": "true",
    "DBT_SAMPLE": "1 day",
    "DBT_EXCLUDE_RESOURCE_TYPES": "seed",
    "DBT_WARN_ERROR": "true",
    "DBT_TARGET": "elsewhere",
    "DBT_PROFILES_DIR": "{outside}",
    "DBT_PROJECT_DIR": "{outside}",
    "AIRFLOW_HOME": "{outside}",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "sqlite:///{outside}/airflow.db",
    "AIRFLOW__CORE__DAGS_FOLDER": "{outside}",
    "AIRFLOW__CORE__DEFAULT_TIMEZONE": "America/New_York",
    "AIRFLOW__CORE__UNIT_TEST_MODE": "true",
    "GX_HOME": "{outside}",
    "GX_CLOUD_BASE_URL": "http://127.0.0.1:9",
    "GX_CLOUD_ACCESS_TOKEN": "token",
    "GX_CLOUD_ORGANIZATION_ID": "00000000-0000-0000-0000-000000000000",
    "MLFLOW_REGISTRY_URI": "http://127.0.0.1:9",
    "SKLEARN_ASSUME_FINITE": "1",
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OPENBLAS_L2_SIZE": "1024",
    "OPENBLAS_CORETYPE": "Nehalem",
    "MPLBACKEND": "nonsense",
    "MATPLOTLIBRC": "{outside}/matplotlibrc",
    "XDG_CONFIG_HOME": "{outside}",
    "PYTHONPATH": "{outside}",
    "PYTHONHASHSEED": "7",
    "PYTHONOPTIMIZE": "2",
    "PYTHONWARNINGS": "error",
    "PYTHONIOENCODING": "ascii",
    "PYTHONUTF8": "0",
    "TZ": "America/New_York",
    "LC_ALL": "C",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "ALL_PROXY": "http://127.0.0.1:9",
    "no_proxy": "",
    "HOME": "{outside}",
}
FILES = {
    "matplotlibrc": "savefig.facecolor: black\nlines.linewidth: 40\n",
    ".config/matplotlib/matplotlibrc": "savefig.facecolor: black\n",
    ".dbt/profiles.yml": "tradeline: {target: elsewhere, outputs: {elsewhere: {type: duckdb, path: elsewhere}}}\n",
    "profiles.yml": "tradeline: {target: elsewhere, outputs: {elsewhere: {type: duckdb, path: elsewhere}}}\n",
    "dbt_project.yml": "name: elsewhere\nversion: '1'\nprofile: elsewhere\n",
    ".user.yml": "id: elsewhere\n",
    ".env": "TRADELINE_CURRENCY=EUR\nDBT_FULL_REFRESH=true\n",
    "airflow.cfg": "[core]\ndags_folder = elsewhere\n",
    ".great_expectations/great_expectations.conf": "[general]\ndata_context_root_directory = elsewhere\n",
    ".duckdbrc": "set TimeZone = 'Asia/Shanghai';\n",
    "setup.cfg": "[mypy]\n",
    **{f"{name}.py": "raise SystemExit('a module of somebody else')\n" for name in SHADOWED},
}


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that is the user's home and the current folder, full of other tools' files."""
    folder = tmp_path / "outside"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def found_in(folder: Path) -> dict[str, bytes]:
    """Every file by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def models(settings: Settings) -> dict[str, bytes]:
    """The trees of every version, whose name is made from what it was trained on and how."""
    return {str(path.relative_to(settings.models)): path.read_bytes() for path in settings.models.glob("*/model.ubj")}


def hashes(settings: Settings) -> list[Any]:
    (publication,) = read_publications(settings)
    return [publication.model_version, *(publication.table(name).content_hash for name in WITHOUT_RUN)]


def test_a_night_is_the_same_to_the_bit_and_nothing_is_written_elsewhere(
    built: Settings, market: Market, outside: Path, tmp_path: Path
) -> None:
    hostile = plain_shell() | {name: value.format(outside=outside) for name, value in VARIABLES.items()}
    before = found_in(outside)
    plain, harried = built, Settings(home=tmp_path / "harried")
    run_night(market, harried.home, outside, hostile)
    for table in TABLES:
        assert len(rows(plain, table, market.night(9))) > 0
        assert rows(harried, table, market.night(9)) == rows(plain, table, market.night(9)), table
    assert len(models(plain)) == 1 and models(harried) == models(plain)
    assert hashes(harried) == hashes(plain)
    assert query(plain, "select count(score) from loan_eligibility").rows == [(60,)]
    assert found_in(outside) == before
