"""The connector's rules on a dump of three orders, and what it says of archives that are not whole."""

import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.landing import scan
from ingest.olist import MEMBERS, land_olist
from tradeline.errors import BadInput
from tradeline.settings import Settings

# o1: two sellers, handed to the carrier before it was approved. o2: cancelled. o3: no items.
DUMP: dict[str, list[str]] = {
    "orders": [
        "o1,c1,delivered,2018-05-01 08:00:00,2018-05-04 09:00:00,2018-05-03 10:00:00,2018-05-06 11:00:00,2018-05-20",
        "o2,c1,canceled,2018-05-02 08:00:00,2018-05-02 09:00:00,,,2018-05-12 00:00:00",
        "o3,c1,unavailable,2018-05-02 08:00:00,2018-05-02 09:00:00,,,2018-05-12 00:00:00",
    ],
    "items": [
        "o1,1,cheap,s1,2018-05-05 00:00:00,10.00,0.00",
        "o1,2,dear,s1,2018-05-05 00:00:00,30.00,5.00",
        "o1,3,cheap,s2,2018-05-05 00:00:00,10.00,0.00",
        "o2,1,cheap,s2,2018-05-05 00:00:00,10.00,2.00",
    ],
    "payments": ["o1,1,boleto,1,50.00", "o1,2,not_defined,1,0.01", "o2,1,voucher,1,12.00", "o3,1,voucher,1,9.00"],
    "reviews": [
        "r1,o1,5,,,2018-05-07 00:00:00,2018-05-08 10:00:00",
        "r2,o1,1,,,2018-04-07 00:00:00,2018-04-08 10:00:00",
        "r3,o1,3,,,,",
    ],
    "customers": ["c1,b1,01000,sao paulo,SP"],
    "sellers": ["s1,01000,sao paulo,SP", "s2,20000,rio de janeiro,RJ"],
    "products": ["cheap,brinquedos,,,,,,,", "dear,beleza_saude,,,,,,,"],
    "categories": ["brinquedos,toys"],
    "deals": ["m1,s2,,,2018-04-20 12:00:00,toys,,,,,,,,0.0"],
}


def write_dump(folder: Path, rows: dict[str, list[str]]) -> Path:
    folder.mkdir(parents=True)
    for name, (member, columns) in MEMBERS.items():
        header = ",".join(column.split()[0] for column in columns.split(", "))
        (folder / member).write_text("\n".join([header, *rows.get(name, [])]) + "\n")
    return folder


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    return write_dump(tmp_path / "dump", DUMP)


def zipped(folder: Path, below: str = "") -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in sorted(folder.iterdir()):
            archive.write(member, below + member.name)
    return path


def landed(settings: Settings, table: str, columns: str) -> list[tuple[Any, ...]]:
    files = f"{settings.landing}/{table}/*/*.parquet"
    source = f"read_parquet('{files}', hive_types = {{'arrived_on': date}})"
    with duckdb.connect() as connection:
        return connection.execute(
            f"select strftime(arrived_on, '%m-%d'), {columns} from {source} order by all"
        ).fetchall()


def test_an_order_arrives_on_each_day_on_which_something_became_known(settings: Settings, dump: Path) -> None:
    land_olist(settings, dump)
    is_there = "paid_at is not null, shipped_at is not null, delivered_at is not null, cancelled_at is not null"
    assert landed(settings, "orders", f"order_id, seller_id, status, {is_there}") == [
        ("05-01", "o1", "s1", "created", False, False, False, False),
        ("05-01", "o1", "s2", "created", False, False, False, False),
        ("05-02", "o2", "s2", "paid", True, False, False, False),
        ("05-03", "o1", "s1", "shipped", False, True, False, False),
        ("05-03", "o1", "s2", "shipped", False, True, False, False),
        ("05-04", "o1", "s1", "shipped", True, True, False, False),
        ("05-04", "o1", "s2", "shipped", True, True, False, False),
        ("05-06", "o1", "s1", "delivered", True, True, True, False),
        ("05-06", "o1", "s2", "delivered", True, True, True, False),
        ("05-12", "o2", "s2", "cancelled", True, False, False, True),
    ]


def test_amounts_and_category_are_the_seller_s(settings: Settings, dump: Path) -> None:
    land_olist(settings, dump)
    found = landed(settings, "orders", "seller_id, amount::varchar, freight::varchar, category, buyer_id, buyer_region")
    assert [row for row in found if row[0] == "05-01"] == [
        ("05-01", "s1", "40.00", "5.00", "beleza_saude", "b1", "SP"),
        ("05-01", "s2", "10.00", "0.00", "toys", "b1", "SP"),
    ]


