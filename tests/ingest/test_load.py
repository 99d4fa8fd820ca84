from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest import ledgers
from ingest.admission import admit
from ingest.landing import fingerprint, scan, stat_fingerprint
from ingest.load import load, mark_built
from ingest.place import place
from ingest.quarantine import list_quarantined
from tests.ingest.extract import LATER, NIGHT, admitted, ask, build, land, path_of, plan, row
from tradeline.contracts.raw import SQL_TYPES, TABLES
from tradeline.errors import BadInput, TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture
def landed(settings: Settings) -> Settings:
    land(settings, "sellers")
    land(settings, "orders")
    return settings


def everything(database: Path) -> dict[str, list[tuple[object, ...]]]:
    names = [table.name for table in TABLES] + ["nights", "arrivals", "set_aside"]
    return {name: ask(database, f"from raw.{name} order by all") for name in names}


def test_the_warehouse_has_the_contract_s_columns_in_order(landed: Settings) -> None:
    load(landed, admitted(landed))
    for table in TABLES:
        columns = ask(landed.warehouse, f"select column_name, column_type from (describe raw.{table.name})")
        wanted = [(column.name, SQL_TYPES[column.type].upper().replace(", ", ",")) for column in table.columns]
        assert columns[: len(wanted) + 2] == [*wanted, ("arrived_on", "DATE"), ("source_file", "VARCHAR")]
        assert [name for name, _ in columns[len(wanted) + 2 :]] == ["converted"] * bool(table.rate_days)


def test_the_ledger_has_the_fingerprints_and_waits_for_the_build(landed: Settings) -> None:
    found = plan(landed)
    load(landed, admit(landed, found, "run-1"))
    files = scan(landed.landing).files
    ledger = "select arrived_on, fingerprint, stat_fingerprint, built_at is not null from raw.nights"
    assert ask(landed.warehouse, ledger) == [(NIGHT, fingerprint(files), stat_fingerprint(files), False)]
    mark_built(landed, found)
    assert ask(landed.warehouse, ledger)[0][-1] is True


def test_the_report_counts_what_was_loaded(landed: Settings) -> None:
    land(landed, "orders", row("orders"), row("orders", order_id="o2", seller_id="nobody"))
    report = load(landed, admitted(landed))
    assert (report.arrived_from, report.arrived_to, report.nights) == (NIGHT, NIGHT, 1)
    assert (report.rows["sellers"], report.rows["orders"], report.rows["loans"]) == (1, 1, 0)
    assert report.set_aside_rows == 1


def test_loading_again_changes_nothing(landed: Settings) -> None:
    admission = admitted(landed)
    load(landed, admission)
    once = everything(landed.warehouse)
    load(landed, admission)
    assert everything(landed.warehouse) == once


def test_a_rebuild_replaces_its_range_and_nothing_before(landed: Settings) -> None:
    land(landed, "orders", row("orders", order_id="o2"), row("orders", order_id="o3"), night=LATER)
    build(landed, LATER)
    land(landed, "orders", row("orders", order_id="o4"), night=LATER)
    build(landed, LATER)
    assert ask(landed.warehouse, "select order_id from raw.orders order by 1") == [("o1",), ("o4",)]
    assert ask(landed.warehouse, "select count(*) from raw.arrivals where table_name = 'orders'") == [(2,)]


def test_nights_one_by_one_equal_all_in_one_pass(landed: Settings, tmp_path: Path) -> None:
    land(landed, "orders", row("orders", status="shipped"), row("orders", order_id="o2", seller_id="x"), night=LATER)
    other = Settings(home=tmp_path / "other")
    for file in scan(landed.landing).files:
        place(file.path, other.landing / file.source)
    build(landed, NIGHT)
    build(landed, LATER)
    build(other, LATER)
    one_by_one, at_once = everything(landed.warehouse), everything(other.warehouse)
    del one_by_one["nights"], at_once["nights"]
    assert one_by_one == at_once


def test_a_load_that_fails_leaves_the_warehouse_as_it_was(landed: Settings) -> None:
    build(landed)
    before = everything(landed.warehouse)
    land(landed, "orders", row("orders", amount="99.00"))
    admission = admitted(landed)
    with duckdb.connect(admission) as connection:
        connection.execute("drop table raw.set_aside")
    with pytest.raises(duckdb.Error):
        load(landed, admission)
    assert everything(landed.warehouse) == before


def test_admission_alone_does_not_write_to_the_warehouse(landed: Settings) -> None:
    build(landed)
    before = landed.warehouse.read_bytes()
    land(landed, "orders", row("orders", amount="99.00"))
    admitted(landed)
    assert landed.warehouse.read_bytes() == before


