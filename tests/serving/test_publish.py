"""What a publication leaves behind, and what it leaves as it was."""

import stat
from datetime import date
from pathlib import Path

import duckdb
import pytest

from serving.export import PERSONAL_COLUMNS
from serving.publish import publish
from serving.query import query
from tests.serving.built import build_night
from tradeline.contracts.policy import policy_files, policy_version
from tradeline.contracts.publications import COLUMNS, TABLES, Publication, marts_file, read_publications
from tradeline.errors import TradelineError
from tradeline.files import content_hash
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


NIGHT = date(2018, 8, 31)
EARLIER = date(2018, 7, 31)


def build_and_publish(settings: Settings, as_of: date, run_id: str, mark: int = 1) -> Publication:
    build_night(settings, as_of, run_id, mark=mark)
    (publication,) = publish(settings, [as_of], run_id)
    return publication


def seen(settings: Settings) -> list[tuple[object, ...]]:
    """The night, run and marks that a reader sees."""
    return query(
        settings,
        """
        select distinct as_of, run_id, sales_amount_7d::int, score, limit_amount::int
        from seller_features join credit_scores using (seller_id, as_of)
        join (select seller_id, as_of, run_id, limit_amount from loan_eligibility) using (seller_id, as_of)
        """,
    ).rows


def test_published_rows_are_those_of_the_warehouse(published: Settings) -> None:
    (publication,) = read_publications(published)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published.warehouse}' as warehouse (read_only)")
        connection.execute(f"attach '{marts_file(published)}' as marts (read_only)")
        for table in TABLES:
            built = connection.execute(f"from warehouse.marts.{table} order by seller_id").fetchall()
            kept = published.published / publication.table(table).path
            assert connection.execute(f"from marts.{table}").fetchall() == built
            assert connection.execute(f"from read_parquet('{kept}', hive_partitioning = false)").fetchall() == built
            types = [row[:2] for row in connection.execute(f"describe warehouse.marts.{table}").fetchall()]
            assert [row[:2] for row in connection.execute(f"describe marts.{table}").fetchall()] == types


def test_manifest_says_what_was_published(settings: Settings) -> None:
    publication = build_and_publish(settings, NIGHT, "first")
    assert read_publications(settings) == [publication]
    assert (publication.run_id, publication.model_version, publication.is_current) == ("first", "m1", True)
    assert publication.policy_version == policy_version(settings)
    for kept in publication.tables:
        assert kept.path == f"{kept.table_name}/as_of=2018-08-31/first.parquet"
        assert kept.row_count == 20
        assert kept.content_hash == content_hash(settings.published / kept.path)


def test_both_manifests_agree(published: Settings) -> None:
    build_and_publish(published, EARLIER, "second")
    in_file = query(published, f"select {', '.join(COLUMNS)} from publications order by all").rows
    with duckdb.connect() as connection:
        kept = published.published / "publications.parquet"
        assert connection.execute(f"select {', '.join(COLUMNS)} from '{kept}' order by all").fetchall() == in_file
    assert len(in_file) == 2 * len(TABLES)


def test_input_fingerprint_covers_the_nights_up_to_as_of(settings: Settings) -> None:
    before = build_and_publish(settings, EARLIER, "first")
    latest = build_and_publish(settings, NIGHT, "second")
    again = build_and_publish(settings, EARLIER, "third")
    assert before.input_fingerprint == again.input_fingerprint != latest.input_fingerprint


def test_same_rows_give_the_same_bytes(settings: Settings, tmp_path: Path) -> None:
    other = settings.model_copy(update={"home": tmp_path / "other"})
    for home in (settings, other):
        build_night(home, NIGHT, "first", sellers=30_000)
    (one,), (two,) = (publish(home, [NIGHT], "first") for home in (settings, other))
    assert one.tables == two.tables


def test_descriptions_are_carried_into_the_file(published: Settings) -> None:
    undescribed = query(
        published,
        f"""
        select table_name, column_name from duckdb_columns()
        where database_name = 'marts' and comment is null and table_name in {TABLES}
        """,
    )
    assert undescribed.rows == []


def test_an_older_night_adds_history_and_never_turns_the_file_back(published: Settings) -> None:
    build_and_publish(published, EARLIER, "second", mark=2)
    assert seen(published) == [(NIGHT, "first", 1, 1, 1)]
    assert query(published, "select as_of, min(score) from history.credit_scores group by 1 order by 1").rows == [
        (EARLIER, 2),
        (NIGHT, 1),
    ]


def test_a_newer_run_of_a_night_replaces_the_older_one_and_keeps_its_files(published: Settings) -> None:
    (first,) = read_publications(published)
    build_and_publish(published, NIGHT, "second", mark=2)
    assert seen(published) == [(NIGHT, "second", 2, 2, 2)]
    assert query(published, "select distinct score from history.credit_scores").rows == [(2,)]
    assert [(found.run_id, found.is_current) for found in read_publications(published)] == [
        ("first", False),
        ("second", True),
    ]
    assert all((published.published / kept.path).exists() for kept in first.tables)


def test_publishing_twice_replaces_the_runs_own(published: Settings) -> None:
    (first,) = read_publications(published)
    (again,) = publish(published, [NIGHT], "first")
    assert again.tables == first.tables
    changed = build_and_publish(published, NIGHT, "first", mark=2)
    assert read_publications(published) == [changed]
    assert seen(published) == [(NIGHT, "first", 2, 2, 2)]
    # The file that the previous manifest names is left as it was: a crash just before the commit must not tear it.
    assert content_hash(published.published / first.tables[0].path) == first.tables[0].content_hash


