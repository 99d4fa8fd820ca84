"""One dbt command, on whatever engine: what is asked of dbt, and what came of it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradeline.kept_manifest import DBT_PROJECT, keep_manifest, kept_manifest
from tradeline.progress import Tell

# Nothing reads the manifest that dbt writes of a night, which takes longer than many models. Nor does dbt write its
# results then; they are written here.
WITHOUT_MANIFEST = "--no-write-json"


@dataclass(frozen=True)
class Invocation:
    """A dbt command with its variables; ``target``: where dbt leaves files, ``manifests``: where parses are kept."""

    command: list[str]
    variables: dict[str, Any]
    target: Path
    manifests: Path
    engine: str = "duckdb"


@dataclass(frozen=True)
class DbtNode:
    """One model, seed or test; ``row_count`` is None where dbt does not say how many rows it wrote."""

    name: str
    status: str
    seconds: float
    row_count: int | None
    message: str


@dataclass(frozen=True)
class BuiltTable:
    """A table that the command has made or added to; ``columns`` are those that its YAML describes, in that order."""

    schema: str
    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What a command did; ``exception`` says why dbt could not start, where it could not."""

    nodes: list[DbtNode]
    tables: list[BuiltTable]
    is_success: bool
    exception: str


def invoke(invocation: Invocation, tell: Tell) -> Outcome:
    """Run the command in this process; ``tell`` hears which of its nodes dbt has come to."""
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt.cli.main import dbtRunner

    def show(event: Any) -> None:
        if event.info.name == "LogStartLine":
            tell(event.data.index - 1, event.data.total, event.data.node_info.node_name)

    kept = (invocation.manifests, invocation.variables, invocation.engine)
    manifest = kept_manifest(*kept)
    result = dbtRunner(manifest, [show]).invoke([*invocation.command, *_options(invocation)])
    if manifest is None:
        keep_manifest(*kept, invocation.target)
    if WITHOUT_MANIFEST in invocation.command and isinstance(result.result, RunExecutionResult):
        result.result.write(str(invocation.target / "run_results.json"))
    exception = str(result.exception) if result.exception else ""
    return Outcome(_nodes(result.result), _tables(result.result), result.success, exception)


def _options(invocation: Invocation) -> list[str]:
    switches = ["quiet", "no-use-colors", "no-version-check", "no-partial-parse", "no-send-anonymous-usage-stats"]
    return [
        *(f"--{switch}" for switch in switches),
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--target", invocation.engine),
        *("--target-path", str(invocation.target), "--log-path", str(invocation.target)),
        *("--vars", json.dumps(invocation.variables)),
    ]


def _nodes(result: object) -> list[DbtNode]:
    return [
        DbtNode(
            name=getattr(item.node, "name", str(item.node)),
            status=str(item.status),
            seconds=item.execution_time,
            row_count=item.adapter_response.get("rows_affected") if item.adapter_response else None,
            message=item.message or "",
        )
        for item in _results(result)
    ]


def _tables(result: object) -> list[BuiltTable]:
    return [
        BuiltTable(item.node.schema, item.node.alias, tuple(item.node.columns))
        for item in _results(result)
        if getattr(item.node, "resource_type", "") in ("model", "seed")
        and str(item.status) == "success"
        and item.node.config.materialized != "view"
    ]


def _results(result: object) -> Iterable[Any]:
    found: Iterable[Any] = getattr(result, "results", [])
    return (item for item in found if hasattr(item, "execution_time"))
