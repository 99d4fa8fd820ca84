"""Landing a platform's sample into a home of its own, and what came of it in the warehouse."""

import os
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

from ingest.sources.land import land_source
from ingest.sources.platforms import platform_mapping
from tests.ingest.extract import ask, build
from tradeline.contracts.raw import BY_NAME
from tradeline.files import ensure_folder
from tradeline.settings import Settings

SAMPLES = Path(__file__).parent / "samples"
# The samples speak of days until this one.
NIGHT = date(2026, 4, 10)
IN_DOLLARS = ("ebay", "etsy", "paypal", "square")
CURRENCIES = {
    "alipay": "CNY",
    "taobao": "CNY",
    "uci_retail": "GBP",
    "mercadolibre": "ARS",
    **dict.fromkeys(IN_DOLLARS, "USD"),
}


def home_of(platform: str, folder: Path, **changed: str) -> Settings:
    """A home with the platform's mapping and its sample; ``changed``: by file, when that was last changed."""
    settings = Settings(home=folder / "home", currency=CURRENCIES.get(platform, "EUR"))
    exports = folder / "exports"
    shutil.copytree(SAMPLES / platform, exports)
    for path in exports.rglob("*.*"):
        at = datetime.fromisoformat(changed.get(path.stem, "2026-04-09")).replace(tzinfo=UTC).timestamp()
        os.utime(path, (at, at))
    ensure_folder(settings.sources)
    (settings.sources / f"{platform}.yml").write_text(platform_mapping(platform, str(exports)), encoding="utf-8")
    return settings


def landed(platform: str, folder: Path, **changed: str) -> Settings:
    """The home after the sample has landed, passed the raw contract's validation and been loaded."""
    settings = home_of(platform, folder, **changed)
    land_source(settings, platform, NIGHT)
    build(settings, NIGHT)
    return settings


def assert_rows(settings: Settings, table: str, expected: str) -> None:
    """Hold the latest version of each row of a table against lines of values, the first of which are the columns.

    ``-`` is no value; columns that are not named have none in any row, but for ``seller_id`` and ``currency``.
    """
    header, *lines = ([cell.strip() for cell in line.split("|")] for line in expected.strip().splitlines())
    key = ", ".join(BY_NAME[table].key)
    latest = f"from raw.{table} qualify row_number() over (partition by {key} order by arrived_on desc) = 1"
    cells = ", ".join(f"coalesce({column}::varchar, '-')" for column in header)
    assert ask(settings.warehouse, f"select {cells} {latest} order by all") == sorted(tuple(line) for line in lines)
    others = [column.name for column in BY_NAME[table].columns if column.name not in (*header, "seller_id", "currency")]
    if others:
        filled = " or ".join(f"{column} is not null" for column in others)
        assert not ask(settings.warehouse, f"select {', '.join(others)} from raw.{table} where {filled}")


def assert_set_aside(settings: Settings, *expected: tuple[str, str, str]) -> None:
    """Hold the rows set aside against (table, id, the column that is at fault)."""
    ids = "coalesce(row_json->>'order_id', row_json->>'payment_id')"
    found = ask(
        settings.warehouse,
        f"""
        select table_name, if(table_name = 'payments', row_json->>'payment_id', {ids}), column_name
        from raw.set_aside order by all
        """,
    )
    assert found == sorted(expected)
