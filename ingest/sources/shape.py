"""A mapping's tables: the rows that it makes of what was read, in the contract's columns and types.

Every value that can be read with certainty by the source's dialect and time zone becomes typed; where one of a column
cannot, the column stays text as it came, and the raw contract's validation names the row.
"""

import re

import duckdb

from ingest.sources.mapping import ColumnMap, Dialect, Read, Source, TableMap
from ingest.validate.convert import moment_of
from ingest.validate.days import ZONED_TEXT, in_utc
from tradeline.contracts.raw import BY_NAME, Column
from tradeline.database import scalar
from tradeline.errors import BadInput
from tradeline.sql import identifier, literal

# Beside the contract's own: when a row last changed, the day on which it is to arrive, when its file was made.
EXACT = {"rate": "double", "exchange_rate": "decimal(27, 15)"}
OWN_COLUMNS = {"changed_at": "timestamp", "arrived_on": "date", "source_file_at": "timestamp"}
NAIVE = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
Types = dict[str, str]


def create_macros(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """What queries may call: ``amount(text)``, an exact number, and ``moment(text)``, a TIMESTAMPTZ."""
    dialect = source.dialect
    # A text that is no amount of the dialect is cast as it came, less its decimal sign, so that the error names it.
    plain = f"if(written is null, null, coalesce({_plain_amount('written', dialect)}, '\"' || written || '\"'))"
    connection.execute(f"create or replace macro amount(written) as ({plain})::decimal(24, 6)")
    formats = dialect.time_formats or ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%d")
    parsed = _moment("written", formats, source.timezone)
    connection.execute(f"create or replace macro moment(written) as timezone('UTC', {parsed})")


def types_of(connection: duckdb.DuckDBPyConnection, relation: str) -> Types:
    """The columns of a relation and their DuckDB types."""
    return {name: kind for name, kind, *_ in connection.execute(f"describe {relation}").fetchall()}


def shape(connection: duckdb.DuckDBPyConnection, source: Source, name: str, where: str) -> list[str]:
    """Make ``out_<name>``: the rows of one table of the mapping, with those of ``OWN_COLUMNS`` that it has.

    Returns the contract's columns that it has.

    ``where``: what errors call the mapping.

    Raises:
        BadInput: its SQL fails, a column is none of the contract's, or a required one is missing.
    """
    table = source.tables[name]
    place = f"{where}: tables.{name}"
    read = source.read.get(table.of or "")
    query = table.query or _map_query(connection, table, read)
    try:
        connection.execute(f"create or replace table mapped_{name} as {query}")
    except duckdb.Error as error:
        raise BadInput(f"{place}: {_first_line(error)}: correct the SQL there, or the value that it names") from error
    types = types_of(connection, f"mapped_{name}")
    _check_columns(name, types, place)
    expressions = [
        f"{_contract_value(connection, name, column, types[column.name], source, read)} as {identifier(column.name)}"
        for column in BY_NAME[name].columns
        if column.name in types
    ]
    formats = (source.dialect_of(read) if read else source.dialect).time_formats
    own = [
        f"{_own_value(each, types[each], formats, source.timezone)} as {each}" for each in OWN_COLUMNS if each in types
    ]
    connection.execute(
        f"create or replace table out_{name} as select {', '.join(expressions + own)} from mapped_{name}"
    )
    connection.execute(f"drop table mapped_{name}")
    return [column.name for column in BY_NAME[name].columns if column.name in types]


def _map_query(connection: duckdb.DuckDBPyConnection, table: TableMap, read: Read | None) -> str:
    """The query that ``of``, ``columns`` and ``where`` stand for."""
    there = types_of(connection, identifier(table.of or ""))
    columns = {name: _mapped(each, there) for name, each in table.columns.items()}
    if read and read.updated_at:
        columns.setdefault("changed_at", identifier(read.updated_at))
    if "source_file_at" in there:
        columns["source_file_at"] = "source_file_at"
    named = ", ".join(f"{expression} as {identifier(name)}" for name, expression in columns.items())
    return f"select {named} from {identifier(table.of or '')}" + (f" where {table.where}" if table.where else "")


def _mapped(column: ColumnMap, there: Types) -> str:
    expression = identifier(column.of) if column.of in there else f"({column.of})"
    if not column.values:
        return expression
    branches = " ".join(
        f"when {literal(given)} then {'null' if meant is None else literal(meant)}"
        for given, meant in column.values.items()
    )
    otherwise = expression + "::varchar" if column.otherwise is None else literal(column.otherwise)
    return f"case trim({expression}::varchar) {branches} else {otherwise} end"


def _check_columns(name: str, types: Types, place: str) -> None:
    contract = [column.name for column in BY_NAME[name].columns]
    if strange := [column for column in types if column not in contract and column not in OWN_COLUMNS]:
        raise BadInput(
            f"{place}: {', '.join(strange)}: not a column of the contract's {name}, which are {', '.join(contract)}; "
            "leave it out, or name it as the contract does"
        )
    required = [column.name for column in BY_NAME[name].columns if column.is_required]
    if missing := [column for column in required if column not in types]:
        raise BadInput(f"{place}: {', '.join(missing)}: missing; every row of {name} needs it (docs/raw_contract.md)")


def _contract_value(
    connection: duckdb.DuckDBPyConnection, name: str, column: Column, kind: str, source: Source, read: Read | None
) -> str:
    """SQL of a column's value, typed where every value of it can be."""
    dialect = source.dialect_of(read) if read else source.dialect
    value = identifier(column.name)
    if kind == "VARCHAR" and dialect.no_value:
        value = f"if(trim({value}) in ({', '.join(map(literal, dialect.no_value))}), null, {value})"
    if kind in NAIVE and column.type == "timestamp":
        return in_utc(f"{value}::timestamp", source.timezone)
    if kind != "VARCHAR":
        return value
    if column.type == "timestamp" and (dialect.time_formats or source.timezone != "UTC"):
        typed = _moment(value, dialect.time_formats, source.timezone)
    elif column.type in ("amount", "rate", "exchange_rate") and {"decimal", "thousands"} & dialect.model_fields_set:
        typed = f"try_cast({_plain_amount(value, dialect)} as {EXACT.get(column.type, 'decimal(24, 6)')})"
    else:
        return value
    unread = f"trim({value}) <> '' and {typed} is null"
    if not scalar(connection, f"select count(*) from mapped_{name} where {unread}"):
        return typed
    # As a text, what was read is what it is in UTC and with a point; what was not, no value that validation could read.
    return f"if({unread}, {value} || ' (not as the mapping says)', {typed}::varchar)"


def _own_value(name: str, kind: str, formats: tuple[str, ...], zone: str) -> str:
    if name == "changed_at" and kind == "VARCHAR":
        return _moment(name, formats, zone)
    if name == "changed_at" and kind in NAIVE:
        return in_utc(f"{name}::timestamp", zone)
    return f"{name}::{OWN_COLUMNS[name]}"


def _moment(value: str, formats: tuple[str, ...], zone: str) -> str:
    """SQL of the moment that a text says, a TIMESTAMP in UTC; null where it is none.

    Without formats it is what docs/raw_contract.md takes for a time; a day alone begins in ``zone``.
    """
    if not formats:
        moment = moment_of(value)
        return f"if(regexp_matches({value}, {ZONED_TEXT}), {moment}, {in_utc(moment, zone)})"
    return "coalesce(" + ", ".join(_parsed(f"trim({value})", each, zone) for each in formats) + ")"


def _parsed(value: str, form: str, zone: str) -> str:
    parsed = f"try_strptime({value}, {literal(form)})"
    return f"timezone('UTC', {parsed})" if "%z" in form or "%Z" in form else in_utc(parsed, zone)


def _plain_amount(value: str, dialect: Dialect) -> str:
    """SQL of a text's amount with a point and nothing between thousands; null where it is not so written."""
    point = re.escape(dialect.decimal)
    # A blank between thousands is often one that keeps a line together.
    comma = "[ \u00a0\u202f]" if dialect.thousands == " " else re.escape(dialect.thousands)
    whole = rf"\d{{1,3}}(?:{comma}\d{{3}})+|\d+" if comma else r"\d+"
    pattern = literal(rf"\s*[+-]?\s*(?:{whole})(?:{point}\d*)?\s*")
    between = literal(rf"\s|{comma}" if comma else r"\s")
    plain = f"regexp_replace({value}, {between}, '', 'g')"
    return f"if(regexp_full_match({value}, {pattern}), replace({plain}, {literal(dialect.decimal)}, '.'), null)"


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]
