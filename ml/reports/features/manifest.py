"""What dbt knows of the project: the compiled SQL and the dependencies of each model, and the mart's description."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from ml.reports.features.lineage import CompiledModel, Lineage, Schema
from tradeline.contracts.features import MART
from tradeline.database import connect
from tradeline.dbt import run_dbt
from tradeline.settings import Settings

RUN_ID = "feature_pages"


@dataclass(frozen=True)
class MartColumn:
    """A column of the mart as the catalogue describes it, and where it comes from.

    ``origins``: raw columns, ``table.column``; ``steps``: the models on the way, from the raw side to the mart, those
    that stand equally far from the raw tables side by side.
    """

    name: str
    data_type: str
    description: str
    origins: tuple[str, ...]
    steps: tuple[tuple[str, ...], ...]


def mart_columns(settings: Settings, as_of: date) -> dict[str, MartColumn]:
    """Every column of the mart; the caller holds the warehouse lock, and all models have been built.

    Raises:
        TradelineError: dbt cannot compile the project, or the SQL of a model cannot be read.
    """
    manifest = _compiled(settings, as_of)
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    models = {
        f"{node['schema']}.{node['alias']}": CompiledModel(node["name"], node["compiled_code"])
        for node in nodes.values()
    }
    lineage = Lineage(models, _schema(settings))
    mart = next(node for node in nodes.values() if node["name"] == MART)
    depths = _depths(nodes)
    return {
        name: _column(column, lineage.of(f"{mart['schema']}.{mart['alias']}", name), depths)
        for name, column in mart["columns"].items()
    }


def _compiled(settings: Settings, as_of: date) -> Any:
    night = as_of.isoformat()
    variables = {"arrived_from": night, "arrived_to": night, "as_ofs": [night], "training_as_of": night}
    report = run_dbt(settings, RUN_ID, ["compile"], variables)
    return json.loads((report.target / "manifest.json").read_text(encoding="utf-8"))


def _schema(settings: Settings) -> Schema:
    schema: Schema = {}
    with connect(settings, settings.warehouse, read_only=True) as connection:
        for table_schema, table, column, data_type in connection.execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns() where not internal"
        ).fetchall():
            schema.setdefault(table_schema, {}).setdefault(table, {})[column] = data_type
    return schema


def _depths(nodes: Mapping[str, Any]) -> dict[str, int]:
    """How many models lie between each model, by name, and the raw tables."""

    @cache
    def depth(key: str) -> int:
        return 1 + max((depth(each) for each in nodes[key]["depends_on"]["nodes"] if each in nodes), default=0)

    return {node["name"]: depth(key) for key, node in nodes.items()}


def _column(column: Mapping[str, Any], origins: Mapping[str, frozenset[str]], depths: Mapping[str, int]) -> MartColumn:
    # Whether a table has landed at all decides of every feature whether it is null: named only where nothing else is.
    named = {raw: models for raw, models in origins.items() if not raw.startswith("arrivals.")} or origins
    models = sorted(frozenset[str]().union(*named.values()))
    steps = tuple(
        tuple(model for model in models if depths[model] == depth)
        for depth in sorted({depths[model] for model in models})
    )
    return MartColumn(
        column["name"], column["data_type"] or "", " ".join(column["description"].split()), tuple(sorted(named)), steps
    )
