"""Orders as shops and marketplaces export them become the raw contract's, worked out by hand."""

from pathlib import Path

import pytest

from tests.ingest.extract import ask
from tests.ingest.sources.platforms.land import assert_rows, assert_set_aside, landed

pytestmark = pytest.mark.slow


def test_shopify(tmp_path: Path) -> None:
    # Two exports: the later one has #1001 again, with a lamp given back, and #1002 shipped. #1004 was sold over the
    # counter to nobody known. Of #1002, 01:50 +0100 and 03:10 +0200 are twenty minutes apart: clocks changed.
    settings = landed("shopify", tmp_path, orders_export_1="2026-04-01", orders_export_2="2026-04-05")
    assert_rows(settings, "sellers", "seller_id|seller_type|registered_at\nlamps|business|2026-03-02 22:40:02")
    assert_rows(
        settings,
        "orders",
        """
        order_id|buyer_id|status|ordered_at|paid_at|shipped_at|cancelled_at|amount|freight|buyer_region
        #1001|ana@example.com|shipped|2026-03-02 22:40:02|2026-03-02 22:40:10|2026-03-03 08:00:00|-|74.80|4.90|DE
        #1002|bo@example.com|shipped|2026-03-29 00:50:00|2026-03-29 01:10:00|2026-04-01 06:00:00|-|29.90|0.00|AT
        #1003|cy@example.com|cancelled|2026-03-10 11:00:00|-|-|2026-03-10 12:30:00|15.00|4.90|DE
        #1005|ana@example.com|created|2026-04-02 08:00:00|-|-|-|1200.00|0.00|DE
        #1006|dov@example.com|cancelled|2026-03-14 11:00:00|-|-|-|15.00|4.90|CH
        """,
    )
    assert_rows(
        settings,
        "refunds",
        "refund_id|order_id|amount|requested_at\nlamps:#1001|#1001|29.90|2026-03-03 08:00:00",
    )
    # It was known once an export showed it, whenever it was given back.
    assert ask(settings.warehouse, "select arrived_on::varchar from raw.refunds") == [("2026-04-05",)]
    assert_set_aside(settings, ("orders", "#1004", "buyer_id"))


def test_shopify_with_vendors_as_sellers(tmp_path: Path) -> None:
    # #2001: two lamps of 40 less 5 from one vendor, shipped, and a vase of 20 from another, still to be sent.
    settings = landed("shopify_vendors", tmp_path)
    assert_rows(
        settings,
        "sellers",
        """
        seller_id|seller_type|registered_at
        Lamp & Co|business|2026-03-02 08:59:00
        Vases|business|2026-03-02 08:59:00
        """,
    )
    assert_rows(
        settings,
        "orders",
        """
        order_id|seller_id|buyer_id|status|ordered_at|paid_at|shipped_at|cancelled_at|amount|buyer_region
        #2001|Lamp & Co|ana@example.com|shipped|2026-03-02 08:59:00|2026-03-02 09:00:00|2026-03-04 09:00:00|-|75.00|DE
        #2001|Vases|ana@example.com|paid|2026-03-02 08:59:00|2026-03-02 09:00:00|-|-|20.00|DE
        #2002|Vases|bo@example.com|cancelled|2026-03-05 09:00:00|2026-03-05 09:00:00|-|2026-03-06 09:00:00|20.00|FR
        """,
    )
    assert_set_aside(settings, ("orders", "#2003", "buyer_id"))


def test_woocommerce(tmp_path: Path) -> None:
    # 701 has two items, 12 and 8; 702 two refunds, one for a reason with a colon and a semicolon; 703 is paid to the
    # carrier; 705 is a guest's who left no address; 706 never was an order.
    settings = landed("woocommerce", tmp_path)
    assert_rows(
        settings,
        "orders",
        """
        order_id|buyer_id|status|ordered_at|paid_at|amount|freight|buyer_region
        701|12|shipped|2026-03-28 09:15:00|2026-03-28 09:15:00|20.00|3.50|FR
        702|eve@example.com|paid|2026-03-29 03:30:00|2026-03-29 03:30:00|10.00|0.00|BE
        703|fay@example.com|paid|2026-03-30 11:00:00|-|20.00|5.00|FR
        704|13|cancelled|2026-03-31 12:00:00|-|10.00|0.00|FR
        """,
    )
    assert_rows(
        settings,
        "refunds",
        """
        refund_id|order_id|amount|requested_at
        teas:9001|702|4.00|2026-03-30 08:00:00
        teas:9002|702|8.00|2026-04-01 10:00:00
        """,
    )
    assert_set_aside(settings, ("orders", "705", "buyer_id"))


def test_amazon_orders(tmp_path: Path) -> None:
    # ..1111: 49.90 + 11.98 less 5.00. ..2222 was cancelled before it had a price. ..4444 is pending and S02-.. was sold
    # elsewhere: neither is an order here. ..6666 has been shipped without a price.
    settings = landed("amazon_orders", tmp_path)
    assert_rows(
        settings,
        "orders",
        """
        order_id|buyer_id|status|ordered_at|paid_at|amount|freight|buyer_region
        302-1111111-1111111|302-1111111-1111111|shipped|2026-03-01 22:30:00|2026-03-01 22:30:00|56.88|4.99|DE
        302-2222222-2222222|302-2222222-2222222|cancelled|2026-03-02 07:00:00|-|0.00|-|AT
        302-3333333-3333333|302-3333333-3333333|delivered|2026-03-04 10:00:00|2026-03-04 10:00:00|5.99|0.00|AT
        302-7777777-7777777|302-7777777-7777777|paid|2026-03-07 11:00:00|2026-03-07 11:00:00|49.90|-|DE
        """,
    )
    # It was paid when ordered, and delivered by the last update.
    versions = "select arrived_on::varchar, status from raw.orders where order_id = '302-3333333-3333333' order by all"
    assert ask(settings.warehouse, versions) == [("2026-03-04", "paid"), ("2026-03-09", "delivered")]
    twice = [("orders", "302-6666666-6666666", "amount")] * 2
    assert_set_aside(settings, *twice)


