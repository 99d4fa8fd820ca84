"""Examples of values that may stand in a file: what could be personal is shown by its shape alone."""

import re

from ingest.sources.draft.words import meant

PERSONAL = {"email", "phone", "name", "address", "birth", "text", "buyer", "user", "counterparty", "owner", "account"}
EMAIL = re.compile(r"\S@\S")
PHONE = re.compile(r"\+?[\d\s()/.\-]{7,}")
NUMBER_OR_TIME = re.compile(
    r"[+-]?\d{1,7}([.,]\d+)*|\d{4}-\d\d-\d\d.*|[\d./\-: ]*:[\d./\-: ]*|\d{1,2}([./-])\d{1,2}\2\d{2,4}"
)
# Two words or more that begin with capitals, or a few Chinese signs.
PERSONS_NAME = re.compile(r"[^\W\d_a-z][^\W\d_]*[.,]?(\s+[^\W\d_a-z][^\W\d_]*)+|[\u4e00-\u9fff·]{2,4}")
LONGEST = 30


def is_personal(column: str) -> bool:
    """Whether a column's name says that it is of a person."""
    return bool(PERSONAL & set(meant(column)))


def may_be_personal(value: str, *, has_names: bool = True) -> bool:
    """Whether a text looks like an e-mail address, a telephone number, a bank account or a person's name.

    ``has_names``: whether names of persons are to be expected.
    """
    if EMAIL.search(value) or (has_names and PERSONS_NAME.fullmatch(value.strip())):
        return True
    if re.fullmatch(r"[A-Z]{2}\d{2}[ \dA-Z]{10,}", value):
        return True
    return bool(PHONE.fullmatch(value.strip()) and not NUMBER_OR_TIME.fullmatch(value.strip()))


def example(value: str, *, is_personal: bool) -> str:
    """A value to show, at most 30 signs: itself or, where it could be personal, its shape."""
    shown = shape_of(value) if is_personal or may_be_personal(value) else value
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def shape_of(value: str) -> str:
    """A text with every letter as a and every digit as 9."""
    return re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "a", value))
