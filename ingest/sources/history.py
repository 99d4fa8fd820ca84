"""The first landing of a table that only knows the last state: each earlier state arrives on the day it was reached.

A source that keeps no history still has times in its rows. A row becomes one version for each day on which one of its
times lies, with what was known at that day's end: later times are empty, and the status is the one that the known times
amount to. The last version has the row's own status. A status without a time of its own (a loan written off, an order
cancelled without ``cancelled_at``) arrives on the day of ``changed_at`` or, without that, on the night of the landing:
never before it was surely known.
"""

from dataclasses import dataclass
from datetime import date

import duckdb

from ingest.sources.shape import Types, types_of
from ingest.validate.days import local_time
from tradeline.contracts.raw import BY_NAME
from tradeline.sql import identifier, literal


@dataclass(frozen=True)
class State:
    """A state that a row reaches at the time in ``reached_at``; ``status`` is null where the table has none for it.

    ``with_it`` are the columns whose values are known from then on.
    """

    reached_at: str
    status: str | None = None
    with_it: tuple[str, ...] = ()


STATES: dict[str, tuple[State, ...]] = {
    "sellers": (State("registered_at", "active"),),
    "fx_rates": (State("rate_on"),),
    "orders": (
        State("ordered_at", "created"),
        State("paid_at", "paid"),
        State("shipped_at", "shipped"),
        State("delivered_at", "delivered"),
        State("cancelled_at", "cancelled"),
    ),
    "payments": (State("occurred_at"),),
    "refunds": (State("requested_at"), State("completed_at")),
    "reviews": (State("reviewed_at"),),
    "loans": (
        State("applied_at", "applied"),
        State("decided_at", "declined", ("principal", "term_days", "annual_rate")),
        State("disbursed_at", "disbursed"),
    ),
    "repayments": (State("paid_at", None, ("amount_paid",)),),
}


def versions(connection: duckdb.DuckDBPyConnection, name: str, relation: str, night: date, zone: str) -> str:
    """SQL of the versions that a relation's rows amount to, with ``arrived_on``, none after ``night``.

    ``relation``: rows of the table ``name`` as ``ingest.sources.shape`` makes them. A row whose ``arrived_on`` is given
    is one version. No version is before the row's first time, which every row has.
    """
    types = types_of(connection, relation)
    states = [state for state in STATES[name] if state.reached_at in types]
    days = {state.reached_at: event_day(state.reached_at, types, zone) for state in states}
    first = days[states[0].reached_at] if name != "repayments" and states else "null::date"
    own = "arrived_on" if "arrived_on" in types else "null::date"
    return f"""
        with told as (
            select *, {_last_day(name, states, days, types, night, zone)} as last_day, {own} as own_day,
                {_first_day(connection, name, night, zone)} as first_day, {first} as begun_on
            from {relation} as described
        ),
        dated as (
            select *, unnest(if(
                own_day is not null,
                [own_day],
                list_distinct([
                    if(told_day is null, null, greatest(told_day, begun_on))
                    for told_day in [first_day, {", ".join([*days.values(), "last_day"])}]
                ])
            )) as version_day
            from told
        )
        select {_version(name, states, days, types)}, version_day as arrived_on from dated
        where version_day <= {literal(night)}::date
    """


def event_day(column: str, types: Types, zone: str) -> str:
    """SQL of the business day of a column's time; null where it has none."""
    if types[column] == "DATE":
        return identifier(column)
    if types[column].startswith("TIMESTAMP WITH"):
        return f"({local_time(f'''timezone('UTC', {identifier(column)})''', zone)})::date"
    return f"({local_time(f'try_cast({identifier(column)} as timestamp)', zone)})::date"


def _first_day(connection: duckdb.DuckDBPyConnection, name: str, night: date, zone: str) -> str:
    """SQL of a day that no time of the row itself says: an installment is known since its loan was paid out."""
    if name != "repayments":
        return "null::date"
    known = [table for (table,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
    due = f"least(try_cast(due_on as date), {literal(night)}::date)"
    if "out_loans" not in known or "disbursed_at" not in types_of(connection, "out_loans"):
        return due
    disbursed = event_day("disbursed_at", types_of(connection, "out_loans"), zone)
    return f"coalesce((select min({disbursed}) from out_loans where out_loans.loan_id = described.loan_id), {due})"


def _last_day(name: str, states: list[State], days: dict[str, str], types: Types, night: date, zone: str) -> str:
    """SQL of the day on which the row's last state arrives; null where a time of its own says it."""
    changed = (
        f"coalesce({event_day('changed_at', types, zone)}, {literal(night)}::date)" if "changed_at" in types else None
    )
    fallback = changed or f"{literal(night)}::date"
    latest = f"greatest({', '.join([*days.values(), 'null'])})"
    surely = f"greatest({fallback}, {latest})"
    if "status" in types and any(state.status for state in states):
        timed = " or ".join(
            f"(status = {literal(state.status)} and {days[state.reached_at]} is not null)"
            for state in states
            if state.status
        )
        return f"if({timed}, null, {surely})"
    if name == "repayments" and "amount_paid" in types:
        paid = days.get("paid_at", "null")
        return f"if(amount_paid is null or {paid} is not null, null, {surely})"
    return f"if({latest} is null, {surely}, null)" if name != "repayments" else "null::date"


def _version(name: str, states: list[State], days: dict[str, str], types: Types) -> str:
    """SQL of the columns as they were known at the end of ``version_day``."""
    hidden = {column: days[state.reached_at] for state in states for column in (state.reached_at, *state.with_it)}
    columns = []
    for column in BY_NAME[name].columns:
        if column.name not in types:
            continue
        value = identifier(column.name)
        if column.name == "status" and any(state.status for state in states):
            columns.append(f"{_status(states, days)} as status")
        elif column.name in hidden and not column.is_required:
            day = hidden[column.name]
            known = f"coalesce({day}, last_day, own_day) <= version_day"
            columns.append(f"if({known}, {value}, null) as {value}")
        else:
            columns.append(value)
    return ", ".join(columns)


def _status(states: list[State], days: dict[str, str]) -> str:
    every = f"greatest({', '.join([*days.values(), 'last_day', 'own_day'])})"
    reached = " ".join(
        f"when {days[state.reached_at]} <= version_day then {literal(state.status)}"
        for state in reversed(states)
        if state.status and state.status != "declined"
    )
    first = next(literal(state.status) for state in states if state.status)
    return f"case when version_day >= {every} then status {reached} else {first} end"
