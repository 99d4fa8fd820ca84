"""A published night that is withdrawn, a manifest that is made anew, and kept files that are damaged."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from cli.status import status
from pipeline import steps
from serving.publish import publish, restore, withdraw
from serving.query import query
from serving.record import read_record
from tests.serving.built import build_night
from tradeline.contracts.publications import TABLES, find_publication, marts_file, read_publications, verified
from tradeline.errors import BadInput, Damaged, TradelineError
from tradeline.journal import read_journal
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


EARLIER, NIGHT = date(2018, 7, 31), date(2018, 8, 31)
SELLER = "seller-0000001"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two published nights; the scores are 1 in the earlier and 2 in the later one."""
    settings = Settings(home=tmp_path_factory.mktemp("kept") / "home")
    for mark, as_of, run_id in ((1, EARLIER, "first"), (2, NIGHT, "second")):
        build_night(settings, as_of, run_id, mark=mark)
        publish(settings, [as_of], run_id)
    return settings


@pytest.fixture
def published(kept: Settings, settings: Settings) -> Settings:
    """A copy of these, which the test may change."""
    shutil.copytree(kept.home, settings.home)
    return settings


def seen(settings: Settings) -> list[tuple[object, ...]]:
    return query(settings, "select distinct as_of, score from loan_eligibility").rows


def history(settings: Settings) -> list[date]:
    rows = query(settings, "select distinct as_of from history.loan_eligibility order by as_of").rows
    return [as_of for (as_of,) in rows]


def kept_file(settings: Settings, as_of: date, table: str) -> Path:
    return settings.published / find_publication(settings, as_of).table(table).path


def test_the_night_before_shows_again_and_nothing_is_lost(published: Settings) -> None:
    before = find_publication(published, NIGHT)
    files = {path: path.read_bytes() for path in published.published.rglob("as_of=*/*.parquet")}
    said = steps.withdraw(published, "run", NIGHT, "A test night.", "anna")
    assert said == f"{NIGHT} is withdrawn by anna: A test night.; readers now see {EARLIER} of run first"
    assert seen(published) == [(EARLIER, 1)] and history(published) == [EARLIER]
    assert len(read_record(published, SELLER).nights) == 1
    (kept,) = [found for found in read_publications(published) if found.run_id == "second"]
    assert (kept.is_current, kept.withdrawn_by, kept.withdrawn_reason) == (False, "anna", "A test night.")
    assert replace(kept, is_current=True, withdrawn_at=None, withdrawn_by=None, withdrawn_reason=None) == before
    assert files == {path: path.read_bytes() for path in files} and verified(published, kept.tables[0])
    assert find_publication(published, NIGHT, "second") == kept, "a replay by run finds it"
    with pytest.raises(TradelineError, match=r"second withdrawn by anna at .* UTC: A test night"):
        find_publication(published, NIGHT)
    entry = read_journal(published)[-1]
    assert (entry.step, entry.status, entry.as_ofs, entry.message) == ("withdraw", "done", [str(NIGHT)], said)


@pytest.mark.parametrize("run_id", ["third", "second"])
def test_a_withdrawn_night_can_be_published_again(published: Settings, run_id: str) -> None:
    withdraw(published, NIGHT, "A test night.", "anna")
    build_night(published, NIGHT, run_id, mark=3)
    publish(published, [NIGHT], run_id)
    assert seen(published) == [(NIGHT, 3)] and history(published) == [EARLIER, NIGHT]
    (kept,) = [found for found in read_publications(published) if found.run_id == "second"]
    assert (kept.is_current, kept.withdrawn_by) == (run_id == "second", "anna")


def test_an_earlier_run_of_the_night_does_not_come_back(published: Settings) -> None:
    build_night(published, NIGHT, "third", mark=3)
    publish(published, [NIGHT], "third")
    withdraw(published, NIGHT, "A test night.", "anna")
    assert seen(published) == [(EARLIER, 1)]


def test_a_night_in_the_middle_only_leaves_the_history(published: Settings) -> None:
    withdraw(published, EARLIER, "A test night.", "anna")
    assert seen(published) == [(NIGHT, 2)] and history(published) == [NIGHT]


def test_a_night_in_the_future_can_be_withdrawn(published: Settings) -> None:
    build_night(published, date(2999, 1, 1), "third", mark=3)
    publish(published, [date(2999, 1, 1)], "third")
    steps.withdraw(published, "run", date(2999, 1, 1), "It has not been yet.", "anna")
    assert seen(published) == [(NIGHT, 2)]


