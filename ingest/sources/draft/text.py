"""A first mapping as YAML with a comment beside each guess."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import yaml

from ingest.sources.draft.columns import ColumnDraft
from ingest.sources.draft.forms import Entry, Form
from ingest.sources.draft.found import Found
from ingest.sources.draft.table import TableDraft
from tradeline.contracts.raw import BY_NAME, TABLES, Column
from tradeline.sql import literal

PLAIN = re.compile(r"[\w/](?:[\w./ -]*[\w/])?")
LONGEST_LIST = 400
TABLES_SHOWN = 50
# The tables of which one has to come from somewhere.
SALES = ("orders", "payments")

HEADER = """\
# A first mapping of the source {name}, made by `tradeline source new` from names, types and the first rows.
# Correct what is marked `guess`, fill in what is marked `required`, then run `tradeline source check {name}`.
# docs/sources.md says what may stand here, docs/raw_contract.md what the columns mean.
"""
ZONE = "guess: what times without an offset are in; write the source's own, such as Europe/Berlin"


@dataclass(frozen=True)
class Draft:
    """What is known of a source.

    ``origin``: kind and address; ``forms``: the dialect by table, ``usual`` that of the source.
    """

    name: str
    origin: Sequence[Entry]
    usual: Form
    forms: Mapping[str, Form]
    tables: Sequence[TableDraft]
    found: Sequence[Found]


def draft_text(draft: Draft) -> str:
    """The whole file."""
    lines = [HEADER.format(name=draft.name).rstrip()]
    lines += [_entry(entry, 0) for entry in [*draft.origin, Entry("timezone", "UTC", ZONE)]]
    lines += _block("dialect", draft.usual, 0)
    if draft.tables:
        lines += ["", "read:"]
    for table in draft.tables:
        lines += _reads(table, draft.forms[table.name], draft.usual)
    lines += [
        "",
        "tables:" if draft.tables else "tables: {}  # required: nothing here looks like a table of the contract",
    ]
    for table in draft.tables:
        lines += _table(table)
    lines += _missing_tables(draft.tables)
    lines += _unused(draft)
    return "\n".join(lines) + "\n"


def scalar(value: object) -> str:
    """A value as YAML writes it on one line, whatever signs it has."""
    if not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if PLAIN.fullmatch(value) and yaml.safe_load(value) == value:
        return value
    if value.isprintable() and not {'"', "\\"}.isdisjoint(value):
        return "'" + value.replace("'", "''") + "'"
    written: str = yaml.safe_dump(value, default_style='"', allow_unicode=True, width=10**9)
    return written.strip()


def comment(text: str) -> str:
    """A text as it may stand in a comment: on one line, without signs that YAML does not take."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _entry(entry: Entry, depth: int) -> str:
    if isinstance(entry.value, str) and "\n" in entry.value:
        rows = [_line(row, depth + 1) for row in entry.value.splitlines()]
        return "\n".join([_line(f"{entry.key}: |", depth, entry.note), *rows])
    shown = f"[{', '.join(map(scalar, entry.value))}]" if isinstance(entry.value, tuple) else scalar(entry.value)
    return _line(f"{'' if entry.is_sure else '# '}{entry.key}: {shown}", depth, entry.note)


def _line(content: str, depth: int, note: str | None = None) -> str:
    return "  " * depth + content + (f"  # {comment(note)}" if note else "")


def _block(key: str, entries: Sequence[Entry], depth: int) -> list[str]:
    """A dialect; one whose lines all are comments is a comment too."""
    if not entries:
        return []
    is_open = any(entry.is_sure for entry in entries)
    return [_line(f"{'' if is_open else '# '}{key}:", depth), *(_entry(entry, depth + 1) for entry in entries)]


def _reads(table: TableDraft, form: Form, usual: Form) -> list[str]:
    lines = []
    for name, entries in table.reads.items():
        lines += [_line(f"{name}:", 1), *(_entry(entry, 2) for entry in entries)]
        if form != usual:
            lines += _block("dialect", form, 2) or [_line("dialect: {}", 2, "guess: as usual, unlike the others")]
    return lines


def _table(draft: TableDraft) -> list[str]:
    columns = BY_NAME[draft.name].columns
    missing = [each for each in columns if each.name not in draft.columns]
    lines = [_line(f"{draft.name}:", 1)]
    lines += _query(draft) if draft.clause else _map(draft)
    depth = 2 if draft.clause else 3  # deeper it would be part of the query
    if optional := [each.name for each in missing if not each.is_required]:
        lines.append(_line(f"# Optional, and nothing looks like it: {', '.join(optional)}.", depth))
    if draft.unused:
        lines.append(_line(f"# Not used: {comment(_listed(draft.unused))}.", depth))
    return lines


def _map(draft: TableDraft) -> list[str]:
    lines = [_line(f"of: {draft.name}", 2), _line("columns:", 2)]
    for column in BY_NAME[draft.name].columns:
        if column.name in draft.columns:
            lines += _column(column, draft.columns[column.name])
        elif column.is_required:
            lines.append(_line(f"{column.name}:", 3, f"required: {_remedy(draft, column)}"))
    return lines + [_line(f"{name}: {scalar(each.of)}", 3, each.note) for name, each in draft.own.items()]


