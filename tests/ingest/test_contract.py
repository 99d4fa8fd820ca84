import pytest

from ingest.contract_page import PAGE, page
from ingest.validate.cells import checks
from tradeline.contracts.raw import SQL_TYPES, TABLES, Table


def test_the_page_is_that_of_the_contract() -> None:
    assert PAGE.read_text() == page(), "run `python -m ingest.contract_page`"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_is_sound(table: Table) -> None:
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    assert all(table.column(name).is_required for name in table.key)
    assert {column.type for column in table.columns} <= SQL_TYPES.keys()
    assert table.references_seller <= ("seller_id" in names)
    assert table.references_loan <= ("loan_id" in names)
    assert all(column.description for column in table.columns)
    # The failed checks of a row are bits of a signed 64-bit number.
    assert len(checks(table, "UTC")) < 63
