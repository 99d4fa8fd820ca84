"""Rates of exchange: which one counts for a day, night by night, and what was converted by them."""

import logging

import duckdb

from ingest.validate.currencies import Currencies, in_own
from tradeline.contracts.raw import AMOUNT_MAX, NIGHT_AMOUNT_MAX, RATE_AGE_DAYS_MAX, SQL_TYPES, Table
from tradeline.errors import BadInput

log = logging.getLogger(__name__)


def create_rates(connection: duckdb.DuckDBPyConnection) -> None:
    """Create, empty, what rates have landed, and from when to when which one counts.

    ``fx.daily``: the rate of ``rate_currency`` that converts rows of the day ``rate_day`` on the nights from
    ``rate_from`` to the one before ``rate_until``; ``known_fx_rates``: the first night on which there is one.
    """
    rate = SQL_TYPES["exchange_rate"]
    connection.execute(f"create temp table landed_rates (currency varchar, rate_on date, rate {rate}, arrived_on date)")
    connection.execute(
        f"create table fx.daily (rate_currency varchar, rate_day date, rate_from date, rate_until date, rate {rate}, "
        "rate_on date)"
    )
    connection.execute(
        "create temp table known_fx_rates (known_currency varchar, known_day date, fx_rates_known_on date)"
    )


def remember(connection: duckdb.DuckDBPyConnection, relation: str, where: str = "true") -> None:
    """Add the rates in a relation."""
    connection.execute(
        f"insert into landed_rates select currency, rate_on, rate, arrived_on from {relation} where {where}"
    )


def spread(connection: duckdb.DuckDBPyConnection) -> None:
    """Say for each day and night which of the remembered rates counts: of the latest day, its latest version."""
    # No row is there before its day, so a rate counts from then on, however early it was known.
    connection.execute(
        f"""
        insert into fx.daily
        with candidates as (
            select currency, rate_on + age::integer as day, greatest(arrived_on, day) as known_on,
                max({{rate_on: rate_on, arrived_on: arrived_on, rate: rate}}) as latest
            from landed_rates, generate_series(0, {RATE_AGE_DAYS_MAX}) as ages (age) group by all
        ),
        counted as (
            select currency, day, known_on, lead(known_on, 1, 'infinity') over nights as until_on,
                max(latest) over nights as latest
            from candidates window nights as (partition by currency, day order by known_on)
        )
        select currency, day, known_on, until_on, latest.rate, latest.rate_on from counted
        """
    )
    connection.execute(
        "insert into known_fx_rates select rate_currency, rate_day, min(rate_from) from fx.daily group by all"
    )


def has_foreign_rows(connection: duckdb.DuckDBPyConnection, own: str) -> bool:
    """Whether rows that wait are in another currency, and so wait for rates though none may be in landing any more."""
    row = connection.execute(
        "select 1 from raw.set_aside where waits_for is not null and row_json ->> '$.currency' <> ? limit 1", [own]
    ).fetchone()
    return row is not None


def refuse_excess(connection: duckdb.DuckDBPyConnection, table: Table, currencies: Currencies) -> None:
    """Make sure that what ``late.<table>`` takes up comes to amounts, and nights, that sums can hold.

    Raises:
        BadInput: it does not; the rate that is at fault is named.
    """
    if not currencies.converts(table):
        return
    amounts = [f"coalesce(abs({in_own(column.name)}), 0)" for column in table.amounts]
    rows = connection.execute(
        f"""
        with late as (
            select *, greatest({", ".join(amounts)}) as most,
                sum({" + ".join(amounts)}) over (partition by arrived_on) as total
            from late.{table.name} {currencies.rate_join(table, "landed_on")}
        )
        select source_file, currency, rate_on, rate, most, total from late
        where most > {AMOUNT_MAX:.15g} or total > {NIGHT_AMOUNT_MAX:.15g} order by most desc limit 1
        """
    ).fetchall()
    for source_file, currency, rate_on, rate, most, total in rows:
        raise BadInput(
            f"fx_rates: the rate of {currency} on {rate_on} is {rate.normalize():f}, by which the rows of {table.name} "
            f"that waited for it come to {total:,.2f} {currencies.own}, the largest, of {source_file}, to {most:,.2f}: "
            "correct it and land its file again under the same name"
        )


def report(connection: duckdb.DuckDBPyConnection, table: Table, currencies: Currencies) -> None:
    """Log how many rows of ``raw.<table>`` were converted, from what, and how old the rates were."""
    if not currencies.converts(table):
        return
    rows: list[tuple[str, int, int]] = connection.execute(
        f"""
        select currency, count(*), max({currencies.day(table, "arrived_on")} - converted.rate_on)
        from raw.{table.name} where converted is not null group by 1 order by 2 desc, 1
        """
    ).fetchall()
    if rows:
        counts = ", ".join(f"{currency} {count:,}" for currency, count, _ in rows)
        oldest = max(age for *_, age in rows)
        total = sum(count for _, count, _ in rows)
        log.info(
            "%s: %s rows converted to %s (%s), the oldest rate %s days before its row's day",
            table.name,
            f"{total:,}",
            currencies.own,
            counts,
            oldest,
        )
