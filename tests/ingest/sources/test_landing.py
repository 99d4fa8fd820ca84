"""Landing a source of files: first and further nights, reruns, and what the raw gate says of it."""

import logging
from datetime import date, timedelta
from pathlib import Path

import pytest

from ingest.admission import admit
from ingest.plan import plan_nights
from ingest.sources.land import last_ended_day
from tests.ingest.sources.deployment import NIGHT, SAME, SELLERS_CSV, Deployment
from tests.ingest.sources.deployment import Deployment as Shop
from tradeline.database import Limits, connect
from tradeline.errors import BadInput

pytestmark = pytest.mark.slow

ORDERS_CSV = """order_id,seller_id,buyer_id,status,ordered_at,paid_at,shipped_at,amount
o1,s1,b1,paid,2024-03-01 10:00:00,2024-03-02 10:00:00,,12.50
o2,s1,b2,created,2024-03-05 10:00:00,,,7
"""
NEXT = NIGHT + timedelta(days=1)


@pytest.fixture
def orders(shop: Deployment) -> Deployment:
    """Two orders of one seller."""
    shop.write("sellers.csv", SELLERS_CSV)
    shop.write("orders.csv", ORDERS_CSV)
    shop.map_same("sellers", "orders")
    return shop


def statuses(shop: Shop) -> list[tuple[object, ...]]:
    return shop.landed("orders", "strftime(arrived_on, '%m-%d'), order_id, status")


def test_a_first_landing_tells_the_history_and_the_raw_gate_admits_it(orders: Shop) -> None:
    report = orders.land()
    assert (report.rows, report.read_rows) == ({"sellers": 1, "orders": 3}, 3)
    assert statuses(orders) == [("03-01", "o1", "created"), ("03-02", "o1", "paid"), ("03-05", "o2", "created")]
    plan = plan_nights(orders.settings, NIGHT)
    assert plan and len(plan.nights) == 4
    admit(orders.settings, plan, "test")


def test_a_night_twice_changes_nothing(orders: Shop) -> None:
    orders.land()
    before = orders.bytes_of()
    report = orders.land()
    assert report.was_landed and "has landed already" in report.told
    assert orders.bytes_of() == before


def test_the_next_night_brings_what_changed_alone(orders: Shop) -> None:
    orders.land()
    changed = ORDERS_CSV.replace(
        "o2,s1,b2,created,2024-03-05 10:00:00,,,7", "o2,s1,b2,cancelled,2024-03-05 10:00:00,,,7"
    )
    orders.write("orders.csv", changed + "o3,s1,b1,created,2024-03-06 08:00:00,,,1\n")
    assert orders.land(NEXT).rows == {"sellers": 0, "orders": 2}
    assert statuses(orders)[-2:] == [("03-06", "o2", "cancelled"), ("03-06", "o3", "created")]


def test_a_row_that_changes_back_lands_again(orders: Shop) -> None:
    orders.land()
    orders.write("orders.csv", ORDERS_CSV.replace("created", "cancelled"))
    orders.land(NEXT)
    orders.write("orders.csv", ORDERS_CSV)
    assert orders.land(NEXT + timedelta(days=1)).rows["orders"] == 1


def test_a_row_that_speaks_of_the_next_day_waits_for_it(orders: Shop) -> None:
    orders.write(
        "orders.csv",
        ORDERS_CSV.replace("10:00:00,,,7", "10:00:00,2024-03-06 00:10:00,,7").replace("created", "paid")
        + "o3,s1,b1,created,2024-03-06 00:20:00,,,1\n",
    )
    orders.land()
    assert statuses(orders) == [("03-01", "o1", "created"), ("03-02", "o1", "paid"), ("03-05", "o2", "created")]
    orders.land(NEXT)
    assert statuses(orders)[3:] == [("03-06", "o2", "paid"), ("03-06", "o3", "created")]


