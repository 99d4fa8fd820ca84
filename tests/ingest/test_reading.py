"""Files as they really come: broken ones are named with what to do, harmless differences do no harm."""

import gzip
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingest.admission import admit
from tests.ingest.extract import NIGHT, admitted, ask, land, land_bytes, path_of, plan, row
from tradeline.errors import BadInput
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


HEADER = b"order_id,seller_id,buyer_id,status,ordered_at,amount,category\n"
LINE = b"o1,s1,b1,paid,2018-05-01 08:00:00,12.50,toys\n"


@pytest.fixture
def home(settings: Settings) -> Settings:
    land(settings, "sellers")
    land(settings, "payments")
    return settings


def parquet_bytes(settings: Settings) -> bytes:
    path = land(settings, "orders", name="part-0.parquet")
    content = path.read_bytes()
    path.unlink()
    return content


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("part-0.csv", b"", "is empty"),
        ("part-0.csv", b"\xef\xbb\xbf\n", "is empty: not even a header"),
        ("part-0.parquet", b"", "is empty"),
        ("part-0.parquet", b"PAR1 and no more than this", "the Parquet file is truncated or damaged"),
        (
            "part-0.csv",
            HEADER + b'o1,s1,b1,paid,2018-05-01,1,"toys\n',
            "line 2: a quote is never closed or out of place",
        ),
        (
            "part-0.csv",
            HEADER + b'o1,s1,b1,paid,2018-05-01,1,"a"b\n',
            "line 2: a quote is never closed or out of place",
        ),
        ("part-0.csv", b'"order_id,seller_id\n', "a quote is never closed"),
        ("part-0.csv", HEADER + LINE + b"o2,s1\n", "line 3: the row has more or fewer values"),
        ("part-0.csv", HEADER + b"o1,s1,b1,paid,2018-05-01,1,toys,more\n", "line 2: the row has more or fewer values"),
        ("part-0.csv", HEADER + LINE.replace(b"toys", "cafés".encode("latin1")), "the text is not UTF-8"),
        ("part-0.csv", (HEADER + LINE).decode().encode("utf-16"), "the text is not UTF-8"),
        ("part-0.csv", HEADER.replace(b"category", b"amount") + LINE, "'amount' is twice in the header"),
        ("part-0.csv.gz", HEADER + LINE, "the compressed file is damaged or not gzip"),
        ("part-0.csv.gz", gzip.compress(HEADER + LINE, mtime=0)[:-12], "the compressed file is damaged or not gzip"),
        ("part-0.xlsx", b"PK", "is not a file that can be read"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,  # bytes make no name
)
def test_a_file_that_cannot_be_read_is_quarantined_whole(
    home: Settings, name: str, content: bytes, problem: str
) -> None:
    land_bytes(home, "orders", content, name)
    with pytest.raises(BadInput) as refused:
        admitted(home)
    assert f"landing/orders/arrived_on={NIGHT}/{name}" in str(refused.value)
    assert problem in str(refused.value)
    assert (home.quarantine / "orders" / f"arrived_on={NIGHT}" / name).read_bytes() == content
    assert not path_of(home, "orders", name=name).parent.exists()


def test_a_truncated_parquet_is_found_among_whole_ones(home: Settings) -> None:
    content = parquet_bytes(home)
    land(home, "orders", row("orders", order_id="o2"), name="part-1.parquet")
    land_bytes(home, "orders", content[:-20], "part-0.parquet")
    with pytest.raises(
        BadInput, match=r"1 fault\(s\) in 1 file\(s\)(.|\n)*part-0\.parquet: the Parquet file is truncated"
    ):
        admitted(home)


def test_damage_inside_a_parquet_is_found_too(home: Settings) -> None:
    content = bytearray(parquet_bytes(home))
    content[4:40] = b"\xff" * 36
    land_bytes(home, "orders", bytes(content), "part-0.parquet")
    land(home, "orders", row("orders", order_id="o2"), name="part-1.parquet")
    with pytest.raises(BadInput, match=r"part-0\.parquet: cannot be read"):
        admitted(home)


