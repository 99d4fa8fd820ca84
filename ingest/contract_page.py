"""The page docs/raw_contract.md, made from the contract: ``python -m ingest.contract_page`` writes it."""

from pathlib import Path

from ingest.contract_rules import RULES, Rule, Verdict
from ingest.validate.cells import plainly
from ingest.validate.convert import FLOAT_CENTS, WHOLE_MAX
from pages import markdown
from tradeline.contracts.raw import (
    AMOUNT_MAX,
    EARLIEST,
    EXCHANGE_RATE_MAX,
    EXCHANGE_RATE_MIN,
    LATEST,
    NIGHT_AMOUNT_MAX,
    RATE_AGE_DAYS_MAX,
    TABLES,
    Column,
    Table,
)
from tradeline.settings import NO_VALUE_TEXTS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "raw_contract.md"
HEAD = """# The raw contract

Made from `tradeline/contracts/raw.py` by `python -m ingest.contract_page`; change it there.

Raw rows land as files, `landing/<table>/arrived_on=YYYY-MM-DD/<file>`, each `.parquet`, `.csv` or `.csv.gz`.
`arrived_on` is the day on which the platform came to know the rows. A row that changes arrives again, whole, on the
day of the change. `sellers` and at least one of `orders` and `payments` are required; every other table is optional.

- Columns may be in any order. An optional column may be left out or empty; a column that the contract does not have
  is ignored, with a warning; one that is the contract's but for its spelling (`Paid at`, `paidAt`) is refused.
- Amounts have at most 2 decimals. They are in the deployment's currency, or in another one that the row names, and are
  then converted ("Currencies"). Times are UTC; a time with an offset is converted. What counts as an amount, a time, an
  id and as no value at all is in "What a value means".
- A day, `arrived_on` and the columns of days included, is one of the business time zone, `TRADELINE_TIMEZONE`: UTC by
  default, any IANA name such as `America/New_York`. 21:30 in New York is the evening of the day there, though it is the
  next day in UTC.
- CSV is UTF-8 with a header and commas; values that hold commas, quotes or line breaks are in double quotes, and an
  inner quote is doubled. A byte-order mark and Windows line ends do no harm. An empty value is a missing one.

What happens to input that breaks the contract:

| fault | consequence |
|---|---|
| a file that cannot be read, is empty, or lacks a required column | the file is quarantined, the night stops |
| a value not read with certainty, out of bounds, with more than 2 decimals or none of an enumeration's | the same |
| another currency where no rates have landed; a rate of the deployment's own currency that is not 1 | the same |
| another currency or zone, or deleted or test rows, said by a column beside the contract's | the same |
| amounts of one night that come to more than sums can hold | the same |
| a key without a value; two different rows with one key in one night | the same |
| an event after the day on which it arrived, in the business time zone | the same |
| a night's folder without a file | the night stops until the upload is finished |
| a required column, not of the key, without a value | the row is set aside |
| a seller, loan or rate that is not known by that night | the row waits, and is taken up when it is known |
| a row that repeats another of the same night | one is kept, the others are set aside |
| a status and times of which no reading is right (below) | the row is set aside |

A quarantined file waits in `quarantine/` beside a `.reason.json`; landing it again, corrected and under the same name,
settles it. Rows set aside are in `raw.set_aside`, whole and with the reason, counted in `raw.arrivals`, and bounded by
`TRADELINE_SET_ASIDE_SHARE_MAX`.

**Order of arrival.** Tables and nights may come in any order. A row that names a seller (or a loan) that is not known
yet waits in `raw.set_aside`. On the night on which the seller arrives it enters its table, as arrived on that night:
the features of that night and later see it, those of earlier nights stay as they were, to the bit. So it is late, and
counts as late (`late_arrival_share_*`; a full repayment without a time counts as paid on that night). A repayment can
wait for a loan that waits for its seller. If several versions of a key are there by that night, the newest counts,
once; a version that comes later replaces it. In `raw.set_aside`,

- `waits_for` is the table that must bring what the row refers to, `sellers`, `loans` or `fx_rates`; null if it does not
  wait;
- `taken_up_on` is the night on which the row entered its table;
- `replaced_on` is the night on which a newer version was known first, so that the row never counts;
- `hint` names a known seller (or loan) whose id is nearly the same, "is 'a1' meant for seller 'A1'?", or the day whose
  rate is missing: "a rate of EUR is needed for 2018-05-01".

A row with another fault beside does not wait. `tradeline status` says how many rows wait and were taken up. What is
bounded are the rows that still wait at the end of a run; [the gates](gates.md) say how.

**Ids** are compared to the letter: 'A-1', 'a-1' and 'A1' are three sellers, '007' and '7' two. New ids of sellers,
their owners and their `buyer_id` that differ from a known one in case, white space, punctuation, look-alike letters,
Unicode form, zeros in front or a trailing '.0' alone are named by a warning of the gate `raw_in`; nothing is merged.
"""
CURRENCIES = f"""## Currencies

Everything behind the raw tables is in one currency, `TRADELINE_CURRENCY`. A row in another one says so in its column
`currency` (three letters of ISO 4217, in either case), and is converted when it is admitted, by a rate of the table
`fx_rates`: units of the deployment's currency for one unit of the row's. Where no such table has landed, a row in
another currency is refused.

    landing/fx_rates/arrived_on=2026-11-21/rates.csv        landing/orders/arrived_on=2026-11-21/orders.csv

    currency,rate_on,rate                                   order_id,seller_id,...,amount,currency
    EUR,2026-11-20,8.2107                                   o1,s1,...,100.00,EUR
    USD,2026-11-20,7.1046                                   o2,s1,...,100.00,

**Which rate.** That of the row's day in the business time zone, or the latest of the {RATE_AGE_DAYS_MAX} days before
(weekends, holidays), as far as it had arrived by the night on which the row enters its table. All amounts of a row are
converted by one rate, and rounded to 2 decimals, half a cent away from zero. `tradeline run` logs how many rows were
converted from which currencies, and how old the rates were.

| table | the row's day |
|---|---|
{{days}}

Of a day that is still to come, the day on which the row landed counts. An order and its refund each have the rate of
their own day.

**A row without a rate** waits (see "Order of arrival"), and enters its table on the night on which a rate is known. So
does one of a code that has no rates, such as RMB for CNY: write the code of ISO 4217.

**A rate that is corrected** arrives again. It holds for rows that arrive from then on, new versions of earlier rows
among them; rows that are there stay as they are, also when their night is built again. To have them converted anew,
replace the file in which the wrong rate landed: its night and all after it are then built again.

**What is kept.** `currency` as it landed and, in `raw.<table>.converted`, the amounts as they landed
(`converted.from_amount`), the rate and its day (`converted.rate`, `converted.rate_on`). The bounds of amounts, and of
what they come to in a night, hold after the conversion.

**Rates** are exact to 15 decimals, from {plainly(EXCHANGE_RATE_MIN)} to {plainly(EXCHANGE_RATE_MAX)}; that of the
deployment's own currency is 1. None is worked out from others: not by way of a third currency, not from the inverse
pair. The gate `raw_in` warns of a rate that is ten times the one before it, or a tenth.
"""
RULES_HEAD = """## Status and times

What counts where a row's status, times and amounts contradict each other, or where a status is there and its time is
not. Such a row is read, because real exports are full of them; `tradeline run` logs how many there were. A time that is
not known is not guessed where something is measured from it. A row that is corrected arrives again, and is then read as
it says.
"""
VERDICTS: dict[Verdict, str] = {
    "status": "the status",
    "time": "the time",
    "both": "both",
    "amount": "the amount",
    "derived": "neither; a rule",
    "not known": "neither; not known",
    "set aside": "neither; the row is set aside",
}
VALUES = f"""## What a value means

What can be read in one way only is read; anything else is refused, and the message says what to write. Blanks around a
value (also tabs, no-break and ideographic ones) are no part of it.

**Times**, to the microsecond; further digits are cut, never rounded up. They lie between {EARLIEST} and {LATEST}.

| text | moment |
|---|---|
| 2025-05-01 10:00:00, 2025-05-01T10:00:00, 2025-05-01 10:00 | as it stands, in UTC |
| 2025-05-01 10:00:00.123456789 (1 to 9 digits) | the same, and its fraction |
| 2025/5/1 9:05, 2025-5-1 (the year first, one digit where two are usual) | as it stands, in UTC |
| 2025-05-01, and DATE in Parquet | 00:00 of the day in the business time zone |
| 2025-05-01T10:00:00Z, 2025-05-01 10:00:00 UTC, ... GMT, ... +0000 UTC | as it stands, in UTC |
| 2025-05-01 10:00:00+08:00, ...+0800, ...+08, with or without a blank before the sign | 02:00 in UTC |
| 2025-05-01T10:00+08:00[Asia/Shanghai] | by its offset |
| 2025-05-01 10:00:00 CST, EST, IST, America/New_York | refused: write the offset |
| 05/01/2025, 01.05.2025, May-01-25, 25-05-01, Thu May 01 10:00:00 CST 2025 | refused: write the year first |
| 10:00 AM, 24:00:00, 23:59:60, 2025-02-29, GMT+8, infinity | refused |
| 20250501, 1746093600, 45778.4375, 638817000000000000, /Date(1746093600000)/ | refused: a number has no unit |

**Days** are the same texts at midnight: as it is written or, with an offset or a zone, midnight in the business time
zone. Any other time of day is refused, since somebody else's midnight may be meant. An event is not after the
day on which it arrived; promised_at may lie 5 years after it, due_on 50.

**Amounts** have at most 2 decimals that are not 0, and no exponent, separator of thousands, sign of a currency or sign
behind. Each is at most {AMOUNT_MAX:,.0f}, and what a table adds up in one night at most {NIGHT_AMOUNT_MAX:,.0f}, so
that sums over a year fit. A text with one to three digits before its point and three behind, such as 1.500, is refused:
it may be 1.50 or 1500. A DOUBLE counts as the nearest cent if it differs by what binary numbers cannot hold (14
digits, and never a millionth); a FLOAT holds cents below {FLOAT_CENTS:,}.

**No value** is an empty or null one, NaN, NaT, and a text of `TRADELINE_NO_VALUE_TEXTS`, in any case, by default

    {NO_VALUE_TEXTS.replace(",", " , ")}

A number among them (0, -1) counts only in ids that are optional and in times; elsewhere it is a value. In an optional
column such a row has no value there; in a key or a required column it lacks one. A deployment in Namibia takes NA out.
Once it is changed, the next run reads every night anew.

**Ids** are text, compared letter by letter. A whole number is its digits, in whatever type: 123, and a DOUBLE 123.0. In
a text, 123.0, 1.23457E+17 and 1,23457E+17 are refused: a spreadsheet or a data frame made them of an id that may have
been longer. So are ="00123" and '00123, as ids are written for spreadsheets.

| type in Parquet | as text | as time or day | as amount, whole number, rate |
|---|---|---|---|
| text, dictionaries, enumerations, BLOB that is UTF-8 | yes | as text | as text |
| whole numbers of any width | their digits | refused | yes, if in bounds |
| DECIMAL | if whole | refused | if no digit is lost |
| DOUBLE | if whole and below {WHOLE_MAX["DOUBLE"]:,} | refused | if no digit is lost |
| FLOAT | if whole and below {WHOLE_MAX["FLOAT"]:,} | refused | if no digit is lost |
| DATE | refused | the day | refused |
| TIMESTAMP of any unit, INT96 | refused | in UTC | refused |
| TIMESTAMP with a zone, of any unit | refused | the moment | refused |
| UUID | yes | refused | refused |
| BOOLEAN, TIME, lists, structs, any other | refused | refused | refused |

A column without any value may have any type.

**Columns beside the contract's** are ignored, but for those that say what the others mean: a currency
(`currency_code`, `currency_id`, `ccy`, `base_currency`) must be `TRADELINE_CURRENCY` in every row, a time zone
(`timezone`, `tz`, `utc_offset`) UTC, and a mark of deletion or test (`deleted_at`, `is_deleted`, `is_test`) empty or
false (`livemode` true); otherwise the file is refused.
"""


