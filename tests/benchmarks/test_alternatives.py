"""pandas, Polars, Spark and plain DuckDB make the mart's own values of landed files, and a difference is found."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from benchmarks.alternatives.__main__ import compare
from benchmarks.alternatives.core import FEATURES, KEYS, SUMS, Task
from benchmarks.alternatives.tools import NAMES
from benchmarks.alternatives.with_duckdb import COLUMNS, MEASURES
from benchmarks.engines import why_not_here
from pipeline.steps.marts import build_marts
from simulator.market import Market
from simulator.simulate import simulate
from tests.once import made_once
from tradeline.contracts.features import read_catalogue
from tradeline.database import connect
from tradeline.settings import Settings

pytestmark = pytest.mark.slow

AS_OF = date(2026, 6, 30)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """30 sellers over 200 nights, which is more than the windows have but those of a year."""
    return Settings(home=made_once(tmp_path_factory, "alternatives", lambda home: _build(Settings(home=home))))


def _build(settings: Settings) -> None:
    simulate(settings, Market(sellers=30, days=200, seed=1, until=AS_OF))
    build_marts(settings, "test", [AS_OF])


def test_the_core_is_of_the_catalogue() -> None:
    assert len(FEATURES) == 60
    assert set(FEATURES) <= {feature.name for feature in read_catalogue()}
    assert {measure for measures in SUMS.values() for measure in measures} == set(MEASURES)
    assert set(KEYS) == set(SUMS) == set(COLUMNS)


def test_every_tool_gives_the_marts_values(home: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compare(home, tmp_path, list(NAMES), rounds=1, most_mb=8_000)
    said = capsys.readouterr().out
    assert said.startswith(f"30 sellers as of {AS_OF}, 60 features")
    for tool, name in NAMES.items():
        assert (f"{name}: left out" in said) == (why_not_here(tool) is not None)
    with connect(home) as connection:
        made = connection.read_parquet(str(tmp_path / "duckdb.parquet"))
        kinds = made.aggregate(", ".join(f"count(distinct {name})" for name in FEATURES)).fetchall()[0]
    assert sum(kind > 1 for kind in kinds) > 30  # most features tell sellers apart, so that equality says something


def test_a_tool_that_takes_too_much_memory_is_ended(
    home: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compare(home, tmp_path, ["duckdb"], rounds=2, most_mb=1)
    assert "ended, it takes more than 1 MB" in capsys.readouterr().out


def test_a_value_that_is_not_the_marts_is_named(home: Settings, tmp_path: Path) -> None:
    changed = Settings(home=shutil.copytree(home.home, tmp_path / "home"))
    with connect(changed, changed.warehouse) as connection:
        more = "net_sales_amount_90d = net_sales_amount_90d + 0.01"
        connection.execute(f"update marts.seller_features set {more} where seller_id = 'S000007'")
    with pytest.raises(SystemExit, match=r"duckdb differs from the home's mart: .*S000007.*net_sales_amount_90d"):
        compare(changed, tmp_path, ["duckdb"], rounds=1, most_mb=8_000)


def test_files_that_no_window_reaches_are_not_read(tmp_path: Path) -> None:
    for arrived_on in ("2025-06-30", "2025-07-01", "2026-06-30", "2026-07-01"):
        night = tmp_path / "orders" / f"arrived_on={arrived_on}"
        night.mkdir(parents=True)
        (night / "orders.parquet").touch()
    task = Task(tmp_path, AS_OF, tmp_path, threads=1, memory_limit="500MB")
    assert [file.parent.name[-10:] for file in task.files("orders")] == ["2025-07-01", "2026-06-30"]
