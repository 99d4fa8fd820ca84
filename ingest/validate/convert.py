"""How landed values become the contract's, as SQL: each by its type, and null where it cannot be read with certainty.

``"raw <column>"`` is the value as it landed, without the blanks around a text, and null where it means that there is
none; ``"<column>"`` is the contract's value. Where only the latter is null, the value is at fault. Of a text there is
nothing to convert, so both are the same, and what cannot be read is ``UNREADABLE``.
"""

from ingest.validate import days
from ingest.validate.missing import trimmed, without_none
from ingest.validate.source import FILE, NIGHT, ROW, Columns
from tradeline.contracts.raw import EARLIEST, LATEST, SQL_TYPES, Column, Table, Type
from tradeline.sql import identifier, literal

NULL = '"NULL"'
UNREADABLE = "\ufffd"
ALL_TEXTS = -1
TEXTS = frozenset({"VARCHAR", "BLOB"})
INTEGERS = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"}
)
NUMBERS = INTEGERS | {"DECIMAL", "FLOAT", "DOUBLE"}
ZONED = frozenset({"TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS"})
TIMES = ZONED | {"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"}
# The DuckDB types that a contract type may arrive as, beside those of columns without any value.
ACCEPTED: dict[Type, frozenset[str]] = {
    "text": TEXTS | NUMBERS | {"UUID"},
    "timestamp": TEXTS | TIMES,
    "date": TEXTS | TIMES,
    "amount": TEXTS | NUMBERS,
    "integer": TEXTS | NUMBERS,
    "rate": TEXTS | NUMBERS,
    "currency": TEXTS,
    "exchange_rate": TEXTS | NUMBERS,
}

# Up to here a binary number holds every whole number, and (FLOAT_CENTS) every hundredth, apart from the next.
WHOLE_MAX = {"FLOAT": 2**24, "DOUBLE": 2**53}
FLOAT_CENTS = 131_072

CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?"
OFFSET = r"[+-](?:0\d|1[0-4])(?::?[0-5]\d)?"
# What most exports write, in UTC.
PLAIN_TIME = rf"\d{{4}}-\d{{2}}-\d{{2}}(?:[ T]{CLOCK}Z?)?"
# What else says a moment with certainty: the year first, one digit where two are usual, an offset, a zone beside one.
ANY_TIME = (
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})"
    rf"(?:[ Tt]((?:\d:[0-5]\d(?::[0-5]\d(?:\.\d{{1,9}})?)?)|{CLOCK})"
    rf"(?: ?(?:[Zz]|({OFFSET}))(?:\[[A-Za-z0-9_/+-]+\])?| (?:\+0000 )?(?:UTC|GMT))?)?"
)
# Three decimals behind one to three digits may be thousands: 1.500 is 1500 in German, Spanish or Indonesian.
AMOUNT = r"[+-]?(?:\d+(?:\.(?:\d{0,2}|\d\d00+))?|\.\d{1,2}|\.\d\d00+|(?:0*|\d{4,})\.\d\d0)"
WHOLE = r"[+-]?(?:\d+(?:\.(?:0{0,2}|0000+))?|\d{4,}\.000)"
CURRENCY = "[A-Za-z]{3}"
NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
# What spreadsheets and data frames make of a long or a missing id: 123.0, 1.23457E+17, 1,23457E+17 (and Java 1.2E17).
FLOATING_ID = r"[+-]?\d+(?:\.0+|(?:[.,]\d+)?[eE]\+\d+|\.\d+[eE]\d+)"
# What keeps a spreadsheet from that: ="00123" and '00123.
SPREADSHEET_ID = r"=\"[^\"]*\"|'\d+"


def accepts(column: Column, kind: str) -> bool:
    """Whether a file's column of DuckDB type ``kind`` can hold values of this column."""
    return not kind.endswith("]") and _base(kind) in ACCEPTED[column.type]


