"""The status of a home in every condition."""

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from cli.screens.status import render
from cli.status import status
from expectations.report import GateReport, GateResult, write_report
from expectations.suite import GateName, Severity
from serving.publish import publish
from tests.serving.built import build_night
from tradeline.journal import journaled
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


NIGHT = date(2018, 8, 31)


def shown(settings: Settings) -> str:
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(render(status(settings)))
    return console.export_text()


def land(settings: Settings, arrived_on: str) -> None:
    folder = settings.landing / "sellers" / f"arrived_on={arrived_on}"
    folder.mkdir(parents=True)
    (folder / "sellers.csv").write_text("seller_id,seller_type,registered_at\na,business,2018-01-01 00:00:00\n")


def test_an_empty_home_is_left_empty(settings: Settings) -> None:
    text = shown(settings)
    assert "tradeline land" in text and "no model serves yet" in text and "nothing yet" in text
    assert not settings.home.exists()


def test_landed_and_pending_nights(settings: Settings) -> None:
    land(settings, "2018-08-30")
    land(settings, "2018-08-31")
    build_night(settings, date(2018, 8, 29), "first")
    seen = status(settings)
    assert seen.landed and (seen.landed.nights, str(seen.landed.first_on)) == (2, "2018-08-30")
    assert seen.built and (seen.built.nights, str(seen.built.last_on), seen.built.pending_nights) == (
        1,
        "2018-08-29",
        2,
    )
    assert "2 nights, 2018-08-30 to 2018-08-31" in shown(settings)
    assert "1 nights to 2018-08-29; 2 nights pending" in shown(settings)


def test_rows_that_wait_or_were_taken_up_are_counted(settings: Settings) -> None:
    land(settings, "2018-08-29")
    build_night(settings, date(2018, 8, 29), "first")
    assert "rows wait" not in shown(settings)
    with duckdb.connect(settings.warehouse) as connection:
        connection.execute(
            """
            insert into raw.set_aside by name
            select date '2018-08-29' as arrived_on, 'orders' as table_name, 'a.csv' as source_file, i as row_number,
                'seller_id' as column_name, 'unknown seller' as reason, '{}' as row_json,
                if(i > 0, 'sellers', null) as waits_for, if(i in (3, 4), date '2018-08-30', null) as taken_up_on,
                if(i = 5, date '2018-08-30', null) as replaced_on
            from range(9) as rows(i)
            """
        )
    built = status(settings).built
    assert built and (built.waiting_rows, built.taken_up_rows) == (5, 2)
    assert "; 5 rows wait for their seller, loan or rate; 2 rows waited and were taken up" in shown(settings)
    with duckdb.connect(settings.warehouse) as connection:
        connection.execute("alter table raw.set_aside drop waits_for")
    built = status(settings).built
    assert built and built.waiting_rows == 0, "a warehouse of an earlier release"


def test_quarantined_files_are_counted(settings: Settings) -> None:
    folder = settings.quarantine / "orders" / "arrived_on=2018-08-31"
    folder.mkdir(parents=True)
    (folder / "orders.csv").write_text("broken")
    reason = {
        "table": "orders", "arrived_on": "2018-08-31", "file": "orders.csv", "quarantined_at": "", "run_id": "first",
        "faults": [{"message": "malformed"}],
    }  # fmt: skip
    (folder / "orders.csv.reason.json").write_text(json.dumps(reason))
    assert "1 files in quarantine" in shown(settings)


def test_a_landing_that_is_not_laid_out_right_is_told_and_not_raised(settings: Settings) -> None:
    (settings.landing / "nonsense").mkdir(parents=True)
    assert "nonsense: no such table" in shown(settings)


def test_a_run_in_progress_is_not_waited_for(settings: Settings) -> None:
    build_night(settings, NIGHT, "first")
    with warehouse_lock(settings):
        seen = status(settings)
        assert seen.is_running and seen.built is None
        assert "a run is in progress" in shown(settings)
    assert not status(settings).is_running


def test_serving_model_and_its_auc(settings: Settings) -> None:
    name = "2018-08-31-abcdef12"
    (settings.models / name).mkdir(parents=True)
    history = [{"model_version": name, "trained_as_of": "2018-08-31", "promoted_at": "2018-09-01T00:00:00Z"}]
    (settings.models / "champion.json").write_text(json.dumps({"champion": name, "history": history}))
    auc = {"value": 0.8123, "low": 0.79, "high": 0.83}
    judged = {"algorithm": "scorecard", "contenders": {"scorecard": {"evaluation": {"metrics": {"auc": auc}}}}}
    (settings.models / name / "model.json").write_text(json.dumps(judged))
    assert f"{name}, as of 2018-08-31, AUC 0.812 [0.790, 0.830]" in shown(settings)


