"""How an admission sees landing: in place, in batches of nights, whatever the folders and columns are called."""

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.validate import table
from tests.ingest.extract import LATER, NIGHT, admitted, ask, build, land, path_of, row, write
from tests.ingest.test_load import everything
from tradeline.errors import BadInput
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


def land_nights(settings: Settings) -> None:
    """Five nights of orders in CSV and Parquet, each with rows to set aside."""
    land(settings, "sellers")
    land(settings, "loans")
    for day in range(5):
        night = NIGHT + timedelta(days=day)
        good = [row("orders", order_id=f"o{day}-{i}", ordered_at="2018-05-01", amount="1.00") for i in range(4)]
        land(settings, "orders", *good, good[2], good[0] | {"seller_id": "nobody"}, night=night)
        land(settings, "orders", good[3], good[1] | {"order_id": f"q{day}"}, night=night, name="part-0.parquet")
        land(settings, "payments", row("payments", payment_id=f"p{day}"), night=night, name="part-0.parquet")
        land(settings, "repayments", row("repayments", loan_id=f"l{day}"), night=night)


def test_batches_of_nights_admit_what_one_batch_admits(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    land_nights(settings)
    as_of = NIGHT + timedelta(days=4)
    at_once = everything(admitted(settings, as_of))
    monkeypatch.setattr(table, "BATCH_BYTES", 1)
    in_batches = everything(admitted(settings, as_of))
    del at_once["nights"], in_batches["nights"]  # they have the time of day
    assert in_batches == at_once
    assert [len(at_once[name]) for name in ("orders", "payments", "repayments")] == [25, 5, 1]
    assert len(at_once["set_aside"]) == 5 * 3 + 4


def test_batches_of_nights_find_the_faults_that_one_batch_finds(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refusal(home: Settings) -> str:
        land_nights(home)
        land(home, "orders", row("orders", amount="-1"), row("orders", order_id="o9", amount="x"), night=LATER)
        land(home, "orders", row("orders", amount="2"), night=LATER, name="part-0.parquet")
        with pytest.raises(BadInput) as refused:
            admitted(home, NIGHT + timedelta(days=4))
        return str(refused.value).split("\n", 1)[1]

    at_once = refusal(settings)
    monkeypatch.setattr(table, "BATCH_BYTES", 1)
    assert refusal(Settings(home=tmp_path / "other")) == at_once
    assert len(at_once.splitlines()) == 4


def test_parquet_is_read_where_it_lies(settings: Settings) -> None:
    land(settings, "sellers", name="part-0.parquet")
    land(settings, "orders", row("orders", amount="1"), row("orders", amount="1"), name="part-0.parquet")
    admission = admitted(settings)
    assert ask(admission, "select count(*) from raw.orders") == [(1,)]
    tables = "select table_name from duckdb_tables() where schema_name = 'text' or table_name = 'orders'"
    assert ask(admission, tables) == []


@pytest.mark.parametrize("name", ["part-0.csv", "part-0.parquet"])
def test_texts_are_converted_only_in_columns_that_have_one_to_convert(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(table, "BATCH_BYTES", 1)
    land(settings, "sellers", name=name)
    written = row("orders", category="shoes", buyer_region="North", currency="CNY")
    land(settings, "orders", written, name=name)
    without = written | {"order_id": "o2", "buyer_region": "n/a", "currency": "cny"}
    land(settings, "orders", without, night=LATER, name=name)
    land(settings, "orders", written | {"order_id": "o3", "category": " shoes"}, night=LATER, name="z" + name)
    admission = admitted(settings, LATER)
    found = ask(admission, "select order_id, category, buyer_region, currency from raw.orders order by 1")
    assert found == [
        ("o1", "shoes", "North", "CNY"),
        ("o2", "shoes", None, "CNY"),
        ("o3", "shoes", "North", "CNY"),
    ]
    [(view,)] = ask(admission, "select sql from duckdb_views() where schema_name = 'raw' and view_name = 'orders'")
    texts = ("order_id", "seller_id", "category", "buyer_region")
    assert [name for name in texts if f'strlen("raw {name}")' in view] == ["category", "buyer_region"]
    assert 'upper("raw currency")' in view


def test_the_first_of_repeated_rows_is_kept_by_file_and_row(settings: Settings) -> None:
    land(settings, "sellers")
    for name in ("c.parquet", "a.parquet", "b.csv"):
        land(settings, "orders", row("orders", order_id="o0" + name, amount="1"), row("orders", amount="1"), name=name)
    found = ask(admitted(settings), "select source_file[-9:], row_number from raw.set_aside order by 1")
    assert found == [("a.parquet", 2), ("c.parquet", 2)]


@pytest.mark.parametrize("name", ["part-0.csv", "part-0.parquet", "status=x.parquet"])
@pytest.mark.parametrize("home", ["home", "status=closed/arrived_on=1999-01-01"])
def test_only_the_night_is_taken_from_folders(tmp_path: Path, home: str, name: str) -> None:
    settings = Settings(home=tmp_path / home)
    land(settings, "sellers")
    odd = {"arrived_on": "1999-12-31", "source_file": "mine", "row_number": "7", "rowid": "8"}
    land(settings, "orders", row("orders", **odd), name=name)
    land(settings, "orders", row("orders", order_id="o2", seller_id="nobody", **odd), name=name, night=LATER)
    build(settings, LATER)
    found = ask(settings.warehouse, "select status, arrived_on, source_file from raw.orders")
    assert found == [("paid", NIGHT, f"orders/arrived_on={NIGHT}/{name}")]
    aside = ask(settings.warehouse, "select arrived_on, source_file, row_number from raw.set_aside")
    assert aside == [(LATER, f"orders/arrived_on={LATER}/{name}", 1)]


def test_damage_in_a_column_that_may_be_absent_is_found(settings: Settings) -> None:
    land(settings, "sellers")
    path = write(path_of(settings, "orders", name="part-0.parquet"), [row("orders", amount="1")])
    content = pa.table({"category": [f"category-{i}" for i in range(1000)]})
    whole = pa.table(
        {
            name: [f"{value}-{i}" if name == "order_id" else value for i in range(1000)]
            for name, value in row("orders", amount="1").items()
        }
    )
    pq.write_table(
        whole.append_column("category", content["category"]), path, use_dictionary=False, compression="snappy"
    )
    chunk = pq.read_metadata(path).row_group(0).column(7)
    assert chunk.path_in_schema == "category"
    damaged = bytearray(path.read_bytes())
    start = chunk.data_page_offset + chunk.total_compressed_size // 2
    damaged[start : start + 200] = b"\xff" * 200
    path.write_bytes(damaged)
    with pytest.raises(BadInput, match=r"orders/.*part-0.parquet: .*cannot be read"):
        admitted(settings)


def test_an_admission_may_be_read_on_a_later_day(settings: Settings) -> None:
    land(settings, "sellers", night=date(2018, 5, 1))
    land(settings, "orders", row("orders", ordered_at="2018-05-01T01:30:00+03:00"), name="part-0.parquet")
    build(settings)
    assert ask(settings.warehouse, "select ordered_at::varchar from raw.orders") == [("2018-04-30 22:30:00",)]


def test_a_column_named_like_the_row_number_is_refused_by_its_name(settings: Settings) -> None:
    land(settings, "sellers")
    land(settings, "orders", row("orders", amount="1", file_row_number=0), name="part-0.parquet")
    with pytest.raises(BadInput, match=r"part-0.parquet, column file_row_number: has a name that is kept"):
        admitted(settings)
