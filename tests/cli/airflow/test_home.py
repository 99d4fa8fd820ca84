"""The files of an ``AIRFLOW_HOME``: whole, private, and made anew where they are damaged."""

import json
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from cli.airflow.home import DATABASE, PASSWORDS, let_many_read, prepare
from tradeline.settings import Settings

FILES = {"passwords.json": {"admin", "viewer"}, "keys.json": {"secret_key", "jwt_secret", "fernet_key"}}


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    prepare(settings, tmp_path / "airflow", 8080)
    return tmp_path / "airflow"


def test_secrets_are_made_once_and_only_their_owner_reads_them(settings: Settings, folder: Path) -> None:
    before = {name: (folder / name).read_bytes() for name in FILES}
    prepare(settings, folder, 8080)
    assert before == {name: (folder / name).read_bytes() for name in FILES}
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in (*FILES, "airflow.cfg")} == {0o600}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [b"", b'{"admin": "pass', b"\xff\x00", b"[]", b"{}", b"null"])
def test_a_damaged_file_locks_no_home(
    settings: Settings, folder: Path, name: str, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / name).write_bytes(content)
    prepare(settings, folder, 8080)
    assert json.loads((folder / name).read_text()).keys() == FILES[name]
    assert (folder / f"{name}.damaged").read_bytes() == content
    assert f"{folder / name} is made anew" in caplog.text


def test_what_is_left_of_a_damaged_file_stays(settings: Settings, folder: Path) -> None:
    (folder / PASSWORDS).write_text('{"admin": "chosen by a person"}')
    prepare(settings, folder, 8080)
    kept = json.loads((folder / PASSWORDS).read_text())
    assert kept["admin"] == "chosen by a person" and kept["viewer"]


def test_who_reads_the_database_locks_out_nobody(tmp_path: Path) -> None:
    let_many_read(tmp_path)
    reader, writer = (sqlite3.connect(tmp_path / DATABASE, timeout=0, isolation_level=None) for _ in range(2))
    with closing(reader), closing(writer):
        writer.execute("create table runs as select 1 as run")
        reader.execute("begin")
        assert reader.execute("select * from runs").fetchall() == [(1,)]
        writer.execute("insert into runs values (2)")
