"""What of a table is news: rows that differ from what landed, without those that speak of a day that has not ended."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import duckdb

from ingest.sources.history import event_day
from ingest.sources.shape import OWN_COLUMNS, Types, types_of
from tradeline.contracts.raw import BY_NAME
from tradeline.database import scalar
from tradeline.sql import identifier, literal


def take_latest(
    connection: duckdb.DuckDBPyConnection, name: str, held: Path | None, *, by_file_day: bool = False
) -> None:
    """Let ``out_<name>`` have each key once, its latest version, and the rows that were held before.

    ``by_file_day``: each key once for each day of a file. Different rows of a key of which none is later stay, for
    validation to name.
    """
    key = ", ".join(map(identifier, BY_NAME[name].key))
    if held and held.exists():
        connection.execute(
            f"""
            create or replace table out_{name} as from out_{name}
            union all by name
            (from read_parquet({literal(held)}) anti join out_{name} using ({key}))
            """
        )
    orders = [each for each in ("changed_at", "source_file_at") if each in types_of(connection, f"out_{name}")]
    if orders:
        latest = ", ".join(f"{each} desc nulls last" for each in orders)
        once = f"{key}, source_file_at::date" if by_file_day and "source_file_at" in orders else key
        connection.execute(
            f"create or replace table out_{name} as from out_{name} "
            f"qualify rank() over (partition by {once} order by {latest}) = 1"
        )


def hold_back(
    connection: duckdb.DuckDBPyConnection, name: str, night: date, today: date, zone: str, *, by_file_day: bool = False
) -> int:
    """Move rows with a time or a day of arrival after ``night`` from ``out_<name>`` to ``held_<name>``; how many.

    A time after ``today`` is a slip: it lands, and validation names it. ``by_file_day``: the day of the row's file
    counts as well.
    """
    types = types_of(connection, f"out_{name}")
    times = [column.name for column in BY_NAME[name].columns if column.is_event] + ["changed_at", "arrived_on"]
    times += ["source_file_at"] if by_file_day else []
    # The day in a file's name is one of the business time zone already.
    days = [event_day(time, types, "UTC" if time == "source_file_at" else zone) for time in times if time in types]
    past = ", ".join(f"if({day} > {literal(today)}::date, null, {day})" for day in days)
    late = f"greatest({past}, null) > {literal(night)}::date" if days else "false"
    connection.execute(f"create or replace table held_{name} as from out_{name} where {late}")
    held = int(scalar(connection, f"select count(*) from held_{name}"))
    if held:
        connection.execute(f"delete from out_{name} where {late}")
    return held


def keep_known(connection: duckdb.DuckDBPyConnection, name: str, path: Path, found_again: str) -> None:
    """Write hashes of key and row of those rows of ``out_<name>`` that the next landing may find again."""
    columns = types_of(connection, f"out_{name}")
    hashes = f"select {_key_hash(name)} as key_hash, {_row_hash(columns)} as row_hash from out_{name}"
    connection.execute(f"copy ({hashes} where {found_again}) to {literal(path)} (format parquet)")


def news(connection: duckdb.DuckDBPyConnection, name: str, known: Path | None) -> str:
    """SQL of the rows of ``out_<name>``, in the contract's columns, that did not land before, as ``known`` has it."""
    columns = types_of(connection, f"out_{name}")
    contract = ", ".join(identifier(column) for column in columns if column not in OWN_COLUMNS)
    rows = f"select {contract} from out_{name}"
    if known is None or not known.exists():
        return rows
    return f"{rows} where {_row_hash(columns)} not in (select row_hash from read_parquet({literal(known)}))"


def gone(connection: duckdb.DuckDBPyConnection, name: str, known: Path | None) -> int:
    """How many keys that landed before are neither in ``out_<name>`` nor in ``held_<name>``."""
    if known is None or not known.exists():
        return 0
    return int(
        scalar(
            connection,
            f"""
            select count(distinct key_hash) from read_parquet({literal(known)}) where key_hash not in (
                select {_key_hash(name)} from out_{name} union all select {_key_hash(name)} from held_{name}
            )
            """,
        )
    )


def _key_hash(name: str) -> str:
    return _md5(BY_NAME[name].key)


def _row_hash(columns: Types) -> str:
    return _md5(column for column in columns if column not in OWN_COLUMNS)


def _md5(columns: Iterable[str]) -> str:
    # A row's text: the same in every version of DuckDB, which its own hash() is not.
    return f"md5_number(row({', '.join(map(identifier, columns))})::varchar)"
