"""What applications read in a real PostgreSQL and a real MariaDB."""

import json
import threading
from datetime import date
from typing import Any

import duckdb
import pytest

from serving.publish import publish, withdraw
from serving.query import query
from serving.targets.deliver import deliver
from serving.targets.state import read_state
from tests.serving.targets.conftest import EARLIER, NIGHT, TARGET, Database, describe, publish_night
from tradeline.contracts.publications import KEYS, TABLES
from tradeline.errors import BadInput, TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow

LATER = date(2018, 9, 30)


@pytest.fixture
def delivered(published: Settings, database: Database) -> Settings:
    """A home whose two nights the database has."""
    describe(published, kind=database.kind, url=database.url)
    deliver(published, TARGET)
    return published


def latest(database: Database) -> list[tuple[Any, ...]]:
    """Night and mark that readers of the database see, one row if all sellers are of one publication."""
    return database.ask("select distinct as_of, score from loan_eligibility")


def history(database: Database) -> list[tuple[Any, ...]]:
    return database.ask("select distinct as_of, score from loan_eligibility_history order by as_of, score")


def counts(database: Database, table: str) -> list[tuple[Any, ...]]:
    return database.ask(f"select as_of, run_id, count(*) from {table} group by as_of, run_id order by as_of, run_id")


@pytest.mark.parametrize("table", TABLES)
def test_a_database_has_the_values_that_are_published(delivered: Settings, database: Database, table: str) -> None:
    order = ", ".join(KEYS.get(table, ("seller_id",)))
    kept = query(delivered, f"from {table} order by {order}")
    with database.reader() as read:
        names = ", ".join(f"`{name}`" if database.kind == "mysql" else f'"{name}"' for name in kept.columns)
        found = read(f"select {names} from {table} order by {order}")
    types = [type_.lower() for type_ in kept.types]
    assert [_comparable(row, types) for row in found] == [_comparable(row, types) for row in kept.rows]
    assert len(found) == 20


def _comparable(row: tuple[Any, ...], types: list[str]) -> list[Any]:
    """A row with JSON read, and dates and amounts inside of it as JSON has them."""
    return [_plain(value, type_) for value, type_ in zip(row, types, strict=True)]


def _plain(value: Any, type_: str) -> Any:
    if type_ == "boolean" and value is not None:
        return bool(value)
    if type_.endswith("]") and value is not None:
        read = json.loads(value) if isinstance(value, str) else value
        return json.loads(json.dumps(read, default=lambda each: str(each) if isinstance(each, date) else float(each)))
    return value


def test_readers_see_the_latest_night_and_all_nights(delivered: Settings, database: Database) -> None:
    assert latest(database) == [(NIGHT, 2)] and history(database) == [(EARLIER, 1), (NIGHT, 2)]
    manifest = "select as_of, run_id, is_current, is_latest, model_version from publications order by as_of"
    assert database.ask(manifest) == [(EARLIER, "first", True, False, "m1"), (NIGHT, "second", True, True, "m1")]


def test_a_second_delivery_changes_nothing(delivered: Settings, database: Database) -> None:
    before = database.ask("select * from publications order by publication_id")
    assert deliver(delivered, TARGET) == "apps: nothing was missing"
    assert database.ask("select * from publications order by publication_id") == before


def test_what_was_missed_is_brought_and_an_older_night_does_not_move_the_latest(
    delivered: Settings, database: Database
) -> None:
    publish_night(delivered, LATER, "third", mark=3)
    publish_night(delivered, date(2018, 6, 30), "fourth", mark=4)
    assert deliver(delivered, TARGET) == "apps: 2 nights as of 2018-06-30 to 2018-09-30 delivered"
    assert latest(database) == [(LATER, 3)]
    assert history(database) == [(date(2018, 6, 30), 4), (EARLIER, 1), (NIGHT, 2), (LATER, 3)]


def test_a_run_that_publishes_again_replaces_its_own_rows(delivered: Settings, database: Database) -> None:
    publish_night(delivered, NIGHT, "second", mark=5, sellers=7)
    deliver(delivered, TARGET)
    assert latest(database) == [(NIGHT, 5)]
    assert counts(database, "loan_eligibility_rows") == [(EARLIER, "first", 20), (NIGHT, "second", 7)]


def test_a_later_run_of_a_night_takes_the_place_of_an_earlier_one(delivered: Settings, database: Database) -> None:
    publish_night(delivered, NIGHT, "third", mark=3)
    deliver(delivered, TARGET)
    assert latest(database) == [(NIGHT, 3)] and history(database) == [(EARLIER, 1), (NIGHT, 3)]


def test_a_night_that_is_asked_for_is_brought_again(delivered: Settings, database: Database) -> None:
    with database.reader() as read:
        read("delete from loan_eligibility_rows")
    assert deliver(delivered, TARGET, EARLIER) == "apps: as of 2018-07-31 delivered"
    assert history(database) == [(EARLIER, 1)]
    with pytest.raises(TradelineError, match="nothing is published for 2018-01-01"):
        deliver(delivered, TARGET, date(2018, 1, 1))


