"""How a column of the contract comes out of the one of the source that it likely is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ingest.sources.draft.choose import Choice
from ingest.sources.draft.enumerations import recognised
from ingest.sources.draft.match import best_column
from ingest.sources.draft.numbers import without_symbol
from ingest.sources.draft.privacy import example, is_personal, may_be_personal
from ingest.sources.draft.profile import Profile
from ingest.sources.draft.words import meant
from tradeline.contracts.raw import ANNUAL_RATE_MAX, Column
from tradeline.sql import identifier

# A score below it makes a guess a weak one.
SURE = 0.8
SHOWN = 3
WAY = {
    "sale": "in",
    "loan_disbursement": "in",
    "refund": "out",
    "payout": "out",
    "fee": "out",
    "purchase": "out",
    "loan_repayment": "out",
}
CLOCK = re.compile(r"\d{1,2}:\d\d(:\d\d)?( [AP]M)?")
SPREADSHEET = re.compile(r'="[^"]*"')
STATES = (("cancelled_at", "cancelled"), ("delivered_at", "delivered"), ("shipped_at", "shipped"), ("paid_at", "paid"))


@dataclass(frozen=True)
class ColumnDraft:
    """``of`` and ``values`` as in ``ColumnMap``; ``strange``: the source's values whose meaning nobody knows.

    ``note`` is the comment beside it; ``is_name`` whether ``of`` is a column's name and no expression.
    """

    of: str
    note: str
    values: Mapping[str, str] = field(default_factory=dict)
    strange: Sequence[str] = ()
    is_name: bool = True

    @property
    def sql(self) -> str:
        """``of`` as SQL writes it."""
        return identifier(self.of) if self.is_name else self.of


def draft_columns(choice: Choice) -> dict[str, ColumnDraft]:
    """The columns that were found, by the contract's name and in its order."""
    drafts = {
        column.name: _draft(choice, column, *choice.columns[column.name])
        for column in choice.table.columns
        if column.name in choice.columns
    }
    if choice.table.name == "payments":
        drafts |= _ledger(choice) or _direction(choice, drafts)
    if choice.table.name == "orders":
        drafts = _status(drafts) | drafts
    if "seller_id" not in drafts and choice.table.references_seller and "/" in (choice.found.files or ""):
        note = "guess: the folder that a file is in"
        drafts["seller_id"] = ColumnDraft("split_part(source_file, '/', -2)", note, is_name=False)
    return {column.name: drafts[column.name] for column in choice.table.columns if column.name in drafts}


def described(profile: Profile) -> str:
    """A column's type and up to three of its values; by their shape what could be personal."""
    kind = "text" if profile.is_text else profile.kind.lower()
    hides = is_personal(profile.name)
    shown = list(dict.fromkeys(example(value, is_personal=hides) for value in profile.values[:20]))[:SHOWN]
    if not profile.rows:
        return f"{kind}, no rows"
    return f"{kind}, such as {'; '.join(shown)}" if shown else f"{kind}, empty in the rows looked at"


def _draft(choice: Choice, column: Column, profile: Profile, score: float) -> ColumnDraft:
    guess = f"{'guess' if score >= SURE else 'guess, weak'}: {described(profile)}"
    if column.allowed:
        return _enumeration(f"{choice.table.name}.{column.name}", column, profile, guess)
    if column.type in ("timestamp", "date"):
        return _time(choice, profile, guess)
    if column.type in ("amount", "rate", "integer"):
        return _number(choice, column, profile, guess)
    return _id(choice, column, profile, guess) if column.is_id else ColumnDraft(profile.name, guess)


def _enumeration(place: str, column: Column, profile: Profile, guess: str) -> ColumnDraft:
    known = {value: recognised(place, value) for value in profile.values}
    if all(value in column.allowed for value in known):
        return ColumnDraft(profile.name, guess)
    values = {value: meaning for value, meaning in known.items() if meaning is not None}
    strange = [value for value, meaning in known.items() if meaning is None]
    # In a column of states two words with capitals are a state; in one that only seems to be, they may be a name.
    is_surely = 2 * len(values) >= len(known)
    shown = [each for each in strange if not may_be_personal(each, has_names=not is_surely)]
    if hidden := len(strange) - len(shown):
        guess += f"; {hidden} value(s) more that may be personal, so they are not written down"
    return ColumnDraft(profile.name, guess, values, shown)


def _time(choice: Choice, profile: Profile, guess: str) -> ColumnDraft:
    name, unit = identifier(profile.name), profile.time.unit if profile.time else ""
    if unit == "seconds":
        return ColumnDraft(f"to_timestamp({name}::bigint)", f"{guess}; seconds since 1970", is_name=False)
    if unit == "milliseconds":
        return ColumnDraft(f"to_timestamp({name}::bigint / 1000)", f"{guess}; milliseconds since 1970", is_name=False)
    if unit == "days" and not profile.is_text:
        return ColumnDraft(f"strptime({name}::varchar, '%Y%m%d')", guess, is_name=False)
    clock = next((each.name for each in choice.found.profiles if _is_clock(each)), None)
    if unit in ("text", "formats") and clock and not any(":" in value for value in profile.values):
        guess += f"; the time of day is in {clock}: write {name} || ' ' || {identifier(clock)}, and a format for both"
    return ColumnDraft(profile.name, guess)


