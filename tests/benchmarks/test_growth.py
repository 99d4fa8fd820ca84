"""Growth is fitted as it was made, and what was measured is kept."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from benchmarks.growth import as_file, exponent, plot, read_measured, show, sizes


def test_sizes_grow_along_one_axis_at_a_time() -> None:
    assert sizes([4_000, 500], [90, 30]) == [(500, 30), (4_000, 30), (500, 90)]


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 2.0])
def test_the_exponent_is_that_of_the_seconds(power: float) -> None:
    assert exponent({size: 0.3 * size**power for size in (10, 100, 3_000)}) == pytest.approx(power)


def test_the_table_has_an_exponent_of_each_stage_that_takes_long(capsys: pytest.CaptureFixture[str]) -> None:
    along = {1_000: {"load": 1.0, "gate": 2.0, "short": 0.1}, 10_000: {"load": 10.0, "gate": 2.0, "short": 0.2}}
    show("sellers", along)
    said = capsys.readouterr().out
    assert "| load | 1.0 | 10.0 | 1.00 |" in said
    assert "| gate | 2.0 | 2.0 | 0.00 |" in said
    assert "short" not in said
    assert ElementTree.fromstring(as_file(plot("sellers", along))).tag.endswith("svg")


def test_one_size_alone_has_no_exponent(capsys: pytest.CaptureFixture[str]) -> None:
    show("nights", {30: {"load": 1.0}})
    assert "exponent" not in capsys.readouterr().out


def test_the_latest_line_of_a_size_counts(tmp_path: Path) -> None:
    kept = tmp_path / "growth.jsonl"
    assert read_measured(kept) == {}
    lines = [{"sellers": 500, "nights": 30, "seconds": {"load": seconds}} for seconds in (1.0, 2.0)]
    kept.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert read_measured(kept) == {(500, 30): {"load": 2.0}}
