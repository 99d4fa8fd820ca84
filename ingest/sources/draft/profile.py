"""What the values of a column look like, by the rows that were read of it."""

from dataclasses import dataclass
from functools import cached_property

import duckdb

from ingest.sources.draft.numbers import NumberForm, number_forms
from ingest.sources.draft.times import TimeForm, time_form
from ingest.sources.shape import types_of
from ingest.validate.missing import BLANKS
from tradeline.sql import identifier, literal

# Of so many different values a column's form is known.
VALUES = 500
FILES_OWN = ("source_file", "source_file_at")


@dataclass(frozen=True)
class Profile:
    """A column of the source.

    ``kind``: DuckDB's type; ``rows``, ``filled``, ``distinct``: counts in the rows read; ``values``: different values
    as texts, the most frequent first, at most ``VALUES``; ``time``: how it writes times, None where it has none;
    ``numbers``: in which ways its values are numbers, none where they are not.
    """

    name: str
    kind: str
    rows: int = 0
    filled: int = 0
    distinct: int = 0
    values: tuple[str, ...] = ()
    time: TimeForm | None = None
    numbers: tuple[NumberForm, ...] = ()

    @property
    def is_text(self) -> bool:
        """Whether its type says nothing about its values."""
        return self.kind == "VARCHAR"

    @property
    def is_numeric(self) -> bool:
        """Whether its type is one of numbers."""
        return self.kind.startswith(("DECIMAL", "DOUBLE", "FLOAT")) or self.is_whole

    @property
    def is_whole(self) -> bool:
        """Whether its type is one of whole numbers."""
        return self.kind.endswith(("INT", "INTEGER"))

    @property
    def has_offset(self) -> bool:
        """Whether its times say their own zone."""
        return self.kind.startswith("TIMESTAMP WITH") or bool(self.time and self.time.has_offset)

    @cached_property
    def has_negative(self) -> bool:
        """Whether a number is below zero."""
        return bool(self.numbers or self.is_numeric) and any(value.strip("€$£¥ ")[:1] == "-" for value in self.values)


def profiles(connection: duckdb.DuckDBPyConnection, table: str, no_value: tuple[str, ...]) -> list[Profile]:
    """The columns of a table of the DuckDB file; the texts ``no_value`` (small letters) count as empty."""
    ((rows,),) = connection.execute(f"select count(*) from {identifier(table)}").fetchall()
    return [
        _profile(connection, table, name, kind, rows, no_value)
        for name, kind in types_of(connection, identifier(table)).items()
        if name not in FILES_OWN
    ]


def _profile(
    connection: duckdb.DuckDBPyConnection, table: str, name: str, kind: str, rows: int, no_value: tuple[str, ...]
) -> Profile:
    found = connection.execute(
        f"""
        with written as (select trim({identifier(name)}::varchar, {literal(BLANKS)}) as value from {identifier(table)})
        select value, count(*) from written
        where value is not null and lower(value) not in ({", ".join(map(literal, no_value))})
        group by value order by count(*) desc, value
        """
    ).fetchall()
    values = tuple(value for value, _ in found[:VALUES])
    is_text = kind == "VARCHAR"
    return Profile(
        name,
        kind,
        rows,
        filled=sum(count for _, count in found),
        distinct=len(found),
        values=values,
        time=time_form(connection, kind, values),
        numbers=number_forms(values) if is_text else (),
    )
