"""A deployment without orders: its sales are its operating inflow, and nobody is told of orders, shops or buyers."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt_project.built import build_scored
from tests.dbt_project.naive.resolved import resolved
from tests.dbt_project.random_market import LAST_ON, SELLERS, Version, random_market
from tests.dbt_project.test_features import approximately
from tests.walkthrough.features import features_by_hand
from tradeline.contracts.features import model_inputs
from tradeline.contracts.policy import load_reasons, policy_rows
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


OF_A_SHOP = re.compile(
    r"\b(orders?|shops?|buyers?|parcels?|goods|reviews?|ratings?|marketplace|sell|paid sales)\b", re.I
)
OF_ORDERS = {
    "CANCELLATIONS_TOO_MANY",
    "DELIVERIES_TOO_LATE",
    "RATING_TOO_LOW",
    "ONE_BUYER",
    "DORMANT",
    "ORDERS_TOO_FEW",
}
TABLES = ("sellers", "payments", "loans", "repayments")
THIN = {"method": None, "counterparty_id": None, "balance_after": None}
Rows = list[dict[str, Any]]


def _versions() -> list[Version]:
    return [version for version in random_market(7) if version.table in TABLES]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A market that is told by payments alone, decided on."""
    settings = Settings(home=tmp_path_factory.mktemp("bank"))
    build_scored(settings, _versions(), [LAST_ON])
    return settings


def asked(settings: Settings, query: str) -> Rows:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        result = connection.execute(query)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def test_features_are_those_by_hand_with_income_as_sales(bank: Settings) -> None:
    by_hand = features_by_hand(resolved(_versions()), LAST_ON)
    rows = asked(bank, "from marts.seller_features")
    assert len(rows) == len(SELLERS)
    for row in rows:
        expected = by_hand(row["seller_id"])
        assert {name: row[name] for name in expected} == {
            name: approximately(value) for name, value in expected.items()
        }


def test_the_limit_rests_on_income_and_not_on_every_credit(bank: Settings) -> None:
    """Nothing that is lent, moved between own accounts or given back raises it."""
    rows = asked(bank, "from marts.seller_features")
    assert all(row["sales_amount_90d"] == row["operating_inflow_amount_90d"] for row in rows)
    assert any(0 < row["sales_amount_90d"] < row["inflow_amount_90d"] for row in rows)


def test_rules_count_income_where_there_are_no_orders(bank: Settings) -> None:
    rows = asked(bank, "from intermediate.decision_inputs")
    assert {row["orders_90d"] for row in rows} == {row["days_since_last_sale"] for row in rows} == {None}
    assert all(row["income_payments_90d"] is not None for row in rows)
    broken = asked(bank, "select distinct reason_code from intermediate.decision_knockouts")
    assert not OF_ORDERS & {row["reason_code"] for row in broken}


def test_nobody_is_told_of_orders_shops_or_buyers(bank: Settings) -> None:
    told = asked(bank, "select concat_ws(' ', sentence, advice, evidence) as text from marts.adverse_actions")
    assert told and not [row["text"] for row in told if OF_A_SHOP.search(row["text"])]
    (filled,) = asked(bank, f"select {', '.join(f'count({each.name}) as {each.name}' for each in model_inputs())} "
                            "from marts.seller_features")  # fmt: skip
    inputs = {each.name: each.reason for each in model_inputs() if filled[each.name]}
    rules = {row["feature"] for row in policy_rows("policy_knockouts") if row["reason_code"] not in OF_ORDERS}
    words = asked(bank, "select feature, words_without_orders as text from policy.feature_words")
    assert len(inputs) > 150
    assert not [row for row in words if row["feature"] in {*inputs, *rules} and OF_A_SHOP.search(row["text"])]
    for code, reason in load_reasons().items():
        if reason.kind == "policy" or code in inputs.values() or (reason.kind == "knock_out" and code not in OF_ORDERS):
            assert not OF_A_SHOP.search(f"{reason.texts[-1].sentence} {reason.texts[-1].advice}"), code


def test_what_payments_do_not_tell_is_not_known(tmp_path: Path) -> None:
    """Of payments with neither balance, method nor counterparty there are flows, and nothing that is filled with 0."""
    settings = Settings(home=tmp_path)
    thin = [
        replace(version, row=version.row | THIN | {"kind": "sale" if version.row["direction"] == "in" else "fee"})
        if version.table == "payments"
        else version
        for version in _versions()
    ]
    build_scored(settings, thin, [LAST_ON])
    rows = asked(settings, "from marts.seller_features")
    unknown = re.compile(
        r"^(cash_|penalt|payday|longest_payday|settlement_|salary_|payers|payees|top_payer|standing_|month_end_|balance_amount)"
        r"|^(lowest|mean|low|negative)_balance"
    )
    names = [name for name in rows[0] if unknown.search(name)]
    assert len(names) > 60
    assert {row[name] for row in rows for name in names} == {None}
    assert any(row["inflow_amount_ever"] > 0 for row in rows)
