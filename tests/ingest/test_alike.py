"""Ids that are nearly the same are named, by what they differ in, and never merged."""

import unicodedata
from datetime import date

import duckdb
import pytest

from ingest.raw_schema import create_admission_schema
from ingest.validate import alike
from tests.ingest.extract import LATER, NIGHT, admitted, ask, build, land, row
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


NEARLY = "select column_name, id, known_id, difference from raw.nearly_same order by all"
UUID = "f47ac10b-58cc-4372-8567-0e02b2c3d479"


def sellers(settings: Settings, *ids: str, night: date = NIGHT) -> None:
    land(settings, "sellers", *[row("sellers", seller_id=seller_id) for seller_id in ids], night=night)
    land(settings, "orders", row("orders", order_id=f"o{night}", seller_id=ids[0]), night=night)


def named(known_id: str, new_id: str) -> list[tuple[str, ...]]:
    """What is named where the new id is there a night later, without the files that sellers come from."""
    with duckdb.connect() as connection:
        create_admission_schema(connection)
        alike.create_known(connection)
        connection.execute("create temp table known_sellers (known_seller_id varchar, sellers_known_on date)")
        ids = [(known_id, NIGHT), ("other", LATER), (new_id, LATER)]
        connection.executemany("insert into known_sellers values (?, ?)", ids)
        alike.name_sellers(connection, NIGHT)
        return connection.execute(NEARLY).fetchall()


@pytest.mark.parametrize(
    ("known_id", "new_id", "difference"),
    [
        ("A-1", "a-1", "case"),
        ("ÉCLAIR", "éclair", "case"),
        ("A-1", "A-\u200b1", "white space"),
        ("A 1", "A1", "white space"),
        ("12 34", "1234", "white space"),
        ("7", "007", "zeros in front"),
        ("A-01", "A-1", "zeros in front"),
        ("S000001", "S1", "zeros in front"),
        ("A-1", "A\u00a0- 1", "white space"),
        ("1234567", "1,234,567", "a trailing .0 or commas"),
        ("A-1", "\u0410-1", "letters that look alike"),
        ("SOHO", "\u0405\u041e\u041dO", "letters that look alike"),
        ("A1", "\uff21\uff11", "letters that look alike"),
        ("caf\u00e9", unicodedata.normalize("NFD", "caf\u00e9"), "Unicode form"),
        ("\u30ac", unicodedata.normalize("NFD", "\u30ac"), "Unicode form"),
        ("A-1", "A1", "punctuation"),
        ("A-1", "A_1", "punctuation"),
        ("A-1", "'A-1'", "punctuation"),
        ("A-1", "#A-1", "punctuation"),
        ("ab-c", "abc", "punctuation"),
        (UUID, UUID.replace("-", ""), "punctuation"),
        (UUID, "{" + UUID.upper() + "}", "punctuation"),
        ("555-1234", "5551234", "punctuation"),
    ],
)
@pytest.mark.parametrize("is_swapped", [False, True])
def test_each_kind_of_nearly_the_same_is_named(known_id: str, new_id: str, difference: str, is_swapped: bool) -> None:
    if is_swapped:
        known_id, new_id = new_id, known_id
    assert named(known_id, new_id) == [("seller_id", new_id, known_id, difference)]


def test_an_admission_names_them_and_merges_nothing(settings: Settings) -> None:
    pairs = {
        "A-1": ("A-\u200b1", "white space"),
        "B 2": ("B\u00a02", "white space"),
        "7": ("007", "zeros in front"),
        "1234567": ("1,234,567", "a trailing .0 or commas"),
        "SOHO": ("\u0405\u041e\u041dO", "letters that look alike"),
        "Z9": ("\uff3a\uff19", "letters that look alike"),
        "caf\u00e9": (unicodedata.normalize("NFD", "caf\u00e9"), "Unicode form"),
        "C-3": ("'C-3'", "punctuation"),
        UUID: ("{" + UUID.upper() + "}", "punctuation"),
    }
    sellers(settings, *pairs)
    sellers(settings, "other", *(new_id for new_id, _ in pairs.values()), night=LATER)
    found = admitted(settings, LATER)
    expected = [("seller_id", new_id, known_id, difference) for known_id, (new_id, difference) in pairs.items()]
    assert sorted(ask(found, NEARLY)) == sorted(expected)
    assert ask(found, "select count(*) from raw.sellers") == [(2 * len(pairs) + 1,)]


