"""The first landing of a table that only knows the last state: each earlier state arrives on the day it was reached.

A source that keeps no history still has times in its rows. A row becomes one version for each day on which one of its
times lies, with what was known at that day's end: later times are empty, and the status is the one that the known times
amount to. The last version has the row's own status. A status without a time of its own (a loan written off, an order
cancelled without ``cancelled_at``) arrives on the day of ``changed_at`` or, without that, on the night of the landing:
never before it was surely known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from ingest.sources.shape import Types, types_of
from ingest.validate.convert import ZONED, moment_of
from ingest.validate.days import begun, local_time
from tradeline.contracts.raw import BY_NAME
from tradeline.database import scalar
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


def versions(
    connection: duckdb.DuckDBPyConnection, name: str, relation: str, night: date, today: date, zone: str
) -> str:
    """SQL of the versions that a relation's rows amount to, with ``arrived_on``, none after ``night``.

    ``relation``: rows of the table ``name`` as ``ingest.sources.shape`` makes them. A row whose ``arrived_on`` is given
    is one version, on that day or, where it tells of a later one, then. No version is before the row's first time,
    which every row has. A time after ``today`` is a slip, which arrives on the night for validation to name it.
    """
    types = types_of(connection, relation)
    days = {state.reached_at: _day(state.reached_at, types, night, today, zone) for state in STATES[name]}
    told = ", ".join(days.values())
    first = "null::date" if name == "repayments" else next(iter(days.values()))
    given = _day("arrived_on", types, night, today, zone)
    return f"""
        with told as (
            select *, {_last_day(name, days, types, _day("changed_at", types, night, today, zone), night)} as last_day,
                if({given} is null, null, greatest({given}, {told})) as own_day,
                {_first_day(connection, name, night, zone)} as first_day, {first} as begun_on
            from {relation} as described
        ),
        dated as (
            select *, unnest(if(
                own_day is not null,
                [own_day],
                list_distinct([
                    if(told_day is null, null, greatest(told_day, begun_on))
                    for told_day in [first_day, {told}, last_day]
                ])
            )) as version_day
            from told
        )
        select {_version(name, days, types)}, version_day as arrived_on from dated
        where version_day <= {literal(night)}::date
    """


def undated(
    connection: duckdb.DuckDBPyConnection, name: str, relation: str, night: date, today: date, zone: str
) -> int:
    """How many rows have a last state that no time dates, neither its own nor ``changed_at`` nor ``arrived_on``."""
    types = types_of(connection, relation)
    days = {state.reached_at: _day(state.reached_at, types, night, today, zone) for state in STATES[name]}
    dates = [f"{column} is null" for column in ("changed_at", "arrived_on") if column in types]
    last = _last_day(name, days, types, "null::date", night)
    rows = scalar(connection, f"select count(*) from {relation} where {' and '.join([f'{last} is not null', *dates])}")
    return int(rows)


def event_day(column: str, types: Types, zone: str) -> str:
    """SQL of the business day of a column's time, as admission has it; null where it has none."""
    name, kind = identifier(column), types[column]
    if kind == "DATE":
        return name
    if kind == "VARCHAR":
        moment = begun(moment_of(name), name, False, zone)
    elif kind in ZONED:
        moment = f"timezone('UTC', {name}::timestamptz)"
    else:
        moment = f"try_cast({name} as timestamp)"
    return f"({local_time(moment, zone)})::date"


def _day(column: str, types: Types, night: date, today: date, zone: str) -> str:
    if column not in types:
        return "null::date"
    day = event_day(column, types, zone)
    return f"if({day} > {literal(today)}::date, {literal(night)}::date, {day})"


def _first_day(connection: duckdb.DuckDBPyConnection, name: str, night: date, zone: str) -> str:
    """SQL of a day that no time of the row itself says: an installment is known since its loan was paid out.

    Without a loan that was, it is known since it was due; on the night at the latest, since it is in the source.
    """
    if name != "repayments":
        return "null::date"
    known = [table for (table,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
    paid_out = "null::date"
    if "out_loans" in known and "disbursed_at" in (types := types_of(connection, "out_loans")):
        loans = " union all ".join(f"from {each}" for each in ("out_loans", "held_loans") if each in known)
        disbursed = event_day("disbursed_at", types, zone)
        paid_out = f"(select min({disbursed}) from ({loans}) as loans where loans.loan_id = described.loan_id)"
    return f"least(coalesce({paid_out}, try_cast(due_on as date)), {literal(night)}::date)"


def _last_day(name: str, days: Mapping[str, str], types: Types, changed: str, night: date) -> str:
    """SQL of the day on which the row's last state arrives; null where a time of its own says it."""
    latest = f"greatest({', '.join([*days.values(), 'null'])})"
    surely = f"greatest(coalesce({changed}, {literal(night)}::date), {latest})"
    if "status" in types and any(state.status for state in STATES[name]):
        timed = " or ".join(
            f"(status = {literal(state.status)} and {days[state.reached_at]} is not null)"
            for state in STATES[name]
            if state.status
        )
        return f"if(status is null or {timed}, null, {surely})"
    if name == "repayments" and "amount_paid" in types:
        return f"if(amount_paid is null or {days['paid_at']} is not null, null, {surely})"
    return f"if({latest} is null, {surely}, null)" if name != "repayments" else "null::date"


def _version(name: str, days: Mapping[str, str], types: Types) -> str:
    """SQL of the columns as they were known at the end of ``version_day``."""
    states = STATES[name]
    last = f"greatest({', '.join([*days.values(), 'last_day', 'own_day'])})"
    # What a state brings is known once it or a later one is reached, at the latest with the last version.
    known = {
        column: ", ".join([*(days[each.reached_at] for each in states[place:]), last])
        for place, state in enumerate(states)
        for column in state.with_it
    } | {state.reached_at: f"{days[state.reached_at]}, {last}" for state in states}
    columns = []
    for column in BY_NAME[name].columns:
        if column.name not in types:
            continue
        value = identifier(column.name)
        if column.name == "status" and any(state.status for state in states):
            columns.append(f"{_status(states, days, last)} as status")
        elif column.name in known and not column.is_required:
            columns.append(f"if(coalesce({known[column.name]}) <= version_day, {value}, null) as {value}")
        else:
            columns.append(value)
    return ", ".join(columns)


def _status(states: tuple[State, ...], days: Mapping[str, str], last: str) -> str:
    reached = " ".join(
        f"when {days[state.reached_at]} <= version_day then {literal(state.status)}"
        for state in reversed(states)
        if state.status and state.status != "declined"
    )
    first = next(literal(state.status) for state in states if state.status)
    return f"case when status is null or version_day >= {last} then status {reached} else {first} end"
