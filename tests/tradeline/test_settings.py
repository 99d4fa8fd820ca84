import re
from pathlib import Path

import pytest
from pydantic import ValidationError

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
