"""raw_in on an admission file: set-aside rows, volumes, units and nulls against the nights before."""

from datetime import date
from pathlib import Path

import pytest

from expectations.gate import run_gate
from expectations.report import GateReport
from tests.expectations.warehouse import AS_OF, change, make_raw
from tradeline.errors import GateFailed
from tradeline.settings import Settings


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
    assert {result.message for result in report.results} == {"", "skipped: no earlier nights to compare with"}


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
        insert into raw.set_aside select '{AS_OF}', 'orders', 'a.csv', i, 'seller_id', 'x', 'unknown seller', '{{}}'
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


@pytest.mark.parametrize(("rows", "is_usual"), [(49, False), (51, True), (299, True), (301, False)])
def test_an_unusual_volume_is_soft(empty_home: Settings, admission: Path, rows: int, is_usual: bool) -> None:
    change(admission, f"update raw.arrivals set row_count = {rows} where table_name = 'orders'")
    report = gate(empty_home, admission)
    message = f"table_name=orders row_count={rows} earlier_median=100.0"
    assert report.is_passed
    assert (message not in soft(report)) is is_usual


def test_a_table_without_a_file_is_soft(empty_home: Settings, admission: Path) -> None:
    change(admission, "delete from raw.arrivals where table_name = 'payments'", "delete from raw.payments")
    assert "table_name=payments row_count=0 earlier_median=100.0" in soft(gate(empty_home, admission))


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
