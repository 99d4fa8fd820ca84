"""What an error about a file of the home says, and the walk: each file damaged in each way, each command tried."""

import errno
import os
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from cli.commands import app
from serving.publish import publish
from tests.serving.built import build_night
from tradeline.damage import damage_told, explained
from tradeline.errors import Damaged, TradelineError
from tradeline.files import append_line, write_whole
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


NIGHT = date(2018, 8, 31)
CONTENTS = {
    "models/champion.json": '{"champion": "2018-08-31-abcdef12", "history": []}',
    "models/2018-08-31-abcdef12/promotion.json": '{"is_promoted": false}',
    "models/2018-08-31-abcdef12/model.json": "{}",
    "reports/gates/run/raw_in.json": "{}",
    "runs/journal.jsonl": '{"ended_at": "", "run_id": "run"}\n',
    "runs/waivers.jsonl": '{"status": "waived"}\n',
    "quarantine/orders/arrived_on=2018-08-31/a.csv": "order_id\n",
    "quarantine/orders/arrived_on=2018-08-31/a.csv.reason.json": "{}",
    "airflow/services.json": '{"starter": {}}',
    "settings.env": "TRADELINE_THREADS=1\n",
}
PLACES = (
    *CONTENTS,
    "warehouse/tradeline.duckdb",
    "published/marts.duckdb",
    "published/publications.parquet",
    "published/loan_eligibility/as_of=2018-08-31/first.parquet",
    "published/seller_credit_record/as_of=2018-08-31/first.parquet",
    "published/policies/*/reasons.yml",
)
COMMANDS = (
    ("status",),
    ("sql", "select count(*) from loan_eligibility"),
    ("sql", "select count(*) from history.loan_eligibility"),
    ("record", "seller-0000001"),
    ("models", "list"),
    ("models", "show"),
    ("models", "stability"),
    ("models", "promote", "2018-08-31-abcdef12"),
    ("models", "rollback", "--reason", "It is damaged."),
    ("gates", "list"),
    ("quarantine", "list"),
    ("publications", "list"),
    ("publications", "withdraw", "--as-of", "2018-08-31", "--reason", "It is damaged."),
    ("publications", "restore"),
    ("down",),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a file of each kind."""
    settings = Settings(home=tmp_path_factory.mktemp("whole") / "home")
    build_night(settings, NIGHT, "first")
    publish(settings, [NIGHT], "first")
    for name, content in CONTENTS.items():
        write_whole(settings.home / name, content)
    return settings.home


@pytest.mark.parametrize("damage", ["deleted", "empty", "half", "garbage", "a folder"])
@pytest.mark.parametrize("place", PLACES)
def test_no_damage_is_a_traceback(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, damage: str
) -> None:
    home = tmp_path / "home"
    shutil.copytree(whole, home)
    (path,) = home.glob(place)
    content = path.read_bytes()
    path.unlink()
    if damage == "a folder":
        path.mkdir()
    elif damage != "deleted":
        path.write_bytes({"empty": b"", "half": content[: len(content) // 2], "garbage": b"\xff\x00PAR1" * 999}[damage])
    monkeypatch.setenv("TRADELINE_HOME", str(home))
    for command in COMMANDS:
        error = CliRunner().invoke(app, command).exception
        if error is not None and not isinstance(error, (TradelineError, SystemExit)):
            assert explained(error, home), f"{command} of {place}, {damage}: {error!r}"


@pytest.mark.parametrize(
    ("place", "remedy"),
    [
        ("published/marts.duckdb", "tradeline publications restore"),
        ("published/loan_eligibility/as_of=2018-08-31/first.parquet", "tradeline run --as-of 2018-08-31"),
        ("warehouse/tradeline.duckdb", "move it away: `tradeline run` builds it anew from landing"),
    ],
)
def test_duckdb_s_error_names_the_file_and_what_mends_it(tmp_path: Path, place: str, remedy: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff" * 9000)
    with pytest.raises(Damaged) as raised, damage_told(tmp_path), duckdb.connect() as connection:
        connection.execute(f"attach '{path}' (read_only)" if path.suffix == ".duckdb" else f"from '{path}'")
    assert str(raised.value).startswith(f"{path} cannot be read (") and remedy in str(raised.value)


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.EACCES, "let this account read and write"), (errno.EROFS, "let this account"), (errno.ENOSPC, "make room")],
)
def test_what_the_system_refuses_is_told(tmp_path: Path, number: int, said: str) -> None:
    path = str(tmp_path / "models" / "champion.json")
    assert said in str(explained(OSError(number, os.strerror(number), path), tmp_path))


def test_a_fault_of_ours_stays_one(tmp_path: Path) -> None:
    with pytest.raises(KeyError), damage_told(tmp_path):
        raise KeyError("pd")


def test_a_line_that_a_full_disk_cuts_off_is_an_error_and_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lines"
    append_line(path, "first")
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, content: write(file, content[:3]))
    with pytest.raises(OSError, match="No space left"):
        append_line(path, "second")
    monkeypatch.setattr(os, "write", write)
    append_line(path, "third")
    assert path.read_text() == "first\nsec\nthird\n"
