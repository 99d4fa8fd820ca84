"""Which tables of a source are likely the contract's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.sources.draft.found import Found
from ingest.sources.draft.match import LIKELY, match_columns, table_score
from ingest.sources.draft.profile import Profile
from ingest.sources.draft.survey import Survey
from ingest.sources.draft.words import meant
from tradeline.contracts.raw import TABLES, Table
from tradeline.progress import track

# So many tables of the source are looked into for each of the contract's, by their names and their columns' names.
LOOKED_INTO = 3
WORTH_A_LOOK = 0.3
# A table whose name says nothing is taken for so large a share of the required columns.
BY_COLUMNS_ALONE = 0.75
MAY_BE_NAMELESS = ("orders", "payments")
# Required columns that come from elsewhere often enough.
DERIVED = ("seller_type", "direction")
# A table that is called so is another one, whatever its columns are.
OTHERS = {
    *("item", "product", "buyer", "user", "history", "address", "invoice", "session", "category", "currency", "email"),
    *(
        "refund",
        "review",
        "loan",
        "installment",
        "tax",
        "discount",
        "shipping",
        "text",
        "name",
        "rating",
        "method",
        "type",
    ),
}

Matched = Mapping[str, tuple[Profile, float]]


@dataclass(frozen=True)
class Choice:
    """A table of the source for one of the contract; ``columns`` by the contract's name, ``also`` others like it."""

    table: Table
    found: Found
    score: float
    columns: Matched
    also: Sequence[str] = ()


def choose_tables(survey: Survey) -> list[Choice]:
    """The likeliest table of the source for each of the contract's that has one; each is taken once."""
    looked_into = [(table, found) for table in TABLES for found in _shortlist(table, survey.found)]
    for _, found in track(looked_into, "looking into tables", len(looked_into)):
        survey.sample(found)
    choices = sorted(
        (choice for table, found in looked_into if (choice := _choice(table, found))), key=lambda each: -each.score
    )
    chosen: dict[str, Choice] = {}
    taken: set[str] = set()
    for choice in choices:
        if choice.table.name not in chosen and choice.found.name not in taken:
            chosen[choice.table.name] = choice
            taken.add(choice.found.name)
    return [_with_others(chosen[table.name], choices, taken) for table in TABLES if table.name in chosen]


def _shortlist(table: Table, found: Sequence[Found]) -> list[Found]:
    scored = [(_score(table, each, [Profile(name, "VARCHAR") for name in each.columns]), each) for each in found]
    scored.sort(key=lambda each: -each[0])
    return [each for score, each in scored[:LOOKED_INTO] if score >= WORTH_A_LOOK]


def _score(table: Table, found: Found, columns: Sequence[Profile]) -> float:
    """Half of it for the name, half for the required columns, a little for the others and for rows."""
    matched = match_columns(table, columns)
    optional = [column.name for column in table.columns if not column.is_required]
    share = sum(name in matched for name in optional) / max(len(optional), 1)
    is_filled = any(profile.rows for profile in columns)
    return (
        0.5 * table_score(found.short_name, table.name)
        + 0.5 * _covered(table, matched)
        + 0.1 * share
        + 0.05 * is_filled
    )


def _covered(table: Table, matched: Matched) -> float:
    derived = DERIVED if table.name == "sellers" else (*DERIVED, "seller_id")
    required = [column.name for column in table.columns if column.is_required and column.name not in derived]
    return sum(matched[name][1] for name in required if name in matched) / len(required)


def _choice(table: Table, found: Found) -> Choice | None:
    if found.fault:
        return None
    matched = match_columns(table, found.profiles)
    covered = _covered(table, matched)
    is_named = table_score(found.short_name, table.name) >= LIKELY and (covered > 0 or not found.profiles)
    is_nameless = table.name in MAY_BE_NAMELESS and not OTHERS & set(meant(found.short_name))
    if not is_named and not (is_nameless and covered >= BY_COLUMNS_ALONE):
        return None
    return Choice(table, found, _score(table, found, found.profiles), matched)


def _with_others(choice: Choice, choices: Sequence[Choice], taken: set[str]) -> Choice:
    others = [each.found.name for each in choices if each.table == choice.table and each.found.name not in taken]
    return Choice(choice.table, choice.found, choice.score, choice.columns, others)
