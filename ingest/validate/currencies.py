"""Amounts in other currencies: each row is converted by the rate of its own day that is known by its night.

That is the latest rate of the day or of the ``RATE_AGE_DAYS_MAX`` days before, as of the night on which the row enters
its table. A rate that comes or is corrected later changes no row that is there. A row without a rate waits for one.
"""

from dataclasses import dataclass

from ingest.validate.cells import CellCheck, plainly
from ingest.validate.days import local_time
from ingest.validate.fault import LAND_AGAIN
from tradeline.contracts.raw import AMOUNT_MAX, FX_RATES, SQL_TYPES, Table
from tradeline.sql import identifier, literal

NO_RATES = (
    "if the amounts are in it, convert them to {own} and write {own} there, or land daily rates of it as the table "
    "fx_rates; if they are in {own}, leave the column out"
)


@dataclass(frozen=True)
class Currencies:
    """What amounts are in: ``own``, the deployment's; others too if ``has_rates``. ``zone`` says what a day is."""

    own: str
    zone: str
    has_rates: bool

    def converts(self, table: Table) -> bool:
        """Whether the table's rows may be in other currencies."""
        return self.has_rates and bool(table.rate_days)

    def checks(self, table: Table) -> list[CellCheck]:
        """What can be wrong with a row's currency and rate; where the table ``converts``, ``rate_join`` is needed."""
        if table is FX_RATES:
            problem = "is not 1, though it is the rate of the deployment's own currency (TRADELINE_CURRENCY)"
            remedy = f"write units of {self.own} for one unit of each currency; {LAND_AGAIN}"
            return [CellCheck("rate", f"currency = {literal(self.own)} and rate <> 1", problem, remedy)]
        if table.rate_days and not self.has_rates:
            problem = f"is not {self.own}, the currency of this deployment (TRADELINE_CURRENCY)"
            remedy = f"{NO_RATES.format(own=self.own)}; {LAND_AGAIN}"
            return [CellCheck("currency", f"currency <> {literal(self.own)}", problem, remedy)]
        return self._bounds(table) if self.converts(table) else []

    def foreign(self, table: Table) -> str:
        """SQL of the currency that a row is to be converted from, null where there is nothing to convert."""
        amounts = ", ".join(identifier(column.name) for column in table.amounts)
        return f"if(coalesce({amounts}) is null, null, nullif(currency, {literal(self.own)}))"

    def day(self, table: Table, landed_on: str) -> str:
        """SQL of the day whose rate counts: that of the row's event or, if it is still to come, ``landed_on``."""
        days = [
            identifier(name)
            if table.column(name).type == "date"
            else f"({local_time(identifier(name), self.zone)})::date"
            for name in table.rate_days
        ]
        return f"least(coalesce({', '.join(days)}), {landed_on})"

    def rate_join(self, table: Table, landed_on: str = "arrived_on") -> str:
        """SQL that joins ``rate`` and ``rate_on`` to the table's rows, null where there is nothing to convert."""
        return (
            f"left join fx.daily on rate_currency = {self.foreign(table)} and rate_day = {self.day(table, landed_on)} "
            "and arrived_on >= rate_from and arrived_on < rate_until"
        )

    def converted(self, table: Table, rows: str) -> str:
        """SQL of rows with their amounts converted, and ``converted``, null where they were not.

        ``rows``: SQL of rows of the table with ``landed_on``, the night on which they landed.
        """
        values, kept = [identifier(column.name) for column in table.columns], [f"null::{converted_type(table)}"]
        join = ""
        if self.converts(table):
            values = [_value(table, column.name) for column in table.columns]
            landed = [f"{identifier(f'from_{column.name}')}: {identifier(column.name)}" for column in table.amounts]
            kept = [f"if(rate is null, null, {{{', '.join([*landed, 'rate: rate', 'rate_on: rate_on'])}}})"]
            join = self.rate_join(table, "landed_on")
        named = [f"{value} as converted" for value in kept if table.rate_days]
        return f"select {', '.join([*values, 'arrived_on', 'source_file', *named])} from ({rows}) as landed {join}"

    def _bounds(self, table: Table) -> list[CellCheck]:
        problem = f"is beyond {plainly(AMOUNT_MAX)}, the most there can be, once it is in {self.own}"
        remedy = f"see whether the amount, and the rate of its day in fx_rates, are in units; {LAND_AGAIN}"
        return [
            CellCheck(column.name, f"abs({in_own(column.name)}) > {AMOUNT_MAX:.15g}", problem, remedy)
            for column in table.amounts
        ]


def in_own(name: str) -> str:
    """SQL of an amount in the deployment's currency, as a binary number that cannot overflow; null without a rate."""
    return f"{identifier(name)}::double * rate::double"


def converted_type(table: Table) -> str:
    """The SQL type of ``converted``: the amounts as they landed, the rate that converted them, and its day."""
    amounts = [f"{identifier(f'from_{column.name}')} {SQL_TYPES['amount']}" for column in table.amounts]
    rate = f"rate {SQL_TYPES['exchange_rate']}"
    return f"struct({', '.join([*amounts, rate, 'rate_on date'])})"


def _value(table: Table, name: str) -> str:
    """SQL of a column's value; DuckDB rounds half a cent away from zero."""
    column = identifier(name)
    if table.column(name) not in table.amounts:
        return column
    return f"if(rate is null, {column}, round({column} * rate, 2))::{SQL_TYPES['amount']} as {column}"
