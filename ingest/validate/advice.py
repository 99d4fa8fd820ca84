"""What a value that could not be read probably is, and what to write instead."""

import re

from ingest.validate.convert import FLOAT_CENTS, TEXTS, WHOLE_MAX
from tradeline.contracts.raw import EARLIEST, LATEST, Column, Type

MEANING: dict[Type, str] = {
    "text": "text",
    "timestamp": "a time (such as 2018-05-01 13:45:00)",
    "date": "a day (such as 2018-05-01)",
    "amount": "an amount (such as 1234.50)",
    "integer": "a whole number",
    "rate": "a number (such as 0.12)",
    "currency": "a currency (such as EUR)",
    "exchange_rate": "a rate (such as 7.1234)",
}
# Each: a pattern of the whole text, what is wrong with it, what to write.
Signs = tuple[tuple[str, str, str], ...]
WITH_OFFSET = "write the offset instead, as in 2018-05-01 13:45:00+08:00, or the time in UTC"
YEAR_FIRST = "write year, month and day in this order, as in 2018-05-01 13:45:00"
TIMES: Signs = (
    (r"[+-]?\d[\d.]*([eE]\+?\d+)?", "is a number, and from when and in what it counts is not said", YEAR_FIRST),
    (r"\d{4}-\d\d-\d\d[T ]24:.*", "has an hour 24, which some write for the day's start and some for its end",
     "write 00:00:00 of the day that is meant"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:60.*", "has a leap second", "write second 59"),
    (r".*\d\s*[AaPp]\.?[Mm]\b.*", "has a clock of 12 hours", "write hours from 00 to 23, as in 2018-05-01 13:45:00"),
    (r".*(GMT|UTC)[+-]\d.*", "has an offset that some read with the opposite sign", WITH_OFFSET),
    (r"\D*\d{4}\D\d\d?\D\d\d?.*[A-Za-z]{2,}.*", "names a time zone by letters, which differ from place to place",
     WITH_OFFSET),
    (r"[A-Za-z]{3,}.*", "has words in it", YEAR_FIRST),
    (r"\d\d?\D\d\d?\D\d{4}.*", "does not say which number is the day and which the month", YEAR_FIRST),
    (r"\d\d?\D(\d\d?|[A-Za-z]+)\D\d\d?(\D.*)?", "has a year of two digits", YEAR_FIRST),
    (r"\d{4}\D\d\d?\D\d\d?.*", "is no moment of the calendar or the clock", YEAR_FIRST),
    (r".*", "is in no form that is read", YEAR_FIRST),
)  # fmt: skip
THOUSANDS = r"[+-]?[1-9]\d{0,2}(\.\d{3})+"
AMOUNTS: Signs = (
    (r"[+-]?\d*\.\d+", "has more than 2 decimals", "write 2, rounded as your books round"),
    (r"\(.*\)|.*-", "has the sign of an accountant", "write the sign in front, as in -100.00"),
    (r"[+-]?[\d.]*\d[eE][+-]?\d+|[+-]?inf(inity)?", "", "write every digit, as in 1234.50"),
    (r"[+-]?[\d.,' \u00a0\u202f]+", "has other signs than one decimal point",
     "write no separators of thousands and a point before the decimals"),
    (r".*\d.*", "has a unit or other letters", "write the number alone; amounts are in the deployment's currency"),
    (r".*", "", "write a number with at most 2 decimals"),
)  # fmt: skip
NUMBERS: Signs = ((r".*%", "is a percentage", "write 0.12 for 12%"), (r".*", "", "write digits with a decimal point"))
CURRENCIES: Signs = ((r".*", "", "write its three letters in ISO 4217"),)
IDS: Signs = (
    (r"=\".*|'\d+", "is written for a spreadsheet", "write the id alone, without the signs around it"),
    (r".*[eE]\+?\d+", "is a number without its last digits, as spreadsheets and data frames write long ones",
     "write the id as text, every digit of it"),
    (r".*", "is a floating-point number", "write the id as a whole number or as text"),
)  # fmt: skip

SIGNS: dict[Type, Signs] = {
    "amount": AMOUNTS,
    "integer": NUMBERS,
    "rate": NUMBERS,
    "currency": CURRENCIES,
    "exchange_rate": NUMBERS,
    "text": IDS,
}


def advice(column: Column, kind: str, text: str) -> tuple[str, str]:
    """What follows a value that is not of its column's type in a sentence, and what to write instead.

    ``kind``: the DuckDB type that the value landed as.
    """
    text = text.strip()
    if column.type in ("timestamp", "date"):
        return _of_time(column.type, text)
    if column.type != "text" and kind in TEXTS and re.fullmatch(THOUSANDS, text):
        return (
            f"is not {MEANING[column.type]}: its point may be before decimals or before thousands",
            "write no separators of thousands, and no decimals or 2, as in 1234.50",
        )
    if column.type == "amount" and re.fullmatch(r"[+-]?\d+(\.\d{0,2}0*)?", text):
        if kind == "FLOAT":
            lost = f"is a FLOAT, which does not hold cents from {FLOAT_CENTS:,} on"
            return lost, "write the column as DECIMAL(18, 2) or DOUBLE"
        return f"is not {MEANING['amount']}: it has more digits than an amount can have", "write the amount itself"
    if column.type == "text" and kind in WHOLE_MAX and re.fullmatch(r"-?\d+\.0|.*e\+\d+", text):
        lost = f"is a {kind}, which does not hold every whole number from {WHOLE_MAX[kind]:,} on"
        return lost, "write the column as text or as a wider whole number"
    if column.type == "text" and kind == "BLOB":
        return "is not UTF-8 text", "write the column as text"
    signs = SIGNS[column.type]
    problem, remedy = _first(signs, text)
    if column.type == "text" or problem == "has more than 2 decimals":
        return problem, remedy
    return f"is not {MEANING[column.type]}" + (f": it {problem}" if problem else ""), remedy


def _of_time(wanted: Type, text: str) -> tuple[str, str]:
    year = re.match(r"(-?\d{4,})-\d\d-\d\d|-?infinity", text)
    if year and not (year[1] and EARLIEST.year <= int(year[1]) <= LATEST.year):
        span = f"times are from {EARLIEST.year} to {LATEST.year}"
        return f"is not {MEANING[wanted]}: {span}", "if it stands for no value, leave it empty, else mend it"
    if wanted == "date" and re.fullmatch(r"\d{4}[-/]\d\d?[-/]\d\d?[T ][\d:.]+([Zz]|[+-][\d:]+| .*)?", text):
        return (
            f"is not {MEANING[wanted]}: it is not midnight there or, with an offset, in TRADELINE_TIMEZONE",
            "write the day that is meant, alone, as in 2018-05-01",
        )
    problem, remedy = _first(TIMES, text)
    return f"is not {MEANING[wanted]}: it {problem}", remedy


def _first(signs: Signs, text: str) -> tuple[str, str]:
    return next((problem, remedy) for pattern, problem, remedy in signs if re.fullmatch(pattern, text, re.DOTALL))