def _query(draft: TableDraft) -> list[str]:
    """The same as a query, in which notes are SQL's comments."""
    lines = [_line("query: |", 2), _line("select", 3)]
    for column in BY_NAME[draft.name].columns:
        if column.name in draft.columns:
            lines += _selected(column, draft.columns[column.name])
        elif column.is_required:
            lines.append(_line(f"-- required: {column.name}: {_remedy(draft, column)}", 4))
    lines += [_line(f"{each.sql} as {name},  -- {comment(each.note)}", 4) for name, each in draft.own.items()]
    return [*lines, *(_line(line, 3) for line in [f"from {draft.name} as own", *(draft.clause or "").splitlines()])]


def _selected(column: Column, draft: ColumnDraft) -> list[str]:
    if not draft.values and not draft.strange:
        return [_line(f"{draft.sql} as {column.name},  -- {comment(draft.note)}", 4)]
    lines = [_line(f"case trim({draft.sql}::varchar)  -- {comment(draft.note)}", 4)]
    lines += [
        _line(f"when {_literal(value)} then {literal(meaning)}  -- guess", 5) for value, meaning in draft.values.items()
    ]
    choice = " or ".join(column.allowed)
    lines += [_line(f"-- when {_literal(value)} then  -- required: {choice}", 5) for value in draft.strange]
    return [*lines, _line(f"else {draft.sql}::varchar end as {column.name},", 5)]


def _literal(value: str) -> str:
    """A value of the source in SQL, on one line."""
    if value.isprintable():
        return literal(value)
    return " || ".join(literal(sign) if sign.isprintable() else f"chr({ord(sign)})" for sign in value)


def _column(column: Column, draft: ColumnDraft) -> list[str]:
    if not draft.values and not draft.strange:
        return [_line(f"{column.name}: {scalar(draft.of)}", 3, draft.note)]
    lines = [_line(f"{column.name}:", 3), _line(f"of: {scalar(draft.of)}", 4, draft.note)]
    lines.append(_line("values:" if draft.values else "# values:", 4))
    lines += [_line(f"{scalar(value)}: {meaning}", 5, "guess") for value, meaning in draft.values.items()]
    choice = " or ".join(column.allowed)
    return lines + [_line(f"# {comment(scalar(value))}:  # required: {choice}", 5) for value in draft.strange]


def _remedy(draft: TableDraft, column: Column) -> str:
    if column.name in draft.remedies:
        return draft.remedies[column.name]
    if column.allowed:
        constants = " or ".join(f"\"'{value}'\"" for value in column.allowed)
        return f"no column looks like it; name one or, if it is the same for all, write {constants}"
    if column.name == "seller_id":
        return "no column looks like it; name one or, for one shop alone, write a name for it: \"'shop-1'\""
    return f"no column looks like it ({column.description.rstrip('.').lower()}); name one or write SQL"


def _missing_tables(drafts: Sequence[TableDraft]) -> list[str]:
    names = [draft.name for draft in drafts]
    lines = []
    if "sellers" not in names:
        lines += _missing_sellers(drafts)
    if not set(names) & set(SALES):
        lines.append("# orders or payments: one of them is required, and no table looks like it.")
    optional = [
        table.name
        for table in TABLES
        if table.name not in (*names, "sellers", "fx_rates", *(() if set(names) & set(SALES) else SALES))
    ]
    if optional:
        lines.append(f"# Optional, and no table looks like it: {', '.join(optional)}.")
    return [_line(line, 1) for line in lines]


def _missing_sellers(drafts: Sequence[TableDraft]) -> list[str]:
    """What to write where no table has the sellers; of orders that name them, the mapping itself."""
    begun = "# sellers: required, and no table looks like it. Where another source has it, leave it out here; else"
    orders = next((draft for draft in drafts if draft.name == "orders" and not draft.clause), None)
    if orders and {"seller_id", "ordered_at"} <= orders.columns.keys():
        seller, first = orders.columns["seller_id"].sql, orders.columns["ordered_at"].sql
        kind = "'business' as seller_type"
        query = f"select {seller} as seller_id, {kind}, min({first}) as registered_at from sellers group by 1"
        what = orders.reads["orders"][0]
        shown = "the query of read.orders" if what.key == "query" else f"{{{what.key}: {scalar(what.value)}}}"
        return [
            f"{begun} make them of the orders:",
            f"#   read.sellers: {shown}",
            f"#   tables.sellers: {{query: {scalar(query)}}}",
        ]
    return [f"{begun} name a table, or write a query (docs/sources.md)."]


def _unused(draft: Draft) -> list[str]:
    used = {name for table in draft.tables for name in table.sources}
    others = [each for each in draft.found if each.name not in used]
    if not others:
        return ["", "# The source has no tables."] if not draft.found else []
    lines = [
        f"# {each.name} could not be read as it seems to be written: say its dialect." for each in others if each.fault
    ]
    if draft.tables:
        lines.append(f"# Tables of the source that are not used: {_listed([each.name for each in others])}.")
    else:
        lines.append(f"# The source has {len(others)} table(s):")
        lines += [f"#   {each.name}: {_listed(each.columns)}" for each in others[:TABLES_SHOWN]]
    return ["", *map(comment, lines)]


def _listed(names: Iterable[str]) -> str:
    text = ", ".join(names)
    return text if len(text) <= LONGEST_LIST else text[:LONGEST_LIST].rpartition(",")[0] + " and others"