def test_a_killed_run_does_not_disturb_the_next_of_its_name(landed: Settings) -> None:
    expected = everything(admitted(landed))["orders"]
    admission = landed.warehouse.parent / "admission" / "run-1.duckdb"
    admission.write_bytes(b"half a file")
    admission.with_name("run-1.duckdb.wal").write_bytes(b"half a log")
    assert everything(admitted(landed))["orders"] == expected


@pytest.mark.parametrize("tables", [["orders"], ["sellers"], ["sellers", "reviews"]])
def test_sellers_and_one_of_orders_and_payments_are_required(settings: Settings, tables: list[str]) -> None:
    for table in tables:
        land(settings, table)
    with pytest.raises(BadInput, match="sellers and at least one of orders and payments are required"):
        admitted(settings)


@pytest.mark.parametrize("table", ["orders", "payments"])
def test_everything_else_may_be_absent(settings: Settings, table: str) -> None:
    land(settings, "sellers")
    land(settings, table)
    load(settings, admitted(settings))
    counts = everything(settings.warehouse)
    assert {name for name, rows in counts.items() if rows} == {"sellers", table, "nights", "arrivals"}


def test_an_upload_during_the_reading_is_noticed(landed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    record = ledgers.write_nights

    def record_and_upload(*arguments: object) -> None:
        record(*arguments)  # type: ignore[arg-type]
        land(landed, "orders", row("orders", order_id="o2"), name="part-1.csv")

    monkeypatch.setattr(ledgers, "write_nights", record_and_upload)
    with pytest.raises(TradelineError, match="landing changed while it was read"):
        admitted(landed)


@pytest.mark.parametrize("is_before_fingerprints", [True, False])
def test_a_file_that_goes_while_it_is_read_is_not_refused_for_it(
    landed: Settings, monkeypatch: pytest.MonkeyPatch, is_before_fingerprints: bool
) -> None:
    fingerprints = ledgers.write_nights

    def fingerprint_and_remove(*arguments: Any) -> None:
        if not is_before_fingerprints:
            fingerprints(*arguments)
        path_of(landed, "orders").unlink()
        land(landed, "orders", row("orders"), name="part-1.csv")
        if is_before_fingerprints:
            fingerprints(*arguments)

    with monkeypatch.context() as patch, pytest.raises(TradelineError, match="landing changed while it was read"):
        patch.setattr(ledgers, "write_nights", fingerprint_and_remove)
        admitted(landed)
    assert not list_quarantined(landed)
    build(landed)
    assert ask(landed.warehouse, "select source_file from raw.orders")[0][0].endswith("part-1.csv")


@pytest.mark.parametrize(
    "change",
    [
        lambda home: land(home, "orders", row("orders", amount="99.00")),
        lambda home: land(home, "orders", row("orders", order_id="o2"), name="part-1.csv"),
        lambda home: path_of(home, "orders").unlink(),
        lambda home: path_of(home, "payments", name="part-0.parquet").unlink(),
    ],
    ids=["changed", "added", "removed", "removed Parquet"],
)
def test_landing_that_changed_since_it_was_admitted_is_not_loaded(
    landed: Settings, change: Callable[[Settings], object]
) -> None:
    build(landed)
    before = everything(landed.warehouse)
    land(landed, "payments", name="part-0.parquet")
    found = plan(landed)
    admission = admit(landed, found, "run-1")
    change(landed)
    with pytest.raises(TradelineError, match="landing changed since it was admitted: run again"):
        load(landed, admission)
    assert everything(landed.warehouse) == before
    assert not admission.exists(), "a retry must not find what can never be loaded"


def test_an_upload_during_the_load_takes_it_all_back(landed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest import load as loading

    build(landed)
    before = everything(landed.warehouse)
    land(landed, "orders", row("orders", order_id="o2"), name="part-1.parquet")
    admission = admitted(landed)
    replace = loading._replace

    def replace_and_upload(connection: duckdb.DuckDBPyConnection, name: str, arrived_from: date) -> int:
        count = replace(connection, name, arrived_from)
        land(landed, "orders", row("orders", order_id="o3"), name="part-1.parquet")
        return count

    monkeypatch.setattr(loading, "_replace", replace_and_upload)
    with pytest.raises(TradelineError, match="landing changed since it was admitted"):
        load(landed, admission)
    assert everything(landed.warehouse) == before
    monkeypatch.undo()
    build(landed)
    assert ask(landed.warehouse, "select order_id from raw.orders order by 1") == [("o1",), ("o3",)]