def page() -> str:
    """The page as Markdown."""
    return "\n".join([HEAD, VALUES, _currencies(), *(_section(table) for table in TABLES), _rules()])


def _currencies() -> str:
    days = [f"| {table.name} | {', or else '.join(table.rate_days)} |" for table in TABLES if table.rate_days]
    return CURRENCIES.format(days="\n".join(days))


def _section(table: Table) -> str:
    rows = [(column.name, column.type, _presence(table, column), _meaning(column)) for column in table.columns]
    head = f"## {table.name}\n\n{table.description} Key: {', '.join(table.key)}.\n\n"
    return head + markdown.table(("column", "type", "", "meaning"), rows)


def _rules() -> str:
    rows = [(rule.table, rule.case, VERDICTS[rule.verdict], _reading(rule)) for rule in RULES]
    return f"{RULES_HEAD}\n{markdown.table(('table', 'case', 'what counts', 'how it is read'), rows)}"


def _reading(rule: Rule) -> str:
    return f"Instead, {rule.reading}." if rule.verdict == "set aside" else rule.reading


def _presence(table: Table, column: Column) -> str:
    if column.name in table.key:
        return "key"
    return "required" if column.is_required else "optional"


def _meaning(column: Column) -> str:
    parts = [column.description]
    if column.allowed:
        parts.append(f"One of {', '.join(column.allowed)}.")
    if column.at_least is not None and column.at_most is not None:
        parts.append(f"From {plainly(column.at_least)} to {plainly(column.at_most)}.")
    elif column.at_most is not None:
        parts.append(f"At most {column.at_most:,.15g}.")
    if column.is_event:
        parts.append("Not after the arrival day.")
    elif column.years_ahead:
        parts.append(f"At most {column.years_ahead} years after the arrival day.")
    return " ".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page())
