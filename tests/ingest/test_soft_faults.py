"""Rows that cannot be used are set aside whole, with the reason, and counted; the others are admitted."""

import json
from typing import Any

import pytest

from ingest.admission import admit
from ingest.load import load
from ingest.plan import plan_nights
from tests.ingest.extract import LATER, NIGHT, Row, admitted, ask, build, land, path_of, row
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


UNKNOWN_SELLER = "names a seller that is not known by that night"
UNKNOWN_LOAN = "names a loan that is not known by that night"
NO_VALUE = "is required but has no value"
REPEATED = "repeats a row of the same night"
CONTRADICTS = (
    "contradicts the row's times (status declined, and disbursed_at): "
    "send it as disbursed if the money is out, without disbursed_at if it is not"
)
DECLINED_BUT_DISBURSED = {"loan_id": "l2", "status": "declined", "disbursed_at": "2018-05-01 13:00:00"}


@pytest.mark.parametrize(
    ("table", "changes", "column", "value", "reason"),
    [
        ("payments", {"payment_id": "p2", "seller_id": "nobody"}, "seller_id", "nobody", UNKNOWN_SELLER),
        ("payments", {"payment_id": "p2", "seller_id": ""}, "seller_id", None, NO_VALUE),
        ("reviews", {"review_id": "r2", "reviewed_at": ""}, "reviewed_at", None, NO_VALUE),
        ("refunds", {"refund_id": "f2", "amount": ""}, "amount", None, NO_VALUE),
        ("loans", {"loan_id": "l2", "seller_id": "nobody"}, "seller_id", "nobody", UNKNOWN_SELLER),
        ("repayments", {"loan_id": "l9"}, "loan_id", "l9", UNKNOWN_LOAN),
        ("sellers", {"seller_id": "s2", "registered_at": ""}, "registered_at", None, NO_VALUE),
        ("orders", {}, "order_id", "o1", REPEATED),
        ("loans", DECLINED_BUT_DISBURSED, "status", "declined", CONTRADICTS),
    ],
)
def test_a_row_is_set_aside_with_its_reason(
    settings: Settings, table: str, changes: Row, column: str, value: Any, reason: str
) -> None:
    for name in ("sellers", "orders", "loans"):
        land(settings, name)
    good = dict.fromkeys(changes, "") | row(table)
    path = land(settings, table, good, good | changes)
    found = admitted(settings)
    columns = "arrived_on, table_name, source_file, row_number, column_name, value, reason"
    aside = ask(found, f"select {columns} from raw.set_aside")
    assert aside == [(NIGHT, table, f"{table}/arrived_on={NIGHT}/{path.name}", 2, column, value, reason)]
    assert ask(found, f"select count(*) from raw.{table}") == [(1,)]
    counts = f"select file_count, row_count, set_aside_row_count from raw.arrivals where table_name = '{table}'"
    assert ask(found, counts) == [(1, 2, 1)]


def test_nothing_of_the_row_is_lost(settings: Settings) -> None:
    land(settings, "sellers")
    landed = row("orders", seller_id="nobody", category='a "toy", or two')
    land(settings, "orders", landed)
    ((kept,),) = ask(admitted(settings), "select row_json from raw.set_aside")
    assert {name: str(value) for name, value in json.loads(kept).items() if value is not None} == landed | {
        "amount": "12.5"
    }


def test_a_row_with_several_faults_is_set_aside_once(settings: Settings) -> None:
    land(settings, "sellers")
    bad = row("payments", seller_id="nobody", amount="", occurred_at="")
    land(settings, "payments", bad, bad, row("payments", payment_id="p2"))
    found = admitted(settings)
    assert ask(found, "select row_number, column_name from raw.set_aside") == [(1, "amount"), (2, "amount")]
    assert ask(found, "select payment_id from raw.payments") == [("p2",)]


def test_one_of_the_repeated_rows_is_kept(settings: Settings) -> None:
    land(settings, "sellers")
    land(settings, "orders", *[row("orders")] * 3)
    land(settings, "orders", name="part-1.csv")
    found = admitted(settings)
    assert ask(found, "select count(*) from raw.orders") == [(1,)]
    assert ask(found, "select count(*) from raw.set_aside") == [(3,)]


def test_a_seller_counts_as_known_from_the_night_it_arrives(settings: Settings) -> None:
    land(settings, "sellers", night=LATER)
    land(settings, "orders", night=NIGHT)
    land(settings, "orders", row("orders", order_id="o2"), night=LATER)
    found = admitted(settings, LATER)
    assert ask(found, "select order_id, arrived_on from raw.orders order by all") == [("o1", LATER), ("o2", LATER)]
    assert ask(found, "select arrived_on, value, taken_up_on from raw.set_aside") == [(NIGHT, "s1", LATER)]


def test_a_seller_that_was_set_aside_is_not_known(settings: Settings) -> None:
    land(settings, "sellers", row("sellers", seller_type=""))
    land(settings, "orders")
    found = admitted(settings)
    assert ask(found, "select table_name from raw.set_aside order by 1") == [("orders",), ("sellers",)]


def test_sellers_and_loans_of_earlier_builds_are_known(settings: Settings) -> None:
    for name in ("sellers", "orders", "loans"):
        land(settings, name)
    build(settings)
    land(settings, "payments", night=LATER)
    land(settings, "repayments", night=LATER)
    build(settings, LATER)
    assert ask(
        settings.warehouse, "select (select count(*) from raw.payments), (select count(*) from raw.repayments)"
    ) == [(1, 1)]


def test_what_is_known_later_is_not_known_when_an_earlier_night_is_built_again(settings: Settings) -> None:
    land(settings, "sellers")
    land(settings, "orders")
    land(settings, "sellers", row("sellers", seller_id="s2"), night=LATER)
    build(settings, LATER)
    land(settings, "orders", row("orders"), row("orders", order_id="o2", seller_id="s2"))
    found = plan_nights(settings, LATER)
    assert found is not None
    load(settings, admit(settings, found, "again"))
    assert ask(settings.warehouse, "select value, reason from raw.set_aside") == [("s2", UNKNOWN_SELLER)]


def test_all_sellers_unknown_leaves_an_empty_table(settings: Settings) -> None:
    land(settings, "sellers")
    land(settings, "payments", row("payments", seller_id="nobody"))
    found = admitted(settings)
    assert ask(found, "select count(*) from raw.payments") == [(0,)]
    assert path_of(settings, "payments").exists()


def test_rows_at_odds_with_themselves_are_admitted_and_counted(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    land(settings, "sellers")
    called_off = [row("orders", order_id=f"o{number}", status="cancelled") for number in range(2)]
    land(settings, "orders", row("orders", order_id="o9"), *called_off)
    assert ask(admitted(settings), "select count(*) from raw.orders") == [(3,)]
    assert "orders: 2 rows with status cancelled, no cancelled_at: Cancelled at the latest of its other" in caplog.text
