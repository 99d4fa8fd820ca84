"""What holds of every platform's mapping: it lands once, and files of another form are refused by name."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from ingest.landing import scan
from ingest.sources.check import check_source
from ingest.sources.land import land_source
from ingest.sources.mapping import Source
from ingest.sources.platforms import FOLDER, platform_mapping, platform_names
from tests.ingest.extract import ask, build
from tests.ingest.sources.platforms.land import NIGHT, SAMPLES, home_of
from tradeline.checked import read_own_yaml
from tradeline.errors import BadInput
from tradeline.settings import PROJECT

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("platform", platform_names())
def test_a_mapping_finds_no_fault_and_lands_once(platform: str, tmp_path: Path) -> None:
    settings = home_of(platform, tmp_path)
    assert not check_source(settings, platform).faults
    assert all(land_source(settings, platform, NIGHT).rows.values())
    assert not any(land_source(settings, platform, NIGHT + timedelta(days=1)).rows.values())


def test_each_has_a_sample_and_a_place_in_the_docs() -> None:
    page = (PROJECT / "docs" / "platforms.md").read_text(encoding="utf-8")
    for platform in platform_names():
        assert any((SAMPLES / platform).rglob("*.*"))
        assert f"`{platform}`" in page
        (link,) = {line.partition("#")[2].strip() for line in _comments(platform) if "docs/platforms.md#" in line}
        anchors = {heading.lower().replace(" ", "-") for heading in _headings(page)}
        assert link.rpartition("#")[2] in anchors


@pytest.mark.parametrize(
    ("platform", "file", "there", "instead", "said"),
    [
        ("shopify", "orders_export_2.csv", "2026-04-02 10:00:00 +0200", "02/04/2026 10:00", "ordered_at.*02/04/2026"),
        ("shopify_vendors", "orders_export.csv", "Financial Status", "Statut financier", "Financial Status"),
        ("woocommerce", "orders-export-2026-04.csv", "on-hold", "lost", "status.*'lost'"),
        ("woocommerce", "orders-export-2026-04.csv", "12.00,2.40", "twelve,2.40", "twelve"),
        ("amazon_orders", "all-orders-2026-03.txt", "\tUnshipped\t", "\tQueued\t", "status.*'Queued'"),
        ("amazon_settlement", "settlement-18000000001.txt", "1.249,90", "1,249.90", "1,249.90"),
        ("ebay", "ebay-orders-2026-04.csv", "Mar-30-26", "30-Mrz-26", "ordered_at.*30-Mrz-26"),
        ("ebay", "ebay-orders-2026-04.csv", '\n"Sales', '"Sales', "line 2.*skip_lines"),
        ("ebay", "ebay-orders-2026-04.csv", '"2","$10.00"', '"2","EUR 10,00 netto"', "10,00"),
        ("etsy", "EtsySoldOrders2026-3.csv", "03/09/26", "09.03.26", "ordered_at.*09.03.26"),
        ("paypal", "Download.CSV", "03/14/2026", "14/03/2026", "14/03/2026"),
        ("paypal", "Download.CSV", '"PST"', '"Moon"', "Moon"),
        ("paypal_de", "Download.CSV", "Auswirkung auf Guthaben", "Wirkung", "Auswirkung auf Guthaben"),
        ("stripe", "balance-itemised-2026-03.csv", "reporting_category", "type", "reporting_category"),
        ("square", "transactions-2026-03.csv", "Eastern Time (US & Canada)", "Newfoundland", "Newfoundland"),
        ("square", "transactions-2026-03.csv", "2026-03-09,12:00:00", "3/9/2026,12:00:00", "3/9/2026"),
        ("alipay", "20880000000000010156_20260302.csv", "账务流水号,", "\r\n账务流水号,", "line 5.*skip_lines"),
        ("taobao", "ExportOrderList202604010900.csv", "交易成功", "交易完成", "status.*交易完成"),
        ("mercadolibre", "release-report-2026-03.csv", ";", ",", "RECORD_TYPE"),
        ("uci_retail", "data.csv", "12/2/2010", "31/12/2010", "requested_at.*31/12/2010"),
        ("shopify", "orders_export_2.csv", ",EUR,1200.00", ",SEK,1200.00", "SEK"),
        ("woocommerce", "orders-export-2026-04.csv", "25.00,0.00,EUR", "25.00,0.00,SEK", "SEK"),
        ("amazon_orders", "all-orders-2026-03.txt", "EUR\t5.99", "SEK\t5.99", "SEK"),
        ("amazon_settlement", "settlement-18000000001.txt", "\tEUR\t", "\tSEK\t", "SEK"),
        ("etsy", "EtsyDirectCheckoutPayments2026-3.csv", "USD,29.00", "CAD,29.00", "CAD"),
        ("paypal", "Download.CSV", '"USD","-65.00"', '"CAD","-65.00"', "CAD"),
        ("paypal_de", "Download.CSV", '"EUR","-900,00"', '"CHF","-900,00"', "CHF"),
        ("stripe", "balance-itemised-2026-03.csv", "eur,-2.00", "sek,-2.00", "SEK"),
        ("mercadolibre", "release-report-2026-03.csv", "visa;ARS", "visa;BRL", "BRL"),
    ],
)
def test_a_file_of_another_form_is_refused(
    platform: str, file: str, there: str, instead: str, said: str, tmp_path: Path
) -> None:
    settings = home_of(platform, tmp_path)
    (path,) = (tmp_path / "exports").rglob(file)
    encoding = read_own_yaml(FOLDER / f"{platform}.yml", Source).dialect.encoding
    written = path.read_bytes().decode(encoding)
    assert there in written
    path.write_bytes(written.replace(there, instead).encode(encoding))
    with pytest.raises(BadInput, match=said):
        land_source(settings, platform, NIGHT)
    assert not scan(settings.landing).files


def test_a_refund_that_an_export_shows_later_lands_when_it_is_known(tmp_path: Path) -> None:
    settings = home_of("shopify", tmp_path, orders_export_1="2026-04-01", orders_export_2="2026-04-05")
    landed = {day: land_source(settings, "shopify", date(2026, 4, day)).rows["refunds"] for day in (3, 4, 5, 6)}
    assert landed == {3: 0, 4: 0, 5: 1, 6: 0}


def test_of_files_of_one_moment_the_last_by_name_counts(tmp_path: Path) -> None:
    settings = home_of("shopify", tmp_path)
    land_source(settings, "shopify", NIGHT)
    build(settings, NIGHT)
    shipped = "select count(*) from raw.orders where order_id = '#1002' and status = 'shipped'"
    assert ask(settings.warehouse, shipped) == [(1,)]


def test_two_rows_of_one_number_in_a_file_are_refused(tmp_path: Path) -> None:
    settings = home_of("square", tmp_path)
    (path,) = (tmp_path / "exports").rglob("*.csv")
    path.write_text(path.read_text(encoding="utf-8").replace(",P2,", ",P1,"), encoding="utf-8")
    with pytest.raises(BadInput, match="P1"):
        land_source(settings, "square", NIGHT)


def test_each_folder_is_a_seller_whose_numbers_are_its_own(tmp_path: Path) -> None:
    settings = home_of("shopify", tmp_path)
    exports = tmp_path / "exports"
    shutil.copytree(exports / "lamps", exports / "O'Neil \\ Söhne")
    land_source(settings, "shopify", NIGHT)
    build(settings, NIGHT)
    refunds = "(select count(*) from raw.refunds)"
    counts = f"select seller_id, count(distinct order_id), {refunds} from raw.orders group by all"
    assert sorted(ask(settings.warehouse, counts)) == [("O'Neil \\ Söhne", 5, 2), ("lamps", 5, 2)]


def test_an_export_of_a_month_without_sales_brings_nothing(tmp_path: Path) -> None:
    settings = home_of("stripe", tmp_path)
    (path,) = (tmp_path / "exports").rglob("*.csv")
    header = path.read_text(encoding="utf-8").splitlines()[0]
    (path.parent / "empty.csv").write_text(header + "\n", encoding="utf-8")
    assert land_source(settings, "stripe", NIGHT).rows == {"sellers": 1, "payments": 11}


def test_the_folder_of_the_files_is_written_into_the_mapping(tmp_path: Path) -> None:
    path = tmp_path / "mine.yml"
    path.write_text(platform_mapping("stripe", "/data/Ann's: files #1"), encoding="utf-8")
    assert read_own_yaml(path, Source).url == "/data/Ann's: files #1"
    assert "# What is assumed" in path.read_text(encoding="utf-8")


def test_an_unknown_platform_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(BadInput, match=r"'shoplift'.*alipay.*uci_retail"):
        platform_mapping("shoplift", "exports")


def _comments(platform: str) -> list[str]:
    lines = (FOLDER / f"{platform}.yml").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("#")]


def _headings(page: str) -> list[str]:
    return [line.lstrip("# ") for line in page.splitlines() if line.startswith("#")]
