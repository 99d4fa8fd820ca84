"""The DAG of each source: when it runs, and what it waits for."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.local_airflow import use_local_airflow
from tradeline.settings import PROJECT, Settings

pytestmark = pytest.mark.slow

FILES = "{kind: files, url: x, read: {f: {files: '*', new_files: true}}, tables: {sellers: {query: from f}}, "
MAPPINGS = {
    "clock": "schedule: 30 3 * * *}",
    "hand": "schedule: by hand}",
    "follows": "on_asset: 's3://exports/shop'}",
    "waits": "wait_for_files: true}",
    "broken": "kind: nothing}",
}


@pytest.fixture
def sources(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[dict[str, Any]]:
    folder = Settings(home=tmp_path).sources
    folder.mkdir(parents=True)
    for name, text in MAPPINGS.items():
        (folder / f"{name}.yml").write_text(FILES + text)
    before = dict(os.environ)
    use_local_airflow(tmp_path_factory)
    from airflow.dag_processing.dagbag import DagBag

    os.environ |= {"TRADELINE_HOME": str(tmp_path), "TRADELINE_TIMEZONE": "Asia/Shanghai"}
    bag = DagBag(PROJECT / "dags" / "land_sources.py")
    assert bag.import_errors == {}
    yield bag.dags
    os.environ.clear()
    os.environ.update(before)


def test_each_source_runs_when_its_mapping_says(sources: dict[str, Any]) -> None:
    assert set(sources) == {f"land_{name}" for name in MAPPINGS}
    expressions = {name: getattr(dag.timetable, "expression", None) for name, dag in sources.items()}
    assert expressions["land_clock"] == "30 3 * * *"
    # Landing says what is wrong with a mapping that cannot be read, at the usual hour.
    assert expressions["land_waits"] == expressions["land_broken"] == "0 1 * * *"
    assert expressions["land_hand"] is expressions["land_follows"] is None
    assert str(sources["land_clock"].timetable.timezone) == "Asia/Shanghai"
    (asset,) = sources["land_follows"].timetable.asset_condition.objects
    assert asset.uri == "s3://exports/shop"


def test_one_that_waits_for_files_gives_its_slot_away_meanwhile(sources: dict[str, Any]) -> None:
    assert [task.task_id for task in sources["land_clock"].tasks] == ["extract"]
    tasks = {task.task_id: task for task in sources["land_waits"].tasks}
    assert tasks["extract"].upstream_task_ids == {"wait_for_files"}
    assert (tasks["wait_for_files"].mode, tasks["wait_for_files"].soft_fail) == ("reschedule", True)
