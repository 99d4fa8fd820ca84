"""A seller's credit record is added to and never rewritten, in the warehouse and in what is published."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cli.status import status
from serving.publish import publish
from serving.query import query
from serving.record import TABLE, read_record
from tests.serving.built import build_night, forget
from tradeline import dbt
from tradeline.errors import TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


NIGHT = date(2018, 8, 31)
EARLIER, LATER = NIGHT - timedelta(days=1), NIGHT + timedelta(days=1)
SELLER = "seller-0000003"


def build_and_publish(settings: Settings, as_of: date, run_id: str, mark: int = 1) -> None:
    build_night(settings, as_of, run_id, mark=mark)
    publish(settings, [as_of], run_id)


def kept_files(settings: Settings) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in (settings.published / TABLE).rglob("*.parquet")}


# In the warehouse, by dbt.


def decide(settings: Settings, run_id: str, as_of: date, *options: str) -> None:
    variables = {"as_ofs": [as_of.isoformat()]}
    dbt.run_dbt(settings, run_id, ["build", "--selector", "loan_eligibility", *options], variables)


def recorded(settings: Settings) -> dict[tuple[str, date], list[tuple[Any, ...]]]:
    """Rows of the warehouse's record by run and night."""
    rows: dict[tuple[str, date], list[tuple[Any, ...]]] = {}
    with duckdb.connect(str(settings.warehouse)) as connection:
        for row in connection.execute(
            f"select (run_id, as_of), record from marts.{TABLE} as record order by run_id, as_of, seller_id"
        ).fetchall():
            rows.setdefault(tuple(row[0]), []).append(row[1:])
    return rows


def test_a_run_adds_its_own_rows_and_leaves_all_others_as_they_were(settings: Settings) -> None:
    build_night(settings, NIGHT, "made up")
    build_night(settings, LATER, "made up")
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(f"drop table marts.loan_eligibility; drop table marts.{TABLE}")
        connection.execute(
            """
            insert into raw.loans by name
            select 'loan-3' as loan_id, ? as seller_id, '2018-06-01' as applied_at, 'disbursed' as status,
                100 as principal, 60 as term_days, 0.18 as annual_rate, '2018-06-02' as disbursed_at,
                '2018-06-02' as arrived_on, 'f' as source_file
            """,
            [SELLER],
        )
        connection.execute("update marts.seller_features set has_loans = true")
    dbt.run_dbt(settings, "staging", ["run", "--select", "staging"], {})
    decide(settings, "first", NIGHT)
    first = recorded(settings)
    assert set(first) == {("first", NIGHT)} and len(first["first", NIGHT]) == 20

    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("update marts.seller_features set tenure_days = tenure_days + 1")
        connection.execute(
            "insert into raw.loans select * replace ('later' as loan_id, '2018-09-01' as arrived_on) from raw.loans"
        )
    decide(settings, "second", NIGHT)
    second = recorded(settings)
    assert second["first", NIGHT] == first["first", NIGHT]
    assert second["second", NIGHT] != first["first", NIGHT]

    decide(settings, "second", NIGHT)
    assert recorded(settings) == second

    decide(settings, "third", LATER, "--full-refresh")
    third = recorded(settings)
    assert {key: third[key] for key in second} == second
    loans = {key: [len(row["loans"]) for (row,) in rows if row["seller_id"] == SELLER] for key, rows in third.items()}
    assert loans == {("first", NIGHT): [1], ("second", NIGHT): [1], ("third", LATER): [2]}


# In what is published.


def test_no_publication_touches_the_files_of_another(settings: Settings) -> None:
    build_and_publish(settings, NIGHT, "first", mark=1)
    first = kept_files(settings)
    build_and_publish(settings, NIGHT, "second", mark=2)
    build_and_publish(settings, EARLIER, "third", mark=3)
    publish(settings, [EARLIER], "third")
    build_and_publish(settings, LATER, "fourth", mark=4)
    after = kept_files(settings)
    assert {path: after[path] for path in first} == first
    assert len(after) == 4
    scores = f"select distinct as_of, run_id, score from history.{TABLE} order by 1"
    assert query(settings, scores).rows == [(EARLIER, "third", 3), (NIGHT, "second", 2), (LATER, "fourth", 4)]
    assert query(settings, f"select distinct as_of, score from {TABLE}").rows == [(LATER, 4)]


def test_a_publication_holds_its_own_runs_rows_alone(settings: Settings) -> None:
    build_night(settings, NIGHT, "first", mark=1)
    build_night(settings, NIGHT, "second", mark=2)
    (publication,) = publish(settings, [NIGHT], "second")
    assert publication.table(TABLE).row_count == 20
    assert query(settings, f"select distinct run_id, score from {TABLE}").rows == [("second", 2)]


def test_the_record_is_every_run_of_every_night(settings: Settings) -> None:
    for as_of, run_id, mark in ((NIGHT, "first", 1), (NIGHT, "second", 2), (EARLIER, "third", 3)):
        build_and_publish(settings, as_of, run_id, mark)
    record = read_record(settings, SELLER)
    names = record.published.columns
    found = [dict(zip(names, row, strict=True)) for row in record.published.rows]
    assert [(row["as_of"], row["run_id"], row["score"], row["is_current"]) for row in found] == [
        (EARLIER, "third", 3, True), (NIGHT, "first", 1, False), (NIGHT, "second", 2, True),
    ]  # fmt: skip
    assert {row["seller_id"] for row in found} == {SELLER}
    assert [night["run_id"] for night in record.nights] == ["third", "second"]
    assert record.latest["loans"][0]["installments"][1]["days_past_due"] == 30


# Homes that published before there were credit records.


def test_a_home_of_before_is_read_as_before(settings: Settings) -> None:
    build_and_publish(settings, NIGHT, "old")
    forget(settings, TABLE)
    assert query(settings, "select count(*) from history.loan_eligibility").rows == [(20,)]
    seen = status(settings).published
    assert seen and seen.sellers == 20
    with pytest.raises(TradelineError, match="from before credit records were kept"):
        read_record(settings, SELLER)


def test_a_home_of_before_goes_on_with_the_next_night(settings: Settings) -> None:
    build_and_publish(settings, NIGHT, "old")
    forget(settings, TABLE)
    build_and_publish(settings, EARLIER, "backfill")  # the latest night has no record yet
    assert query(settings, f"select distinct as_of from history.{TABLE}").rows == [(EARLIER,)]
    with pytest.raises(TradelineError, match=f"{TABLE} does not exist"):
        query(settings, f"from {TABLE}")
    build_and_publish(settings, LATER, "new")
    assert query(settings, f"select distinct as_of from {TABLE}").rows == [(LATER,)]
    assert [night["as_of"] for night in read_record(settings, SELLER).nights] == [EARLIER, LATER]
    assert len(query(settings, "select distinct as_of from history.loan_eligibility").rows) == 3


# Asked for what there is not.


def test_before_the_first_publication_it_says_what_to_run(settings: Settings) -> None:
    with pytest.raises(TradelineError, match=r"nothing is published .*`tradeline run --as-of"):
        read_record(settings, SELLER)


@pytest.mark.parametrize("asked", ["seller-000000", "SELLER-0000000", "o'seller-0000000"])
def test_an_unknown_seller_is_told_the_nearest(settings: Settings, asked: str) -> None:
    build_and_publish(settings, NIGHT, "first")
    with pytest.raises(TradelineError, match="the nearest names are seller-0000000") as raised:
        read_record(settings, asked)
    listing = str(raised.value).split('"')[-2]
    assert len(query(settings, listing).rows) == 20