def _is_clock(profile: Profile) -> bool:
    return bool(profile.values) and all(CLOCK.fullmatch(value) for value in profile.values)


def _id(choice: Choice, column: Column, profile: Profile, guess: str) -> ColumnDraft:
    if profile.values and all(SPREADSHEET.fullmatch(value) for value in profile.values):
        of = f"trim({identifier(profile.name)}, '=\"')"
        return ColumnDraft(of, f"{guess}; as spreadsheets keep long numbers texts", is_name=False)
    is_key = choice.table.name == "orders" and column.name == "order_id" and "seller_id" not in choice.columns
    if is_key and profile.distinct < profile.filled:
        guess += "; some rows have the same: where rows are items, write a query that adds them up"
    return ColumnDraft(profile.name, guess)


def _number(choice: Choice, column: Column, profile: Profile, guess: str) -> ColumnDraft:
    name, plain = identifier(profile.name), _plain_number(profile)
    exact = _exact(profile)
    if column.type == "rate" and _largest(profile) > ANNUAL_RATE_MAX:
        return ColumnDraft(f"{exact} / 100", f"{guess}; taken for per cent", is_name=False)
    if column.name == "term_days" and "months" in meant(profile.name):
        return ColumnDraft(f"{exact} * 30", f"{guess}; months, taken for 30 days each", is_name=False)
    if profile.has_negative and column.is_flow:
        if choice.table.name in ("payments", "refunds"):
            return ColumnDraft(
                f"abs({exact})", f"{guess}; some are below zero, which the contract never has", is_name=False
            )
        return ColumnDraft(
            profile.name, f"{guess}; some are below zero, which are set aside: say `where` which rows count"
        )
    if column.name == "rating" and _largest(profile) > (column.at_most or 0):
        return ColumnDraft(profile.name, f"{guess}; more than 5: write how it becomes 1 to 5")
    return ColumnDraft(profile.name, guess) if plain == name else ColumnDraft(plain, guess, is_name=False)


def _plain_number(profile: Profile) -> str:
    """SQL of a column's number without the sign of a currency."""
    name = identifier(profile.name)
    has_symbol = bool(profile.numbers) and any(without_symbol(value) != value for value in profile.values)
    return f"regexp_replace({name}, '[^0-9.,+-]', '', 'g')" if has_symbol else name


def _largest(profile: Profile) -> float:
    try:
        return max((float(value.replace(",", ".")) for value in profile.values), default=0.0)
    except ValueError:
        return 0.0


def _ledger(choice: Choice) -> dict[str, ColumnDraft]:
    """Amount and direction of a ledger with one column for what comes in and one for what goes out."""
    numbers = [each for each in choice.found.profiles if each.is_numeric or each.numbers]
    came, went = best_column(numbers, "money_in", ("payment",)), best_column(numbers, "money_out", ("payment",))
    if not came or not went or not ("amount" not in choice.columns or choice.columns["amount"][0] in (came, went)):
        return {}
    inward, outward = _exact(came), _exact(went)
    note = f"guess: {came.name} is what comes in, {went.name} what goes out"
    return {
        "amount": ColumnDraft(f"coalesce(nullif(abs({inward}), 0), abs({outward}))", note, is_name=False),
        "direction": ColumnDraft(f"if(coalesce({inward}, 0) <> 0, 'in', 'out')", note, is_name=False),
    }


def _direction(choice: Choice, drafts: Mapping[str, ColumnDraft]) -> dict[str, ColumnDraft]:
    """Which way the money went, by its sign or by what it was for."""
    if "direction" in drafts:
        return {}
    if "amount" in choice.columns and (amount := choice.columns["amount"][0]).has_negative:
        sql = f"if({_exact(amount)} < 0, 'out', 'in')"
        return {"direction": ColumnDraft(sql, "guess: by the sign of the amount", is_name=False)}
    if "kind" not in choice.columns:
        return {}
    kind = choice.columns["kind"][0]
    known = {value: WAY.get(recognised("payments.kind", value) or "") for value in kind.values}
    values = {value: way for value, way in known.items() if way}
    strange = [value for value, way in known.items() if not way]
    draft = ColumnDraft(kind.name, "guess: by what the money was for", values, strange)
    return {"direction": draft} if values else {}


def _exact(profile: Profile) -> str:
    """SQL of a column's number, exact."""
    return f"amount({_plain_number(profile)})" if profile.is_text else _plain_number(profile)


def _status(drafts: Mapping[str, ColumnDraft]) -> dict[str, ColumnDraft]:
    """How far an order has come, by the times that it has."""
    whens = " ".join(f"when {drafts[at].sql} is not null then '{state}'" for at, state in STATES if at in drafts)
    note = "guess: no column says it, so by the times"
    return {"status": ColumnDraft(f"case {whens} else 'created' end", note, is_name=False)} if whens else {}
