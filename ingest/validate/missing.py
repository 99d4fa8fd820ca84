"""Texts that stand for no value, such as NULL or N/A: which they are, and SQL that tells them.

Nearly every value of millions is none of these, so the SQL looks at the cheapest sign first. It nests ``case``, and
says what is dear once: DuckDB evaluates all parts of ``and`` and ``or``, and for all rows what two branches share.
"""

import re

from tradeline.contracts.raw import Column
from tradeline.settings import Settings
from tradeline.sql import literal

# Most texts that stand for no value are no longer than this, in bytes; most ids are.
USUAL_LENGTH = 10
# Blanks as people and databases leave them around values: also the no-break and the ideographic one.
BLANKS = " \t\u00a0\u3000"


def no_value_texts(settings: Settings) -> tuple[str, ...]:
    """The texts of the setting, without the blanks around them, in lower case; an empty one is always among them."""
    return ("", *sorted({text.strip(BLANKS).lower() for text in settings.no_value_texts.split(",")} - {""}))


def trimmed(text: str) -> str:
    """SQL of a text without the blanks around it."""
    wide = [blank for blank in BLANKS if blank > "~"]
    heads = [f"{text} between {literal(blank)} and {literal(chr(ord(blank) + 1))}" for blank in wide]
    tails = [f"suffix({text}, {literal(blank)})" for blank in wide]
    narrow = f"{text} < '!' or substr({text}, -1) < '!'"
    look = f"case when strlen({text}) = length({text}) then {narrow} else {' or '.join([narrow, *heads, *tails])} end"
    return f"case when {look} then trim({text}, {literal(BLANKS)}) else {text} end"


def without_none(column: Column, text: str, texts: tuple[str, ...], otherwise: str) -> str:
    """SQL of ``otherwise``, and null where a trimmed text of this column means that there is no value."""
    counted = [each for each in texts if _takes_numbers(column) or not re.fullmatch(r"[+-]?\d+(\.\d*)?", each)]
    by_length = {
        length: [each for each in counted if len(each.encode()) == length]
        for length in sorted({len(each.encode()) for each in counted})
    }
    whens = " ".join(f"when {length} then {_is_among(text, same)}" for length, same in by_length.items())
    usual = max(length for length in by_length if length <= USUAL_LENGTH)
    rare = "".join(f" or strlen({text}) = {length}" for length in by_length if length > USUAL_LENGTH)
    look = f"case when strlen({text}) <= {usual}{rare} then case strlen({text}) {whens} else false end else false end"
    return f"case when {look} then null else {otherwise} end"


def _is_among(text: str, texts: list[str]) -> str:
    lower = text if all(each.upper() == each for each in texts) else f"lower({text})"
    return f"{lower} in ({', '.join(map(literal, texts))})"


def _takes_numbers(column: Column) -> bool:
    return column.type in ("timestamp", "date") or (column.is_id and not column.is_required)
