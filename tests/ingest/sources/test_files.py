"""Files as people send them: what is read as it stands, and what is refused with the file and what to do."""

import gzip
import os
from datetime import date, timedelta

import pandas as pd
import pyarrow as pa
import pytest

from ingest.sources.readers.files import FilesReader
from tests.ingest.sources.deployment import NIGHT, SELLERS_CSV, Deployment
from tradeline.errors import BadInput, TradelineError

pytestmark = pytest.mark.slow
HEADER = "payment_id,seller_id,direction,kind,amount,occurred_at,counterparty_id\n"
LINE = "p1,s1,in,sale,5,2024-03-03 10:00:00,Ärger 支付\n"
COLUMNS = {each: each for each in HEADER.strip().split(",")}
NEXT = NIGHT + timedelta(days=1)


def payments(
    shop: Deployment, content: str | bytes, name: str = "p.csv", **dialect: object
) -> list[tuple[object, ...]]:
    """Land a file of payments; who paid, by payment."""
    shop.write(name, content)
    shop.map(read={"rows": {"files": name}}, tables={"payments": {"of": "rows", "columns": COLUMNS}}, dialect=dialect)
    shop.land(again=True)
    return shop.landed("payments", "payment_id, counterparty_id")


GOOD = [("p1", "Ärger 支付")]


