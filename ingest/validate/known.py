"""What rows refer to and must be known before they can be used: sellers, loans, and rates of other currencies."""

from dataclasses import dataclass

import duckdb

from ingest.validate.cells import CellCheck
from ingest.validate.currencies import Currencies
from tradeline.contracts.raw import RATE_AGE_DAYS_MAX, Table

# The tables that others refer to by an id, and by which column.
KNOWN = {"sellers": "seller_id", "loans": "loan_id"}


@dataclass(frozen=True)
class Reference:
    """Something that rows of a table refer to.

    ``brought_by``: the table that makes it known; ``columns``: those that name it. ``known_on``: SQL of the first night
    on which it is known, null as long as it is not, once ``join`` has joined it. ``problem``: what is wrong until then.
    """

    brought_by: str
    columns: tuple[str, ...]
    known_on: str
    join: str
    problem: str


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


def checks(table: Table, currencies: Currencies) -> list[CellCheck]:
    """One check for each of ``references``; they need ``joins``."""
    return [
        CellCheck(
            reference.columns[0],
            f"{reference.columns[0]} is not null and coalesce({reference.known_on} > arrived_on, true)",
            reference.problem,
            is_hard=False,
        )
        for reference in references(table, currencies)
    ]


def joins(table: Table, currencies: Currencies) -> str:
    """SQL that joins what is known of all that the table's rows refer to."""
    return " ".join(reference.join for reference in references(table, currencies))


def ids(table: Table) -> list[str]:
    """The tables whose ids the table's rows name, as in ``KNOWN``."""
    return ["sellers"] * table.references_seller + ["loans"] * table.references_loan


def references(table: Table, currencies: Currencies) -> list[Reference]:
    """All that the table's rows refer to; ``arrived_on`` is the night on which a row landed."""
    found = [
        Reference(
            name,
            (KNOWN[name],),
            f"{name}_known_on",
            f"left join known_{name} on known_{KNOWN[name]} = {KNOWN[name]}",
            f"names a {name.removesuffix('s')} that is not known by that night",
        )
        for name in ids(table)
    ]
    return [*found, _rate(table, currencies)] if currencies.converts(table) else found


def _rate(table: Table, currencies: Currencies) -> Reference:
    foreign, day = currencies.foreign(table), currencies.day(table, "arrived_on")
    return Reference(
        "fx_rates",
        ("currency", *table.rate_days, *(column.name for column in table.amounts)),
        f"if({foreign} is null, arrived_on, fx_rates_known_on)",
        f"left join known_fx_rates on known_currency = {foreign} and known_day = {day}",
        f"has no rate, of the row's day or the {RATE_AGE_DAYS_MAX} days before, that is known by that night",
    )
