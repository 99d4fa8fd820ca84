"""Files in an object store, on a real server that speaks S3, and where paths lead."""

import gzip
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from obstore.fsspec import FsspecStore

from ingest.sources.mapping import Read
from ingest.sources.readers.reader import Window
from ingest.sources.readers.stores import filesystem_of, local_path
from tests.ingest.sources.readers.shop import shop, source
from tradeline.errors import BadInput, TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


def put(settings: Settings, bucket: str, name: str, content: bytes) -> None:
    filesystem, _ = filesystem_of(settings, "shop", source("files", f"s3://{bucket}"))
    filesystem.pipe_file(f"{bucket}/{name}", content)


def test_files_of_a_store_are_read_as_those_of_a_folder(settings: Settings, s3_bucket: str, tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [3], "at": [datetime(2026, 1, 31)]}), tmp_path / "p")
    put(settings, s3_bucket, "exports/orders 1.csv", "id,größe\n1,L\n".encode())
    put(settings, s3_bucket, "exports/2026/orders 2.csv.gz", gzip.compress("id,größe\n2,M\n".encode()))
    put(settings, s3_bucket, "exports/p.parquet", (tmp_path / "p").read_bytes())
    put(settings, s3_bucket, "elsewhere/orders 3.csv", b"id\n4\n")
    with shop(settings, "files", f"s3://{s3_bucket}/exports") as found:
        assert {table.name for table in found.reader.tables()} == {
            "orders 1.csv", "2026/orders 2.csv.gz", "p.parquet"
        }  # fmt: skip
        assert [row[:2] for row in found.rows({"files": ["*.csv", "*/*.csv.gz"]})] == [("1", "L"), ("2", "M")]
        assert [row[:2] for row in found.rows({"files": "*.parquet"})] == [(3, datetime(2026, 1, 31))]


def test_a_file_that_is_put_again_is_read_again(settings: Settings, s3_bucket: str) -> None:
    read = {"files": "*.csv", "new_files": True}
    put(settings, s3_bucket, "orders.csv", b"id\n1\n")
    with shop(settings, "files", f"s3://{s3_bucket}") as found:
        assert [row[0] for row in found.rows(read)] == ["1"]
        seen = found.reader.load(found.own, "read", Read.model_validate(read), Window()).files
        assert found.rows(read, Window(seen_files=frozenset(seen))) == []
        put(settings, s3_bucket, "orders.csv", b"id\n2\n")
        assert [row[0] for row in found.rows(read, Window(seen_files=frozenset(seen)))] == ["2"]


def test_user_and_password_are_the_key(settings: Settings, s3_bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put(settings, s3_bucket, "orders.csv", b"id\n1\n")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    private = Settings(home=settings.home, password={"shop": "hidden1"})
    filesystem, root = filesystem_of(private, "shop", source("files", f"s3://KEY@{s3_bucket}/"))
    assert filesystem._config == {"access_key_id": "KEY", "secret_access_key": "hidden1"}
    assert filesystem.cat_file(f"{root}/orders.csv") == b"id\n1\n"


def test_a_store_that_refuses_or_does_not_answer(
    settings: Settings, s3_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match=r"source shop: the store refuses: .*NoSuchBucket"):
        filesystem_of(settings, "shop", source("files", "s3://no-such-bucket/exports"))
    with (
        pytest.raises(BadInput, match=r"/exports: no such folder; correct url in .*shop.yml"),
        shop(settings, "files", f"s3://{s3_bucket}/exports"),
    ):
        pass
    with pytest.raises(BadInput, match=r"ftp:// is no place of files: write a path, or s3://"):
        filesystem_of(settings, "shop", source("files", "ftp://host/exports"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    private = Settings(home=settings.home, password={"shop": "hidden1"})
    with pytest.raises(TradelineError, match=r"source shop: the store cannot be reached: .*try again") as gone:
        filesystem_of(private, "shop", source("files", f"s3://KEY@{s3_bucket}/exports"))
    assert not isinstance(gone.value, BadInput) and "hidden1" not in str(gone.value)


def test_a_store_that_is_gone_while_it_is_read(
    settings: Settings, s3_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(settings, s3_bucket, "orders.csv", b"id\n1\n")
    with (
        pytest.raises(TradelineError, match="the store cannot be reached"),
        shop(settings, "files", f"s3://{s3_bucket}") as found,
    ):
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        opened: Any = FsspecStore
        monkeypatch.setattr(found.reader, "_filesystem", opened("s3", skip_instance_cache=True))
        found.rows({"files": "*.csv"})


def test_paths_lead_from_the_folder_of_the_mapping(settings: Settings, tmp_path: Path) -> None:
    for url, path in (
        ("in", settings.sources / "in"),
        ("../in", settings.home.resolve() / "in"),
        (str(tmp_path), tmp_path),
        (f"file://{tmp_path}", tmp_path),
    ):
        filesystem, root = filesystem_of(settings, "shop", source("files", url))
        assert (filesystem.protocol[0], root) == ("file", str(path.resolve()))
    for url, path in (
        ("shop.db", settings.sources / "shop.db"),
        ("sqlite:///shop.db", settings.sources / "shop.db"),
        ("sqlite:////var/shop.db", Path("/var/shop.db")),
    ):
        assert local_path(settings, "shop", source("sqlite", url)) == path