def test_faults_of_the_whole_files_are_found_beside_a_broken_one(home: Settings) -> None:
    land_bytes(home, "orders", HEADER + LINE + b"o2,s1\n", "part-0.csv")
    land_bytes(home, "orders", HEADER + LINE.replace(b"12.50", b"-1"), "part-1.csv")
    with pytest.raises(BadInput) as refused:
        admitted(home)
    assert "part-0.csv: line 3" in str(refused.value)
    assert "part-1.csv row 1, column amount: '-1' is negative" in str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + HEADER + LINE,
        (HEADER + LINE).replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + (HEADER + LINE).replace(b"\n", b"\r\n"),
        HEADER + LINE.rstrip(),
        HEADER.replace(b"order_id", b'"order_id"') + LINE.replace(b"toys", b'"toys"'),
        HEADER.replace(b"\n", b",note\n") + LINE.replace(b"\n", b',"a, ""b""\nc"\n'),
    ],
    ids=["byte-order mark", "CRLF", "both", "no last line end", "quoted", "unknown column"],
)
@pytest.mark.parametrize("is_packed", [False, True])
def test_harmless_differences_do_no_harm(home: Settings, content: bytes, is_packed: bool) -> None:
    if is_packed:
        land_bytes(home, "orders", gzip.compress(content, mtime=0), "part-0.csv.gz")
    else:
        land_bytes(home, "orders", content)
    query = "select order_id, amount::varchar, category, paid_at from raw.orders"
    assert ask(admitted(home), query) == [("o1", "12.50", "toys", None)]


def test_an_unknown_column_is_mentioned(home: Settings, caplog: pytest.LogCaptureFixture) -> None:
    land(home, "orders", row("orders", colour="red"))
    admitted(home)
    assert "orders: not in the contract and ignored: colour" in caplog.text


@pytest.mark.parametrize("name", ["part-0.csv", "part-0.parquet"])
def test_a_file_without_rows_counts_as_a_file_and_is_mentioned(
    home: Settings, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    if name.endswith("csv"):
        land_bytes(home, "orders", HEADER)
    else:
        path = land(home, "orders", name=name)
        pq.write_table(pq.read_table(path).slice(0, 0), path)
    counts = "select file_count, row_count from raw.arrivals where table_name = 'orders'"
    assert ask(admitted(home), counts) == [(1, 0)]
    assert f"orders: the files of {NIGHT} hold no rows" in caplog.text


def test_an_empty_night_is_an_unfinished_upload(home: Settings) -> None:
    folder = path_of(home, "orders").parent
    folder.mkdir(parents=True)
    with pytest.raises(BadInput, match=f"upload is not finished(.|\n)*landing/orders/arrived_on={NIGHT} is empty"):
        admit(home, plan(home), "run-1")
    assert folder.exists()


def test_names_with_signs_that_mean_something_to_a_shell_are_plain_names(home: Settings) -> None:
    land(home, "orders", name="it's [1]*?.csv")
    land(home, "orders", row("orders", order_id="o2"), name="it's [1]*?.parquet")
    found = ask(admitted(home), "select source_file from raw.orders order by 1")
    assert [Path(source).name for (source,) in found] == ["it's [1]*?.csv", "it's [1]*?.parquet"]


def test_mixed_kinds_and_columns_in_one_night_are_one_table(home: Settings) -> None:
    land(home, "orders", row("orders"), name="a.csv")
    land(home, "orders", row("orders", order_id="o2", freight="1.25"), name="b.csv")
    land(home, "orders", row("orders", order_id=3, amount=7), name="c.parquet")
    query = "select order_id, amount::varchar, freight::varchar from raw.orders order by 1"
    assert ask(admitted(home), query) == [("3", "7.00", None), ("o1", "12.50", None), ("o2", "12.50", "1.25")]
