"""The page docs/raw_contract.md, made from the contract: ``python -m ingest.contract_page`` writes it."""

from pathlib import Path

from ingest.contract import TABLES, Column, Table
from ingest.contract_rules import RULES, Rule, Verdict

PAGE = Path(__file__).resolve().parents[1] / "docs" / "raw_contract.md"
HEAD = """# The raw contract

Made from `ingest/contract.py` by `python -m ingest.contract_page`; change it there.

Raw rows land as files, `landing/<table>/arrived_on=YYYY-MM-DD/<file>`, each `.parquet`, `.csv` or `.csv.gz`.
`arrived_on` is the day on which the platform came to know the rows. A row that changes arrives again, whole, on the
day of the change. `sellers` and at least one of `orders` and `payments` are required; every other table is optional.

- Columns may be in any order. An optional column may be left out or empty; a column that the contract does not have
  is ignored, with a warning.
- Amounts are in the deployment's currency, with at most 2 decimals. Times are UTC; a time with an offset is converted.
- A day, `arrived_on` and the columns of days included, is one of the business time zone, `TRADELINE_TIMEZONE`: UTC by
  default, any IANA name such as `America/New_York`. 21:30 in New York is the evening of the day there, though it is the
  next day in UTC. A moment with a zone in a column of days is the day that clocks in the business zone show; without
  one it is the day as it is written.
- CSV is UTF-8 with a header and commas; values that hold commas, quotes or line breaks are in double quotes, and an
  inner quote is doubled. A byte-order mark and Windows line ends do no harm. An empty value is a missing one.
- In Parquet, amounts may be decimals, integers or floating-point numbers, and times may be text.

What happens to input that breaks the contract:

| fault | consequence |
|---|---|
| a file that cannot be read, is empty, or lacks a required column | the file is quarantined, the night stops |
| a wrong type, an unknown value of an enumeration, a value out of bounds, more than 2 decimals | the same |
| a key without a value; two different rows with one key in one night | the same |
| an event after the day on which it arrived, in the business time zone | the same |
| a night's folder without a file | the night stops until the upload is finished |
| a required column, not of the key, without a value | the row is set aside |
| a seller (or a repayment's loan) that is not known by that night | the row waits, and is taken up when it is known |
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

- `waits_for` is the table that must bring what the row names: `sellers` or `loans`; null if the row does not wait;
- `taken_up_on` is the night on which the row entered its table;
- `replaced_on` is the night on which a newer version was known first, so that the row never counts;
- `hint` names a known seller (or loan) whose id is nearly the same: "is 'a1' meant for seller 'A1'?".

A row with another fault beside does not wait. `tradeline status` says how many rows wait and were taken up. What is
bounded are the rows that still wait at the end of a run; [the gates](gates.md) say how.

**Ids** are compared to the letter: 'A-1', 'a-1' and 'A-1 ' are three sellers, '007' and '7' two. New ids of sellers,
their owners and their `buyer_id` that differ from a known one in case, white space, punctuation, look-alike letters,
Unicode form, zeros in front or a trailing '.0' alone are named by a warning of the gate `raw_in`; nothing is merged.
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


def page() -> str:
    """The page as Markdown."""
    return "\n".join([HEAD, *(_section(table) for table in TABLES), _rules()])


def _section(table: Table) -> str:
    rows = "\n".join(
        f"| {column.name} | {column.type} | {_presence(table, column)} | {_meaning(column)} |"
        for column in table.columns
    )
    return (
        f"## {table.name}\n\n{table.description} Key: {', '.join(table.key)}.\n\n"
        f"| column | type | | meaning |\n|---|---|---|---|\n{rows}\n"
    )


def _rules() -> str:
    rows = "\n".join(f"| {rule.table} | {rule.case} | {VERDICTS[rule.verdict]} | {_reading(rule)} |" for rule in RULES)
    return f"{RULES_HEAD}\n| table | case | what counts | how it is read |\n|---|---|---|---|\n{rows}\n"


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
        parts.append(f"From {column.at_least:g} to {column.at_most:g}.")
    elif column.at_least is not None:
        parts.append(f"At least {column.at_least:g}.")
    if column.is_event:
        parts.append("Not after the arrival day.")
    return " ".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page())
