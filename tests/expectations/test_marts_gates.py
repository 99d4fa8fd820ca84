"""features_out, scores_out and offers_out on real DuckDB files: good data passes, each kind of fault is named."""

import json
import logging
import shutil
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from expectations.gate import run_gate
from expectations.report import GateReport, gates_folder, read_report
from expectations.suite import GateName
from tests.expectations.faults import FEATURES, OFFERS, SCORES, Fault, faults_of
from tests.expectations.warehouse import AS_OF, SELLERS, change
from tradeline.errors import GateFailed, TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


GATES: tuple[GateName, ...] = ("features_out", "scores_out", "offers_out")


def gate(settings: Settings, name: GateName, run_id: str = "run-1") -> GateReport:
    return run_gate(settings, name, settings.warehouse, run_id, [AS_OF])


@pytest.mark.parametrize("name", GATES)
def test_good_marts_pass_and_comparisons_say_that_there_is_nothing_to_compare_with(
    settings: Settings, name: GateName, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        report = gate(settings, name)
    assert report.is_passed
    assert [result for result in report.results if not result.is_met] == []
    skipped = [result for result in report.results if result.message]
    assert {result.message for result in skipped} == {"skipped: no earlier publication to compare with"}
    assert all("previous" in result.expectation for result in skipped)
    assert "skipped: no earlier publication" in caplog.text


@pytest.fixture(scope="module")
def broken_gates(good_files: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[GateName, tuple[str, GateReport]]:
    """What each gate says to a warehouse with all its faults."""
    told: dict[GateName, tuple[str, GateReport]] = {}
    for name in GATES:
        settings = Settings(home=tmp_path_factory.mktemp(name))
        settings.warehouse.parent.mkdir(parents=True)
        shutil.copy(good_files / "warehouse.duckdb", settings.warehouse)
        change(settings.warehouse, *(fault.statement for fault in faults_of(name)))
        with pytest.raises(GateFailed) as failure:
            gate(settings, name)
        told[name] = str(failure.value), read_report(gates_folder(settings) / "run-1" / f"{name}.json")
    return told


@pytest.mark.parametrize(
    "fault", [each for name in GATES for each in faults_of(name)], ids=lambda fault: fault.statement
)
def test_a_fault_is_named(broken_gates: dict[GateName, tuple[str, GateReport]], fault: Fault) -> None:
    message, _ = broken_gates[fault.gate]
    assert any(all(fragment in line for fragment in fault.told) for line in message.splitlines()), message


@pytest.mark.parametrize("name", GATES)
def test_every_hard_expectation_can_fail(broken_gates: dict[GateName, tuple[str, GateReport]], name: GateName) -> None:
    """A new hard expectation without a fault that breaks it is noticed here; row counts have tests of their own."""
    _, report = broken_gates[name]
    hard = {result.expectation for result in report.results if result.severity == "hard"}
    broken = {result.expectation for result in report.unmet("hard")}
    assert hard - broken <= {"expect_table_row_count_to_be_between", "expect_ratio_to_previous_to_be_between"}
    sql = [result for result in report.results if result.expectation == "unexpected_rows_expectation"]
    assert [result for result in sql if result.severity == "hard" and result.is_met] == []


@pytest.mark.parametrize(("name", "table"), [("features_out", FEATURES), ("offers_out", OFFERS)])
def test_no_rows_at_all_is_a_failure(settings: Settings, name: GateName, table: str) -> None:
    change(settings.warehouse, f"delete from {table}")
    with pytest.raises(GateFailed, match=rf"{table}: expected table row count to be at least 1; observed 0"):
        gate(settings, name)


def test_a_fault_is_told_remedy_first_then_table_column_and_value(settings: Settings) -> None:
    change(settings.warehouse, f"update {SCORES} set score = 951 where seller_id = 'seller-0'")
    with pytest.raises(GateFailed) as failure:
        gate(settings, "scores_out")
    first, remedy, structure, fault, why, last = str(failure.value).splitlines()
    assert first == (
        "gate scores_out failed for as_of 2018-08-31, run run-1: 1 hard expectation not met, "
        "nothing after this gate runs and nothing is published"
    )
    assert remedy == "- scores_out.credit_scores.score_range: Check ml/score.py and the serving model."
    assert structure == "  it guards structure, so nobody can waive it"
    assert fault == (
        f"  {SCORES}.score: expected column values to be at least 350 and at most 950; 1 of 200 rows are not "
        "so, e.g. seller_id=seller-0 as_of=2018-08-31 score=951"
    )
    assert why == "  The scale is 350 to 950."
    assert last == f"All results: {gates_folder(settings) / 'run-1' / 'scores_out.json'}"


def test_only_the_rows_of_the_gated_nights_count(settings: Settings) -> None:
    earlier = AS_OF - timedelta(days=1)
    change(
        settings.warehouse,
        f"insert into {FEATURES} select * replace (date '{earlier}' as as_of, 7.0 as low_rating_share_90d) "
        f"from {FEATURES} where seller_id = 'seller-7'",
    )
    assert gate(settings, "features_out").is_passed
    with pytest.raises(
        GateFailed,
        match=r"2 as_ofs 2018-08-30 to 2018-08-31(.|\n)*feature=low_rating_share_90d expected=at most 1(.|\n)*7\.0",
    ):
        run_gate(settings, "features_out", settings.warehouse, "run-2", [earlier, AS_OF])


@pytest.mark.parametrize(
    ("nights", "is_usual"),
    [
        ("range(1, 29)", False),
        ("range(0, 28)", True),
        ("range(1, 100, 7)", True),
        ("range(7, 100, 7)", False),
        ("range(1, 7)", True),
    ],
    ids=["daily, not tonight", "daily", "weekly, not due", "weekly, due", "too few to tell"],
)
def test_a_night_that_has_not_come_where_nights_come_that_often_is_soft(
    settings: Settings, nights: str, is_usual: bool
) -> None:
    change(
        settings.warehouse,
        f"""
        insert into raw.nights
        select date '{AS_OF}' - days_ago::integer, 'f', 's', 'd', now()::timestamp, null from {nights} as n(days_ago)
        """,
    )
    report = gate(settings, "features_out")
    assert report.is_passed
    assert ([result.message for result in report.unmet("soft")] == []) is is_usual
    assert is_usual or "as_of=2018-08-31 last_arrived_on=" in report.unmet("soft")[0].message


def test_a_night_without_a_model_passes_with_a_soft_note(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    change(settings.warehouse, f"delete from {SCORES}")
    report = gate(settings, "scores_out")
    (note,) = report.unmet("soft")
    assert report.is_passed
    assert "No model serves" in note.told
    assert [record.levelname for record in caplog.records if "No model serves" in record.message] == ["WARNING"]


def test_a_missing_column_is_a_failure_that_names_it(settings: Settings) -> None:
    change(settings.warehouse, f"alter table {OFFERS} drop column term_days")
    with pytest.raises(GateFailed, match=rf"{OFFERS}.term_days: .*could not be evaluated.*term_days"):
        gate(settings, "offers_out")


def test_a_table_that_is_not_built_is_an_error_that_names_it(settings: Settings) -> None:
    change(settings.warehouse, f"drop table {SCORES}")
    with pytest.raises(TradelineError, match=rf"{SCORES} is not in the warehouse"):
        gate(settings, "scores_out")


def test_the_warehouse_is_free_again_and_unchanged(settings: Settings) -> None:
    before = settings.warehouse.read_bytes()
    gate(settings, "scores_out")
    assert settings.warehouse.read_bytes() == before
    with duckdb.connect(settings.warehouse) as connection:
        assert connection.execute(f"select count(*) from {SCORES}").fetchall() == [(SELLERS,)]


def test_results_are_kept_per_run_and_read_back(settings: Settings) -> None:
    report = gate(settings, "scores_out", "run-1")
    gate(settings, "scores_out", "run-2")
    folders = sorted(path.name for path in gates_folder(settings).iterdir())
    assert folders == ["run-1", "run-2"]
    path = gates_folder(settings) / "run-1" / "scores_out.json"
    assert read_report(path) == report
    assert json.loads(path.read_text())["results"][0]["severity"] == "soft"


def test_a_rerun_after_a_failure_replaces_its_results(settings: Settings, good_files: Path) -> None:
    change(settings.warehouse, f"update {SCORES} set score = 951 where seller_id = 'seller-0'")
    with pytest.raises(GateFailed):
        gate(settings, "scores_out")
    shutil.copy(good_files / "warehouse.duckdb", settings.warehouse)
    assert gate(settings, "scores_out").is_passed
    assert read_report(gates_folder(settings) / "run-1" / "scores_out.json").is_passed