def test_what_waits_lands_though_the_source_has_lost_it(orders: Shop) -> None:
    orders.write("orders.csv", ORDERS_CSV + "o3,s1,b1,created,2024-03-06 00:20:00,,,1\n")
    orders.land()
    orders.write("orders.csv", ORDERS_CSV)
    orders.land(NEXT)
    assert statuses(orders)[3:] == [("03-06", "o3", "created")]


def test_a_row_without_a_key_keeps_nothing_else_from_landing(orders: Shop) -> None:
    """A row that waits lands beside one that validation refuses only once that is corrected."""
    orders.write("orders.csv", ORDERS_CSV + "o3,s1,b1,created,2024-03-06 00:20:00,,,1\n")
    orders.land()
    orders.write("orders.csv", ORDERS_CSV + ",s1,b1,created,2024-03-06 09:20:00,,,1\n")
    with pytest.raises(BadInput, match="order_id"):
        orders.land(NEXT)
    orders.write("orders.csv", ORDERS_CSV)
    orders.land(NEXT)
    assert statuses(orders)[3:] == [("03-06", "o3", "created")]


def test_an_extract_that_breaks_the_contract_lands_nothing_and_the_next_begins_where_it_did(orders: Shop) -> None:
    orders.land()
    before = orders.bytes_of()
    good = ORDERS_CSV + "o3,s1,b1,created,2024-03-06 08:00:00,,,1\n"
    orders.write("orders.csv", good + "o4,s1,b1,lost,2024-03-06 08:00:00,,,1\n")
    with pytest.raises(BadInput, match=r"nothing was landed: 1 fault.*shop\.yml.*\n.*status.*lost") as caught:
        orders.land(NEXT)
    assert orders.bytes_of() == before and "correct the mapping" in str(caught.value)
    orders.write("orders.csv", good)
    assert orders.land(NEXT).rows["orders"] == 1


def test_rows_that_the_source_deleted_are_warned_of(orders: Shop, caplog: pytest.LogCaptureFixture) -> None:
    orders.land()
    orders.write("orders.csv", ORDERS_CSV[: ORDERS_CSV.index("o2")])
    orders.land(NEXT)
    assert "shop: orders: 1 rows that landed are no longer in the source" in caplog.text
    caplog.clear()
    orders.land(NEXT + timedelta(days=1))
    assert "no longer in the source" not in caplog.text


def test_a_missed_week_lands_under_the_night_on_which_it_is_read(orders: Shop) -> None:
    orders.land()
    orders.write("orders.csv", ORDERS_CSV + "o3,s1,b1,paid,2024-03-07 08:00:00,2024-03-09 08:00:00,,1\n")
    orders.land(NIGHT + timedelta(days=7))
    assert statuses(orders)[3:] == [("03-12", "o3", "paid")]


def test_again_lands_everything_under_that_night(orders: Shop) -> None:
    orders.land()
    assert orders.land(again=True).rows == {"sellers": 1, "orders": 2}
    assert orders.land(NEXT, again=True).rows == {"sellers": 1, "orders": 2}
    with pytest.raises(BadInput, match="has landed through 2024-03-06: give that day or a later one"):
        orders.land(NIGHT, again=True)


def test_a_day_that_has_not_ended_is_refused(orders: Shop) -> None:
    today = last_ended_day(orders.settings) + timedelta(days=1)
    with pytest.raises(BadInput, match=rf"{today} has not ended: land {today - timedelta(days=1)}"):
        orders.land(today)


def test_a_table_added_later_brings_its_own_history(orders: Shop) -> None:
    orders.land()
    orders.write(
        "payments.csv",
        "payment_id,seller_id,direction,kind,amount,occurred_at\np1,s1,in,sale,5,2024-03-03 10:00:00\n",
    )
    orders.map_same("sellers", "orders", "payments")
    assert orders.land(NEXT).rows == {"sellers": 0, "orders": 0, "payments": 1}
    assert orders.landed("payments", "arrived_on") == [(date(2024, 3, 3),)]


