"""The policy's own rules on sellers whose owners have other shops."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.serving.built import build_night
from tradeline.dbt import run_dbt
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


NIGHT = date(2024, 12, 31)
# The seller's own arrears and lost loans, the owner's over all shops, and what the policy says to it.
SHOPS = {
    "clean": ((0, 0, 0, 0), []),
    "other_past_due": ((0, 9, 0, 0), ["OWNER_PAST_DUE"]),
    "other_written_off": ((0, 0, 0, 1), ["OWNER_LOAN_WRITTEN_OFF"]),
    "own": ((9, 9, 1, 1), ["LOAN_WRITTEN_OFF", "PAST_DUE"]),
    "both": ((3, 9, 1, 2), ["LOAN_WRITTEN_OFF", "PAST_DUE", "OWNER_LOAN_WRITTEN_OFF", "OWNER_PAST_DUE"]),
    "without_loans": ((None, None, None, None), []),
}


def test_what_the_owners_other_shops_owe_knocks_out_and_what_is_its_own_is_not_told_twice(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, memory_limit="500MB")
    build_night(settings, NIGHT, "run", sellers=len(SHOPS))
    with duckdb.connect(str(settings.warehouse)) as connection:
        for place, (name, (values, _)) in enumerate(SHOPS.items()):
            connection.execute(
                """
                update marts.seller_features set seller_id = $1, current_days_past_due = $2,
                    owner_current_days_past_due = $3, loans_written_off = $4, owner_loans_written_off = $5
                where seller_id = $6
                """,
                [name, *values, f"seller-{place:07d}"],
            )
    run_dbt(settings, "run", ["seed"], {})
    models = ["decision_inputs", "decision_knockouts"]
    run_dbt(settings, "run", ["run", "--select", *models], {"as_ofs": [NIGHT.isoformat()]})
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        told = dict(
            connection.execute(
                """
                select seller_id, list(reason_code order by priority) from intermediate.decision_knockouts
                where reason_code like '%PAST_DUE' or reason_code like '%WRITTEN_OFF' group by seller_id
                """
            ).fetchall()
        )
    assert {name: told.get(name, []) for name in SHOPS} == {name: reasons for name, (_, reasons) in SHOPS.items()}