def test_latest_publication(settings: Settings) -> None:
    for as_of, run_id, mark in ((NIGHT, "first", 5), (date(2018, 7, 31), "second", 7)):
        build_night(settings, as_of, run_id, mark=mark)
        publish(settings, [as_of], run_id)
    seen = status(settings).published
    assert seen and (seen.as_of, seen.run_id, seen.sellers, seen.eligible_sellers) == (NIGHT, "first", 20, 20)
    assert "20 sellers, 20 with an offer, limits 100.00 CNY" in shown(settings)


def test_failures_are_shown_newest_first_until_they_are_over(settings: Settings) -> None:
    for run_id, step in (("first", "raw_gate"), ("second", "score")):
        with pytest.raises(ValueError), journaled(settings, run_id, step, [NIGHT]):
            raise ValueError(f"{step} broke")
    with journaled(settings, "third", "raw_gate", [NIGHT]):
        pass
    assert [(failure.step, failure.is_over) for failure in status(settings).failures] == [
        ("score", False),
        ("raw_gate", True),
    ]
    assert "succeeded since): ValueError: raw_gate broke" in shown(settings)


def test_a_failure_is_over_when_each_of_its_nights_has_succeeded(settings: Settings) -> None:
    nights = [NIGHT, NIGHT + timedelta(days=1)]
    with pytest.raises(ValueError), journaled(settings, "first", "score", nights):
        raise ValueError("score broke")
    for run_id, night, is_over in (
        ("other", date(2018, 1, 1), False),
        ("one", nights[0], False),
        ("two", nights[1], True),
    ):
        with journaled(settings, run_id, "score", [night]):
            pass
        assert [failure.is_over for failure in status(settings).failures] == [is_over]


def test_only_the_newest_word_of_each_gate_is_noticed(settings: Settings) -> None:
    for run_id, is_met in (("first", False), ("second", True)):
        write_gate(settings, run_id, "raw_in", "soft", "half the orders are gone", is_met)
    write_gate(settings, "second", "features_out", "soft", "sales have doubled", False)
    text = shown(settings)
    assert "gate features_out (second), soft: sales have doubled" in text
    assert "half the orders are gone" not in text


def write_gate(settings: Settings, run_id: str, gate: GateName, severity: Severity, message: str, is_met: bool) -> None:
    result = GateResult("raw.orders", "expect_it", None, severity, is_met, 1, message)
    write_report(settings, GateReport(gate, run_id, (NIGHT,), True, (result,), 0.1))


def test_a_home_that_may_only_be_read_has_a_status(settings: Settings) -> None:
    land(settings, "2018-08-31")
    build_night(settings, NIGHT, "first")
    publish(settings, [NIGHT], "first")
    with warehouse_lock(settings):
        pass
    before = status(settings)
    folders = [settings.home, *(path for path in settings.home.rglob("*") if path.is_dir())]
    with read_only(folders):
        assert not os.access(settings.warehouse, os.W_OK, effective_ids=True)
        assert status(settings) == before and before.built
    with warehouse_lock(settings), read_only(folders):
        assert status(settings).is_running


@contextmanager
def read_only(folders: list[Path]) -> Iterator[None]:
    """Take the right to write from this process, which as root would keep it whatever the folders say."""
    is_root = os.geteuid() == 0
    reached = [path for path in folders[0].parents if path.stat().st_uid == os.geteuid()] if is_root else []
    modes = {path: path.stat().st_mode for path in [*reached, *folders, *folders[0].rglob("*")]}
    for path, mode in modes.items():
        path.chmod(mode | 0o755 if path in reached else 0o555 if path.is_dir() else 0o444)
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        for path, mode in modes.items():
            path.chmod(mode)


def test_landed_nights_that_are_still_to_come_are_told_and_not_pending(settings: Settings) -> None:
    land(settings, "2018-08-31")
    land(settings, "2999-01-01")
    build_night(settings, date(2018, 8, 30), "first")
    seen = status(settings)
    assert seen.built and seen.built.pending_nights == 1
    assert "1 landed nights are still to come (arrived_on=2999-01-01" in shown(settings)


@pytest.mark.parametrize("damage", [b"", b'{"champion": ', b"\xff\x00", b"{}"])
@pytest.mark.parametrize(
    "name", ["models/champion.json", "runs/waivers.jsonl", "runs/journal.jsonl", "warehouse/tradeline.duckdb"]
)
def test_damage_is_a_notice_and_the_rest_is_told(settings: Settings, name: str, damage: bytes) -> None:
    build_night(settings, NIGHT, "first")
    publish(settings, [NIGHT], "first")
    path = settings.home / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(damage)
    seen = status(settings)
    assert seen.published and seen.published.as_of == NIGHT
    is_harmless = path.suffix == ".jsonl" and not damage
    assert is_harmless or any(str(path) in notice for notice in seen.notices)