def test_payments_are_shared_by_price_plus_freight(settings: Settings, dump: Path) -> None:
    land_olist(settings, dump)
    columns = "payment_id, seller_id, counterparty_id, direction, kind, method, amount::varchar"
    assert landed(settings, "payments", columns) == [
        ("05-02", "o2-1-1", "s2", "b1", "in", "sale", "voucher", "12.00"),
        ("05-04", "o1-1-1", "s1", "b1", "in", "sale", "boleto", "40.91"),
        ("05-04", "o1-1-2", "s2", "b1", "in", "sale", "boleto", "9.09"),
        ("05-04", "o1-2-1", "s1", "b1", "in", "sale", None, "0.01"),
        ("05-04", "o1-2-2", "s2", "b1", "in", "sale", None, "0.00"),
    ]


def test_reviews_arrive_once_written_and_not_before_their_order(settings: Settings, dump: Path) -> None:
    land_olist(settings, dump)
    assert landed(settings, "reviews", "review_id, seller_id, rating, strftime(reviewed_at, '%m-%d')") == [
        ("05-01", "r2", "s1", 1, "04-08"),
        ("05-01", "r2", "s2", 1, "04-08"),
        ("05-06", "r3", "s1", 3, None),
        ("05-06", "r3", "s2", 3, None),
        ("05-08", "r1", "s1", 5, "05-08"),
        ("05-08", "r1", "s2", 5, "05-08"),
    ]


def test_sellers_arrive_with_their_deal_or_first_order(settings: Settings, dump: Path) -> None:
    land_olist(settings, dump)
    columns = "seller_id, seller_type, strftime(registered_at, '%m-%d'), industry, region"
    assert landed(settings, "sellers", columns) == [
        ("04-20", "s2", "business", "04-20", "toys", "RJ"),
        ("05-01", "s1", "business", "05-01", None, "SP"),
    ]


def test_an_event_before_the_purchase_is_raised_to_it(settings: Settings, tmp_path: Path) -> None:
    order = "o1,c1,delivered,2018-05-03 08:00:00,2018-05-01,2018-05-05,2018-05-04,2018-05-20"
    land_olist(settings, write_dump(tmp_path / "dump", DUMP | {"orders": [order]}))
    found = landed(
        settings, "orders", "strftime(paid_at, '%m-%d'), strftime(shipped_at, '%m-%d'), delivered_at = shipped_at"
    )
    assert found == [("05-03", "05-03", None, None)] * 2 + [("05-05", "05-03", "05-05", True)] * 2


def test_a_folder_a_zip_and_a_nested_zip_are_the_same(settings: Settings, dump: Path) -> None:
    land_olist(settings, dump)
    before = scan(settings.landing)
    assert land_olist(settings, zipped(dump)).new_files == 0
    assert land_olist(settings, zipped(dump, "brazilian-ecommerce/")).new_files == 0
    assert land_olist(settings, dump.parent).new_files == 0
    assert scan(settings.landing) == before


def test_a_missing_member_is_named(settings: Settings, dump: Path) -> None:
    (dump / "olist_products_dataset.csv").unlink()
    for source in (dump, zipped(dump)):
        with pytest.raises(BadInput, match=r"not the whole Olist archive; missing: olist_products_dataset\.csv"):
            land_olist(settings, source)


def test_other_columns_are_named(settings: Settings, dump: Path) -> None:
    (dump / "olist_sellers_dataset.csv").write_text("seller_id,city\n")
    with pytest.raises(BadInput, match=r"olist_sellers_dataset\.csv: the columns are seller_id, city but should be"):
        land_olist(settings, dump)


def test_a_value_of_another_type_is_named(settings: Settings, dump: Path) -> None:
    with (dump / "olist_order_payments_dataset.csv").open("a") as lines:
        lines.write("o1,1,voucher,1,much\n")
    with pytest.raises(BadInput, match=r"olist_order_payments_dataset\.csv is damaged"):
        land_olist(settings, dump)


def test_a_damaged_zip_is_named(settings: Settings, dump: Path) -> None:
    path = zipped(dump)
    content = bytearray(path.read_bytes())
    truncated = path.with_name("truncated.zip")
    truncated.write_bytes(content[: len(content) // 2])
    # The packed bytes of the first member begin behind its header of 30 bytes and its name.
    start = 30 + len("olist_closed_deals_dataset.csv")
    content[start : start + 8] = b"\xff" * 8
    path.write_bytes(content)
    for damaged in (truncated, path):
        with pytest.raises(BadInput, match="damaged or not a zip file"):
            land_olist(settings, damaged)
    assert scan(settings.landing).files == ()


def test_an_archive_without_orders_or_a_wrong_path_is_named(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="has no orders with items"):
        land_olist(settings, write_dump(tmp_path / "empty", {}))
    with pytest.raises(BadInput, match="no such file or folder"):
        land_olist(settings, tmp_path / "nowhere.zip")
