"""Movements as payment services export them become the raw contract's payments, worked out by hand."""

from pathlib import Path

import pytest

from tests.ingest.sources.platforms.land import assert_rows, assert_set_aside, landed

pytestmark = pytest.mark.slow


def test_amazon_settlement(tmp_path: Path) -> None:
    # The sale: 1,249.90 + 5.99 + 5.99 (two equal lines) + 4.99 - 5.00; its fees 100.00 + 3.60. Of the fees of a refund
    # 0.90 come back and 0.17 are kept. What moved adds up to the 1,154.27 that are paid out.
    settings = landed("amazon_settlement", tmp_path)
    assert_rows(
        settings,
        "payments",
        """
        payment_id|order_id|direction|kind|amount|occurred_at
        18000000001:Order:302-1111111-1111111:03.03.2026 06:12:44 UTC:fee|302-1111111-1111111|out|fee|103.60|2026-03-03 06:12:44
        18000000001:Order:302-1111111-1111111:03.03.2026 06:12:44 UTC:sale|302-1111111-1111111|in|sale|1261.87|2026-03-03 06:12:44
        18000000001:Refund:302-3333333-3333333:12.03.2026 20:01:02 UTC:fee|302-3333333-3333333|in|other|0.73|2026-03-12 20:01:02
        18000000001:Refund:302-3333333-3333333:12.03.2026 20:01:02 UTC:refund|302-3333333-3333333|out|refund|5.99|2026-03-12 20:01:02
        18000000001:ServiceFee:13.03.2026 01:00:00 UTC:fee|-|out|fee|20.00|2026-03-13 01:00:00
        18000000001:other-transaction:13.03.2026 02:00:00 UTC:other|-|in|other|31.26|2026-03-13 02:00:00
        18000000001:other-transaction:15.03.2026 00:00:00 UTC:transfer|-|out|transfer|10.00|2026-03-15 00:00:00
        18000000001:payout|-|out|payout|1154.27|2026-03-17 00:00:00
        """,  # noqa: E501
    )
    assert_rows(
        settings,
        "refunds",
        """
        refund_id|order_id|amount|requested_at|completed_at
        18000000001:302-3333333-3333333:12.03.2026 20:01:02 UTC|302-3333333-3333333|5.99|2026-03-12 20:01:02|2026-03-12 20:01:02
        """,  # noqa: E501
    )
    assert_set_aside(settings)


def test_paypal(tmp_path: Path) -> None:
    # 22:30 PST is 06:30 of the next day; from 8 March on it is PDT. ..02 and ..03 have moved nothing; ..08 has no sum.
    settings = landed("paypal", tmp_path)
    assert_rows(
        settings,
        "payments",
        """
        payment_id|order_id|counterparty_id|direction|kind|method|amount|occurred_at|balance_after
        1AB00000000000001|WC-777|ann@example.com|in|sale|Express Checkout Payment|1250.00|2026-03-08 06:30:00|1350.00
        1AB00000000000001:fee|WC-777|-|out|fee|-|43.40|2026-03-08 06:30:00|1306.60
        1AB00000000000004|WC-777|ann@example.com|out|refund|Payment Refund|250.00|2026-03-10 18:15:30|1056.60
        1AB00000000000004:fee|WC-777|-|in|other|-|8.40|2026-03-10 18:15:30|1065.00
        1AB00000000000005|-|paper@example.com|out|purchase|General Payment|65.00|2026-03-11 19:00:00|1000.00
        1AB00000000000006|-|-|out|payout|General Withdrawal|900.00|2026-03-12 20:00:00|-
        1AB00000000000007|-|-|out|transfer|General Hold|20.00|2026-03-13 21:00:00|80.00
        """,
    )
    assert_set_aside(settings, ("payments", "1AB00000000000008", "amount"))


def test_paypal_in_german(tmp_path: Path) -> None:
    # 23:30 CET is 22:30, 10:00 CEST and 11:00 in Berlin after 29 March are 08:00 and 09:00.
    settings = landed("paypal_de", tmp_path)
    assert_rows(
        settings,
        "payments",
        """
        payment_id|order_id|counterparty_id|direction|kind|method|amount|occurred_at|balance_after
        9XY00000000000001|R-1|aenne@example.com|in|sale|PayPal Express-Zahlung|1250.00|2026-03-28 22:30:00|1250.00
        9XY00000000000001:fee|R-1|-|out|fee|-|31.48|2026-03-28 22:30:00|1218.52
        9XY00000000000002|R-1|aenne@example.com|out|refund|Rückzahlung|250.00|2026-03-29 08:00:00|968.52
        9XY00000000000002:fee|R-1|-|in|other|-|6.23|2026-03-29 08:00:00|974.75
        9XY00000000000003|-|-|out|payout|Allgemeine Abbuchung|900.00|2026-03-30 09:00:00|74.75
        """,
    )
    assert_set_aside(settings, ("payments", "9XY00000000000005", "amount"))


