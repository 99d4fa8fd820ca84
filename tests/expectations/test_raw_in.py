"""raw_in on an admission file: set-aside rows, volumes, units and nulls against the nights before."""

from datetime import date
from pathlib import Path

import pytest

from expectations.gate import NO_NIGHTS, run_gate
from expectations.report import GateReport
from tests.expectations.warehouse import AS_OF, change, make_raw
from tradeline.errors import GateFailed
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


def gate(settings: Settings, admission: Path) -> GateReport:
    return run_gate(settings, "raw_in", admission, "run-1", [AS_OF])


def soft(report: GateReport) -> str:
    return "\n".join(result.message for result in report.unmet("soft"))


def test_a_night_like_the_others_meets_everything(empty_home: Settings, admission: Path) -> None:
    report = gate(empty_home, admission)
    assert report.is_passed
    assert [result for result in report.results if result.message] == []


def test_the_first_night_has_nothing_to_compare_with(empty_home: Settings, admission: Path) -> None:
    empty_home.warehouse.unlink()
    report = gate(empty_home, admission)
    assert report.is_passed
    assert {result.message for result in report.results} == {"", NO_NIGHTS}


def test_nights_that_the_pass_takes_out_are_nothing_to_compare_with(empty_home: Settings, admission: Path) -> None:
    change(admission, "update raw.admission set arrived_from = '2018-08-03'")
    assert {result.message for result in gate(empty_home, admission).results} == {"", NO_NIGHTS}


@pytest.mark.parametrize(
    ("aside", "rows", "is_passed"), [(1, 10, True), (5, 200, False), (4, 10, True), (20, 1000, True)]
)
def test_the_share_of_set_aside_rows_is_bounded_from_five_rows_on(
    empty_home: Settings, admission: Path, aside: int, rows: int, is_passed: bool
) -> None:
    change(
        admission,
        f"update raw.arrivals set row_count = {rows}, set_aside_row_count = {aside} where table_name = 'orders'",
        f"""
        insert into raw.set_aside by name
        select '{AS_OF}' as arrived_on, 'orders' as table_name, 'a.csv' as source_file, i as row_number,
            'seller_id' as column_name, 'unknown seller' as reason, '{{}}' as row_json
        from range({aside}) as r(i)
        """,
    )
    if is_passed:
        assert gate(empty_home, admission).is_passed
        return
    with pytest.raises(GateFailed) as failure:
        gate(empty_home, admission)
    assert "raw.arrivals: expected at most TRADELINE_SET_ASIDE_SHARE_MAX" in str(failure.value)
    assert f"table_name=orders set_aside_row_count={aside} row_count={rows} set_aside_share=0.025" in str(failure.value)
    assert "most_often=seller_id: unknown seller, e.g. a.csv" in str(failure.value)
    assert "land the night again" in str(failure.value)


def test_the_bound_is_the_deployments(empty_home: Settings, admission: Path) -> None:
    change(admission, "update raw.arrivals set set_aside_row_count = 9 where table_name = 'orders'")
    lenient = empty_home.model_copy(update={"set_aside_share_max": 0.1})
    assert gate(lenient, admission).is_passed
    with pytest.raises(GateFailed, match=r"set_aside_share=0\.09"):
        gate(empty_home, admission)


def wait(database: Path, night: date, rows: int, taken_up: int = 0) -> None:
    """Let the first orders of a night wait for their seller, some of them until it came."""
    change(
        database,
        f"""
        insert into raw.set_aside by name
        select '{night}' as arrived_on, 'orders' as table_name, '{night}.csv' as source_file, i as row_number,
            'seller_id' as column_name, 'x' as value, 'unknown seller' as reason, '{{}}' as row_json,
            'sellers' as waits_for, if(i < {taken_up}, date '{AS_OF}', null) as taken_up_on
        from range({rows}) as r(i)
        """,
        f"update raw.arrivals set set_aside_row_count = {rows} where (table_name, arrived_on) = ('orders', '{night}')",
    )


