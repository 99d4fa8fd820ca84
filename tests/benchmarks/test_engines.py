"""The compared engines give the same window features as a plain sum in Python, and a difference is found."""

import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.engines import EXTRA, first_difference, read_result
from benchmarks.window_engines import ENGINES, FEATURES, Task
from benchmarks.windows import MEASURES, compiled_rings
from tradeline.kept_manifest import DBT_PROJECT
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


AS_OF = date(2026, 6, 30)
SELLERS = [f"S{number}" for number in range(6)]
EDGES = [0, 1, 6, 7, 29, 30, 59, 60, 89, 90, 179, 180, 364, 365, 400, -1]


def test_every_measure_of_the_order_partials_is_compared() -> None:
    text = (DBT_PROJECT / "macros" / "measures.sql").read_text()
    macro = text.partition("{% macro order_measures() %}")[2].partition("{% endmacro %}")[0]
    assert sorted(MEASURES) == sorted(re.findall(r'"(\w+)"', macro))


@pytest.fixture(scope="module")
def days() -> list[dict[str, Any]]:
    """Partials at every edge of every window, corrections and unknown arrivals included; S5 has none."""
    chance = random.Random(7)
    return [
        {
            "seller_id": seller,
            "event_on": AS_OF - timedelta(days=age),
            "arrived_on": AS_OF - timedelta(days=chance.choice([0, 0, 0, -1])),
            **{name: _value(name, chance) for name in MEASURES},
        }
        for seller in SELLERS[:-1]
        for age in EDGES
    ]


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory, days: list[dict[str, Any]]) -> Iterator[Task]:
    folder = tmp_path_factory.mktemp("engines")
    amounts = {name: pa.decimal128(18, 2) if name.endswith("_amount") else pa.int64() for name in MEASURES}
    types = {"seller_id": pa.string(), "event_on": pa.date32(), "arrived_on": pa.date32()} | amounts
    pq.write_table(pa.Table.from_pylist(days, pa.schema(list(types.items()))), folder / "days.parquet")
    spine = {"seller_id": SELLERS, "as_of": [AS_OF] * len(SELLERS)}
    pq.write_table(pa.table(spine), folder / "spine.parquet")
    (folder / "rings.sql").write_text(compiled_rings(Settings(home=folder / "home")))
    yield Task(folder, threads=2, memory_limit="500MB")


@pytest.mark.parametrize("engine", ["rings", "filters", "polars"])
def test_an_engine_gives_what_a_plain_sum_gives(
    engine: str, task: Task, days: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == "polars":
        monkeypatch.syspath_prepend(EXTRA)
        pytest.importorskip("polars", reason="`make bench SELLERS=N` installs Polars")
    with ENGINES[engine](task) as way:
        way()
    found = read_result(task.result(engine)).to_pylist()
    assert found == [
        {"seller_id": seller, "as_of": AS_OF} | {name: _plain_sum(days, seller, name) for name in FEATURES}
        for seller in SELLERS
    ]


def test_the_first_differing_row_is_named(task: Task) -> None:
    with ENGINES["filters"](task) as way:
        way()
    expected = read_result(task.result("filters"))
    assert first_difference(expected, expected) is None

    rows = expected.to_pylist()
    rows[2]["paid_amount_90d"] += Decimal("0.01")
    rows[4]["orders_paid_7d"] = None
    changed = first_difference(expected, pa.Table.from_pylist(rows, expected.schema))
    assert changed and changed.startswith(f"seller_id S2, as_of {AS_OF}, paid_amount_90d ")
    assert f"became seller_id S2, as_of {AS_OF}, paid_amount_90d {rows[2]['paid_amount_90d']}" in changed
    assert "orders_paid_7d" not in changed

    assert first_difference(expected, expected.slice(0, 5)) == "5 rows instead of 6"


def _value(name: str, chance: random.Random) -> int | Decimal:
    number = chance.randint(-10_000, 100_000)
    return Decimal(number).scaleb(-2) if name.endswith("_amount") else number


def _plain_sum(days: list[dict[str, Any]], seller: str, feature: str) -> int | Decimal:
    measure, window = FEATURES[feature]
    known = (day for day in days if day["seller_id"] == seller and day["arrived_on"] <= AS_OF)
    values: list[int | Decimal] = [
        day[measure] for day in known if AS_OF - timedelta(days=window) < day["event_on"] <= AS_OF
    ]
    return sum(values)
