"""What a mapping may not say: each fault is told with file, line and what to do."""

import pytest

from ingest.sources.listing import list_sources
from ingest.sources.mapping import Source
from ingest.sources.names import read_source
from tests.ingest.sources.deployment import Deployment
from tradeline.errors import BadInput
from tradeline.settings import Settings

GOOD = """\
kind: postgres
url: postgresql://127.0.0.1/shop
timezone: Asia/Shanghai
read:
  orders:
    table: orders
    updated_at: updated_at
  items:
    table: order_items
    belongs_to: orders
    on: {order_id: id}
tables:
  orders:
    of: orders
    columns: {order_id: id, status: {of: state, values: {1: paid, x: null}}}
"""
FILES = """\
kind: files
url: exports
read:
  orders:
    files: orders-*.csv
    new_files: true
    file_day: orders-(\\d{8})
tables:
  orders:
    query: select * from orders
"""


def read(settings: Settings, text: str) -> Source:
    settings.sources.mkdir(parents=True, exist_ok=True)
    (settings.sources / "shop.yml").write_text(text)
    return read_source(settings, "shop")


def test_what_is_right_is_read(settings: Settings) -> None:
    source = read(settings, GOOD)
    assert source.read["items"].on == {"order_id": "id"}  # unquoted, on is true in YAML
    assert source.tables["orders"].columns["status"].values == {"1": "paid", "x": None}
    tabs = read(settings, FILES + "dialect: {delimiter: '\\t'}\n")
    assert tabs.dialect.delimiter == "\t" and tabs.read["orders"].new_files


@pytest.mark.parametrize(
    ("text", "old", "new", "line", "words"),
    [
        (GOOD, "kind: postgres", "kind: oracle", 1, "kind: Input should be 'postgres'"),
        (GOOD, "kind: postgres", "colour: red\nkind: postgres", 1, "colour: Extra inputs are not permitted"),
        (GOOD, "Asia/Shanghai", "Shanghai", 3, "'Shanghai' is no time zone .* did you mean Asia/Shanghai"),
        (GOOD, "url: postgresql://127.0.0.1/shop\n", "", 1, "say where the data is: by url, connection or both"),
        (GOOD, "timezone: Asia/Shanghai", "currency: yuan", 3, "currency: String should match"),
        (
            GOOD,
            "timezone: Asia/Shanghai",
            "schedule: 99 1 * * *",
            3,
            "schedule: '99 1 .*' is neither cron .* nor 'by hand'",
        ),
        (GOOD, "timezone: Asia/Shanghai", "schedule: nightly", 3, "schedule: 'nightly' is neither cron"),
        (GOOD, "timezone: Asia/Shanghai", "wait_for_files: true", 3, "wait_for_files: it needs a read with new_files"),
        (GOOD, "timezone: Asia/Shanghai", "dialect: {delimiter: '||'}", 3, "dialect.delimiter: .*at most 1 character"),
        (
            GOOD,
            "timezone: Asia/Shanghai",
            "dialect: {decimal: ',', thousands: ','}",
            3,
            "decimal and thousands are both",
        ),
        (GOOD, "timezone: Asia/Shanghai", "dialect: {decimal: ';'}", 3, "dialect.decimal: Input should be"),
        (GOOD, "    updated_at: updated_at\n", "", 9, r"read\.items\.belongs_to: orders is no read that has changes"),
        (GOOD, "belongs_to: orders", "belongs_to: order", 10, "belongs_to: order is no read that has changes"),
        (GOOD, "    on: {order_id: id}\n", "", 8, r"read\.items: belongs_to and on go together"),
        (GOOD, "    belongs_to: orders\n", "", 8, r"read\.items: belongs_to and on go together"),
        (
            GOOD,
            "    updated_at: updated_at",
            "    updated_at: u\n    append: id",
            5,
            "at most one of updated_at, append",
        ),
        (
            GOOD,
            "    table: orders",
            "    table: orders\n    query: select 1",
            5,
            "exactly one of table, query and files",
        ),
        (GOOD, "    table: orders\n", "", 5, "exactly one of table, query and files"),
        (
            GOOD,
            "    table: orders",
            "    files: x.csv",
            5,
            r"read\.orders: updated_at, append and belongs_to are for tables",
        ),
        (GOOD, "    table: orders\n", "    table: orders\n    new_files: true\n", 5, "give at most one"),
        (GOOD, "table: order_items", "files: items.csv", 8, r"read\.items: updated_at, append and belongs_to are for"),
        (GOOD, "  items:", "  2 items:", 8, "2 items"),
        (
            GOOD,
            "    updated_at: updated_at",
            "    overlap_minutes: -1",
            7,
            "overlap_minutes: .*greater than or equal to 0",
        ),
        (
            GOOD,
            "  orders:\n    of",
            "  baskets:\n    of",
            13,
            r"tables\.baskets: no such table; the tables are sellers",
        ),
        (
            GOOD,
            "columns: {order_id: id",
            "columns: {order_no: id",
            15,
            r"columns\.order_no: no such column; they are order_id",
        ),
        (GOOD, "    of: orders\n", "", 13, "give either query, or of"),
        (GOOD, "    of: orders\n", "    of: orders\n    query: select 1\n", 13, "give either query, or of"),
        (GOOD, "    of: orders\n", "    query: select 1\n", 13, "of and columns go together"),
        (GOOD, "values: {1: paid", "values: {no: paid", 15, "YAML takes an unquoted true, false, yes, no"),
        (GOOD, "tables:\n", "tables: {}\n", 12, "tables: Dictionary should have at least 1 item"),
        (FILES, "new_files: true", "updated_at: u", 4, "updated_at, append and belongs_to are for tables"),
        (FILES, "files: orders-*.csv", "table: orders", 4, "new_files and file_day are for files"),
        (FILES, "(\\d{8})", "\\d{8}", 7, r"file_day: .* has no group: put year, month and day in one"),
        (FILES, "(\\d{8})", "(\\d{8}", 7, "file_day: .* is no regular expression: missing"),
        (FILES, "kind: files", "kind: sqlite", 4, r"read\.orders: a source of kind files reads files, and no other"),
        (
            FILES,
            "    query: select * from orders\n",
            "    query: select 1\n    where: 1 = 1\n",
            9,
            "where is for of with col",
        ),
        (FILES, "kind: files", "kind: [files", 2, "expected ',' or ']'.*: correct the YAML there"),
    ],
)
def test_a_fault_is_told_with_file_and_line(
    settings: Settings, text: str, old: str, new: str, line: int, words: str
) -> None:
    assert old in text
    broken = text.replace(old, new, 1)
    if "tables: {}" in broken:
        broken = broken[: broken.index("tables: {}") + 11]
    with pytest.raises(BadInput, match=rf"shop\.yml, line \d+: .*{words}") as caught:
        read(settings, broken)
    assert f"shop.yml, line {line}: " in str(caught.value)