@pytest.mark.parametrize(
    ("rates", "jumps"),
    [(("7.5", "74.9"), False), (("7.5", "75"), True), (("7.5", "0.75"), True), (("7.5", None, "7.6"), False)],
)
def test_a_rate_that_jumps_is_warned_of(
    empty_home: Settings, admission: Path, rates: tuple[str | None, ...], jumps: bool
) -> None:
    *earlier, tonight = rates
    add = "insert into raw.fx_rates values ('{}', '{}', {}, '{}', 'a.csv')"
    for number, rate in enumerate(earlier, start=20):
        if rate:
            change(empty_home.warehouse, add.format("EUR", f"2018-08-{number}", rate, f"2018-08-{number}"))
    change(admission, add.format("EUR", AS_OF, tonight, AS_OF), add.format("USD", AS_OF, "0.1", AS_OF))
    report = gate(empty_home, admission)
    assert report.is_passed
    assert ("raw.fx_rates: expected no rate to be ten times" in soft(report)) == jumps
    assert ("currency=EUR" in soft(report)) == jumps


@pytest.mark.parametrize(("rows", "taken_up", "is_passed"), [(30, 0, False), (30, 25, False), (30, 26, True)])
def test_rows_whose_seller_has_come_by_the_end_of_the_pass_are_no_fault(
    empty_home: Settings, admission: Path, rows: int, taken_up: int, is_passed: bool
) -> None:
    wait(admission, AS_OF, rows, taken_up)
    # That some were taken up lets others wait: here, none may.
    change(admission, "update raw.set_aside set replaced_on = taken_up_on, taken_up_on = null")
    if is_passed:
        assert gate(empty_home, admission).is_passed
        return
    with pytest.raises(GateFailed, match=rf"waiting_row_count={rows - taken_up}"):
        gate(empty_home, admission)


@pytest.mark.parametrize(("rows", "is_passed"), [(24, True), (25, False)])
def test_twice_what_was_taken_up_of_an_earlier_night_may_wait(
    empty_home: Settings, admission: Path, rows: int, is_passed: bool
) -> None:
    wait(empty_home.warehouse, date(2018, 8, 20), 10, taken_up=10)
    wait(admission, AS_OF, rows)
    if is_passed:
        assert gate(empty_home, admission).is_passed
        return
    with pytest.raises(GateFailed, match=r"set_aside_row_count=5 row_count=100 .*waiting_row_count=25"):
        gate(empty_home, admission)


def test_that_rows_may_wait_excuses_no_fault(empty_home: Settings, admission: Path) -> None:
    wait(empty_home.warehouse, date(2018, 8, 20), 50, taken_up=50)
    wait(admission, AS_OF, 10)
    change(admission, "update raw.set_aside set waits_for = null")
    with pytest.raises(GateFailed, match="set_aside_row_count=10 row_count=100"):
        gate(empty_home, admission)


def test_rows_that_this_pass_takes_up_excuse_those_that_wait_tonight(empty_home: Settings, admission: Path) -> None:
    before = date(2018, 8, 30)
    wait(empty_home.warehouse, before, 10)
    wait(admission, AS_OF, 20)
    with pytest.raises(GateFailed, match="set_aside_row_count=20"):
        gate(empty_home, admission)
    wait(admission, before, 10, taken_up=10)
    assert gate(empty_home, admission).is_passed


def test_rows_that_were_taken_up_are_no_trickle(empty_home: Settings, admission: Path) -> None:
    for day in range(3, 31):
        wait(empty_home.warehouse, date(2018, 8, day), 4, taken_up=3)
    assert "set_aside_row_count=28 row_count=2900" not in soft(gate(empty_home, admission)), "1% wait"
    change(empty_home.warehouse, "update raw.set_aside set taken_up_on = null")
    assert "table_name=orders set_aside_row_count=112 row_count=2900" in soft(gate(empty_home, admission))


def test_ids_that_are_nearly_the_same_are_soft(empty_home: Settings, admission: Path) -> None:
    change(admission, f"insert into raw.nearly_same values ('{AS_OF}', 'seller_id', 'a-1 ', 'A-1', 'white space')")
    report = gate(empty_home, admission)
    assert report.is_passed
    assert "column_name=seller_id id='a-1 ' known_id='A-1' difference=white space" in soft(report)


def test_a_steady_trickle_of_set_aside_rows_is_soft(empty_home: Settings, admission: Path) -> None:
    change(empty_home.warehouse, "update raw.arrivals set set_aside_row_count = 3 where table_name = 'payments'")
    assert "table_name=payments set_aside_row_count=84 row_count=2900" in soft(gate(empty_home, admission))


def test_no_night_is_hard(empty_home: Settings, admission: Path) -> None:
    change(admission, "delete from raw.nights")
    with pytest.raises(GateFailed, match=r"raw.nights: expected table row count .*observed 0"):
        gate(empty_home, admission)


