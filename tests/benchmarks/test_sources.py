"""The benchmark of sources reads what it makes, in every kind of database that is installed."""

from pathlib import Path

import pytest

from benchmarks import servers, sources
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", sources.OPENERS)
def test_orders_are_read(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        with sources.OPENERS[kind](tmp_path) as (url, execute):
            sources.make(kind, 2000, execute)
            settings = sources.mapped(tmp_path / "home", kind, url)
            sources.read_orders(settings, "shop")
    except servers.NotInstalled as absent:
        pytest.skip(str(absent))
    assert capsys.readouterr().out.startswith("2,000 rows, ")


def test_every_landing_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources.compare("sqlite", 500, tmp_path, is_landed=True)
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("  ")[0] for line in lines] == [
        "sqlite: read", "sqlite: landed at first, by state and day", "sqlite: landed once 1% has changed"
    ]  # fmt: skip
    landed = Settings(home=tmp_path / "home").landing / "orders"
    assert {path.name for path in landed.iterdir()} >= {"arrived_on=2025-01-02", "arrived_on=2025-07-05"}