def test_stripe(tmp_path: Path) -> None:
    # Of txn_002, the fee of 2.90 comes back; txn_008 has no amount.
    settings = landed("stripe", tmp_path)
    assert_rows(
        settings,
        "payments",
        """
        payment_id|direction|kind|amount|occurred_at
        txn_001|in|sale|1200.00|2026-03-01 23:10:05
        txn_001:fee|out|fee|17.65|2026-03-01 23:10:05
        txn_002|out|refund|200.00|2026-03-02 08:00:00
        txn_002:fee|in|other|2.90|2026-03-02 08:00:00
        txn_003|out|refund|60.00|2026-03-03 08:00:00
        txn_003:fee|out|fee|15.00|2026-03-03 08:00:00
        txn_004|out|fee|2.00|2026-03-04 08:00:00
        txn_005|in|loan_disbursement|5000.00|2026-03-05 08:00:00
        txn_006|out|loan_repayment|120.00|2026-03-06 08:00:00
        txn_007|out|payout|700.00|2026-03-07 08:00:00
        """,
    )
    assert_set_aside(settings, ("payments", "txn_008", "amount"))


def test_square(tmp_path: Path) -> None:
    # 21:50:48 of 7 March in Los Angeles is 05:50:48 of the next day; on 8 March clocks change, so 09:30 there is 16:30,
    # and 12:00 in New York 16:00. T4 is pending; T5 has no amount.
    settings = landed("square", tmp_path)
    assert_rows(
        settings,
        "payments",
        """
        payment_id|order_id|counterparty_id|direction|kind|method|amount|occurred_at
        P1|T1|C9|in|sale|card|1022.50|2026-03-08 05:50:48
        P1:fee|T1|-|out|fee|card|26.90|2026-03-08 05:50:48
        P2|T2|-|in|sale|cash|4.50|2026-03-08 16:30:00
        P3|T3|C9|out|refund|card|22.50|2026-03-08 16:00:00
        P3:fee|T3|-|in|other|card|0.59|2026-03-08 16:00:00
        """,
    )
    assert_set_aside(settings, ("payments", "P5", "amount"))


def test_alipay(tmp_path: Path) -> None:
    # Times are Shanghai's. An outgo is written with its sign or, as of ..03, without; ..06 has no time.
    settings = landed("alipay", tmp_path)
    assert_rows(settings, "sellers", "seller_id|seller_type|registered_at\nchaguan|business|2026-02-28 16:30:00")
    assert_rows(
        settings,
        "payments",
        """
        payment_id|order_id|counterparty_id|direction|kind|method|amount|occurred_at|balance_after
        90000000000000000001|T200P1001|王*(wan***@example.com)|in|sale|支付宝|2274.00|2026-02-28 16:30:00|2374.00
        90000000000000000002|T200P1001|-|out|fee|支付宝|13.64|2026-02-28 16:30:01|2360.36
        90000000000000000003|T200P1001|王*(wan***@example.com)|out|refund|支付宝|274.00|2026-03-02 00:00:00|2086.36
        90000000000000000004|-|-|out|payout|支付宝|2000.00|2026-03-02 01:00:00|86.36
        90000000000000000005|C-88|guan@example.com|out|purchase|支付宝|30.00|2026-03-02 02:00:00|56.36
        """,
    )
    assert_set_aside(settings, ("payments", "90000000000000000006", "occurred_at"))


def test_mercado_libre(tmp_path: Path) -> None:
    # The sale of 13,108.50 is charged 997.56 + 1,663.85 + 393.25, so that 10,053.84 remain; the reserve comes and goes
    # before the payout. ..05 has no amounts.
    settings = landed("mercadolibre", tmp_path)
    assert_rows(
        settings,
        "payments",
        """
        payment_id|order_id|direction|kind|method|amount|occurred_at|balance_after
        zapatos:17560001:payment:2026-03-01T22:39:50.000-03:00|2999|in|sale|visa|13108.50|2026-03-02 01:39:50|14108.50
        zapatos:17560001:payment:2026-03-01T22:39:50.000-03:00:charges|2999|out|fee|visa|3054.66|2026-03-02 01:39:50|11053.84
        zapatos:17560001:refund:2026-03-02T10:00:00.000-03:00|2999|out|refund|visa|1000.00|2026-03-02 13:00:00|10053.84
        zapatos:17060002:reserve_for_payout:2026-03-03T08:42:16.000-03:00|-|out|transfer|available_money|8000.00|2026-03-03 11:42:16|2053.84
        zapatos:17060002:reserve_for_payout:2026-03-03T08:42:18.000-03:00|-|in|transfer|available_money|8000.00|2026-03-03 11:42:18|10053.84
        zapatos:17060002:payout:2026-03-03T08:42:19.000-03:00|-|out|payout|available_money|8000.00|2026-03-03 11:42:19|2053.84
        zapatos:17060002:payout:2026-03-03T08:42:19.000-03:00:charges|-|out|fee|available_money|15.99|2026-03-03 11:42:19|2037.85
        zapatos:17060003:tax_payment_iibb:2026-03-04T12:00:00.000-03:00|-|out|fee|-|50.00|2026-03-04 15:00:00|1987.85
        zapatos:17060004:credit_payment:2026-03-05T12:00:00.000-03:00|-|out|loan_repayment|-|500.00|2026-03-05 15:00:00|1487.85
        """,  # noqa: E501
    )
    aside = "zapatos:17060005:payment:2026-03-06T12:00:00.000-03:00"
    assert_set_aside(settings, ("payments", aside, "amount"), ("payments", f"{aside}:charges", "amount"))
