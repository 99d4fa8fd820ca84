"""Comparison with the previous publication, both ways."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from expectations.gate import run_gate
from expectations.report import GateReport
from expectations.suite import GateName
from tests.expectations.warehouse import ADVERSE_ACTIONS, AS_OF, change, make_warehouse, publish_from
from tradeline.errors import GateFailed, TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


YESTERDAY = AS_OF - timedelta(days=1)


def gate(settings: Settings, name: GateName) -> GateReport:
    return run_gate(settings, name, settings.warehouse, "run-1", [AS_OF])


def soft(report: GateReport) -> str:
    return "\n".join(result.message for result in report.unmet("soft"))


@pytest.mark.parametrize("name", ["features_out", "scores_out", "offers_out"])
def test_the_same_as_yesterday_is_met_not_skipped(settings: Settings, name: GateName) -> None:
    publish_from(settings, settings.warehouse, YESTERDAY, "run-0")
    report = gate(settings, name)
    assert [result for result in report.results if result.message] == []
    assert any("previous" in result.expectation for result in report.results)


@pytest.mark.parametrize(("name", "table"), [("features_out", "seller_features"), ("offers_out", "loan_eligibility")])
def test_less_than_half_the_rows_is_hard(settings: Settings, tmp_path: Path, name: GateName, table: str) -> None:
    make_warehouse(tmp_path / "larger.duckdb", sellers=450)
    publish_from(settings, tmp_path / "larger.duckdb", YESTERDAY, "run-0")
    with pytest.raises(GateFailed, match=rf"marts.{table}: .*count.*value=200 .*2018-08-30 previous_value=450.*0\.44"):
        gate(settings, name)


@pytest.mark.parametrize(
    ("name", "sellers"), [("features_out", 230), ("scores_out", 230), ("offers_out", 230), ("offers_out", 170)]
)
def test_a_tenth_more_or_less_rows_is_soft(settings: Settings, tmp_path: Path, name: GateName, sellers: int) -> None:
    make_warehouse(tmp_path / "other.duckdb", sellers=sellers)
    publish_from(settings, tmp_path / "other.duckdb", YESTERDAY, "run-0")
    assert f"value=200 previous_as_of=2018-08-30 previous_value={sellers}" in soft(gate(settings, name))


def test_less_than_half_the_sales_is_soft(settings: Settings) -> None:
    publish_from(settings, settings.warehouse, YESTERDAY, "run-0")
    windows = ", ".join(f"sales_amount_{days}d = sales_amount_{days}d * 0.4" for days in (7, 30, 90, 180, 365))
    change(settings.warehouse, f"update marts.seller_features set {windows}")
    report = gate(settings, "features_out")
    assert report.is_passed
    assert "sum(sales_amount_90d)" in soft(report)
    assert "ratio=0.4" in soft(report)


def test_drift_of_a_feature_is_named_with_its_index(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    publish_from(settings, settings.warehouse, YESTERDAY, "run-0")
    change(settings.warehouse, "update marts.seller_features set cancellation_rate_90d = cancellation_rate_90d / 4")
    with caplog.at_level(logging.WARNING):
        report = gate(settings, "features_out")
    assert report.is_passed
    assert "column_name=cancellation_rate_90d as_of=2018-08-31 psi=" in soft(report)
    assert "late_delivery_rate_90d" not in soft(report)
    assert "column_name=cancellation_rate_90d" in caplog.text


def test_a_column_that_turns_null_is_drift(settings: Settings) -> None:
    publish_from(settings, settings.warehouse, YESTERDAY, "run-0")
    change(settings.warehouse, "update marts.seller_features set tenure_days = null where seller_id < 'seller-5'")
    assert "column_name=tenure_days" in soft(gate(settings, "features_out"))


def test_drift_of_the_pd_is_soft(settings: Settings) -> None:
    publish_from(settings, settings.warehouse, YESTERDAY, "run-0")
    change(settings.warehouse, "update marts.credit_scores set pd = pd / 3, score = 950 - (950 - score) / 3")
    report = gate(settings, "scores_out")
    assert report.is_passed
    assert "column_name=pd" in soft(report)
    assert "avg(pd)" in soft(report)


def test_fewer_approvals_and_less_money_are_soft(settings: Settings) -> None:
    publish_from(settings, settings.warehouse, YESTERDAY, "run-0")
    change(
        settings.warehouse,
        """
        update marts.loan_eligibility set is_eligible = false, limit_amount = 0, annual_rate = null, term_days = null,
            expected_loss_amount = 0, reason_codes = ['PD_TOO_HIGH'] where pd > 0.05
        """,
        ADVERSE_ACTIONS,
    )
    report = gate(settings, "offers_out")
    assert report.is_passed
    assert "value=0.05 previous_as_of=2018-08-30 previous_value=0.1" in soft(report)
    assert "value=50000.00 previous_as_of=2018-08-30 previous_value=100000.00" in soft(report)


def test_the_previous_publication_is_the_latest_current_one_before_the_night(
    settings: Settings, tmp_path: Path
) -> None:
    make_warehouse(tmp_path / "larger.duckdb", sellers=450)
    publish_from(settings, settings.warehouse, YESTERDAY, "run-0")
    for as_of, is_current in ((AS_OF - timedelta(days=9), True), (YESTERDAY, False), (AS_OF, True)):
        publish_from(settings, tmp_path / "larger.duckdb", as_of, "other", is_current=is_current)
    assert [result for result in gate(settings, "offers_out").results if not result.is_met] == []


def test_a_previous_publication_that_was_changed_is_not_compared_with(settings: Settings) -> None:
    publish_from(settings, settings.warehouse, YESTERDAY, "run-0")
    path = settings.published / f"credit_scores/as_of={YESTERDAY}/run-0.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(TradelineError, match=r"credit_scores.*is not the file that was published"):
        gate(settings, "scores_out")


def test_columns_that_were_not_published_before_are_not_compared(settings: Settings, tmp_path: Path) -> None:
    make_warehouse(tmp_path / "older.duckdb")
    for column in ("cancellation_rate_90d", "sales_amount_90d"):
        change(tmp_path / "older.duckdb", f"alter table marts.seller_features drop column {column}")
    publish_from(settings, tmp_path / "older.duckdb", YESTERDAY, "run-0")
    report = gate(settings, "features_out")
    assert [result for result in report.results if result.message] == []
