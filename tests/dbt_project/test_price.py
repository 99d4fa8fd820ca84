"""The price of a loan returns the policy's margin: told by following the money day by day, not by the formula."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from tradeline.contracts.policy import policy_rows
from tradeline.dbt import run_dbt
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


NIGHT = "2024-12-31"
OLDER_OFFERS = """
create table marts.loan_eligibility as select
    'older' as seller_id, date '2024-12-30' as as_of, true as is_eligible, 0.01::double as pd, 800 as score,
    500.00::decimal(18, 2) as limit_amount, 0.15::double as annual_rate, 90 as term_days,
    2.50::decimal(18, 2) as expected_loss_amount, []::varchar[] as reason_codes, 'm' as model_version,
    'p' as policy_version, 'r' as run_id
"""


def parameters() -> dict[str, float]:
    return {row["parameter"]: float(row["value"]) for row in policy_rows("policy_parameters") if row["value"]}


def middle_pds() -> dict[str, float]:
    return {row["grade"]: (float(row["pd_from"]) + float(row["pd_below"])) / 2 for row in policy_rows("policy_grades")}


@pytest.fixture(scope="module")
def priced(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home of before installments, with the policy's seeds and a seller at each grade's middle pd."""
    settings = Settings(home=Path(tmp_path_factory.mktemp("priced")), memory_limit="500MB")
    run_dbt(settings, "seeds", ["seed"], {})
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create schema if not exists marts; create schema intermediate")
        connection.execute(OLDER_OFFERS)
        connection.execute(
            f"""
            create table intermediate.decision_inputs as
            select
                unnest($grades) as seller_id, date '{NIGHT}' as as_of, unnest($pds)::double as pd, 700 as score,
                'm' as model_version, 90000.00 as sales_amount_90d, 0.00 as outstanding_amount
            """,
            {"grades": list(middle_pds()), "pds": list(middle_pds().values())},
        )
        connection.execute(
            f"""
            create table intermediate.decision_reasons as
            select '' as seller_id, date '{NIGHT}' as as_of, '' as reason_code, 1 as position where false
            """
        )
    return settings


def decide(settings: Settings, installments: int | None) -> dict[str, tuple[int, float, bool]]:
    """Installments, rate and whether it is above the cap by seller; None: under a policy that names no installments."""
    with duckdb.connect(str(settings.warehouse)) as connection:
        where = "where parameter = 'installments'"
        connection.execute(f"update policy.policy_parameters set value = ? {where}", [installments])
    variables = {"as_ofs": [NIGHT], "policy_version": "p"}
    run_dbt(settings, "priced", ["run", "--select", "decision_terms", "loan_eligibility"], variables)
    query = "select seller_id, installments, annual_rate, is_price_above_cap from intermediate.decision_terms"
    return {seller_id: (parts, rate, is_above) for seller_id, parts, rate, is_above in read(settings, query)}


def read(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def earned_rate(pd: float, annual_rate: float, installments: int, policy: dict[str, float]) -> float:
    """What many loans of such a pd earn in a year per unit out, all costs and losses taken off.

    Nobody prepays. A borrower who defaults pays no interest and, of each installment's principal on its day, what is
    not lost; whatever was lent is out, and funded, until that day.
    """
    term_days, earned, owed, out = int(policy["term_days"]), 0.0, 1.0, 0.0
    for day in range(1, term_days + 1):
        out += owed / 365
        earned += ((1 - pd) * annual_rate - policy["funding_rate"] - policy["operating_rate"]) * owed / 365
        if day % (term_days // installments) == 0:
            earned -= pd * policy["loss_given_default"] / installments
            owed -= 1 / installments
    assert owed == pytest.approx(0)
    return earned / out


@pytest.mark.parametrize("installments", [1, 3, 9])
def test_every_grade_earns_the_margin_no_more_and_no_less(priced: Settings, installments: int) -> None:
    policy, terms = parameters(), decide(priced, installments)
    for grade, pd in middle_pds().items():
        parts, rate, is_above_cap = terms[grade]
        assert parts == installments
        # The rate is rounded to hundredths of a percent.
        assert earned_rate(pd, rate, parts, policy) == pytest.approx(policy["margin_rate"], abs=0.00005)
        assert not is_above_cap or installments != policy["installments"], f"grade {grade} can lend to nobody"


def test_the_last_grade_ends_where_the_price_reaches_its_cap() -> None:
    """Above it a grade would promise loans that no price can carry; well below it would refuse loans that one can."""
    policy, pd_below = parameters(), max(float(row["pd_below"]) for row in policy_rows("policy_grades"))
    installments, highest = int(policy["installments"]), policy["annual_rate_max"]
    assert earned_rate(pd_below, highest, installments, policy) >= policy["margin_rate"]
    assert earned_rate(pd_below + 0.001, highest, installments, policy) < policy["margin_rate"]


def test_a_policy_without_installments_and_a_home_from_before_them_go_on(priced: Settings) -> None:
    once = decide(priced, 1)
    assert decide(priced, None) == once and once["A"][0] == 1
    offers = read(priced, "select seller_id, installments, annual_rate from marts.loan_eligibility order by 1")
    assert offers[0] == ("A", 1, once["A"][1])
    assert offers[-1] == ("older", None, 0.15)