def test_a_withdrawn_night_is_taken_from_readers_and_can_come_back(delivered: Settings, database: Database) -> None:
    withdraw(delivered, NIGHT, "A test night.", "anna")
    deliver(delivered, TARGET)
    assert latest(database) == [(EARLIER, 1)] and history(database) == [(EARLIER, 1)]
    said = database.ask("select withdrawn_by, withdrawn_reason, is_current from publications where run_id = 'second'")
    assert said == [("anna", "A test night.", False)]
    withdraw(delivered, EARLIER, "Another.", "bert")
    deliver(delivered, TARGET)
    assert latest(database) == [] and history(database) == []
    publish_night(delivered, NIGHT, "second", mark=2)
    deliver(delivered, TARGET)
    assert latest(database) == [(NIGHT, 2)] and history(database) == [(NIGHT, 2)]


def test_without_history_the_latest_night_alone_is_kept(published: Settings, database: Database) -> None:
    describe(published, kind=database.kind, url=database.url, history=False, tables=["loan_eligibility"])
    assert deliver(published, TARGET) == "apps: as of 2018-08-31 delivered"
    with pytest.raises(BadInput, match="keeps the latest night alone, which 2018-07-31 is not"):
        deliver(published, TARGET, EARLIER)
    publish_night(published, LATER, "third")
    deliver(published, TARGET)
    assert counts(database, "loan_eligibility_rows") == counts(database, "loan_eligibility") == [(LATER, "third", 20)]
    withdraw(published, LATER, "A test night.", "anna")
    deliver(published, TARGET)
    assert counts(database, "loan_eligibility_rows") == [(NIGHT, "second", 20)]
    assert database.ask("select count(*) from publications") == [(1,)]


def test_history_can_be_given_up_and_taken_up(delivered: Settings, database: Database) -> None:
    describe(delivered, kind=database.kind, url=database.url, history=False)
    deliver(delivered, TARGET)
    assert history(database) == latest(database) == [(NIGHT, 2)]
    describe(delivered, kind=database.kind, url=database.url, history=True)
    deliver(delivered, TARGET)
    assert history(database) == [(EARLIER, 1), (NIGHT, 2)]


def test_a_table_that_is_added_to_the_target_has_every_night(published: Settings, database: Database) -> None:
    describe(published, kind=database.kind, url=database.url, tables=["loan_eligibility"])
    deliver(published, TARGET)
    describe(published, kind=database.kind, url=database.url, tables=["loan_eligibility", "credit_scores"])
    deliver(published, TARGET)
    assert database.ask("select as_of, count(*) from credit_scores_history group by as_of order by as_of") == [
        (EARLIER, 20),
        (NIGHT, 20),
    ]


def test_a_table_of_an_earlier_contract_takes_up_columns_and_types(delivered: Settings, database: Database) -> None:
    with database.reader() as read:
        for view in ("loan_eligibility", "loan_eligibility_history"):
            read(f"drop view {view}")
        read("alter table loan_eligibility_rows drop column annual_rate")
        retype = "modify score varchar(20)" if database.kind == "mysql" else "alter column score type text"
        read(f"alter table loan_eligibility_rows {retype}")
    publish_night(delivered, LATER, "third")
    deliver(delivered, TARGET)
    rates = "select as_of, count(*), count(annual_rate) from loan_eligibility_history group by as_of order by as_of"
    assert database.ask(rates) == [(EARLIER, 20, 0), (NIGHT, 20, 0), (LATER, 20, 20)]
    assert history(database) == [(EARLIER, 1), (NIGHT, 2), (LATER, 3)]


def test_a_delivery_that_breaks_off_leaves_readers_what_they_had(delivered: Settings, database: Database) -> None:
    """A trigger refuses the rows of the last of five tables."""
    with database.reader() as read:
        if database.kind == "postgres":
            read("create function refuse() returns trigger as 'begin raise ''no room''; end' language plpgsql")
            read("create trigger refuse before insert on adverse_actions_rows for each row execute function refuse()")
        else:
            refuse = "signal sqlstate '45000' set message_text = 'no room'"
            read(f"create trigger refuse before insert on adverse_actions_rows for each row {refuse}")
    publish_night(delivered, LATER, "third")
    with pytest.raises(TradelineError, match=r"target apps: \w+ says: .*no room.* `tradeline publish --to apps`"):
        deliver(delivered, TARGET)
    assert latest(database) == [(NIGHT, 2)] and history(database) == [(EARLIER, 1), (NIGHT, 2)]
    assert counts(database, "loan_eligibility_rows") == [(EARLIER, "first", 20), (NIGHT, "second", 20)]
    state = read_state(delivered, TARGET)
    assert state.as_of == NIGHT and "no room" in (state.error or "")
    with database.reader() as read:
        read("drop trigger refuse" + (" on adverse_actions_rows" if database.kind == "postgres" else ""))
    deliver(delivered, TARGET)
    assert latest(database) == [(LATER, 3)] and read_state(delivered, TARGET).error is None


