"""The words of people in the manifest: of the data that is published, and of no other."""

from datetime import UTC, date, datetime

import duckdb
import pytest

from expectations.fingerprints import fingerprint_sql
from expectations.suite import GateName
from expectations.waivers import Waiver, add_word, waivers_file
from serving.publish import publish
from serving.query import query
from tests.serving.built import build_night
from tradeline.contracts.publications import marts_file, read_publications
from tradeline.errors import TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


NIGHT = date(2018, 8, 31)
EARLIER = date(2018, 8, 30)
SAID = "waived by anna at 2018-09-01 07:30 UTC: Cars."


def waived(settings: Settings, expectation: str, as_of: date, gate: GateName, status: str = "waived") -> None:
    """A word on the data that is in the warehouse."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{settings.warehouse}' as warehouse (read_only)")
        query = fingerprint_sql(gate, expectation.split(".")[1], as_of)
        ((fingerprint,),) = connection.execute(query).fetchall()
    word = {
        "status": status, "expectation": expectation, "as_of": as_of, "fingerprint": fingerprint, "by": "anna",
        "at": datetime(2018, 9, 1, 7, 30, tzinfo=UTC), "reason": "Cars.",
    }  # fmt: skip
    add_word(settings, Waiver.model_validate(word))


@pytest.fixture
def built(settings: Settings) -> Settings:
    build_night(settings, EARLIER, "first")
    build_night(settings, NIGHT, "first")
    return settings


def test_a_publication_names_the_words_behind_it(built: Settings) -> None:
    waived(built, "raw_in.orders.typical_amount", EARLIER, "raw_in")
    waived(built, "offers_out.loan_eligibility.count_to_previous", NIGHT, "offers_out")
    publish(built, [EARLIER, NIGHT], "first")
    raw = f"raw_in.orders.typical_amount of 2018-08-30 {SAID}"
    marts = f"offers_out.loan_eligibility.count_to_previous of 2018-08-31 {SAID}"
    assert [found.waivers for found in read_publications(built)] == [(raw,), (raw, marts)]
    asked = query(built, "select distinct as_of, waivers from publications order by as_of").rows
    assert asked == [(EARLIER, [raw]), (NIGHT, [raw, marts])]


def test_a_word_on_other_data_is_not_behind_it(built: Settings) -> None:
    waived(built, "raw_in.orders.typical_amount", EARLIER, "raw_in")
    waived(built, "offers_out.loan_eligibility.count_to_previous", NIGHT, "offers_out")
    with duckdb.connect(str(built.warehouse)) as connection:
        connection.execute("update raw.nights set fingerprint = 'landed again'")
        connection.execute("update marts.loan_eligibility set limit_amount = 2")
    (publication,) = publish(built, [NIGHT], "first")
    assert publication.waivers == ()


def test_a_word_that_was_withdrawn_after_its_data_had_passed_is_told_as_that(built: Settings) -> None:
    for status in ("waived", "withdrawn"):
        waived(built, "raw_in.orders.typical_amount", NIGHT, "raw_in", status)
    (publication,) = publish(built, [NIGHT], "first")
    assert publication.waivers == (f"raw_in.orders.typical_amount of {NIGHT} {SAID.replace('waived', 'withdrawn')}",)


def test_a_manifest_from_before_there_were_waivers_is_read_and_taken_over(built: Settings) -> None:
    (earlier,) = publish(built, [EARLIER], "first")
    with duckdb.connect(str(marts_file(built))) as connection:
        connection.execute("create table kept as from publications")
        connection.execute("drop table publications")
        connection.execute("create table publications as select * exclude (waivers) from kept")
        connection.execute("drop table kept")
    assert read_publications(built) == [earlier]
    waived(built, "raw_in.orders.typical_amount", NIGHT, "raw_in")
    (latest,) = publish(built, [NIGHT], "first")
    assert read_publications(built) == [earlier, latest]
    assert (len(earlier.waivers), len(latest.waivers)) == (0, 1)


def test_a_damaged_file_of_waivers_publishes_nothing(built: Settings) -> None:
    waivers_file(built).parent.mkdir(parents=True)
    waivers_file(built).write_text("{}\n")
    with pytest.raises(TradelineError, match="line 1 is damaged"):
        publish(built, [NIGHT], "first")
    assert not marts_file(built).exists()
