"""Rows that wait: for a seller, loan or rate that is not known yet; they are taken up on the night on which it is.

A row that landed on night N is ready on the first night by which all that it refers to is known, and then enters its
table as arrived on that night. If a newer version of its key was ready by then, it is replaced: it never counts. So a
row is settled by what has landed up to that night, however the nights are cut into runs.
"""

import json
import logging
from collections.abc import Sequence
from datetime import date

import duckdb

from ingest.validate import known
from ingest.validate.currencies import Currencies
from tradeline.contracts.raw import SQL_TYPES, Table
from tradeline.database import scalar
from tradeline.sql import identifier, literal

log = logging.getLogger(__name__)

TOLD = {"sellers": "seller", "loans": "loan", "fx_rates": "rate"}


def recall(connection: duckdb.DuckDBPyConnection, arrived_from: date) -> None:
    """Copy the rows of ``warehouse.raw.set_aside`` that waited when night ``arrived_from`` began."""
    # By name, over an empty table of today's columns: the warehouse of an earlier release lacks some of them.
    connection.execute(
        """
        insert into raw.set_aside by name
        select * replace (null as taken_up_on, null as replaced_on)
        from (from raw.set_aside union all by name from warehouse.raw.set_aside)
        where waits_for is not null and arrived_on < $1 and coalesce(taken_up_on, replaced_on, $1) >= $1
        """,
        [arrived_from],
    )


def settle(connection: duckdb.DuckDBPyConnection, table: Table, currencies: Currencies, admitted: list[str]) -> int:
    """Mark the table's waiting rows that these nights take up or replace, and put those taken up into ``late.<table>``.

    ``admitted``: SQL of the rows that these nights admit by themselves, in parts. Returns how many rows are taken up.
    """
    if not _date(connection, table, currencies, " union all ".join(admitted) or f"from raw.{table.name}"):
        return 0
    connection.execute(
        """
        update raw.set_aside set taken_up_on = dated.taken_up_on, replaced_on = dated.replaced_on from dated
        where set_aside.source_file = dated.source_file and set_aside.row_number = dated.row_number
        """
    )
    names = [column.name for column in table.columns]
    taken_up = f"{_waiting(table)} and taken_up_on is not null"
    connection.execute(
        f"""
        create table late.{table.name} as
        select unnest({_content(table, names)}), taken_up_on as arrived_on, source_file, arrived_on as landed_on
        from {taken_up}
        """
    )
    return int(scalar(connection, f"select count(*) from late.{table.name}"))


def report(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Log how many of the table's rows were taken up, and how many wait."""
    taken_up, waiting, waits_for = connection.execute(
        f"""
        select count(taken_up_on), count_if(coalesce(taken_up_on, replaced_on) is null),
            list(distinct waits_for order by waits_for desc)
        from {_waiting(table)}
        """
    ).fetchall()[0]
    if taken_up or waiting:
        named = " or ".join(TOLD[name] for name in waits_for)
        counts = f"{taken_up:,}", f"{waiting:,}"
        log.info("%s: %s rows taken up whose %s has arrived, %s wait for it", table.name, counts[0], named, counts[1])


def hint(connection: duckdb.DuckDBPyConnection, table: Table, currencies: Currencies) -> None:
    """Let the rows that wait for a rate say for which day."""
    if not currencies.converts(table):
        return
    fields = ["currency", *table.rate_days]
    connection.execute(
        f"""
        update raw.set_aside
        set hint = 'a rate of ' || currency || ' is needed for ' || {currencies.day(table, "landed_on")}
        from (
            select unnest({_content(table, fields)}), arrived_on as landed_on, source_file, row_number
            from {_waiting(table)} and waits_for = 'fx_rates' and hint is null
        ) as waiting
        where set_aside.source_file = waiting.source_file and set_aside.row_number = waiting.row_number
        """
    )


def _date(connection: duckdb.DuckDBPyConnection, table: Table, currencies: Currencies, admitted: str) -> bool:
    """Fill ``dated`` with the waiting rows that are settled now, by source file and row, and when; False if none is."""
    references = known.references(table, currencies)
    if not references or scalar(connection, f"select 1 from {_waiting(table)} limit 1") is None:
        return False
    named = [column for reference in references for column in reference.columns]
    fields = list(dict.fromkeys([*table.key, *named]))
    # A sum of dates would be none; of a null, greatest takes no notice.
    nights = ", ".join(reference.known_on for reference in references)
    is_known = " and ".join(f"{reference.known_on} is not null" for reference in references)
    # Where the key names the seller, no version of the row is admitted before the seller is known.
    is_asked = "ready_on is not null" if set(named) <= set(table.key) else "true"
    key = _names(table.key)
    connection.execute(
        f"""
        create or replace temp table ready as
        with waiting as (
            select unnest({_content(table, fields)}), arrived_on, source_file, row_number from {_waiting(table)}
        )
        select {key}, arrived_on, source_file, row_number,
            case when {is_known} then greatest(arrived_on, {nights}) end as ready_on
        from waiting {known.joins(table, currencies)}
        """
    )
    connection.execute(
        f"""
        create or replace temp table dated as
        with versions as (
            from ready
            union all by name
            select {key}, arrived_on, arrived_on as ready_on
            from ({admitted}) semi join (from ready where {is_asked}) using ({key})
        ),
        compared as (
            select *, min(ready_on) over newer as newer_on from versions
            window newer as (
                partition by {key} order by arrived_on desc rows between unbounded preceding and 1 preceding
            )
        )
        select source_file, row_number,
            if(coalesce(ready_on < newer_on, newer_on is null), ready_on, null) as taken_up_on,
            if(coalesce(ready_on < newer_on, false), null, newer_on) as replaced_on
        from compared where source_file is not null and coalesce(ready_on, newer_on) is not null
        """
    )
    return True


def _waiting(table: Table) -> str:
    return f"raw.set_aside where table_name = {literal(table.name)} and waits_for is not null"


def _content(table: Table, names: Sequence[str]) -> str:
    """SQL of a struct of some of a row's values, of the contract's types, from ``row_json``."""
    types = {name: SQL_TYPES[table.column(name).type] for name in names}
    return f"json_transform_strict(row_json, {literal(json.dumps(types))})"


def _names(names: Sequence[str]) -> str:
    return ", ".join(identifier(name) for name in names)
