"""Each line of the contract's table of contradictions holds in features, labels and decisions."""

from datetime import date
from typing import Any

import duckdb
import pytest

from ingest.contract_rules import RULES
from tests.dbt_project.built import build_scored
from tests.dbt_project.examples import AS_OF, EXAMPLES, example_versions
from tradeline.dbt import build
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


LATER = date(2025, 3, 31)  # when the loans' performance windows are over
SET_ASIDE = [rule for rule in RULES if rule.verdict == "set aside"]
READ = [rule for rule in RULES if rule.verdict != "set aside"]
OUTCOMES = """
    select features.*, reason_codes, bad_on is not null as is_default
    from marts.seller_features as features
    join marts.loan_eligibility using (seller_id, as_of)
    left join training.loan_outcomes using (seller_id)
"""


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The examples' market on its night, decided, and its loans as known when they have matured."""
    settings = Settings(home=tmp_path_factory.mktemp("examples"))
    build_scored(settings, example_versions(), [AS_OF])
    build(settings, "training", "training", {"training_as_of": LATER.isoformat(), "spine_kind": "training"})
    return settings


@pytest.fixture(scope="module")
def found(market: Settings) -> dict[str, dict[str, Any]]:
    """What came of each seller."""
    with duckdb.connect(str(market.warehouse), read_only=True) as connection:
        rows = connection.execute(OUTCOMES).fetchall()
        names = [column[0] for column in connection.description]
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


def test_every_line_of_the_table_has_an_example() -> None:
    assert set(EXAMPLES) == {rule.name for rule in READ}


@pytest.mark.parametrize("rule", READ, ids=lambda rule: rule.name)
def test_a_contradiction_is_read_as_the_table_says(rule: Any, found: dict[str, dict[str, Any]]) -> None:
    expected = dict(EXAMPLES[rule.name].features)
    values = found[rule.name]
    if reason := expected.pop("reason", None):
        assert reason in values["reason_codes"]
    assert {name: values[name] for name in expected} == expected


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.condition], ids=lambda rule: rule.name)
def test_a_condition_finds_its_example_and_no_plain_row(rule: Any, market: Settings) -> None:
    owner = "split_part(loan_id, '-', 1)" if rule.table == "repayments" else "seller_id"
    with duckdb.connect(str(market.warehouse), read_only=True) as connection:
        query = f"select distinct {owner} from raw.{rule.table} where {rule.condition}"
        sellers = {name for (name,) in connection.execute(query).fetchall()}
    assert "plain" not in sellers
    assert rule.name in sellers or rule in SET_ASIDE