@pytest.mark.parametrize(
    ("known_id", "new_id"),
    [
        ("S000001", "S0000010"),
        ("1-11", "11-1"),
        ("1-23", "123"),
        ("S000001-2", "S000012"),
        ("AB-C", "A-BC"),
        ("1.1", "11"),
        ("10", "1,0"),
        ("100", "1"),
        ("A0", "AO"),
        ("é", "e"),
        ("北京", "东京"),
        ("---", "__"),
    ],
)
def test_what_only_resembles_is_not_named(known_id: str, new_id: str) -> None:
    assert named(known_id, new_id) == []


def test_an_id_is_compared_with_the_first_that_was_known_and_in_one_pass_too(settings: Settings) -> None:
    sellers(settings, "a-1", "A-1")
    sellers(settings, "A_1", night=LATER)
    assert ask(admitted(settings, LATER), NEARLY) == [
        ("seller_id", "A_1", "A-1", "punctuation"),
        ("seller_id", "a-1", "A-1", "case"),
    ]


def test_what_was_named_once_is_not_named_every_night(settings: Settings) -> None:
    sellers(settings, "A-1", "a-1")
    build(settings)
    sellers(settings, "a-1", "new", night=LATER)
    assert ask(admitted(settings, LATER), NEARLY) == []


def test_owners_and_the_accounts_of_buying_sellers_are_compared_among_themselves(settings: Settings) -> None:
    land(settings, "sellers", row("sellers", seller_id="a", owner_id="Firm 7", buyer_id="b7"))
    land(settings, "orders", row("orders", seller_id="a"))
    build(settings)
    shops = [
        row("sellers", seller_id="c", owner_id="FIRM 7", buyer_id="A"),
        row("sellers", seller_id="d", owner_id="", buyer_id="B7"),
        row("sellers", seller_id="e", owner_id="Firm 7", buyer_id="b7"),
    ]
    land(settings, "sellers", *shops, night=LATER)
    assert ask(admitted(settings, LATER), NEARLY) == [
        ("buyer_id", "B7", "b7", "case"),
        ("owner_id", "FIRM 7", "Firm 7", "case"),
    ]


def test_a_row_of_an_unknown_seller_or_loan_says_which_is_meant(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    sellers(settings, "A1", "B2")
    land(settings, "loans", row("loans", loan_id="0042", seller_id="A1"))
    build(settings)
    land(settings, "sellers", row("sellers", seller_id="b-2"), night=LATER)
    for number, seller_id in enumerate(["a1", "a1", "nobody", "b 2"]):
        payment = row("payments", payment_id=f"p{number}", seller_id=seller_id)
        land(settings, "payments", payment, night=LATER, name=f"part-{number}.csv")
    land(settings, "repayments", row("repayments", loan_id="42"), night=LATER)
    found = admitted(settings, LATER)
    assert ask(found, "select value, hint from raw.set_aside order by all") == [
        ("42", "is '42' meant for loan '0042'?"),
        ("a1", "is 'a1' meant for seller 'A1'?"),
        ("a1", "is 'a1' meant for seller 'A1'?"),
        ("b 2", "is 'b 2' meant for seller 'B2'?"),
        ("nobody", None),
    ]
    named = "payments: 4 rows set aside: seller_id names a seller that is not known by that night"
    files = [f"payments/arrived_on={LATER}/part-{number}.csv row 1" for number in range(3)]
    first = f"{files[0]} 'a1', {files[1]} 'a1', {files[2]} 'nobody'"
    assert f"{named} ({first}; is 'a1' meant for seller 'A1'?)" in caplog.messages


def test_a_seller_that_comes_later_is_no_hint(settings: Settings) -> None:
    sellers(settings, "s1")
    land(settings, "payments", row("payments", seller_id="A1"))
    sellers(settings, "a1", night=LATER)
    assert ask(admitted(settings, LATER), "select value, hint from raw.set_aside") == [("A1", None)]


@pytest.mark.parametrize(
    "id_of", ["(i + 1)::varchar", "'S' || lpad(i::varchar, 7, '0')", "(i // 100) || '-' || (i % 100)"]
)
def test_a_million_ids_of_one_pattern_are_all_different(id_of: str) -> None:
    with duckdb.connect() as connection:
        create_admission_schema(connection)
        alike.create_known(connection)
        connection.execute(
            f"""
            create temp table known_sellers as
            select {id_of} as known_seller_id, date '2018-05-01' + (i % 2)::integer as sellers_known_on
            from range(1_000_000) as numbers(i)
            """
        )
        alike.name_sellers(connection, LATER)
        assert connection.execute("from raw.nearly_same").fetchall() == []
        connection.execute(
            f"insert into known_sellers select known_seller_id || ' ', '{LATER}' from known_sellers limit 3"
        )
        connection.execute("drop table spelled_known_sellers")
        alike.name_sellers(connection, LATER)
        assert len(connection.execute("from raw.nearly_same").fetchall()) == 3