@pytest.mark.parametrize("factor", ["100", "0.01"])
@pytest.mark.parametrize("table", ["orders", "payments"])
def test_amounts_in_another_unit_are_hard(empty_home: Settings, admission: Path, table: str, factor: str) -> None:
    change(admission, f"update raw.{table} set amount = amount * {factor}")
    with pytest.raises(GateFailed, match=rf"raw.{table}: .*median amount.*arrived_on=2018-08-31 .*times={factor}"):
        gate(empty_home, admission)


def test_other_prices_on_a_tiny_night_prove_nothing(empty_home: Settings, admission: Path) -> None:
    change(admission, "delete from raw.orders where order_id > 'o11'", "update raw.orders set amount = amount * 100")
    assert gate(empty_home, admission).is_passed


@pytest.mark.parametrize(("rows", "is_usual"), [(64, False), (66, True), (299, True), (301, False)])
def test_an_unusual_volume_is_soft(empty_home: Settings, admission: Path, rows: int, is_usual: bool) -> None:
    change(admission, f"update raw.arrivals set row_count = {rows} where table_name = 'orders'")
    report = gate(empty_home, admission)
    message = f"table_name=orders row_count={rows} week_median=100.0 weekday_median=100.0"
    assert report.is_passed
    assert (message not in soft(report)) is is_usual


@pytest.mark.parametrize(("weekday_rows", "is_usual"), [(100, False), (50, True)])
def test_a_weekday_that_is_always_quiet_is_usual(
    empty_home: Settings, admission: Path, weekday_rows: int, is_usual: bool
) -> None:
    change(
        empty_home.warehouse,
        f"update raw.arrivals set row_count = {weekday_rows} where dayofweek(arrived_on) = {AS_OF.isoweekday() % 7}",
    )
    change(admission, "update raw.arrivals set row_count = 45")
    assert ("week_median" not in soft(gate(empty_home, admission))) is is_usual


def test_growth_is_followed_within_a_week(empty_home: Settings, admission: Path) -> None:
    change(empty_home.warehouse, "update raw.arrivals set row_count = 25 where arrived_on < '2018-08-24'")
    change(admission, "update raw.arrivals set row_count = 200")
    assert soft(gate(empty_home, admission)) == ""


@pytest.mark.parametrize(
    ("usual_rows", "rows", "is_usual"), [(49, 10, False), (20, 6, False), (10, 3, True), (5, 0, False), (4, 0, True)]
)
def test_few_rows_prove_less(empty_home: Settings, admission: Path, usual_rows: int, rows: int, is_usual: bool) -> None:
    change(empty_home.warehouse, f"update raw.arrivals set row_count = {usual_rows}")
    change(admission, f"update raw.arrivals set row_count = {rows}")
    assert ("week_median" not in soft(gate(empty_home, admission))) is is_usual


def test_a_table_without_a_file_is_soft(empty_home: Settings, admission: Path) -> None:
    change(admission, "delete from raw.arrivals where table_name = 'payments'", "delete from raw.payments")
    assert "table_name=payments row_count=0 week_median=100.0" in soft(gate(empty_home, admission))


@pytest.mark.parametrize(
    ("gone", "is_usual"),
    [
        ("arrived_on = '2018-08-30'", False),
        ("dayofweek(arrived_on) in (0, 4)", True),
        ("arrived_on < '2018-08-24' or arrived_on = '2018-08-30'", True),
    ],
    ids=["one night", "two weekdays", "all but six nights"],
)
def test_a_gap_where_nights_come_without_one_is_soft(
    empty_home: Settings, admission: Path, gone: str, is_usual: bool
) -> None:
    change(empty_home.warehouse, f"delete from raw.nights where {gone}")
    assert ("arrived_on=2018-08-31 gap_days=2 usual_gap_days=1" not in soft(gate(empty_home, admission))) is is_usual


@pytest.mark.parametrize(("repeated", "is_usual"), [(10, True), (11, False)])
@pytest.mark.parametrize("table", ["orders", "payments"])
def test_rows_of_the_night_before_once_more_are_soft(
    empty_home: Settings, admission: Path, table: str, repeated: int, is_usual: bool
) -> None:
    columns = f"amount = amount + 0.01, {'ordered_at' if table == 'orders' else 'occurred_at'} = '2018-08-30'"
    change(empty_home.warehouse, f"update raw.{table} set {columns} where arrived_on < '2018-08-30'")
    time = "ordered_at = '2018-08-30', paid_at = '2018-08-30'" if table == "orders" else "occurred_at = '2018-08-30'"
    key = "order_id" if table == "orders" else "payment_id"
    change(admission, f"update raw.{table} set {time} where substr({key}, 2)::integer < {repeated}")
    message = f"table_name={table} row_count=100 repeated_row_count={repeated}"
    assert (message not in soft(gate(empty_home, admission))) is is_usual


