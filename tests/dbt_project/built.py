"""A random market in which every model has been built."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.dbt_project.random_market import LAST_ON, Version, random_market, write_raw
from tests.once import made_once
from tradeline.dbt import build, run_dbt
from tradeline.settings import Settings

# The market's decision days with 90 days before and after them.
MONTH_ENDS = [date(2024, month + 1, 1) - timedelta(days=1) for month in range(3, 12)]


def built_home(factory: pytest.TempPathFactory) -> Path:
    """A home with the features of the month-ends and the last night, decisions on them and the training set."""
    return made_once(factory, "random-market", lambda home: _build(Settings(home=home)))


def _build(settings: Settings) -> None:
    build_scored(settings, random_market(11), [*MONTH_ENDS, LAST_ON])
    build(settings, "training", "training", {"training_as_of": LAST_ON.isoformat(), "spine_kind": "training"})


def build_scored(settings: Settings, versions: list[Version], as_ofs: list[date]) -> None:
    """Build every model but the training set's; on the last of the nights ``seller-0`` has a score."""
    write_raw(settings, versions)
    with duckdb.connect(str(settings.warehouse)) as connection:
        details = "struct(reason_code varchar, feature varchar, seller_value double, typical_value double)[]"
        columns = f"pd double, score integer, reasons varchar[], reason_details {details}, model_version varchar"
        connection.execute(f"create table ml.scores (seller_id varchar, as_of date, {columns}, run_id varchar)")
        connection.execute("insert into ml.scores values ('seller-0', ?, 0.01, 900, [], [], 'm1', 'r1')", [as_ofs[-1]])
    nights = {
        "arrived_from": min(version.arrived_on for version in versions).isoformat(),
        "arrived_to": as_ofs[-1].isoformat(),
        "as_ofs": [as_of.isoformat() for as_of in as_ofs],
    }
    command = ["build", "--exclude-resource-type", "unit_test", "--exclude", "path:models/training"]
    run_dbt(settings, "built", command, nights)