def test_a_connection_that_is_cut_is_told_as_such(published: Settings, postgres_url: str) -> None:
    database = Database("postgres", postgres_url)
    describe(published, "cut", kind="postgres", url=postgres_url)
    deliver(published, "cut")
    with database.reader() as read:
        read("create function cut() returns trigger as 'begin perform pg_terminate_backend(pg_backend_pid()); "
             "return new; end' language plpgsql")  # fmt: skip
        read("create trigger cut before insert on adverse_actions_rows for each row execute function cut()")
    publish_night(published, LATER, "third")
    with pytest.raises(TradelineError, match=r"target cut: PostgreSQL says: .*terminating connection"):
        deliver(published, "cut")
    assert latest(database) == [(NIGHT, 2)]


def test_readers_never_see_a_mixture(delivered: Settings, database: Database) -> None:
    """Each of six publications has its own night and mark in three tables, which one transaction reads all the time."""
    seen: set[Any] = set()
    faults: list[Any] = []
    done = threading.Event()
    tables = ("loan_eligibility", "credit_scores", "seller_credit_record")
    begin = "start transaction" if database.kind == "mysql" else "begin isolation level repeatable read"

    def read_on() -> None:
        try:
            with database.reader() as read:
                read("commit")
                while not done.is_set():
                    read(begin)
                    found = [read(f"select as_of, score, count(*) from {table} group by 1, 2") for table in tables]
                    joined = read("select count(*) from loan_eligibility join credit_scores using (seller_id, as_of)")
                    read("commit")
                    if found[0] != found[1] or found[0] != found[2] or len(found[0]) != 1 or joined != [(20,)]:
                        faults.append((found, joined))
                    seen.add(found[0][0][:2])
        except Exception as error:
            faults.append(error)

    readers = [threading.Thread(target=read_on) for _ in range(2)]
    for reader in readers:
        reader.start()
    for mark in range(3, 9):
        publish_night(delivered, date(2018, 9, mark), f"run-{mark}", mark=mark)
        deliver(delivered, TARGET)
    done.set()
    for reader in readers:
        reader.join()
    assert faults == [] and len(seen) > 2


def test_who_is_named_may_read_what_readers_see_and_nothing_else(published: Settings, database: Database) -> None:
    user = "reader_of_offers"
    at = "@localhost" if database.kind == "mysql" else ""
    describe(published, kind=database.kind, url=database.url, grants=[f"{user}{at}"])
    with pytest.raises(TradelineError, match=user):
        deliver(published, TARGET)
    with database.reader() as read:
        read(f"create user {user}{at}")
    deliver(published, TARGET)
    with database.reader(user) as read:
        assert read("select count(*) from loan_eligibility") == [(20,)]
        assert read("select count(*) from publications") == [(2,)]
        with pytest.raises(Exception, match="denied"):
            read("select count(*) from loan_eligibility_rows")


def test_ids_and_texts_arrive_as_they_are(published: Settings, database: Database) -> None:
    """Signs that end a text, a name or a file somewhere; and ids that differ by case alone."""
    ids = ["a", "A", "ä", "店铺 🏪", "it's", 'a "b"', "back\\slash", "100%s", "{x,NULL}", "\\N", "NULL", "a\tb", "`;--"]
    with duckdb.connect(str(published.warehouse)) as warehouse:
        for table in TABLES:
            for number, seller_id in enumerate(ids):
                old = f"seller-{number:07d}"
                warehouse.execute(f"update marts.{table} set seller_id = ? where seller_id = ?", [seller_id, old])
        warehouse.execute("update marts.loan_eligibility set reason_codes = [seller_id, '', '{}']")
        for table in ("loan_eligibility", "seller_credit_record", "adverse_actions"):
            warehouse.execute(f"update marts.{table} set run_id = 'third' where as_of = ?", [NIGHT])
    publish(published, [NIGHT], "third")
    describe(published, kind=database.kind, url=database.url)
    deliver(published, TARGET)
    found = dict(database.ask("select seller_id, reason_codes from loan_eligibility"))
    assert set(ids) <= set(found) and len(found) == 20
    codes = {id_: json.loads(value) if isinstance(value, str) else value for id_, value in found.items()}
    assert all(codes[seller_id] == [seller_id, "", "{}"] for seller_id in found)


def test_a_night_without_a_model_has_empty_scores(published: Settings, database: Database) -> None:
    publish_night(published, LATER, "third", model_version=None)
    describe(published, kind=database.kind, url=database.url)
    deliver(published, TARGET)
    assert database.ask("select count(*) from credit_scores") == [(0,)]
    assert database.ask("select count(*), count(model_version) from loan_eligibility") == [(20, 0)]
    assert database.ask("select count(*) from credit_scores_history") == [(40,)]