@pytest.mark.parametrize("factor", ["100", "0.01"])
@pytest.mark.parametrize("table", ["orders", "payments"])
def test_amounts_of_some_sellers_in_another_unit_are_hard(
    empty_home: Settings, admission: Path, table: str, factor: str
) -> None:
    change(admission, f"update raw.{table} set amount = amount * {factor} where seller_id = 'seller-7'")
    told = (
        rf"sellers' amounts.*table_name={table} row_count=100 unusual_row_count=10 times={factor}\S* seller_id=seller-7"
    )
    with pytest.raises(GateFailed, match=told):
        gate(empty_home, admission)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("update raw.orders set amount = amount * 100 where order_id in ('o7', 'o17', 'o27', 'o37')", "a few rows"),
        ("update raw.orders set amount = amount * 100, seller_id = 'new' where seller_id = 'seller-7'", "a new seller"),
        ("update raw.orders set amount = amount * 10", "a sale"),
    ],
)
def test_other_prices_are_no_other_unit(empty_home: Settings, admission: Path, statement: str, reason: str) -> None:
    change(admission, statement)
    assert gate(empty_home, admission).is_passed, reason


@pytest.mark.parametrize(
    ("statement", "is_noticed"),
    [
        ("update raw.orders set category = 'pastimes' where category = 'toys'", True),
        ("update raw.orders set category = 'shoes' where category = 'toys'", False),
        ("update raw.orders set category = 'pastimes' where order_id in ('o5', 'o7')", False),
        ("update raw.orders set category = null where category = 'toys'", False),
    ],
    ids=["renamed", "merged", "one more", "left out"],
)
def test_a_category_that_gets_another_name_is_soft(
    empty_home: Settings, admission: Path, statement: str, is_noticed: bool
) -> None:
    names = "case when substr(order_id, 2)::integer % 4 = 0 then 'toys' else 'shoes' end"
    for path in (empty_home.warehouse, admission):
        change(path, f"update raw.orders set category = {names}")
    change(admission, statement)
    message = "gone_category=toys last_on=2018-08-30 expected_row_count=25.0 new_category=pastimes row_count=25"
    assert (message in soft(gate(empty_home, admission))) is is_noticed


def test_a_column_that_turns_null_is_soft_and_named(empty_home: Settings, admission: Path) -> None:
    change(admission, "update raw.orders set paid_at = null where order_id < 'o5'")
    assert "column_name=paid_at null_share=0.45 earlier_null_share=0.0" in soft(gate(empty_home, admission))


def test_a_pass_of_several_nights_is_compared_within_itself(empty_home: Settings) -> None:
    admission = empty_home.home / "admission.duckdb"
    make_raw(admission, date(2018, 8, 1), 20)
    assert gate(empty_home, admission).is_passed
    change(admission, "update raw.orders set amount = amount * 100 where arrived_on = '2018-08-15'")
    with pytest.raises(GateFailed, match=r"raw.orders: .*1 found, e.g. arrived_on=2018-08-15"):
        gate(empty_home, admission)


@pytest.mark.parametrize(("share", "is_told"), [(1.0, True), (0.3, False)])
@pytest.mark.parametrize(("kind", "wrong"), [("sale", "out"), ("refund", "in")])
def test_directions_as_the_buyer_sees_them_are_told(
    empty_home: Settings, admission: Path, kind: str, wrong: str, share: float, is_told: bool
) -> None:
    right = "out" if wrong == "in" else "in"
    change(
        admission,
        f"update raw.payments set kind = '{kind}', "
        f"direction = if(substr(payment_id, -1)::integer < {10 * share}, '{wrong}', '{right}')",
    )
    assert (f"kind={kind} wrong_row_count=" in soft(gate(empty_home, admission))) is is_told


def test_a_few_sales_given_back_prove_nothing(empty_home: Settings, admission: Path) -> None:
    change(
        admission,
        "update raw.payments set kind = 'transfer' where payment_id not in ('p1', 'p2', 'p3')",
        "update raw.payments set direction = 'out' where kind = 'sale'",
    )
    assert "wrong_row_count" not in soft(gate(empty_home, admission))
