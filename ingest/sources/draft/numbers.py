"""In which ways texts could be amounts."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

SYMBOLS = re.compile(r"(?:[€$£¥￥₹]|R\$|US\$|[A-Z]{3}|元|kr|zł)")


class NumberForm(NamedTuple):
    """The signs before decimals and between thousands; none of the second is the empty text."""

    decimal: str
    thousands: str


# The plainest first: of two that fit, and mean the same, the first is taken.
FORMS = (
    NumberForm(".", ""),
    NumberForm(",", ""),
    NumberForm(".", ","),
    NumberForm(",", "."),
    NumberForm(".", " "),
    NumberForm(",", " "),
    NumberForm(".", "'"),
)


def without_symbol(text: str) -> str:
    """A text without a sign or code of a currency before or after its number."""
    return SYMBOLS.sub("", text, count=1).strip()


def number_forms(values: Sequence[str]) -> tuple[NumberForm, ...]:
    """The forms in which every one of the values is a number; none where one is not, or there are none."""
    bare = [without_symbol(value) for value in values]
    return tuple(form for form in FORMS if bare and all(_pattern(form).fullmatch(value) for value in bare))


def common_form(columns: Iterable[tuple[tuple[NumberForm, ...], Sequence[str]]]) -> tuple[NumberForm | None, bool]:
    """The form that suits all columns, each its forms and values, and whether another one would read them otherwise.

    None where no form suits all of them.
    """
    known = list(columns)
    shared = [form for form in FORMS if all(form in forms for forms, _ in known)]
    if not shared:
        return None, False
    values = [value for _, written in known for value in written]
    is_ambiguous = any(read_as(value, form) != read_as(value, shared[0]) for form in shared for value in values)
    return shared[0], is_ambiguous


def read_as(value: str, form: NumberForm) -> str:
    """A text's number, written with a point alone."""
    bare = without_symbol(value)
    return (bare.replace(form.thousands, "") if form.thousands else bare).replace(form.decimal, ".")


def _pattern(form: NumberForm) -> re.Pattern[str]:
    point, comma = re.escape(form.decimal), re.escape(form.thousands)
    whole = rf"(?:\d{{1,3}}(?:{comma}\d{{3}})+|\d+)" if comma else r"\d+"
    return re.compile(rf"[+-]?{whole}(?:{point}\d+)?")