def test_several_nights_appear_at_once(settings: Settings) -> None:
    build_night(settings, EARLIER, "first", mark=1)
    build_night(settings, NIGHT, "first", mark=2)
    assert [publication.as_of for publication in publish(settings, [NIGHT, EARLIER], "first")] == [EARLIER, NIGHT]
    assert seen(settings) == [(NIGHT, "first", 2, 2, 2)]
    assert len(query(settings, "select distinct as_of from history.loan_eligibility").rows) == 2


def test_a_night_without_a_model_is_published(settings: Settings) -> None:
    build_night(settings, NIGHT, "first", model_version=None)
    (publication,) = publish(settings, [NIGHT], "first")
    assert publication.model_version is None
    assert publication.table("credit_scores").row_count == 0
    assert query(settings, "select count(*) from loan_eligibility").rows == [(20,)]


def test_policy_is_kept_with_the_decision(published: Settings) -> None:
    (publication,) = read_publications(published)
    archive = published.published / "policies" / publication.policy_version
    assert {path.name: path.read_bytes() for path in archive.iterdir()} == {
        path.name: path.read_bytes() for path in policy_files()
    }
    assert query(published, "select kind, basis from reason_codes where code = 'NO_SCORE'").rows == [("policy", "owed")]


def test_a_decision_by_a_policy_that_is_gone_is_refused(settings: Settings) -> None:
    build_night(settings, NIGHT, "first")
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("update marts.loan_eligibility set policy_version = 'bygone'")
    with pytest.raises(TradelineError, match="followed policy bygone"):
        publish(settings, [NIGHT], "first")
    assert not marts_file(settings).exists()


def test_no_personal_data_is_published(published: Settings) -> None:
    names = {name for (name,) in query(published, "select column_name from duckdb_columns() where not internal").rows}
    assert names.isdisjoint(PERSONAL_COLUMNS)
    assert {name for name in names if name.endswith("_id")} == {"seller_id", "run_id"}
    with duckdb.connect(str(published.warehouse)) as connection:
        connection.execute("alter table marts.seller_features add column buyer_id varchar")
    with pytest.raises(TradelineError, match="personal data \\(buyer_id\\)"):
        publish(published, [NIGHT], "first")


def test_nor_is_it_within_a_nested_column(settings: Settings) -> None:
    build_night(settings, NIGHT, "first")
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(
            "alter table marts.seller_credit_record add column orders struct(day date, order_id varchar)[]"
        )
    with pytest.raises(TradelineError, match="personal data \\(order_id\\)"):
        publish(settings, [NIGHT], "first")


def test_a_night_that_is_not_decided_is_refused(settings: Settings) -> None:
    build_night(settings, NIGHT, "first")
    with pytest.raises(TradelineError, match="no offers for 2018-07-31"):
        publish(settings, [EARLIER], "first")


def test_a_decision_of_another_run_is_refused(published: Settings) -> None:
    build_night(published, NIGHT, "second", mark=2)
    with pytest.raises(TradelineError, match="not those of run first alone, but of runs \\['second'\\]"):
        publish(published, [NIGHT], "first")
    assert seen(published) == [(NIGHT, "first", 1, 1, 1)]


def test_a_seller_without_decision_is_refused(settings: Settings) -> None:
    build_night(settings, NIGHT, "first")
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("delete from marts.loan_eligibility where seller_id = 'seller-0000003'")
    with pytest.raises(TradelineError, match="20 sellers have features but 19 a decision"):
        publish(settings, [NIGHT], "first")


def test_a_seller_without_a_credit_record_is_refused(settings: Settings) -> None:
    build_night(settings, NIGHT, "first")
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("update marts.seller_credit_record set run_id = 'other' where seller_id = 'seller-0000003'")
    with pytest.raises(TradelineError, match="run first left 1 sellers out of seller_credit_record"):
        publish(settings, [NIGHT], "first")
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("drop table marts.seller_credit_record")
    with pytest.raises(TradelineError, match="before there was a table seller_credit_record: run `tradeline run"):
        publish(settings, [NIGHT], "first")


def test_a_declined_seller_who_is_not_told_why_is_refused(settings: Settings) -> None:
    build_night(settings, NIGHT, "first")
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("update marts.loan_eligibility set is_eligible = seller_id <> 'seller-0000003'")
        connection.execute("delete from marts.adverse_actions where seller_id in ('seller-0000003', 'seller-0000004')")
    with pytest.raises(TradelineError, match="run first left 1 sellers out of adverse_actions"):
        publish(settings, [NIGHT], "first")


def test_a_history_file_that_was_changed_does_not_come_back(published: Settings) -> None:
    (latest,) = read_publications(published)
    path = published.published / latest.table("credit_scores").path
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    build_night(published, EARLIER, "second")
    with pytest.raises(TradelineError, match=r"first\.parquet is not the file that was published"):
        publish(published, [EARLIER], "second")


def test_published_files_are_read_only_and_no_leftovers_stay(settings: Settings) -> None:
    settings.published.mkdir(parents=True)
    stale = marts_file(settings).with_name("marts.duckdb.wal")
    stale.write_bytes(b"a log of someone who opened the previous file for writing")
    build_and_publish(settings, NIGHT, "first")
    files = [path for path in settings.published.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o444}
    assert not stale.exists() and not (settings.published / ".aside").exists()
