"""The types of each kind of target, as docs/published.md promises them."""

import re

import pytest

from serving.targets.contract import Types, columns_of, contract_of
from serving.targets.mysql import TYPES as MYSQL
from serving.targets.postgres import TYPES as POSTGRES
from tradeline.contracts.publications import KEYS, TABLES
from tradeline.database import connect
from tradeline.settings import PROJECT, Settings

PAGE = (PROJECT / "docs" / "published.md").read_text()
PROMISED = {
    kind: (postgres, mysql)
    for kinds, postgres, mysql in re.findall(r"^\| (`.+`(?:, `.+`)*) \| `(.+?)` \| `(.+?)` \|", PAGE, re.MULTILINE)
    for kind in re.findall(r"`(.+?)`", kinds)
}


def general(type_: str) -> str:
    """A type as the page writes it: digits and places are p and s, whatever is nested in a structure is dots."""
    if type_.startswith("struct("):
        return "struct(...)[]"
    return re.sub(r"^(decimal|numeric)\(\d+,\d+\)$", r"\1(p,s)", type_)


@pytest.mark.parametrize("table", TABLES)
def test_the_page_promises_the_type_of_every_published_column(table: str) -> None:
    for column, type_ in contract_of(table).items():
        given = tuple(general(types.of(type_)) for types in (POSTGRES, MYSQL))
        assert PROMISED[general(type_)] == given, (column, type_)


def test_the_page_promises_no_type_that_is_not_published() -> None:
    published = {general(type_) for table in TABLES for type_ in contract_of(table).values()}
    assert published | {"timestamp"} == set(PROMISED)


@pytest.mark.parametrize("table", TABLES)
def test_what_tells_rows_apart_is_in_the_contract(table: str) -> None:
    assert set(KEYS.get(table, ("seller_id",))) <= set(contract_of(table))


@pytest.mark.parametrize("types", [POSTGRES, MYSQL], ids=["postgres", "mysql"])
def test_a_type_of_an_earlier_contract_is_written_as_text(types: Types) -> None:
    assert types.of("uuid") == "text" and types.value("a", "uuid") == 'cast("a" as varchar) as "a"'


def test_a_column_that_the_contract_has_no_more_is_delivered(settings: Settings) -> None:
    with connect(settings) as connection:
        found = columns_of(connection, "credit_scores", "from (select 1.5::decimal(4, 1) as gone, 1::bigint as score)")
    assert found["gone"] == "decimal(4,1)" and found["score"] == contract_of("credit_scores")["score"]