def test_a_read_that_belongs_to_one_that_belongs_is_refused(settings: Settings) -> None:
    third = "  taxes:\n    table: taxes\n    belongs_to: items\n    on: {item_id: id}\ntables:"
    with pytest.raises(BadInput, match=r"line 14: read\.taxes\.belongs_to: items itself belongs to orders: give"):
        read(settings, GOOD.replace("tables:", third, 1))


def test_a_file_that_is_no_mapping_at_all(settings: Settings) -> None:
    for text in ("", "just words", "- a list", "null"):
        with pytest.raises(BadInput, match=r"shop\.yml, line 1: .*(dictionary|Source)"):
            read(settings, text)
    (settings.sources / "shop.yml").write_bytes(b"kind: \xff")
    with pytest.raises(BadInput, match=r"shop\.yml cannot be read .*write it as YAML in UTF-8"):
        read_source(settings, "shop")


def test_another_currency_than_the_deployments_is_refused(settings: Settings) -> None:
    with pytest.raises(BadInput, match="currency is EUR, and TRADELINE_CURRENCY is CNY: set one to the other"):
        read(settings, GOOD.replace("timezone: Asia/Shanghai", "currency: EUR"))


def test_no_such_source(settings: Settings) -> None:
    with pytest.raises(BadInput, match=r"shop\.yml: no such file; the sources are none; `tradeline source new shop`"):
        read_source(settings, "shop")
    read(settings, GOOD)
    with pytest.raises(BadInput, match=r"the sources are shop;"):
        read_source(settings, "shops")


@pytest.mark.parametrize("name", ["My Shop", "SHOP", "1shop", "shop-1", "läden", "x" * 41])
def test_a_file_with_no_name_of_a_source_is_listed_with_what_is_wrong(shop: Deployment, name: str) -> None:
    shop.map_same("sellers")
    path = shop.map_same("sellers", name=name)
    assert path.exists()
    listed = {each.name: each for each in list_sources(shop.settings)}
    assert "is no name of a source: write small letters" in listed[name].problem and not listed["shop"].problem


@pytest.mark.parametrize("name", ["../shop", "", "."])
def test_a_name_that_leads_elsewhere_finds_nothing(shop: Deployment, name: str) -> None:
    shop.map_same("sellers")
    with pytest.raises(BadInput, match=r"no such file|is no name of a source"):
        read_source(shop.settings, name)
