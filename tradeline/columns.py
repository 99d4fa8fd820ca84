"""A table of an earlier release takes up the columns that its contract has today."""

from collections.abc import Mapping

import duckdb

from tradeline.database import scalar
from tradeline.errors import TradelineError
from tradeline.sql import identifier


def take_up_columns(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], *, is_history: bool = False
) -> str:
    """Let a table have the columns ``columns``, name -> SQL type, each row kept; what was changed, in words.

    A column that is new is null in the rows that are there. One that has another type is converted, a value that
    cannot be to null. One that is gone is dropped. ``is_history``: what the table holds cannot be made again, so that
    a column that is gone stays, null in rows to come. The sentence is empty where the table is as it should be.

    Raises:
        TradelineError: values of a table that is history cannot be converted.
    """
    named = ", ".join(f"{identifier(name)} {type_}" for name, type_ in columns.items())
    connection.execute(f"create or replace temp table wanted_columns ({named})")
    wanted, there = _types(connection, "wanted_columns"), _types(connection, table)
    connection.execute("drop table wanted_columns")
    new = [name for name in wanted if name not in there]
    gone = [] if is_history else [name for name in there if name not in wanted]
    retyped = [name for name in wanted if there.get(name, wanted[name]) != wanted[name]]
    if is_history:
        _refuse_loss(connection, table, {name: wanted[name] for name in retyped})
    for name in new:
        connection.execute(f"alter table {table} add column {identifier(name)} {wanted[name]}")
    for name in retyped:
        column, type_ = identifier(name), wanted[name]
        connection.execute(f"alter table {table} alter {column} type {type_} using try_cast({column} as {type_})")
    for name in gone:
        connection.execute(f"alter table {table} drop column {identifier(name)}")
    found = (
        ("(new, null in earlier rows)", new),
        ("(converted to its new type)", retyped),
        ("(dropped)", gone),
    )
    changes = [f"{', '.join(names)} {what}" for what, names in found if names]
    return f"{table} has other columns now: {'; '.join(changes)}" if changes else ""


def _types(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    return dict(connection.execute(f"select column_name, column_type from (describe {table})").fetchall())


def _refuse_loss(connection: duckdb.DuckDBPyConnection, table: str, types: Mapping[str, str]) -> None:
    for name, type_ in types.items():
        column = identifier(name)
        lost = f"select count(*) from {table} where {column} is not null and try_cast({column} as {type_}) is null"
        if count := scalar(connection, lost):
            raise TradelineError(
                f"{table}.{name} is to be {type_}, and {count:,} of its values are none; nothing else holds them: "
                "give the column another name, beside the one that is there"
            )
