"""dbt in this process."""

import logging

import duckdb
import pytest

import tradeline.dbt
from ingest.raw_schema import ensure_raw_schema
from tradeline.dbt import KEPT_RUNS, run_dbt
from tradeline.errors import TradelineError
from tradeline.kept_manifest import DBT_PROJECT, manifests_folder
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture
def parses_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the test's home keep its own parse, as a user's does."""
    monkeypatch.setattr(tradeline.dbt, "manifests_folder", manifests_folder)


def prepare(settings: Settings) -> None:
    settings.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        ensure_raw_schema(connection)


@pytest.mark.usefixtures("parses_itself")
def test_a_run_reports_writes_below_the_home_and_frees_the_warehouse(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    prepare(settings)
    before = {path for path in DBT_PROJECT.rglob("*") if path.is_file()}
    with caplog.at_level(logging.INFO, "tradeline"):
        report = run_dbt(settings, "run-1", ["seed", "--select", "policy_parameters"], {})
    assert [(node.name, node.status) for node in report.nodes] == [("policy_parameters", "success")]
    assert (report.nodes[0].row_count or 0) > 0
    assert "policy_parameters: " in caplog.text and " rows, success" in caplog.text
    assert report.target == settings.warehouse.parent / "dbt" / "run-1"
    assert (report.target / "manifest.json").exists()
    assert {path for path in DBT_PROJECT.rglob("*") if path.is_file()} == before
    with duckdb.connect(str(settings.warehouse), read_only=True):
        pass


@pytest.mark.usefixtures("parses_itself")
def test_dbts_own_variables_change_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(settings)
    monkeypatch.setenv("DBT_EXCLUDE_RESOURCE_TYPES", "seed")
    monkeypatch.setenv("DBT_TARGET_PATH", str(settings.home / "elsewhere"))
    report = run_dbt(settings, "run-1", ["build", "--select", "policy_parameters"], {})
    assert ("policy_parameters", "success") in [(node.name, node.status) for node in report.nodes]
    assert not (settings.home / "elsewhere").exists()


def test_a_failure_names_the_model_and_the_reason_and_frees_the_warehouse(settings: Settings) -> None:
    prepare(settings)
    with pytest.raises(TradelineError, match=r"dbt could not make credit_scores: .*scores.*dbt\.log"):
        run_dbt(settings, "run-1", ["run", "--select", "credit_scores"], {"as_ofs": ["2018-05-01"]})
    with duckdb.connect(str(settings.warehouse), read_only=True):
        pass


def test_only_the_latest_runs_are_kept(settings: Settings) -> None:
    prepare(settings)
    for number in range(KEPT_RUNS + 5):
        (settings.warehouse.parent / "dbt" / f"old-{number}").mkdir(parents=True)
    run_dbt(settings, "new", ["seed", "--select", "policy_parameters"], {})
    kept = list((settings.warehouse.parent / "dbt").iterdir())
    assert len(kept) == KEPT_RUNS and settings.warehouse.parent / "dbt" / "new" in kept


@pytest.mark.usefixtures("parses_itself")
def test_the_project_is_parsed_once_and_again_when_it_can_not_be_read(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """A parse leaves ``partial_parse.msgpack`` in its target; a run with the kept one does not."""
    prepare(settings)
    command = ["seed", "--select", "policy_parameters"]
    nights = ("2024-01-01", "2024-01-02")
    first, second = (run_dbt(settings, night, command, {"as_ofs": [night]}) for night in nights)
    assert [(report.target / "partial_parse.msgpack").exists() for report in (first, second)] == [True, False]
    assert [node.name for node in second.nodes] == ["policy_parameters"]
    training = run_dbt(settings, "training", command, {"spine_kind": "training"})
    assert (training.target / "partial_parse.msgpack").exists()

    for kept in manifests_folder(settings).glob("*.msgpack"):
        kept.write_bytes(kept.read_bytes()[:1000])
    third = run_dbt(settings, "2024-01-03", command, {"as_ofs": ["2024-01-03"]})
    assert "dbt parses again" in caplog.text
    assert [node.status for node in third.nodes] == ["success"]


@pytest.mark.usefixtures("parses_itself")
def test_the_kept_parse_serves_every_time_zone(settings: Settings) -> None:
    """The zone is a value that models are compiled with, not a part of the parse."""
    prepare(settings)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(
            """
            insert into raw.payments by name
            select 'p' as payment_id, 's' as seller_id, 'in' as direction, 'sale' as kind, 1 as amount,
                '2024-03-10 20:00:00' as occurred_at, '2024-03-11' as arrived_on, 'made by a test' as source_file
            """
        )
    days: list[tuple[object, ...]] = []
    for zone in ("UTC", "Asia/Kathmandu"):
        here = settings.model_copy(update={"timezone": zone})
        report = run_dbt(here, f"in-{len(days)}", ["run", "--select", "stg_payments"], {})
        assert (report.target / "partial_parse.msgpack").exists() is (zone == "UTC")
        with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
            days += connection.execute("select occurred_on::varchar from staging.stg_payments").fetchall()
    assert days == [("2024-03-10",), ("2024-03-11",)]
