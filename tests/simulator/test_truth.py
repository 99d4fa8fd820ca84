"""Nothing but tests, benchmarks and the market's own report reads the truth."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipeline import steps
from simulator.market import Market, truth_folder
from simulator.simulate import simulate
from tests.simulator.conftest import make_nights
from tradeline.settings import PROJECT, Settings

pytestmark = pytest.mark.slow


UNTIL = date(2026, 6, 30)
MAY_READ = {"simulator", "cli/simulation.py"}


def marts(settings: Settings) -> list[tuple[object, ...]]:
    every = "select columns(lambda name: name <> 'run_id') from {} order by all"
    with duckdb.connect(str(settings.published / "marts.duckdb"), read_only=True) as connection:
        return [
            row
            for table in ("seller_features", "loan_eligibility")
            for row in connection.execute(every.format(table)).fetchall()
        ]


def test_the_pipeline_makes_the_same_of_a_market_whose_truth_cannot_be_read(tmp_path: Path) -> None:
    whole, blind = (Settings(home=tmp_path / name) for name in ("whole", "blind"))
    simulate(whole, Market(sellers=60, days=40, seed=2, until=UNTIL))
    shutil.copytree(whole.home, blind.home)
    files = list(truth_folder(blind).rglob("*.parquet"))
    assert files
    for file in files:
        file.write_bytes(b"nobody may read this")
    for settings in (whole, blind):
        make_nights(settings, "night", [UNTIL])
        steps.build_training_set(settings, "training", UNTIL)
    assert marts(whole) == marts(blind)
    sets = [(settings.models / "training" / "training.parquet").read_bytes() for settings in (whole, blind)]
    assert sets[0] == sets[1]


def test_no_other_code_names_the_truth() -> None:
    code = [path for pattern in ("*.py", "*.sql", "*.yml") for path in PROJECT.glob(f"*/**/{pattern}")]
    places = {
        "cli", "dags", "dbt_project", "expectations", "ingest", "ml", "pipeline", "plugins", "serving", "simulator",
        "tradeline",
    }  # fmt: skip
    naming = {
        str(path.relative_to(PROJECT))
        for path in code
        if path.relative_to(PROJECT).parts[0] in places
        and any(word in path.read_text() for word in ("truth", "true_pd", "fake_orders"))
    }
    assert naming
    assert {path for path in naming if not any(path.startswith(may) for may in MAY_READ)} == set()
