"""Which sellers and loans are known by a night, and the check that a row names one of them."""

import duckdb

from ingest.validate.cells import CellCheck
from tradeline.contracts.raw import Table

# The tables that others refer to, and by which column.
KNOWN = {"sellers": "seller_id", "loans": "loan_id"}


def create_known(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``known_<name>``, empty: each id once, with the first night on which it was admitted."""
    for name, key in KNOWN.items():
        connection.execute(f"create temp table known_{name} (known_{key} varchar, {name}_known_on date)")


def remember(connection: duckdb.DuckDBPyConnection, name: str, relation: str, where: str = "true") -> None:
    """Add the ids in a relation with ``arrived_on`` that are not known yet; tables that none refers to have none."""
    if name in KNOWN:
        key = KNOWN[name]
        connection.execute(
            f"""
            insert into known_{name}
            select {key}, min(arrived_on) from {relation}
            where {where} and {key} not in (select known_{key} from known_{name}) group by 1
            """
        )


def checks(table: Table) -> list[CellCheck]:
    """The checks that need ``joins``."""
    return [
        CellCheck(
            KNOWN[name],
            f"{KNOWN[name]} is not null and coalesce({name}_known_on > arrived_on, true)",
            f"names a {name.removesuffix('s')} that is not known by that night",
            is_hard=False,
        )
        for name in references(table)
    ]


def joins(table: Table) -> str:
    """SQL that joins what is known of the sellers and loans that rows with ``seller_id`` or ``loan_id`` name."""
    return " ".join(f"left join known_{name} on known_{KNOWN[name]} = {KNOWN[name]}" for name in references(table))


def references(table: Table) -> list[str]:
    """The tables whose rows must be known before the table's row can be used, as in ``KNOWN``."""
    return ["sellers"] * table.references_seller + ["loans"] * table.references_loan
