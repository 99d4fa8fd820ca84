import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.raw_schema import ensure_raw_schema
from tradeline.dbt import run_dbt
from tradeline.definitions import DEFINITIONS
from tradeline.settings import PROJECT, Settings

pytestmark = pytest.mark.slow


FOLDERS = ("staging", "intermediate")


def test_whatever_partials_are_made_by_is_among_the_definitions(settings: Settings) -> None:
    manifest = _manifest(settings)
    models = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and Path(node["path"]).parts[0] in FOLDERS
    ]
    macros = {path for model in models for path in _macro_files(manifest, model["depends_on"]["macros"])}
    assert {"macros/partials.sql", "macros/versions.sql"} <= macros
    used = {f"dbt_project/{path}" for path in macros | {model["original_file_path"] for model in models}}
    known = {str(path.relative_to(PROJECT)) for pattern in DEFINITIONS for path in PROJECT.glob(pattern)}
    assert used - known == set()
    read = {name for model in models for name in model["depends_on"]["nodes"]}
    others = read - {model["unique_id"] for model in models}
    assert {name.rpartition(".")[0] for name in others} == {"source.tradeline.raw"}


def _manifest(settings: Settings) -> dict[str, Any]:
    settings.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        ensure_raw_schema(connection)
    target = run_dbt(settings, "run-1", ["run", "--select", "stg_sellers"], {}).target
    manifest: dict[str, Any] = json.loads((target / "manifest.json").read_text())
    return manifest


def _macro_files(manifest: dict[str, Any], names: list[str], found: frozenset[str] = frozenset()) -> Iterator[str]:
    """The files of our own macros that are called, by others of them too."""
    for name in names:
        macro = manifest["macros"].get(name)
        if macro and macro["package_name"] == "tradeline" and name not in found:
            yield macro["original_file_path"]
            yield from _macro_files(manifest, macro["depends_on"]["macros"], found | {name})