@pytest.mark.parametrize(
    ("encoding", "dialect"),
    [
        ("utf-8", {}),
        ("utf-8-sig", {}),
        ("utf-16", {"encoding": "utf-16"}),
        ("utf-16-le", {"encoding": "utf-16-le"}),
        ("gb18030", {"encoding": "GB18030"}),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_encodings_and_line_ends(shop: Deployment, encoding: str, dialect: dict[str, str], ends: str) -> None:
    text = (HEADER + LINE).replace("\n", ends)
    if encoding == "gb18030":
        text = text.replace("Ä", "A")
    assert payments(shop, text.encode(encoding), **dialect)[0][1] == (
        "Arger 支付" if encoding == "gb18030" else GOOD[0][1]
    )


@pytest.mark.parametrize(
    "name", ["p.csv", "p.csv.gz", "p.csv.zst", "p.txt", "a b's [1]*?.csv", "ü\u200bx.csv", "sub/p.csv"]
)
def test_packed_files_and_hostile_names(shop: Deployment, name: str) -> None:
    content = (HEADER + LINE).encode()
    if name.endswith(".gz"):
        half = len(HEADER)  # in two members, as appending to a .gz makes them
        content = gzip.compress(content[:half]) + gzip.compress(content[half:])
    if name.endswith(".zst"):
        content = pa.compress(content, codec="zstd", asbytes=True)
    shop.write(name, content)
    pattern = "**/p.csv" if "/" in name else "*"
    shop.map(read={"rows": {"files": pattern}}, tables={"payments": {"of": "rows", "columns": COLUMNS}})
    shop.land()
    assert shop.landed("payments", "payment_id, counterparty_id") == GOOD


@pytest.mark.parametrize(
    "value",
    [
        "quote ' and \"",
        "a, b; c\td",
        "two\nlines",
        "😀 \u202eright to left",
        "=1+1",
        "x" * 1_000_000,
        "select; -- drop table",
        "back\\slash",
        "NULL of a kind",
        "{[(",
    ],
    ids=lambda value: value[:8],
)
def test_hostile_texts_land_as_they_are(shop: Deployment, value: str) -> None:
    quoted = '"' + value.replace('"', '""') + '"'
    assert payments(shop, HEADER + LINE.replace("Ärger 支付", quoted)) == [("p1", value)]


def test_ids_keep_their_noughts(shop: Deployment) -> None:
    assert payments(shop, HEADER + LINE.replace("p1", "00123")) == [("00123", GOOD[0][1])]


def test_a_file_with_a_header_alone_lands_nothing(shop: Deployment) -> None:
    assert payments(shop, HEADER) == [] and payments(shop, HEADER.strip()) == []


@pytest.mark.parametrize("content", ["", "\n", "   \n"])
def test_a_file_without_a_header_is_refused(shop: Deployment, content: str) -> None:
    with pytest.raises(
        BadInput, match=r"p\.csv: no header in line 1: correct skip_lines, or the file|tables\.payments"
    ):
        payments(shop, content)


def test_lines_before_the_header_are_skipped(shop: Deployment) -> None:
    assert payments(shop, 'Export of "all"\n\n' + HEADER + LINE, skip_lines=2) == GOOD


def test_short_rows_are_filled_and_long_ones_refused(shop: Deployment) -> None:
    assert payments(shop, HEADER + LINE.replace(",Ärger 支付", "")) == [("p1", None)]
    with pytest.raises(BadInput, match=r"read\.rows: .*p\.csv: .*Line: 3.*Found: 8.*: correct delimiter"):
        payments(shop, HEADER + LINE + LINE.replace("p1", "p2").strip() + ",more,and more\n")


def test_an_error_about_a_row_does_not_tell_what_is_in_it(shop: Deployment) -> None:
    row = 'p2,s1,in,sale,5,2024-03-03,"Anna\nIBAN DE89\n  file = secret",more,and more\n'
    with pytest.raises(BadInput, match=r"p\.csv: CSV Error on Line: 3; .*Found: 8: correct delimiter") as raised:
        payments(shop, HEADER + LINE + row)
    assert not [word for word in ("Anna", "DE89", "secret", "more") if word in str(raised.value)]


@pytest.mark.parametrize("name", ["p.csv", "p.csv.gz"])
def test_a_quote_that_nothing_closes_is_refused_with_its_line(shop: Deployment, name: str) -> None:
    text = HEADER + LINE + LINE.replace("p1", '"p2') + LINE.replace("p1", "p3")
    with pytest.raises(
        BadInput, match=rf"{name}, line 3: a quote \(\"\) is not closed .*: correct quote in the dialect"
    ):
        payments(shop, gzip.compress(text.encode()) if name.endswith("gz") else text, name)
    assert payments(shop, HEADER + LINE.replace("Ärger", 'Ärger 5"'), "q.csv") == [("p1", 'Ärger 5" 支付')]
    assert payments(shop, HEADER + LINE.replace("Ärger", '"Ärger'), "r.csv", quote="")[-1] == ("p1", '"Ärger 支付')


def test_columns_without_a_name_twice_there_or_named_as_our_own(shop: Deployment) -> None:
    header = 'id,ID,,select,"a ""b""",source_file,id_2,group\n'
    shop.write("p.csv", header + "p1,x,y,in,s1,sale,5,2024-03-03\n")
    columns = {
        "payment_id": "id",
        "counterparty_id": "ID_2",
        "order_id": "column_3",
        "direction": "select",
        "seller_id": 'a "b"',
        "kind": "source_file_6",
        "amount": "id_2_7",
        "occurred_at": "group",
    }
    shop.map(read={"rows": {"files": "p.csv"}}, tables={"payments": {"of": "rows", "columns": columns}})
    shop.land()
    assert shop.landed("payments", "payment_id, counterparty_id, order_id, seller_id, amount") == [
        ("p1", "x", "y", "s1", "5")
    ]


def test_another_encoding_than_the_mapping_says_is_refused_with_the_file(shop: Deployment) -> None:
    with pytest.raises(BadInput, match=r"p\.csv: .*Invalid unicode.*: correct encoding in the dialect"):
        payments(shop, (HEADER + LINE.replace("支付", "")).encode("latin-1"))
    with pytest.raises(BadInput, match=r"p\.csv: byte \d+ is not gb18030 .*: correct encoding in the dialect"):
        payments(shop, (HEADER + LINE).encode() + b"\xff\xff\n", encoding="gb18030")
    with pytest.raises(BadInput, match="encoding 'klingon' is none that Python knows"):
        payments(shop, HEADER + LINE, encoding="klingon")


@pytest.mark.parametrize("name", ["p.csv.gz", "p.csv.zst", "p.parquet"])
def test_a_file_that_is_cut_short_is_refused(shop: Deployment, name: str) -> None:
    text = (HEADER + "".join(LINE.replace("p1", f"p{number}") for number in range(20_000))).encode()
    whole = gzip.compress(text) if name.endswith("gz") else pa.compress(text, codec="zstd", asbytes=True)
    with pytest.raises(BadInput, match=rf"{name} cannot be read .*: export it again"):
        payments(shop, whole[: len(whole) // 2], name)
    with pytest.raises(BadInput, match=rf"{name} cannot be read .*: export it again"):
        payments(shop, b"not packed at all", name)


def test_nul_is_no_harm(shop: Deployment) -> None:
    try:
        found = payments(shop, HEADER + LINE.replace("Ärger", "A\0rger"))
    except BadInput as error:
        assert "p.csv" in str(error) or "counterparty_id" in str(error)
    else:
        assert found == [("p1", "A\0rger 支付")]


def test_no_file_and_no_folder(shop: Deployment) -> None:
    shop.map_same("sellers")
    with pytest.raises(BadInput, match=r"files: no such folder; correct url in .*shop\.yml"):
        shop.land()
    assert shop.folder.exists()
    with pytest.raises(
        BadInput, match=r"read\.sellers: no file is like sellers\*\.csv in .*files: correct files or url"
    ):
        shop.land()


def test_hidden_files_are_left_alone(shop: Deployment) -> None:
    shop.write(".sellers.csv", "x")
    shop.write("_sellers.csv", "x")
    shop.write("sellers.csv", SELLERS_CSV)
    shop.map(
        read={"rows": {"files": "*.csv"}},
        tables={"sellers": {"of": "rows", "columns": {each: each for each in SELLERS_CSV.split("\n")[0].split(",")}}},
    )
    assert shop.land().rows == {"sellers": 1}


def test_files_of_a_read_may_differ_in_columns_and_in_their_order(
    shop: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    shop.write("a.csv", HEADER + LINE)
    shop.write("b.csv", "amount,payment_id,seller_id,kind,direction,occurred_at\n7,p2,s1,fee,out,2024-03-04\n")
    shop.map(read={"rows": {"files": ["a.csv", "b.csv"]}}, tables={"payments": {"of": "rows", "columns": COLUMNS}})
    shop.land()
    assert shop.landed("payments", "payment_id, amount, counterparty_id") == [
        ("p1", "5", "Ärger 支付"),
        ("p2", "7", None),
    ]
    (warned,) = [record.getMessage() for record in caplog.records if "headers differ" in record.getMessage()]
    assert warned.endswith("b.csv without counterparty_id") and warned.startswith("read rows: ")


def test_the_order_of_columns_is_no_difference(shop: Deployment, caplog: pytest.LogCaptureFixture) -> None:
    shop.write("payments-a.csv", "payment_id,seller_id,direction,kind,amount,occurred_at\np1,s1,in,sale,5,2024-03-03\n")
    shop.write("payments-b.csv", "amount,payment_id,seller_id,kind,direction,occurred_at\n7,p2,s1,fee,out,2024-03-04\n")
    shop.map_same("payments")
    shop.land()
    assert "headers differ" not in caplog.text and len(shop.landed("payments")) == 2


def test_a_file_that_changes_while_it_is_read_is_read_again_later(
    shop: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = FilesReader._select

    def meanwhile(reader: FilesReader, *arguments: object) -> str:
        shop.write("p.csv", HEADER + LINE * 2)
        return whole(reader, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch, pytest.raises(TradelineError, match=r"p\.csv changed while it was read: run"):
        patch.setattr(FilesReader, "_select", meanwhile)
        payments(shop, HEADER + LINE)
    assert not shop.bytes_of()

    def gone(reader: FilesReader, *arguments: object) -> str:
        rows = whole(reader, *arguments)  # type: ignore[arg-type]
        (shop.folder / "p.csv").unlink()
        return rows

    with monkeypatch.context() as patch, pytest.raises(TradelineError, match=r"p\.csv"):
        patch.setattr(FilesReader, "_select", gone)
        payments(shop, HEADER + LINE)


def test_parquet_of_pandas_has_its_times_in_the_sources_zone(shop: Deployment) -> None:
    frame = pd.DataFrame(
        {
            "payment_id": [1, 2],
            "occurred_at": pd.to_datetime(["2024-03-04 01:00:00", "2024-03-04 09:00:00"]).astype("datetime64[ns]"),
        }
    )
    shop.folder.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(shop.folder / "p.parquet")
    constant = {"seller_id": "'s1'", "direction": "'in'", "kind": "'sale'", "amount": "1"}
    shop.map(
        read={"rows": {"files": "p.parquet"}},
        tables={"payments": {"of": "rows", "columns": {each: each for each in frame} | constant}},
        timezone="Asia/Shanghai",
    )
    shop.land()
    assert [str(row[0]) for row in shop.landed("payments", "occurred_at")] == [
        "2024-03-03 17:00:00",
        "2024-03-04 01:00:00",
    ]
    assert shop.landed("payments", "arrived_on") == [(date(2024, 3, 3),), (date(2024, 3, 4),)]


def orders_by_day(shop: Deployment, *days: int, more: str = "") -> None:
    """A file for each day of March: one order, which is paid from the fourth on."""
    for day in days:
        paid = f"paid,2024-03-{day:02} 09:00:00" if day > 3 else "created,"
        shop.write(
            f"orders-202403{day:02}.csv",
            "order_id,seller_id,buyer_id,status,paid_at,ordered_at,amount\n"
            f"o1,s1,b1,{paid},2024-03-01 10:00:00,5\n{more}",
        )
    columns = ["order_id", "seller_id", "buyer_id", "status", "paid_at", "ordered_at", "amount"]
    shop.map(
        read={"rows": {"files": "orders-*.csv", "new_files": True, "file_day": "orders-(\\d{8})"}},
        tables={"orders": {"of": "rows", "columns": {each: each for each in columns}}},
    )


def told(shop: Deployment) -> list[tuple[object, ...]]:
    return shop.landed("orders", "day(arrived_on), order_id, status")


def test_files_by_day_arrive_on_their_days_at_first_and_then_as_they_come(shop: Deployment) -> None:
    orders_by_day(shop, 1, 3, 4)
    shop.land()
    assert told(shop) == [(1, "o1", "created"), (3, "o1", "created"), (4, "o1", "paid")]
    orders_by_day(shop, 6)
    report = shop.land(NEXT)
    assert (report.read_rows, told(shop)[3:]) == (1, [(6, "o1", "paid")])
    assert shop.land(NEXT + timedelta(days=1)).read_rows == 0


def test_a_file_of_a_day_that_has_not_ended_waits(shop: Deployment) -> None:
    orders_by_day(shop, 1, 5)
    orders_by_day(shop, 6, more="o2,s1,b1,cancelled,,2024-03-01 10:00:00,5\n")
    shop.land()
    assert told(shop) == [(1, "o1", "created"), (5, "o1", "paid")]
    shop.land(NEXT)
    assert told(shop)[2:] == [(6, "o1", "paid"), (6, "o2", "cancelled")]


def test_a_row_that_changes_back_from_one_file_to_the_next_lands_again(shop: Deployment) -> None:
    orders_by_day(shop, 3, 4)
    shop.land()
    (shop.folder / "orders-20240306.csv").write_bytes((shop.folder / "orders-20240303.csv").read_bytes())
    shop.land(NEXT)
    assert told(shop)[-1] == (6, "o1", "created")


def test_a_file_that_was_read_and_changes_is_read_again(shop: Deployment) -> None:
    orders_by_day(shop, 4)
    shop.land()
    path = shop.folder / "orders-20240304.csv"
    path.write_text(path.read_text().replace("paid,", "cancelled,"))
    os.utime(path, (1, 1))
    shop.land(NEXT)
    assert told(shop)[-1] == (6, "o1", "cancelled")


def test_a_file_without_a_day_in_its_name(shop: Deployment) -> None:
    orders_by_day(shop, 4)
    shop.write("orders-99999999.csv", "x\n")
    with pytest.raises(
        BadInput, match=r"orders-99999999\.csv: file_day .* finds no day in the name: let its first group"
    ):
        shop.land()


def test_of_files_of_one_moment_the_last_counts_and_within_a_file_a_contradiction_is_refused(shop: Deployment) -> None:
    columns = {each: each for each in SELLERS_CSV.split("\n")[0].split(",")}
    other = SELLERS_CSV.replace("business", "individual")
    shop.write("a.csv", SELLERS_CSV + other.split("\n")[1])
    shop.map(
        read={"rows": {"files": "*.csv", "new_files": True}}, tables={"sellers": {"of": "rows", "columns": columns}}
    )
    with pytest.raises(BadInput, match="the night has several different rows for seller_id = s1"):
        shop.land()
    for name, content in (("a.csv", SELLERS_CSV), ("b.csv", other)):
        os.utime(shop.write(name, content), (1_700_000_000, 1_700_000_000))
    shop.land()
    assert shop.landed("sellers", "seller_type") == [("individual",)]
