"""What dbt says about itself agrees with the contract and with the tables that it builds."""

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from tests.dbt_project.built import MONTH_ENDS
from tests.dbt_project.naive import naive_features
from tests.dbt_project.naive.known import Known
from tests.dbt_project.naive.resolved import resolved
from tests.dbt_project.random_market import LAST_ON, SELLERS, random_market
from tradeline.contracts.policy import policy_files
from tradeline.contracts.raw import TABLES
from tradeline.dbt import run_dbt
from tradeline.errors import TradelineError
from tradeline.kept_manifest import DBT_PROJECT
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


FEATURES_YML = DBT_PROJECT / "models" / "marts" / "seller_features.yml"
FAMILIES = {
    "sales", "growth", "volatility", "seasonality", "service", "ratings", "buyers", "network", "brushing", "payments",
    "tenure", "credit", "data_quality",
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
        assert ("converted" in described) == bool(table.rate_days)
        assert {name: described[name] for name in list(described)[:-2] if name != "converted"} == {
            column.name: column.description for column in table.columns
        }


def test_every_built_column_is_described(built: Settings) -> None:
    report = run_dbt(built, "docs", ["docs", "generate"], {})
    catalog = json.loads((report.target / "catalog.json").read_text())["nodes"]
    manifest = json.loads((report.target / "manifest.json").read_text())["nodes"]
    mart = set(catalog["model.tradeline.seller_features"]["columns"])
    partials = [node for name, node in manifest.items() if name.startswith("model.tradeline.int_")]
    measures = {column for node in partials for column in node["columns"]}
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        words = {feature for (feature,) in connection.execute("select feature from policy.feature_words").fetchall()}
    undescribed = []
    for name, node in catalog.items():
        known = {column for column, entry in manifest[name]["columns"].items() if entry["description"]}
        if "features" in node["metadata"]["schema"] or name.endswith((".training_set", ".training_features")):
            known |= mart  # described where the features are defined
        if name.endswith(".decision_inputs"):
            known |= mart | words
        if name.endswith("_windows"):  # sums of what the partials describe
            known |= {column for column in node["columns"] if re.sub(r"_(\d+d|ever)$", "", column) in measures}
        undescribed += [f"{name}.{column}" for column in node["columns"] if column not in known]
        assert manifest[name]["description"], name
    assert len(catalog) > 25
    assert undescribed == []


def test_a_moment_becomes_a_day_or_an_hour_in_one_macro_only() -> None:
    own_way = re.compile(
        r"_at\b[^,\n]*\bas date\b|\bend as date\b|\bextract\s*\(|_at\s*::\s*date|\bcurrent_(date|timestamp)\b|\bnow\(\)"
        r"|date_trunc\([^)]*_at\b|date_part|datediff\([^)]*_at\b[^)]*\"day\"",
        re.IGNORECASE,
    )
    paths = [path for folder in ("models", "macros") for path in (DBT_PROJECT / folder).rglob("*.sql")]
    found = {path.name for path in paths if own_way.search(path.read_text())}
    assert found == {"business_days.sql"}


def test_unit_tests_hold(built: Settings) -> None:
    report = run_dbt(built, "unit", ["test", "--select", "test_type:unit"], {})
    assert len(report.nodes) >= 38


def test_every_feature_is_catalogued() -> None:
    assert len(features()) >= 120
    assert {feature["config"]["meta"]["family"] for feature in features()} == FAMILIES
    for feature in features():
        meta = feature["config"]["meta"]
        assert meta["family"] in FAMILIES, feature["name"]
        assert meta["unit"] in UNITS, feature["name"]
        assert meta["expected_sign"] in ("+", "-", None), feature["name"]
        assert isinstance(meta["is_model_input"], bool), feature["name"]


def test_every_feature_has_a_unit_test_with_numbers() -> None:
    """Each feature is among the expected columns of a unit test, with a value that is not null."""
    expected: set[str] = set()
    for path in sorted((DBT_PROJECT / "models" / "unit_tests").glob("*.yml")):
        for test in yaml.safe_load(path.read_text())["unit_tests"]:
            if test["model"].endswith("_features"):
                expected |= {name for row in _rows(test["expect"]) for name, value in row.items() if value is not None}
    assert {feature["name"] for feature in features()} - expected == set()


def _rows(given: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a unit test's relation, an empty cell as None."""
    if given.get("format") == "csv":
        lines = csv.DictReader(given["rows"].strip().splitlines())
        return [{name: value or None for name, value in line.items()} for line in lines]
    return list(given["rows"])


def test_every_feature_is_recomputed_by_plain_python() -> None:
    known = Known(resolved(random_market(1)), LAST_ON)
    assert set(naive_features(known, SELLERS[0])) == {feature["name"] for feature in features()}


@pytest.mark.parametrize(
    ("suffix", "unit"),
    [("amount", "amount"), ("rate", "rate"), ("share", "share"), ("days", "days"), ("ratio", "ratio")],
)
def test_names_tell_the_unit(suffix: str, unit: str) -> None:
    named = [f for f in features() if re.fullmatch(rf".*_{suffix}(_\d+d|_ever)?", f["name"])]
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
    queries = (
        f"select * exclude (run_id) from marts.loan_eligibility where as_of = '{LAST_ON}' order by seller_id",
        f"select * exclude (run_id) from marts.adverse_actions where as_of = '{LAST_ON}' order by seller_id, position",
        "select * from marts.credit_scores",
    )
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        before = [connection.execute(query).fetchall() for query in queries]
    run_dbt(built, "again", ["run", "--select", "credit_scores", "models/decisions"], {"as_ofs": [LAST_ON.isoformat()]})
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        assert [connection.execute(query).fetchall() for query in queries] == before
        nights = connection.execute("select distinct as_of from marts.loan_eligibility order by 1").fetchall()
    assert all(before)
    assert [night for (night,) in nights] == [*MONTH_ENDS, LAST_ON]


def test_a_column_that_is_never_null_fails_a_run_where_it_is(tmp_path: Path, built: Settings) -> None:
    home = Settings(home=tmp_path)
    home.warehouse.parent.mkdir(parents=True)
    shutil.copy(built.warehouse, home.warehouse)
    test = ["test", "--select", "never_null_loan_eligibility"]
    assert [node.status for node in run_dbt(home, "run", test, {}).nodes] == ["pass"]
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(f"update marts.loan_eligibility set limit_amount = null where as_of = '{LAST_ON}'")
    with pytest.raises(TradelineError, match="could not make never_null_loan_eligibility"):
        run_dbt(home, "run", test, {})


def test_the_policy_is_these_files() -> None:
    assert {path.name for path in policy_files()} == {
        "policy_parameters.csv", "policy_grades.csv", "policy_knockouts.csv", "reasons.yml",
    }  # fmt: skip


def test_every_window_that_is_declared_is_described() -> None:
    """And only those: of a feature that dbt_project.yml names, the catalogue has just these windows."""
    declared = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text())["vars"]["windows"]
    described: dict[str, list[int | str]] = {name: [] for name in declared if not name.endswith("_windows")}
    for feature in features():
        name, _, window = feature["name"].rpartition("_")
        if name in described:
            described[name].append(window if window == "ever" else int(window.removesuffix("d")))
    assert len(described) > 40
    assert {name: sorted(windows, key=str) for name, windows in described.items()} == {
        name: sorted(windows, key=str) for name, windows in declared.items() if name in described
    }
