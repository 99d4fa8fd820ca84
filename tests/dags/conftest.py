"""The DAGs as Airflow reads them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.local_airflow import use_local_airflow
from tradeline.settings import PROJECT, Settings

SOURCE = """
kind: files
url: exports
read: {files: {files: "*.csv", new_files: true}}
wait_for_files: true
tables: {sellers: {query: from files}}
"""


@pytest.fixture(scope="session")
def dags(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Every DAG of the project by its id, read without errors."""
    before = dict(os.environ)
    use_local_airflow(tmp_path_factory)
    sources = Settings().sources
    sources.mkdir(exist_ok=True)
    (sources / "shop.yml").write_text(SOURCE)
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(PROJECT / "dags")
    assert bag.import_errors == {}
    yield bag.dags
    (sources / "shop.yml").unlink()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(params=sorted(path.name for path in (PROJECT / "dags").glob("*.py")))
def dag_file(request: pytest.FixtureRequest) -> Path:
    """Each DAG file in turn."""
    return PROJECT / "dags" / str(request.param)