def test_ebay(tmp_path: Path) -> None:
    # 102 has a line of its own and two items, 2 x 10 + 20; 104 has no buyer.
    settings = landed("ebay", tmp_path)
    assert_rows(
        settings,
        "orders",
        """
        order_id|buyer_id|status|ordered_at|paid_at|shipped_at|promised_at|amount|freight|buyer_region
        12-34567-89012|buyer_one|shipped|2026-03-02 00:00:00|2026-03-02 00:00:00|2026-03-03 00:00:00|2026-03-10 00:00:00|1234.50|5.99|United States
        12-34567-89013|buyer_two|paid|2026-03-05 00:00:00|2026-03-06 00:00:00|-|2026-03-20 00:00:00|40.00|12.00|Canada
        12-34567-89014|buyer_one|created|2026-03-30 00:00:00|-|-|-|8.00|0.00|United States
        """,  # noqa: E501
    )
    assert_set_aside(settings, ("orders", "12-34567-89015", "buyer_id"))


def test_etsy(tmp_path: Path) -> None:
    # ..01: 1,068.00 less 106.80; 25.00 of it given back. ..02 is a guest's, with 2.00 off the carriage. ..03 was sold
    # at a market to nobody known.
    settings = landed("etsy", tmp_path)
    assert_rows(settings, "sellers", "seller_id|seller_type|registered_at\nknots|individual|2026-03-03 00:00:00")
    assert_rows(
        settings,
        "orders",
        """
        order_id|buyer_id|status|ordered_at|paid_at|shipped_at|amount|freight|buyer_region
        3300000001|ivy_buys|shipped|2026-03-03 00:00:00|2026-03-03 00:00:00|2026-03-05 00:00:00|961.20|8.00|United States
        3300000002|Jo Moe|paid|2026-03-09 00:00:00|2026-03-10 00:00:00|-|25.00|4.00|Canada
        """,  # noqa: E501
    )
    assert_rows(
        settings,
        "payments",
        """
        payment_id|order_id|counterparty_id|direction|kind|method|amount|occurred_at
        2200000001|3300000001|ivy_buys|in|sale|online_cc|969.20|2026-03-03 00:00:00
        2200000001:fee|3300000001|-|out|fee|online_cc|30.23|2026-03-03 00:00:00
        2200000002|3300000002|Jo Moe|in|sale|online_cc|29.00|2026-03-09 00:00:00
        2200000002:fee|3300000002|-|out|fee|online_cc|1.12|2026-03-09 00:00:00
        """,
    )
    assert_rows(
        settings,
        "refunds",
        "refund_id|order_id|amount|requested_at\n2200000001|3300000001|25.00|2026-03-03 00:00:00",
    )
    assert_set_aside(settings, ("orders", "3300000003", "buyer_id"))


def test_taobao(tmp_path: Path) -> None:
    # Times are Shanghai's, eight hours ahead; ..02 was closed since nobody paid; ..04 has no buyer.
    settings = landed("taobao", tmp_path)
    assert_rows(
        settings,
        "orders",
        """
        order_id|buyer_id|status|ordered_at|paid_at|amount|freight|buyer_region
        5120803044263167801|tb李明|delivered|2026-02-28 16:20:00|2026-02-28 16:25:10|128.00|10.00|浙江省
        5120803044263167802|tb王芳|cancelled|2026-03-02 04:00:00|-|56.00|0.00|广东省
        5120803044263167803|tb李明|shipped|2026-03-03 15:59:59|2026-03-03 16:00:30|256.00|0.00|浙江省
        """,
    )
    assert_set_aside(settings, ("orders", "5120803044263167804", "buyer_id"))


def test_uci_online_retail(tmp_path: Path) -> None:
    # 536365: 6 x 2.55 + 3 x 3.395 = 25.485; 23:40 of a June night in London is 22:40. 536370 is a loss of the stock and
    # A563185 a bad debt: neither was sold.
    settings = landed("uci_retail", tmp_path)
    assert_rows(
        settings,
        "orders",
        """
        order_id|buyer_id|status|ordered_at|paid_at|amount|buyer_region
        536365|17850|paid|2010-12-01 08:26:00|2010-12-01 08:26:00|25.49|United Kingdom
        536366|guest 536366|paid|2011-06-30 22:40:00|2011-06-30 22:40:00|3.70|France
        """,
    )
    assert_rows(
        settings,
        "refunds",
        """
        refund_id|order_id|amount|requested_at|completed_at
        C536379|C536379|2.55|2010-12-02 09:41:00|2010-12-02 09:41:00
        C536391|C536391|1.65|2010-12-04 10:24:00|2010-12-04 10:24:00
        """,
    )
    assert_set_aside(settings)