def converted(
    table: Table, columns: Columns, relation: str, none: tuple[str, ...], zone: str, unread_texts: int = ALL_TEXTS
) -> str:
    """SQL of a relation's rows: both values of every column, ``arrived_on``, ``source_file`` and ``row_number``.

    ``columns``: those of the relation; ``none``: the texts that stand for no value; ``zone`` says what a day is. A
    column whose type cannot hold the contract's must be without values, and is taken for an absent one.
    ``unread_texts`` tells which texts of a row are not taken as they landed, a bit for each column. Given: the columns
    for which that is so anywhere; the others are taken as they landed, which spares the look at each value.
    """
    found = dict(columns)
    kinds = [(column, found.get(column.name, NULL)) for column in table.columns]
    kinds = [(column, kind if accepts(column, kind) else NULL) for column, kind in kinds]
    texts = {column: 1 << place for place, (column, kind) in enumerate(kinds) if _is_plain(column, kind)}
    plain = {column for column, bit in texts.items() if not unread_texts & bit}
    landed = ", ".join(
        f"{identifier(column.name) if column in plain else _landed(column, kind)} as {_raw(column)}"
        for column, kind in kinds
    )
    read = ", ".join(
        f"{_raw(column) if column in plain else _read(column, kind, none, zone)} as {identifier(column.name)}"
        for column, kind in kinds
    )
    checked = ", ".join(_checked(column, kind, none) for column, kind in kinds)
    originals = "".join(f", {identifier(column.name)} as {_original(column)}" for column in texts)
    bits = " + ".join(
        f"if({identifier(column.name)} is distinct from {_original(column)}, {bit}, 0)" for column, bit in texts.items()
    )
    return f"""(
        select {checked}, arrived_on, source_file, row_number, {bits or 0} as unread_texts from (
            select *, {read} from (
                select {landed}{originals}, {NIGHT} as arrived_on, {FILE} as source_file, {ROW} as row_number
                from {relation}
            )
        )
    )"""


def moment_of(text: str) -> str:
    """SQL of the moment that a text says, a timestamp in UTC; null where it says none with certainty."""
    return _from_text("timestamp", trimmed(text))


def _is_plain(column: Column, kind: str) -> bool:
    """Whether a landed value may be the contract's as it is, if it is written well."""
    return kind == "VARCHAR" and column.type in ("text", "currency")


def _raw(column: Column) -> str:
    return f'"raw {column.name}"'


def _original(column: Column) -> str:
    return f'"landed {column.name}"'


def _base(kind: str) -> str:
    return kind.split("(")[0]


def _landed(column: Column, kind: str) -> str:
    name, base = identifier(column.name), _base(kind)
    if kind == NULL:
        return "null::varchar"
    if column.type == "text":
        return _as_text(name, base)
    return trimmed(name) if base == "VARCHAR" else name


def _read(column: Column, kind: str, none: tuple[str, ...], zone: str) -> str:
    """SQL of the contract's value; of a date, still a time: as it is written or, with a zone, as clocks show it."""
    raw, base = _raw(column), _base(kind)
    if kind == NULL:
        return f"null::{'timestamp' if column.type == 'date' else SQL_TYPES[column.type]}"
    if column.type == "text":
        return _text_value(column, base, none)
    if column.type == "currency":
        text = _text(raw, base)
        code = f"case when regexp_full_match({text}, '{CURRENCY}') then upper({text}) end"
        return without_none(column, text, none, code)
    if column.type == "date":
        text = _text(raw, base)
        moment = _from_text(column.type, text) if base in TEXTS else _moment(raw, base)
        return days.shown(moment, text if base in TEXTS else None, base in ZONED, zone)
    if column.type == "timestamp":
        moment = _from_text(column.type, _text(raw, base)) if base in TEXTS else _moment(raw, base)
        return days.begun(moment, _text(raw, base) if base in TEXTS else None, base == "DATE", zone)
    return _from_text(column.type, _text(raw, base)) if base in TEXTS else _number(column.type, raw, kind)


def _checked(column: Column, kind: str, none: tuple[str, ...]) -> str:
    """SQL of both columns, a time out of range and a stand-in for no value made null."""
    name, raw, base = identifier(column.name), _raw(column), _base(kind)
    value, landed = name, raw
    if column.type in ("timestamp", "date"):
        day = f" and {name} = date_trunc('day', {name})" if column.type == "date" else ""
        value = f"case when {name} between '{EARLIEST}' and '{LATEST}'{day} then {name} end"
        value = f"({value})::date" if column.type == "date" else value
    if column.type == "text":
        landed = name
    elif base in TEXTS:
        some = without_none(column, _text(raw, base), none, raw)
        landed = f"case when ({value}) is not null then {raw} else {some} end"
    elif base in WHOLE_MAX:
        landed = f"case when {value} is null and {_is_nan(raw)} then null else {raw} end"
    return f"{landed} as {raw}, {value} as {name}"


