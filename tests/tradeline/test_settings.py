import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from tradeline.database import connect
from tradeline.errors import Damaged
from tradeline.settings import SETTINGS_FILE, Settings


def test_a_home_keeps_its_settings_and_a_variable_overrides_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRADELINE_CURRENCY", raising=False)
    (tmp_path / SETTINGS_FILE).write_text("TRADELINE_CURRENCY=BRL\n")
    assert Settings(home=tmp_path).currency == "BRL"
    monkeypatch.setenv("TRADELINE_HOME", str(tmp_path))
    assert Settings().currency == "BRL"
    monkeypatch.setenv("TRADELINE_CURRENCY", "EUR")
    assert Settings().currency == "EUR"
    assert Settings(home=tmp_path, currency="USD").currency == "USD"


def test_two_homes_do_not_share_settings(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / SETTINGS_FILE).write_text("TRADELINE_CURRENCY=BRL\n")
    assert Settings(home=tmp_path / "two").currency == "CNY"


@pytest.mark.parametrize("line", ["TRADELINE_CURENCY=BRL", "TRADELINE_CURRENCY=reais", "TRADELINE_THREADS=0"])
def test_a_misspelt_or_impossible_setting_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / SETTINGS_FILE).write_text(line + "\n")
    with pytest.raises(ValidationError):
        Settings(home=tmp_path)


@pytest.mark.parametrize(
    ("zone", "hint"),
    [
        ("New York", "did you mean America/New_York?"),
        ("Asia/Kathmandoo", "did you mean Asia/Kathmandu"),
        ("CST", "an abbreviation such as CST names several zones"),
        ("GMT+8", "did you mean"),
        ("localtime", "no time zone"),
        ("../UTC", "no time zone"),
        ("", "no time zone"),
    ],
)
def test_a_time_zone_that_there_is_not_is_refused_with_the_nearest(tmp_path: Path, zone: str, hint: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(hint)):
        Settings(home=tmp_path, timezone=zone)


def test_the_business_time_zone_is_utc_unless_it_is_said(tmp_path: Path) -> None:
    assert Settings(home=tmp_path).timezone == "UTC"
    (tmp_path / SETTINGS_FILE).write_text("TRADELINE_TIMEZONE=America/Sao_Paulo\n")
    assert Settings(home=tmp_path).timezone == "America/Sao_Paulo"


def test_settings_are_frozen(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        Settings(home=tmp_path).threads = 4  # type: ignore[misc]


@pytest.mark.parametrize("memory", ["lots", "", "100", "0MB", "-1", "1,5GB", "1500 megabytes"])
def test_what_is_no_amount_of_memory_is_refused(tmp_path: Path, memory: str) -> None:
    with pytest.raises(ValidationError, match="is no amount of memory; write a number and a unit"):
        Settings(home=tmp_path, memory_limit=memory)


@pytest.mark.parametrize("memory", ["1500MB", "1.5 gib", "2g", "80%"])
def test_memory_is_taken_as_duckdb_writes_it(tmp_path: Path, memory: str) -> None:
    with connect(Settings(home=tmp_path, memory_limit=memory)) as connection:
        assert connection.execute("select 1").fetchall() == [(1,)]


def test_a_settings_file_of_bytes_is_named(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_bytes(b"TRADELINE_CURRENCY=\xff\n")
    with pytest.raises(Damaged, match=rf"{SETTINGS_FILE} cannot be read"):
        Settings(home=tmp_path)


def test_a_home_whose_name_is_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="is not UTF-8; give the folder a name that is"):
        Settings(home=tmp_path / "home-\udcff")