def test_where_all_is_withdrawn_readers_find_empty_tables(published: Settings) -> None:
    for as_of in (NIGHT, EARLIER):
        withdraw(published, as_of, "A test night.", "anna")
    assert [query(published, f"select count(*) from {table}").rows for table in TABLES] == [[(0,)]] * len(TABLES)
    assert history(published) == [] and status(published).published is None
    with pytest.raises(TradelineError, match="is withdrawn"):
        read_record(published, SELLER)
    build_night(published, NIGHT, "third", mark=3)
    publish(published, [NIGHT], "third")
    assert seen(published) == [(NIGHT, 3)]


@pytest.mark.parametrize(
    ("as_of", "reason", "said"),
    [
        (date(2018, 9, 1), "A test night.", "nothing is published for 2018-09-01"),
        (NIGHT, " ", "reason: ' ' says nothing"),
        (NIGHT, "two\nlines", "more than one line"),
    ],
)
def test_what_cannot_be_withdrawn_changes_nothing(published: Settings, as_of: date, reason: str, said: str) -> None:
    before = marts_file(published).read_bytes()
    with pytest.raises(TradelineError, match=said):
        steps.withdraw(published, "run", as_of, reason, "anna")
    assert marts_file(published).read_bytes() == before and read_journal(published) == []


def test_what_is_withdrawn_already_is_refused(published: Settings) -> None:
    withdraw(published, NIGHT, "A test night.", "anna")
    with pytest.raises(BadInput, match="second was withdrawn by anna"):
        withdraw(published, NIGHT, "Again.", "bert")


def test_the_night_before_must_be_whole_to_show_again(published: Settings) -> None:
    path = kept_file(published, EARLIER, "credit_scores")
    path.unlink()
    with pytest.raises(Damaged, match=r"first\.parquet is missing: restore it .* --as-of 2018-07-31"):
        withdraw(published, NIGHT, "A test night.", "anna")
    assert seen(published) == [(NIGHT, 2)]


def test_a_manifest_of_an_earlier_release_is_read_and_taken_over(published: Settings) -> None:
    with duckdb.connect(marts_file(published)) as connection:
        connection.execute("create table kept as from publications; drop table publications")
        connection.execute("create table publications as select * exclude (withdrawn_at, withdrawn_by) from kept")
    assert [found.withdrawal for found in read_publications(published)] == ["", ""]
    withdraw(published, NIGHT, "A test night.", "anna")
    assert seen(published) == [(EARLIER, 1)]


@pytest.mark.parametrize("damage", [None, b"", b"\xff" * 9000])
def test_a_lost_or_damaged_manifest_is_named_and_made_anew(published: Settings, damage: bytes | None) -> None:
    before = read_publications(published)
    marts_file(published).unlink()
    if damage is not None:
        marts_file(published).write_bytes(damage)
    build_night(published, NIGHT, "third")
    for attempt in (lambda: seen(published), lambda: publish(published, [NIGHT], "third")):
        with pytest.raises(Damaged, match=r"marts\.duckdb .*: run `tradeline publications restore`"):
            attempt()
    assert any("publications restore" in notice for notice in status(published).notices)
    restore(published)
    assert read_publications(published) == before and seen(published) == [(NIGHT, 2)]


@pytest.mark.parametrize("damage", [None, b"", b"PAR1" + b"\xff" * 500 + b"PAR1"])
def test_a_damaged_history_file_stops_only_who_asks_for_it(
    published: Settings, damage: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    path = kept_file(published, EARLIER, "loan_eligibility")
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    assert seen(published) == [(NIGHT, 2)]
    assert query(published, "select count(*) from history.credit_scores").rows == [(40,)]
    assert f"{path} cannot be read" in caplog.text and "--as-of 2018-07-31" in caplog.text
    with pytest.raises(TradelineError, match=r"history\.loan_eligibility cannot be read(.|\n)*first\.parquet"):
        history(published)
    build_night(published, EARLIER, "third")
    publish(published, [EARLIER], "third")
    assert history(published) == [EARLIER, NIGHT]


def test_a_record_goes_on_without_a_damaged_file_that_readers_no_longer_see(
    published: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    path = kept_file(published, EARLIER, "seller_credit_record")
    path.unlink()
    with pytest.raises(Damaged, match=r"first\.parquet cannot be read"):
        read_record(published, SELLER)
    build_night(published, EARLIER, "third")
    publish(published, [EARLIER], "third")
    assert len(read_record(published, SELLER).nights) == 2 and str(path) in caplog.text


def test_bytes_that_are_no_text_are_refused(published: Settings) -> None:
    for ask in (lambda: read_record(published, "\udcff"), lambda: query(published, "select '\udcff'")):
        with pytest.raises(TradelineError, match=r"\\xff.* is not UTF-8"):
            ask()
