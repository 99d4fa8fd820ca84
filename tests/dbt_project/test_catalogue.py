"""What dbt says about itself agrees with the contract and with the tables that it builds."""

import json
import re
from typing import Any

import duckdb
import pytest
import yaml

from ingest.contract import TABLES
from tests.dbt_project.conftest import MONTH_ENDS
from tests.dbt_project.random_market import LAST_ON
from tradeline.dbt import DBT_PROJECT, run_dbt
from tradeline.policy import SEEDS
from tradeline.settings import Settings

FEATURES_YML = DBT_PROJECT / "models" / "marts" / "seller_features.yml"
FAMILIES = {
    "sales", "growth", "volatility", "service", "ratings", "buyers", "payments", "tenure", "credit", "data_quality",
}  # fmt: skip
UNITS = {"amount", "count", "days", "ratio", "rate", "share", "stars", "category", "flag"}


def features() -> list[dict[str, Any]]:
    columns = yaml.safe_load(FEATURES_YML.read_text())["models"][0]["columns"]
    return [column for column in columns if "config" in column]


def test_sources_are_the_contract() -> None:
    sources = yaml.safe_load((DBT_PROJECT / "models" / "staging" / "_sources.yml").read_text())["sources"]
    raw = {table["name"]: table["columns"] for table in sources[0]["tables"]}
    for table in TABLES:
        described = {column["name"]: column["description"] for column in raw[table.name]}
        assert list(described)[-2:] == ["arrived_on", "source_file"]
        assert {name: described[name] for name in list(described)[:-2]} == {
            column.name: column.description for column in table.columns
        }


def test_every_built_column_is_described(built: Settings) -> None:
    report = run_dbt(built, "docs", ["docs", "generate"], {})
    catalog = json.loads((report.target / "catalog.json").read_text())["nodes"]
    manifest = json.loads((report.target / "manifest.json").read_text())["nodes"]
    mart = set(catalog["model.tradeline.seller_features"]["columns"])
    undescribed = []
    for name, node in catalog.items():
        known = {column for column, entry in manifest[name]["columns"].items() if entry["description"]}
        if name.endswith((".training_set", ".training_features")):
            known |= mart  # described where the features are defined
        undescribed += [f"{name}.{column}" for column in node["columns"] if column not in known]
        assert manifest[name]["description"], name
    assert len(catalog) > 25
    assert undescribed == []


def test_unit_tests_hold(built: Settings) -> None:
    report = run_dbt(built, "unit", ["test", "--select", "test_type:unit"], {})
    assert len(report.nodes) >= 38


def test_every_feature_is_catalogued() -> None:
    assert len(features()) >= 50
    for feature in features():
        meta = feature["config"]["meta"]
        assert meta["family"] in FAMILIES, feature["name"]
        assert meta["unit"] in UNITS, feature["name"]
        assert meta["expected_sign"] in ("+", "-", None), feature["name"]
        assert isinstance(meta["is_model_input"], bool), feature["name"]


@pytest.mark.parametrize(
    ("suffix", "unit"),
    [("amount", "amount"), ("rate", "rate"), ("share", "share"), ("days", "days"), ("ratio", "ratio")],
)
def test_names_tell_the_unit(suffix: str, unit: str) -> None:
    named = [f for f in features() if re.fullmatch(rf".*_{suffix}(_\d+d)?", f["name"])]
    assert named
    assert {feature["config"]["meta"]["unit"] for feature in named} == {unit}


def test_training_and_night_share_one_definition(built: Settings) -> None:
    """The training features of a decision day equal the nightly mart of that day, to the bit."""
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        days = connection.execute("select distinct as_of from training.training_features order by 1").fetchall()
        assert [day for (day,) in days] == MONTH_ENDS
        unshared = "select * from training.training_features except all select * from marts.seller_features"
        assert connection.execute(unshared).fetchall() == []


def test_a_decision_made_again_replaces_the_first(built: Settings) -> None:
    decisions = f"select * exclude (run_id) from marts.loan_eligibility where as_of = '{LAST_ON}' order by seller_id"
    scores = "select * from marts.credit_scores"
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        before = [connection.execute(query).fetchall() for query in (decisions, scores)]
    run_dbt(built, "again", ["run", "--select", "credit_scores", "models/decisions"], {"as_ofs": [LAST_ON.isoformat()]})
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        assert [connection.execute(query).fetchall() for query in (decisions, scores)] == before
        nights = connection.execute("select distinct as_of from marts.loan_eligibility order by 1").fetchall()
    assert all(before)
    assert [night for (night,) in nights] == [*MONTH_ENDS, LAST_ON]


def test_policy_seeds_are_all_in_the_policy_version() -> None:
    assert {path.name for path in SEEDS.glob("*.csv")} == {
        "policy_parameters.csv", "policy_grades.csv", "policy_knockouts.csv", "policy_label.csv", "reason_codes.csv",
    }  # fmt: skip
