"""What the contract asks of single values, as SQL: how each is converted and what can be wrong with it.

A table's checks depend on the contract alone. They speak of ``"<column>"``, the converted value, of
``"raw <column>"``, the value as it landed, and of ``arrived_on``; so many kinds of file share one list of checks.
"""

from dataclasses import dataclass

from ingest.contract import SQL_TYPES, Column, Table, Type
from ingest.validate import days
from ingest.validate.fault import LAND_AGAIN
from ingest.validate.source import Columns, literal, quoted

INTEGERS = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"}
)
NUMBERS = INTEGERS | {"DECIMAL", "FLOAT", "DOUBLE"}
TIMES = frozenset({"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"})
# The DuckDB types that a contract type may arrive as, beside text and "always null".
ACCEPTED: dict[Type, frozenset[str]] = {
    "text": INTEGERS | {"UUID"},
    "timestamp": TIMES,
    "date": TIMES,
    "amount": NUMBERS,
    "integer": NUMBERS,
    "rate": NUMBERS,
}
MEANING: dict[Type, str] = {
    "text": "text",
    "timestamp": "a time (such as 2018-05-01 13:45:00)",
    "date": "a day (such as 2018-05-01)",
    "amount": "an amount (such as 1234.50)",
    "integer": "a whole number",
    "rate": "a number (such as 0.12)",
}


@dataclass(frozen=True)
class Check:
    """One thing that can be wrong with a column's value.

    ``condition``: SQL, true where the value is at fault. ``problem`` follows the value in a sentence.
    ``is_hard``: the whole file is refused; otherwise the row alone is set aside. ``told``: SQL of a text that follows
    the problem.
    """

    column: str
    condition: str
    problem: str
    is_hard: bool = True
    told: str = "''"
    remedy: str = LAND_AGAIN


def checks(table: Table, zone: str) -> list[Check]:
    """Every check of a table's single values, always in the same order; ``zone`` says what a day is."""
    return [check for column in table.columns for check in _column_checks(table, column, zone)]


def accepts(column: Column, kind: str) -> bool:
    """Whether a file's column of DuckDB type ``kind`` can hold this column."""
    return kind in ("VARCHAR", '"NULL"') or kind.split("(")[0] in ACCEPTED[column.type]


def conversions(table: Table, columns: Columns, zone: str) -> str:
    """The select list that yields ``"raw <column>"`` and ``"<column>"`` for every column of the contract."""
    kinds = dict(columns)
    return ",\n".join(_conversion(column, kinds.get(column.name, '"NULL"'), zone) for column in table.columns)


def _conversion(column: Column, kind: str, zone: str) -> str:
    name = quoted(column.name)
    sql_type = SQL_TYPES[column.type]
    if kind == '"NULL"':
        return f'null::varchar as "raw {column.name}", null::{sql_type} as {name}'
    raw = f"nullif({name}, '')" if kind == "VARCHAR" else name
    return f'{raw} as "raw {column.name}", {_converted(column.type, raw, kind, zone)} as {name}'


def _converted(wanted: Type, raw: str, kind: str, zone: str) -> str:
    if wanted in ("timestamp", "date"):
        # A plain cast would silently drop the offset of '2018-05-01T10:00:00+02:00'; the session's zone is UTC.
        is_zoned = kind in ("VARCHAR", "TIMESTAMP WITH TIME ZONE")
        moment = f"timezone('UTC', try_cast({raw} as timestamptz))" if is_zoned else f"{raw}::timestamp"
        return moment if wanted == "timestamp" else days.day_of(moment, raw, kind, zone)
    return f"try_cast({raw} as {SQL_TYPES[wanted]})"


def _column_checks(table: Table, column: Column, zone: str) -> list[Check]:
    name, raw = quoted(column.name), f'"raw {column.name}"'
    found = _value_checks(column, name, raw)
    if column.is_event:
        problem = "is after the day on which the file arrived"
        late, told = days.is_after_arrival(name, zone), f"': it is ' || {days.told(name, zone)}"
        found.append(Check(column.name, late, problem, told=told, remedy=days.remedy(zone)))
    if column.name in table.key:
        found.insert(0, Check(column.name, f"{raw} is null", "has no value but is part of the key"))
    elif column.is_required:
        found.insert(0, Check(column.name, f"{raw} is null", "is required but has no value", is_hard=False))
    return found


def _value_checks(column: Column, name: str, raw: str) -> list[Check]:
    found = [*_type_checks(column, name, raw), *_bound_checks(column, name)]
    if column.allowed:
        values = ", ".join(literal(value) for value in column.allowed)
        found.append((f"{name} not in ({values})", f"is none of {', '.join(column.allowed)}"))
    return [Check(column.name, condition, problem) for condition, problem in found]


def _type_checks(column: Column, name: str, raw: str) -> list[tuple[str, str]]:
    if column.type == "text":
        return []
    infinite = f" or not isfinite({name})" if column.type in ("timestamp", "date", "rate") else ""
    found = [(f"{raw} is not null and ({name} is null{infinite})", f"is not {MEANING[column.type]}")]
    if column.type == "amount":
        # Binary fractions never hold cents exactly, so a difference far below a cent is none; FLOAT has 7 digits.
        share = f"case typeof({raw}) when 'FLOAT' then 1e-6 else 1e-9 end"
        distance = f"abs(try_cast({raw} as double) - {name}::double)"
        found.append((f"{distance} > {share} * greatest(1, abs({name}::double))", "has more than 2 decimals"))
    if column.type == "integer":
        found.append((f"try_cast({raw} as double) <> {name}", "is not a whole number"))
    return found


def _bound_checks(column: Column, name: str) -> list[tuple[str, str]]:
    found = []
    if column.at_least == 0:
        found.append((f"{name} < 0", f"is negative; {column.name} is never negative"))
    elif column.at_least is not None:
        found.append((f"{name} < {column.at_least:g}", f"is below {column.at_least:g}, the least there can be"))
    if column.at_most is not None:
        found.append((f"{name} > {column.at_most:g}", f"is above {column.at_most:g}, the most there can be"))
    return found
