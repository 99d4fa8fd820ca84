"""The command line as a user calls it."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import typer

from cli.commands import app
from cli.screens.published import OUR_LOGGERS
from tests.command import started, tradeline
from tradeline.settings import PROJECT

pytestmark = pytest.mark.slow


def test_help_names_every_command(tmp_path: Path) -> None:
    result = started(tmp_path, "--help")
    commands = "land simulate run sql status record models gates publications quarantine replay up down demo"
    for command in commands.split():
        assert f" {command} " in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sql", "select 1"], "nothing is published"),
        (["run"], "nothing has landed"),
        (["run", "--as-of", "2018-01-01", "--from", "2018-01-01", "--to", "2018-01-02"], "exclude each other"),
        (["replay", "--as-of", "2018-01-01"], "2018-01-01"),
        (["quarantine", "drop", "orders/arrived_on=2018-01-01/a.csv"], "is not in quarantine"),
    ],
)
def test_an_expected_failure_is_one_message_without_a_traceback(
    tmp_path: Path, arguments: list[str], message: str
) -> None:
    result = started(tmp_path / "home", *arguments)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("tradeline: ") or "tradeline: " in result.stderr
    assert message in result.stderr and "Traceback" not in result.stderr


def test_olist_is_not_mixed_with_a_simulated_market(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert tradeline(home, "simulate", "--sellers", "5", "--days", "3").returncode == 0
    before = sorted(home.rglob("*"))
    result = tradeline(home, "demo", "--olist", str(tmp_path))
    assert result.returncode == 1 and "land Olist into a home of its own" in result.stderr
    assert sorted(home.rglob("*")) == before


def test_a_bad_file_is_refused_listed_and_dropped(tmp_path: Path) -> None:
    home, extract = tmp_path / "home", tmp_path / "extract"
    for table, text in (
        ("sellers", "seller_id,seller_type,registered_at\ns1,business,2018-04-30 10:00:00\n"),
        ("payments", "payment_id,seller_id,direction,kind,amount,occurred_at\np1,s1,in,sale,-5,2018-05-01 09:00:00\n"),
    ):
        (extract / table / "arrived_on=2018-05-01").mkdir(parents=True)
        (extract / table / "arrived_on=2018-05-01" / "a.csv").write_text(text)
    assert tradeline(home, "land", "files", str(extract)).returncode == 0
    result = tradeline(home, "run", "--as-of", "2018-05-01")
    assert result.returncode == 1
    assert "payments/arrived_on=2018-05-01/a.csv row 1" in result.stderr and "Traceback" not in result.stderr
    listed = tradeline(home, "quarantine", "list").stdout
    assert "payments/arrived_on=2018-05-01/a.csv" in listed and "-5" in listed
    assert "raw_gate" in tradeline(home, "status").stdout
    dropped = tradeline(home, "quarantine", "drop", "payments/arrived_on=2018-05-01/a.csv")
    assert dropped.returncode == 0
    assert "nothing is in quarantine" in tradeline(home, "quarantine", "list").stdout


def test_status_and_down_of_an_empty_home(tmp_path: Path) -> None:
    assert tradeline(tmp_path, "status").returncode == 0
    assert "Airflow is not up" in tradeline(tmp_path, "down").stdout


def test_version_and_completion(tmp_path: Path) -> None:
    assert started(tmp_path, "--version").stdout == f"tradeline {version('tradeline')}\n"
    show = f"{Path(sys.executable).with_name('tradeline')} --show-completion; exit $?"
    shown = subprocess.run(["bash", "--norc", "-c", show], capture_output=True, text=True, check=True)
    assert "complete -o default -F" in shown.stdout


def test_status_as_json_tells_a_young_market_when_it_can_have_a_model(tmp_path: Path) -> None:
    home, night = tmp_path / "home", tmp_path / "extract" / "{}" / "arrived_on=2025-01-01"
    for table, text in (
        ("sellers", "seller_id,seller_type,registered_at\ns1,business,2024-04-30 10:00:00\n"),
        ("payments", "payment_id,seller_id,direction,kind,amount,occurred_at\np1,s1,in,sale,5,2025-01-01 09:00:00\n"),
    ):
        folder = Path(str(night).format(table))
        folder.mkdir(parents=True)
        (folder / "a.csv").write_text(text)
    landed = tradeline(home, "land", "files", str(tmp_path / "extract"))
    assert "landed 2 files of 1 nights, 2025-01-01 to 2025-01-01: sellers 1, payments 1; 2 are new" in landed.stderr
    found = json.loads(tradeline(home, "status", "--format", "json").stdout)
    assert found["landed"]["nights"] == 1 and found["trained"] is None
    assert "can be trained as of 2025-07-29" in found["first_model"]


@pytest.mark.parametrize("arguments", [["record", "seller-\udcff"], ["models", "show", "\udcff"], ["sql", "'\udcff'"]])
def test_an_argument_of_bytes_is_refused(tmp_path: Path, arguments: list[str]) -> None:
    result = started(tmp_path, *arguments)
    assert result.returncode == 1 and result.stderr.startswith("tradeline: ") and "is not UTF-8" in result.stderr
    assert "Traceback" not in result.stderr


def test_what_every_room_logs_is_told_on_the_terminal() -> None:
    floors = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert set(OUR_LOGGERS) == set(floors["root_packages"]) - {"benchmarks"}


def test_every_help_says_what_is_given_in_a_sentence() -> None:
    def parameters(command: Any, name: str) -> Iterator[tuple[str, str]]:
        for parameter in command.params:
            # Of Typer's own, which are in every Typer application's words.
            if parameter.name not in ("help", "install_completion", "show_completion"):
                yield f"{name} {parameter.name}", getattr(parameter, "help", None) or ""
        for child_name, child in getattr(command, "commands", {}).items():
            assert child.help, child_name
            yield from parameters(child, f"{name} {child_name}")

    said = dict(parameters(typer.main.get_command(app), "tradeline"))
    assert len(said) > 30
    assert [name for name, text in said.items() if len(text.split()) < 4 or not text.endswith(".")] == []