def _text(raw: str, base: str) -> str:
    """SQL of a landed value as trimmed text; of bytes that are not UTF-8, null."""
    if base == "VARCHAR":
        return raw
    if base == "BLOB":
        return trimmed(f"try(decode({raw}))")
    if base in NUMBERS:
        return f"regexp_replace({raw}::varchar, '\\.0*$', '')"
    return f"{raw}::varchar"


def _as_text(landed: str, base: str) -> str:
    """SQL of a text column's value, of whatever type, as trimmed text."""
    if base == "VARCHAR":
        return trimmed(landed)
    if base == "BLOB":
        return f"case when {landed} is not null then coalesce({_text(landed, base)}, '{UNREADABLE}') end"
    if base == "DECIMAL":
        return f"case when {landed} = trunc({landed}) then trunc({landed})::varchar else '{UNREADABLE}' end"
    if base in WHOLE_MAX:
        is_whole = f"{landed} = trunc({landed}) and abs({landed}) < {WHOLE_MAX[base]}"
        text = f"case when {is_whole} then try_cast({landed} as hugeint)::varchar else '{UNREADABLE}' end"
        return f"case when not {_is_nan(landed)} then {text} end"
    return f"{landed}::varchar"


def _text_value(column: Column, base: str, none: tuple[str, ...]) -> str:
    raw = _raw(column)
    some = without_none(column, raw, none, raw)
    if not column.is_id or base not in TEXTS:
        return some
    # The pattern is dear, and hardly an id begins below ">" (with a digit, a sign, a quote or "=") and has such a sign.
    is_odd = f"regexp_full_match({raw}, {literal(f'{FLOATING_ID}|{SPREADSHEET_ID}')})"
    signs = " or ".join(f"contains({raw}, {literal(sign)})" for sign in ".+'\"")
    look = f"case when {raw} < '>' then case when {signs} then {is_odd} else false end else false end"
    return f"case when {look} then '{UNREADABLE}' else {some} end"


def _from_text(wanted: Type, text: str) -> str:
    if wanted in ("timestamp", "date"):
        parts = rf"trim(regexp_replace({text}, '^{ANY_TIME}$', '\1-\2-\3 \4\5'))"
        return (
            f"case when regexp_full_match({text}, '{PLAIN_TIME}') then try_cast({text} as timestamp) "
            f"when regexp_full_match({text}, '{ANY_TIME}') then timezone('UTC', try_cast({parts} as timestamptz)) end"
        )
    pattern = {"amount": AMOUNT, "integer": WHOLE, "rate": NUMBER, "exchange_rate": NUMBER}[wanted]
    value = f"case when regexp_full_match({text}, '{pattern}') then try_cast({text} as {SQL_TYPES[wanted]}) end"
    return _finite(value) if wanted == "rate" else value


def _moment(raw: str, base: str) -> str:
    if base.endswith("_NS"):
        # A cast would round 23:59:59.9999999 up to the next day.
        return f"make_timestamp(epoch_ns({raw}) // 1000)"
    return f"timezone('UTC', {raw})" if base in ZONED else f"try_cast({raw} as timestamp)"


def _number(wanted: Type, raw: str, kind: str) -> str:
    base, sql_type = _base(kind), SQL_TYPES[wanted]
    if wanted == "rate":
        return _finite(f"try_cast({raw} as double)")
    if wanted == "exchange_rate":
        # As text, so that 7.1 is 7.1 and not the binary number next to it.
        return f"try_cast({raw}::varchar as {sql_type})"
    value = f"try_cast({raw} as {sql_type})"
    if base == "DECIMAL" or (wanted == "integer" and base in WHOLE_MAX):
        return f"case when try_cast({value} as {kind}) = {raw} then {value} end"
    if base == "DOUBLE":
        # Sums of cents differ from cents by what binary numbers cannot hold, in 14 digits never a millionth.
        return f"case when abs({raw} - {value}::double) <= least(1e-6, abs({raw}) * 1e-14) then {value} end"
    if base == "FLOAT":
        value = f"try_cast({raw}::double as {sql_type})"
        return f"case when abs({raw}) < {FLOAT_CENTS} and {value}::float = {raw} then {value} end"
    return value


def _finite(value: str) -> str:
    return f"case when ({value})::varchar not in ('nan', 'inf', '-inf') then {value} end"


def _is_nan(raw: str) -> str:
    """SQL of whether a number is none; as text, since DuckDB believes a Parquet file's least and largest values, which
    leave NaN out, and so takes ``isnan`` for false and ``isfinite`` for true."""
    return f"{raw}::varchar = 'nan'"
