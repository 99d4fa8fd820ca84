from pathlib import Path

import pytest

from cli.airflow.home import prepare
from tradeline.credentials import password_of, url_of
from tradeline.errors import BadInput
from tradeline.settings import SETTINGS_FILE, Settings

URL = "postgresql://tradeline@db.example.com:5433/shop"
SECRET = "p@ss/w%rd: ünï#1"
ENCODED = "p%40ss%2Fw%25rd%3A%20%C3%BCn%C3%AF%231"


def test_a_password_is_in_a_variable_or_in_the_homes_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / SETTINGS_FILE).write_text("TRADELINE_PASSWORD_SHOP_EU='kept'\nTRADELINE_PASSWORD_CORE='kept'\n")
    monkeypatch.setenv("TRADELINE_PASSWORD_SHOP_EU", SECRET)
    settings = Settings(home=tmp_path)
    assert url_of(settings, "shop_eu", URL) == URL.replace("@", f":{ENCODED}@")
    assert (password_of(settings, "shop_eu"), password_of(settings, "core")) == (SECRET, "kept")
    assert SECRET not in repr(settings) and "kept" not in settings.model_dump_json()


def test_a_url_without_a_password_is_left_as_it_is(settings: Settings) -> None:
    assert url_of(settings, "shop", URL) == URL
    assert url_of(settings, "shop", "mysql://root@localhost/db?unix_socket=/tmp/s") == (
        "mysql://root@localhost/db?unix_socket=%2Ftmp%2Fs"
    )


@pytest.mark.parametrize("url", ["postgresql://u:hidden1@h/db", "postgresql://u@h/db?password=hidden1"])
def test_a_password_in_the_file_is_refused_and_not_repeated(settings: Settings, url: str) -> None:
    with pytest.raises(BadInput, match=r"variable TRADELINE_PASSWORD_SHOP, into settings\.env") as refused:
        url_of(settings, "shop", url)
    assert "hidden1" not in str(refused.value)


@pytest.mark.parametrize("url", ["no address hidden1", "postgresql://u:hidden1@h:port/db"])
def test_what_is_no_url_is_refused_and_not_repeated(settings: Settings, url: str) -> None:
    with pytest.raises(BadInput, match="the url of shop is none: write it as in postgresql://") as refused:
        url_of(settings, "shop", url)
    assert "hidden1" not in str(refused.value)


def test_neither_url_nor_connection_is_refused(settings: Settings) -> None:
    with pytest.raises(BadInput, match="neither a url nor a connection"):
        url_of(settings, "shop", None)


def test_passwords_are_not_handed_on_as_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADELINE_PASSWORD_SHOP", SECRET)
    settings = Settings(home=tmp_path, threads=1)
    variables = prepare(settings, tmp_path / "airflow", 8080)
    assert variables["TRADELINE_THREADS"] == "1" and "TRADELINE_PASSWORD" not in variables
