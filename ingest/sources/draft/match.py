"""Which columns of a source's table are likely a contract table's, by their names, types and values."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ingest.sources.draft.enumerations import recognised
from ingest.sources.draft.profile import Profile
from ingest.sources.draft.words import meanings, meant
from tradeline.checked import yaml_of
from tradeline.contracts.raw import Column, Table

# A name that means what is looked for scores 1; less by so much for each place further down in the list of patterns,
# for each word more that means something else, and for each that nobody knows.
RANK, OTHER, UNKNOWN = 0.03, 0.35, 0.12
LIKELY = 0.6
# A name that does not say that it is an id has to mean the thing itself; a column without values is a poor guess.
STRAIGHT = 0.7
EMPTY = 0.8
# A column with more different values is no enumeration.
ENUMERATION_MAX = 30


@cache
def patterns() -> dict[str, Any]:
    """The content of patterns.yml."""
    content: dict[str, Any] = yaml_of(Path(__file__).with_name("patterns.yml"))
    return content


def name_score(name: str, wanted: Iterable[str], own: Iterable[str] = ()) -> float:
    """How well a name means one of the patterns, 0 to 1; the meanings ``own`` do no harm."""
    found, known = meant(name), set(meanings().values())
    best = 0.0
    for rank, pattern in enumerate(wanted):
        needed = pattern.split()
        if set(needed) <= set(found) and _names_the_same(found, needed):
            extra = [word for word in found if word not in needed and word not in own]
            lost = RANK * rank + sum(OTHER if word in known else UNKNOWN for word in extra)
            best = max(best, 1 - lost)
    # Of two that mean the same, the one in UTC.
    return best + 0.01 if best and re.search("(?i)utc|gmt", name) else best


def _names_the_same(found: Sequence[str], needed: Sequence[str]) -> bool:
    """Whether an id is of what is asked for: a merchant's order id is none of a merchant."""
    if "id" not in found or len(found) == 1 or needed == ["id"]:
        return True
    place = found.index("id")
    return found[place - 1 if place else 1] in needed


def table_score(name: str, table: str) -> float:
    """How well the name of a source's table means a contract table, 0 to 1."""
    own = ("time", "seller") if table in ("orders", "payments") else ("time",)
    return name_score(name, patterns()[table]["names"], own)


def match_columns(table: Table, columns: Sequence[Profile]) -> dict[str, tuple[Profile, float]]:
    """By the contract's column the likeliest of the source's and its score; each is taken once."""
    scores = sorted(
        (
            (_score(table, column, profile), -place, column.name)
            for column in table.columns
            for place, profile in enumerate(columns)
        ),
        reverse=True,
    )
    matched: dict[str, tuple[Profile, float]] = {}
    taken: set[int] = set()
    for score, place, column_name in scores:
        if score >= LIKELY and column_name not in matched and place not in taken:
            matched[column_name] = (columns[-place], score)
            taken.add(place)
    return matched


def _score(table: Table, column: Column, profile: Profile) -> float:
    own, wanted = patterns()[table.name]["own"], patterns()[table.name]["columns"][column.name]
    by_name = name_score(profile.name, wanted, own)
    if column.is_id and "id" not in meant(profile.name) and by_name < STRAIGHT:
        return 0.0  # the type of an order is not its id
    return by_name * fit(table, column, profile) * _filling(column, profile)


def _filling(column: Column, profile: Profile) -> float:
    """What a column without any value keeps of its score: nothing where every row must have one."""
    if profile.filled or not profile.rows:
        return 1.0
    return 0.0 if column.is_required else EMPTY


def best_column(columns: Sequence[Profile], wanted: str, own: Iterable[str] = ()) -> Profile | None:
    """The column that means one of the helpers' patterns best; None where none does."""
    scored = [(name_score(each.name, patterns()["helpers"][wanted], own), -place) for place, each in enumerate(columns)]
    score, place = max(scored, default=(0.0, 0))
    return columns[-place] if score >= LIKELY else None


def fit(table: Table, column: Column, profile: Profile) -> float:
    """What type and values leave of a name's score: 0 where they cannot be such a column's, 1 where they can."""
    if profile.kind == "BOOLEAN":
        return 0.0
    if column.type in ("timestamp", "date"):
        return 1.0 if profile.time or _says_nothing(profile) else 0.0
    if column.type == "currency":
        return 1.0 if all(re.fullmatch("[A-Za-z]{3}", value) for value in profile.values) else 0.0
    if column.type in ("amount", "rate", "exchange_rate", "integer"):
        is_number = profile.is_numeric or profile.numbers or _says_nothing(profile)
        return 1.0 if is_number and not _is_time(profile) else 0.0
    if _is_time(profile):
        return 0.0
    if column.allowed:
        return _enumeration_fit(f"{table.name}.{column.name}", profile)
    if column.is_id:
        return _id_fit(table, column, profile)
    return 0.5 if profile.kind.startswith(("DECIMAL", "DOUBLE", "FLOAT")) else 1.0


def _id_fit(table: Table, column: Column, profile: Profile) -> float:
    if profile.kind.startswith(("DOUBLE", "FLOAT")) or (
        profile.kind.startswith("DECIMAL") and ",0)" not in profile.kind
    ):
        return 0.0
    is_whole_key = table.key == (column.name,) and table.name not in ("sellers",)
    return 0.6 if is_whole_key and profile.filled and profile.distinct < 0.9 * profile.filled else 1.0


def _enumeration_fit(place: str, profile: Profile) -> float:
    if profile.distinct > ENUMERATION_MAX:
        return 0.0
    if not profile.values:
        return 1.0
    share = sum(recognised(place, value) is not None for value in profile.values) / profile.distinct
    # Values that are known say more than a name.
    return 0.7 + 0.4 * share


def _says_nothing(profile: Profile) -> bool:
    return profile.is_text and not profile.values


def _is_time(profile: Profile) -> bool:
    """Whether it is one of times beyond doubt; whole numbers may be anything."""
    is_digits = all(value.isdigit() for value in profile.values)
    return profile.time is not None and (profile.time.unit == "typed" or not is_digits)
