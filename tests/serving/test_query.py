"""Questions are answered; everything else is refused, with words that help."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from serving.marts import described
from serving.publish import publish
from serving.query import query
from tests.serving.built import build_night
from tradeline.contracts.publications import TABLES, marts_file
from tradeline.errors import TradelineError
from tradeline.settings import Settings

NIGHT = date(2018, 8, 31)


def test_answer_has_names_types_and_rows(published: Settings) -> None:
    answer = query(
        published, "select as_of, count(*) as sellers, sum(limit_amount) as limits from loan_eligibility group by 1;"
    )
    assert answer.columns == ("as_of", "sellers", "limits")
    assert answer.types == ("DATE", "BIGINT", "DECIMAL(38,2)")
    assert answer.rows == [(NIGHT, 20, 20)]


@pytest.mark.parametrize(
    "sql",
    [
        "from loan_eligibility limit 1",
        "with a as (select 1) from a",
        "values (1)",
        "show tables",
        "describe seller_features",
        "summarize loan_eligibility",
        "table reason_codes",
        "select * from history.seller_features limit 1",
    ],
)
def test_every_reading_statement_is_answered(published: Settings, sql: str) -> None:
    assert query(published, sql).rows


@pytest.mark.parametrize(
    "sql",
    [
        "insert into reason_codes values ('A', 'b', 'c', 'd')",
        "create table mine as select 1",
        "drop table seller_features",
        "update loan_eligibility set is_eligible = true",
        "attach '/tmp/other.duckdb' as other",
        "detach history",
        "copy loan_eligibility to 'offers.csv'",
        "export database 'all'",
        "explain analyze copy loan_eligibility to 'offers.csv'",
        "set enable_external_access = true",
        "pragma version",
        "call pragma_version()",
        "install httpfs",
        "checkpoint",
        "begin",
        "select 1; select 2",
        "select 1; drop table seller_features",
        "",
        "-- only a comment",
    ],
)
def test_anything_else_is_refused(published: Settings, sql: str) -> None:
    with pytest.raises(TradelineError, match="only read, by one SELECT"):
        query(published, sql)


def test_a_select_that_writes_is_refused(published: Settings) -> None:
    with pytest.raises(TradelineError):
        query(published, "with gone as (delete from marts.loan_eligibility returning *) select count(*) from gone")
    assert query(published, "select count(*) from loan_eligibility").rows == [(20,)]


def test_files_outside_the_publication_are_out_of_reach(published: Settings, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    climbing = f"read_csv('{published.published}/../../secret.csv')"
    for reader in (f"read_csv('{secret}')", f"read_text('{secret}')", f"glob('{tmp_path}/*')", f"'{secret}'", climbing):
        with pytest.raises(TradelineError, match=r"Permission Error|No files found"):
            query(published, f"select * from {reader}")
    with pytest.raises(TradelineError, match="Permission Error"):
        query(published, "select * from glob('/tmp/*')")


def test_each_question_sees_the_newest_publication(published: Settings) -> None:
    # A connection that is still open on the old file must not hold the next question back.
    with duckdb.connect(str(marts_file(published)), read_only=True) as held:
        build_night(published, NIGHT, "second", mark=2)
        publish(published, [NIGHT], "second")
        assert query(published, "select distinct run_id from loan_eligibility").rows == [("second",)]
        assert held.execute("select distinct run_id from loan_eligibility").fetchall() == [("first",)]


def test_history_bridges_a_column_that_came_later(published: Settings, monkeypatch: pytest.MonkeyPatch) -> None:

    def with_new_share(table: str) -> list[dict[str, Any]]:
        (mart,) = described(table)
        added = [{"name": "new_share"}] if table == "seller_features" else []
        return [mart | {"columns": [*mart["columns"], *added]}]

    monkeypatch.setattr("serving.export.described", with_new_share)
    with duckdb.connect(str(published.warehouse)) as connection:
        connection.execute("alter table marts.seller_features add column new_share double default 0.5")
    build_night_with = date(2018, 9, 1)
    with duckdb.connect(str(published.warehouse)) as connection:
        for table in TABLES:
            connection.execute(f"update marts.{table} set as_of = ?", [build_night_with])
    publish(published, [build_night_with], "first")
    rows = query(published, "select distinct as_of, new_share from history.seller_features order by as_of").rows
    assert rows == [(NIGHT, None), (build_night_with, 0.5)]


def test_history_takes_only_files_that_the_manifest_names(published: Settings) -> None:
    folder = published.published / "credit_scores" / "as_of=2018-08-31"
    (folder / "stray.parquet").write_bytes((folder / "first.parquet").read_bytes())
    assert query(published, "select count(*) from history.credit_scores").rows == [(20,)]


def test_wrong_sql_gets_duckdbs_words_and_the_tables(published: Settings) -> None:
    with pytest.raises(TradelineError, match=r'"nope" not found[\s\S]*history\.loan_eligibility'):
        query(published, "select nope from loan_eligibility")
    with pytest.raises(TradelineError, match=r"syntax error[\s\S]*seller_features"):
        query(published, "selec 1")


def test_before_the_first_publication_it_says_what_to_run(settings: Settings) -> None:
    with pytest.raises(TradelineError, match="tradeline run --as-of"):
        query(settings, "select 1")
