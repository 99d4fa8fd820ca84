"""What the contract asks of single values, as SQL: what can be wrong with each.

A table's checks depend on the contract alone. They speak of ``"<column>"``, the converted value, of
``"raw <column>"``, the value as it landed, and of ``arrived_on``; so many kinds of file share one list of checks.
"""

from dataclasses import dataclass

from ingest.validate import days
from ingest.validate.convert import UNREADABLE
from ingest.validate.fault import LAND_AGAIN
from tradeline.contracts.raw import Column, Table
from tradeline.sql import identifier, literal

# Without its sign, money that went back would count as money that came in.
NO_SIGN_LOST = "leave the sign as it is: money that goes back is a row of refunds, or a payment with direction out"
IN_UNITS = "write amounts in units of the currency, not in cents"
# Bounds whose breach has a usual cause.
REMEDIES = {
    "amount": IN_UNITS,
    "freight": IN_UNITS,
    "annual_rate": "write 0.12 for 12%",
    "term_days": "write the term in days",
    "rate": "write how many units of the deployment's currency one unit of this one is worth",
}


@dataclass(frozen=True)
class CellCheck:
    """One thing that can be wrong with a column's value.

    ``condition``: SQL, true where the value is at fault. ``problem`` follows the value in a sentence; where it is
    empty, the value cannot be read, and ``advice`` says why and what to write. ``told``: SQL of a text that follows
    the problem. ``remedy``: what to do before the file is landed again. ``is_hard``: the whole file is refused;
    otherwise the row alone is set aside.
    """

    column: str
    condition: str
    problem: str = ""
    remedy: str = LAND_AGAIN
    is_hard: bool = True
    told: str = "''"


def checks(table: Table, zone: str) -> list[CellCheck]:
    """Every check of a table's single values, always in the same order; ``zone`` says what a day is."""
    return [check for column in table.columns for check in _column_checks(table, column, zone)]


def _column_checks(table: Table, column: Column, zone: str) -> list[CellCheck]:
    name, raw = identifier(column.name), f'"raw {column.name}"'
    found = _value_checks(column, name, raw)
    if column.is_event:
        found.append(_event_check(column, name, zone))
    if column.name in table.key:
        found.insert(0, CellCheck(column.name, f"{raw} is null", "has no value but is part of the key"))
    elif column.is_required:
        found.insert(0, CellCheck(column.name, f"{raw} is null", "is required but has no value", is_hard=False))
    return found


def _event_check(column: Column, name: str, zone: str) -> CellCheck:
    problem, remedy = "is after the day on which the file arrived", days.remedy(zone)
    if column.type == "date":
        return CellCheck(column.name, f"{name} > arrived_on", problem, remedy)
    late, told = days.is_after_arrival(name, zone), f"': it is ' || {days.told(name, zone)}"
    return CellCheck(column.name, late, problem, remedy, told=told)


def _value_checks(column: Column, name: str, raw: str) -> list[CellCheck]:
    is_unread = f"{name} = '{UNREADABLE}'" if column.type == "text" else f"{raw} is not null and {name} is null"
    found = [CellCheck(column.name, is_unread), *_bound_checks(column, name)]
    if column.allowed:
        values = ", ".join(literal(value) for value in column.allowed)
        found.append(CellCheck(column.name, f"{name} not in ({values})", f"is none of {', '.join(column.allowed)}"))
    if column.type in ("timestamp", "date") and not column.is_event:
        latest = f"arrived_on + interval {column.years_ahead} year"
        problem = f"is more than {column.years_ahead} years after the day on which the file arrived"
        remedy = f"if it stands for no value, leave it empty; {LAND_AGAIN}"
        found.append(CellCheck(column.name, f"{name} >= {latest}", problem, remedy))
    return found


def _bound_checks(column: Column, name: str) -> list[CellCheck]:
    remedy = f"{REMEDIES[column.name]}; {LAND_AGAIN}" if column.name in REMEDIES else LAND_AGAIN
    found = []
    if column.at_least == 0:
        problem = f"is negative; {column.name} is never negative"
        kept = f"{NO_SIGN_LOST}; {LAND_AGAIN}" if column.type == "amount" else LAND_AGAIN
        found.append(CellCheck(column.name, f"{name} < 0", problem, kept))
    elif column.at_least is not None:
        least = f"is below {plainly(column.at_least)}, the least there can be"
        found.append(CellCheck(column.name, f"{name} < {column.at_least:.15g}", least, remedy))
    if column.at_most is not None:
        most = f"is above {plainly(column.at_most)}, the most there can be"
        found.append(CellCheck(column.name, f"{name} > {column.at_most:.15g}", most, remedy))
    return found


def plainly(bound: float) -> str:
    """A bound in words: every digit of it, also of a small one."""
    return f"{bound:.8f}" if 0 < abs(bound) < 1e-3 else f"{bound:,.15g}"
