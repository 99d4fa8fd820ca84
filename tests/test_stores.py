"""The object store of the tests answers the clients that the project has."""

from obstore.fsspec import FsspecStore


def test_what_is_written_is_read(s3_bucket: str) -> None:
    store = FsspecStore("s3")
    store.pipe_file(f"{s3_bucket}/folder/file.txt", b"text")
    assert store.cat_file(f"{s3_bucket}/folder/file.txt") == b"text"
    assert store.find(s3_bucket) == [f"{s3_bucket}/folder/file.txt"]