def test_a_table_that_is_taken_out_stays_landed_and_may_come_back(
    orders: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    orders.land()
    orders.map_same("sellers")
    orders.land(NEXT)
    assert "orders is no longer in the mapping; what has landed of it stays" in caplog.text
    assert len(statuses(orders)) == 3
    orders.map_same("sellers", "orders")
    assert orders.land(NEXT + timedelta(days=1)).rows["orders"] == 2
    assert {day for day, *_ in statuses(orders)[3:]} == {"03-07"}


def test_a_column_added_later_lands_for_every_row(orders: Shop) -> None:
    orders.land()
    path = orders.map_same("sellers", "orders")
    path.write_text(path.read_text().replace("      amount: amount", "      amount: amount\n      category: buyer_id"))
    assert orders.land(NEXT).rows == {"sellers": 0, "orders": 2}
    assert orders.landed("orders", "category")[-1] == ("b2",)


def test_two_sources_share_a_table(orders: Shop) -> None:
    orders.write("orders-more.csv", ORDERS_CSV.replace("o1", "x1").replace("o2", "x2"))
    same = {"of": "all_orders", "columns": {each: each for each in SAME["orders"]}}
    orders.map("more", read={"all_orders": {"files": "orders-more.csv"}}, tables={"orders": same})
    orders.write("orders.csv", ORDERS_CSV)
    path = orders.map_same("sellers", "orders")
    path.write_text(path.read_text().replace("orders*.csv", "orders.csv"))
    orders.land()
    orders.land(name="more")
    assert [key for (key,) in orders.landed("orders", "order_id", "more")] == ["x1", "x1", "x2"]
    assert [key for (key,) in orders.landed("orders", "order_id", "shop")] == ["o1", "o1", "o2"]


@pytest.mark.parametrize(("lines", "rows"), [(1, 0), (2, 1)])
def test_an_empty_table_and_one_row(orders: Shop, lines: int, rows: int) -> None:
    orders.write(
        "orders.csv",
        "".join(
            ORDERS_CSV.replace(",2024-03-02 10:00:00", ",")
            .replace("paid,2", "created,2")
            .splitlines(keepends=True)[:lines]
        ),
    )
    assert orders.land().rows == {"sellers": 1, "orders": rows}


def test_the_first_rows_of_a_table_that_was_empty_are_dated_by_their_own_times(orders: Shop) -> None:
    orders.write("orders.csv", ORDERS_CSV.splitlines()[0])
    orders.land()
    orders.map_same("sellers")
    orders.land(NEXT)  # without the table, which is remembered as empty
    orders.map_same("sellers", "orders")
    orders.write("orders.csv", ORDERS_CSV)
    orders.land(NEXT + timedelta(days=1))
    first = [("03-01", "o1", "created"), ("03-02", "o1", "paid"), ("03-05", "o2", "created")]
    assert statuses(orders) == first
    orders.write("orders.csv", ORDERS_CSV.replace("o2,s1,b2,created", "o2,s1,b2,cancelled"))
    orders.land(NEXT + timedelta(days=2))
    assert statuses(orders) == [*first, ("03-08", "o2", "cancelled")]


def test_everything_empty_lands_no_file(orders: Shop) -> None:
    orders.write("orders.csv", ORDERS_CSV.splitlines()[0])
    orders.write("sellers.csv", SELLERS_CSV.splitlines()[0])
    report = orders.land()
    assert (report.rows, report.files) == ({"sellers": 0, "orders": 0}, 0)
    assert not orders.bytes_of() and orders.land().was_landed


def test_ten_thousand_sellers_with_an_order_each_and_one_without(shop: Shop) -> None:
    sellers = "".join(f"s{number},individual,2024-02-0{1 + number % 9}\n" for number in range(10_001))
    orders = "".join(f"o{number},s{number},b,created,2024-03-0{1 + number % 5},,,1\n" for number in range(10_000))
    shop.write("sellers.csv", SELLERS_CSV.splitlines()[0] + "\n" + sellers)
    shop.write("orders.csv", ORDERS_CSV.splitlines()[0] + "\n" + orders)
    shop.map_same("sellers", "orders")
    report = shop.land()
    assert (report.rows, report.files) == ({"sellers": 10_001, "orders": 10_000}, 14)
    plan = plan_nights(shop.settings, NIGHT)
    assert plan
    admit(shop.settings, plan, "test")


def test_payments_alone_are_a_source(shop: Shop) -> None:
    shop.write("sellers.csv", SELLERS_CSV)
    shop.write(
        "payments.csv",
        "payment_id,seller_id,direction,kind,amount,occurred_at\np1,s1,in,sale,5,2024-03-03 10:00:00\n",
    )
    shop.map_same("sellers", "payments")
    assert shop.land().rows == {"sellers": 1, "payments": 1}


def test_what_waits_for_a_seller_and_what_is_set_aside_is_said(orders: Shop, caplog: pytest.LogCaptureFixture) -> None:
    orders.write("orders.csv", ORDERS_CSV.replace("s1,b2", "s9,b2"))
    orders.land()
    assert "set aside" not in caplog.text  # its seller may have landed before


def test_of_a_row_that_is_set_aside_the_log_has_the_key_alone(orders: Shop, caplog: pytest.LogCaptureFixture) -> None:
    orders.write("orders.csv", ORDERS_CSV.replace("o1,s1,b1,paid", "o1,s1,anna@example.com,"))
    orders.land()
    assert (
        "orders: 2 rows will be set aside: status is required but has no value, such as order_id o1, seller_id s1"
        in (caplog.text)
    )
    assert "anna@example.com" not in caplog.text


def test_the_report_says_rows_bytes_and_files(orders: Shop, caplog: pytest.LogCaptureFixture) -> None:
    told = orders.land().told
    size = len(ORDERS_CSV) + len(SELLERS_CSV)
    assert f"landed 2024-03-05: 3 rows and {size} bytes read, 1 sellers, 3 orders landed in 4 files" in told
    assert "read orders: 2 rows" in caplog.text


def test_work_folders_are_gone_afterwards(orders: Shop) -> None:
    orders.land()
    left = sorted(str(path.relative_to(orders.settings.sources)) for path in orders.settings.sources.rglob("*"))
    assert not [path for path in left if "work" in path or "copies" in path]


def test_the_logger_is_quiet_at_warning(orders: Shop, caplog: pytest.LogCaptureFixture) -> None:
    orders.land()
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_home_whose_name_is_a_pattern(tmp_path: Path) -> None:
    from tradeline.settings import Settings

    shop = Deployment(Settings(home=tmp_path / "it's [a] home*"))
    shop.write("sellers.csv", SELLERS_CSV)
    shop.map_same("sellers")
    assert shop.land().rows == {"sellers": 1}


@pytest.mark.parametrize("selected", ["", ", changed_at"])
def test_a_query_over_changing_rows_says_since_when_a_state_is_known(shop: Shop, selected: str) -> None:
    """A loan that was written off after midnight is not known to be so that night."""
    with connect(Limits(1), shop.folder / "book.duckdb") as book:
        book.execute(
            "create table loans as select 'l1' as loan_id, 's1' as seller_id, timestamp '2024-03-01' as applied_at, "
            "'written_off' as status, timestamp '2024-03-06 00:30:00' as changed_at"
        )
    query = f"select loan_id, seller_id, applied_at, status{selected} from loans"
    read = {"loans": {"table": "loans", "updated_at": "changed_at"}}
    shop.map(kind="duckdb", url="files/book.duckdb", read=read, tables={"loans": {"query": query}})
    if selected:
        shop.land()
        assert shop.landed("loans", "arrived_on, status") == [(date(2024, 3, 1), "applied")]
    else:
        with pytest.raises(BadInput, match=r"tables\.loans\.query: of 1 rows no time says .* as changed_at"):
            shop.land()
