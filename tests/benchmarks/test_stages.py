"""A run is cut into stages that leave no second out, and its memory into what each of them used."""

import json
import os
import sys
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from benchmarks.measure import Watched, measure
from benchmarks.stages import stage_under_way, stages_of
from tradeline.journal import Entry
from tradeline.settings import Settings

LOG = """\
00:19:26  raw_gate: starts, as of 2026-06-29
00:19:34  raw_in: 13 expectations for as_of 2026-06-29: 0 hard failures, 1 soft, 2.5 s
00:19:34  raw_gate: done, arrivals of 2025-05-27 to 2026-06-29 admitted, 8.4 s
00:19:35  build_marts: starts, as of 2026-06-29
00:19:38  loaded 399 nights from 2025-05-27 to 2026-06-29: 7,090,444 rows, 0 set aside, 3.0 s
"""


def entry(step: str, ended_at: str, seconds: float) -> Entry:
    return Entry(ended_at, "run-1", step, "done", ["2026-06-29"], seconds, "")


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_the_raw_gate_is_admission_and_gate(settings: Settings) -> None:
    admission, gate = stages_of(settings, entry("raw_gate", "2026-11-23T00:19:34.000+00:00", 8.4), LOG)
    assert (admission.title, gate.title) == ("admission", "gate of the raw rows")
    assert admission.seconds == pytest.approx(5.9) and gate.seconds == pytest.approx(2.5)
    assert admission.is_of_rows and not gate.is_of_rows


def test_the_build_is_cut_where_dbt_began_its_nodes(settings: Settings) -> None:
    folder = settings.warehouse.parent / "dbt" / "run-1"
    folder.mkdir(parents=True)
    begun = {
        "int_order_changes": "00:19:45", "feature_spine": "00:19:47", "int_order_days": "00:19:48",
        "seller_features": "00:19:58", "not_null_seller_id": "00:20:00.9",
    }  # fmt: skip
    results = [
        {"unique_id": f"model.tradeline.{name}", "timing": [{"started_at": f"2026-11-23T{time}+00:00"}]}
        for name, time in begun.items()
    ]
    skipped = {"unique_id": "model.tradeline.skipped", "timing": []}
    (folder / "run_results.json").write_text(json.dumps({"results": [*results, skipped]}))
    stages = list(stages_of(settings, entry("build_marts", "2026-11-23T00:20:01.000+00:00", 26.0), LOG))
    assert [(stage.title, round(stage.seconds, 3)) for stage in stages] == [
        ("load", 3.0), ("dbt's start", 7.0), ("partials", 12.0), ("features", 4.0),
    ]  # fmt: skip
    by_name = [[(part.title, round(part.seconds, 3)) for part in stage.parts] for stage in stages[2:]]
    assert by_name == [
        [("int_order_days", 10.0), ("int_order_changes", 2.0)], [("seller_features", 2.9), ("feature_spine", 1.0)],
    ]  # fmt: skip
    spans = sorted(span for stage in stages for span in stage.spans)
    assert spans[0][0] == moment("2026-11-23T00:19:35")
    assert all(before[1] == after[0] for before, after in pairwise(spans))


def test_a_log_that_is_worded_otherwise_ends_the_benchmark(settings: Settings) -> None:
    with pytest.raises(SystemExit, match="wording"):
        list(stages_of(settings, entry("raw_gate", "2026-11-23T00:19:34.000+00:00", 8.4), "nothing of the kind"))


def test_the_stage_under_way_is_the_one_that_has_not_ended() -> None:
    nights = Entry("2026-11-23T00:19:26+00:00", "run-1", "nights", "done", [], 0.1, "")
    first = entry("raw_gate", "2026-11-23T00:19:34.000+00:00", 8.4)
    assert stage_under_way(LOG, [nights, first]) == "load"
    assert stage_under_way(LOG, [nights, first, entry("build_marts", first.ended_at, 1.0)]) is None


def test_memory_is_told_apart_by_time(tmp_path: Path) -> None:
    program = """
import time
time.sleep(1)
print(time.time(), flush=True)
held = bytearray(300 * 2**20)
time.sleep(1)
"""
    with Watched([sys.executable, "-c", program], dict(os.environ), tmp_path / "log") as watched:
        while watched.is_running(wait_seconds=1):
            pass
    grown_at = float((tmp_path / "log").read_text())
    assert watched.peak_mb(ended_at=grown_at) < 300 < watched.peak_mb(started_at=grown_at)
    assert watched.peak_mb() == watched.peak_mb(started_at=grown_at)


def test_a_failed_command_ends_the_benchmark_with_its_output(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no such luck"):
        measure([sys.executable, "-c", "raise SystemExit('no such luck')"], dict(os.environ), tmp_path / "log")


def test_leaving_early_ends_the_command_and_its_children(tmp_path: Path) -> None:
    program = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""
    log = tmp_path / "log"
    with Watched([sys.executable, "-c", program], dict(os.environ), log) as watched:
        while watched.is_running(wait_seconds=0.1) and not log.read_text().endswith("\n"):
            pass
    child = int(log.read_text())
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
