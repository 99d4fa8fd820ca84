"""What is written down about one table of the contract."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ingest.sources.draft.choose import Choice
from ingest.sources.draft.columns import ColumnDraft, described, draft_columns
from ingest.sources.draft.forms import Entry
from ingest.sources.draft.joins import Join, Quote
from ingest.sources.draft.match import best_column, patterns
from ingest.sources.draft.profile import Profile
from ingest.sources.mapping import Kind

# A table with more rows is read in chunks by its key.
LARGE = 1_000_000
# By table another one that its rows may belong to, and the column of both that says so.
PARENTS = {
    "payments": ("orders", "order_id"),
    "refunds": ("orders", "order_id"),
    "reviews": ("orders", "order_id"),
    "repayments": ("loans", "loan_id"),
}


@dataclass(frozen=True)
class TableDraft:
    """One table: the lines of its reads, and its columns.

    ``clause``: the rest of a query behind the table's own read, where files are joined; ``own``: columns beside the
    contract's (``changed_at``); ``remedies``: what to do about a required column that was not found; ``unused``:
    columns of the source; ``sources``: the source's tables that it uses.
    """

    name: str
    reads: Mapping[str, Sequence[Entry]]
    columns: Mapping[str, ColumnDraft]
    clause: str | None = None
    own: Mapping[str, ColumnDraft] = field(default_factory=dict)
    remedies: Mapping[str, str] = field(default_factory=dict)
    unused: Sequence[str] = ()
    sources: Sequence[str] = ()


def draft_table(
    kind: Kind, choice: Choice, changed: Profile | None, join: Join | None, parent: Choice | None
) -> TableDraft:
    """Put down what was found of a table.

    ``changed`` is the column that says when a row last changed; ``parent`` a table whose rows its rows belong to and
    that has such a column.
    """
    name, found = choice.table.name, choice.found
    used = {profile.name for profile, _ in choice.columns.values()} | ({changed.name} if changed else set())
    columns = draft_columns(choice)
    if join:
        columns |= {each: _joined(join, each, columns) for each in join.columns}
    if join and join.is_of_lines and "freight" in columns and "freight" not in join.sums:
        whole = f"{columns['freight'].note}; of the whole order, which each of its sellers gets"
        columns["freight"] = replace(columns["freight"], note=whole)
    reads = {
        name: [*_what(kind, choice, join), *_changes(kind, choice, changed), *_parent(kind, choice, changed, parent)]
    }
    clause = None
    if join and kind == "files":
        names = [f"{name}_{place}" for place, _ in enumerate(join.via, 1)]
        reads |= {
            each: [Entry("files", via.files, "guess: it says the seller")]
            for each, via in zip(names, join.via, strict=True)
        }
        clause = join.clause(names, Quote(kind))
    return TableDraft(
        name=name,
        reads=reads,
        columns=columns,
        clause=clause,
        own=_own(kind, changed),
        remedies={"seller_id": _several_sellers()} if name in ("refunds", "payments") and not join else {},
        unused=[profile.name for profile in found.profiles if profile.name not in used],
        sources=[found.name, *(each.name for each in (join.via if join else ()))],
    )


def changed_column(choice: Choice) -> Profile | None:
    """The column that says when a row last changed."""
    taken = {profile.name for profile, _ in choice.columns.values()}
    times = [each for each in choice.found.profiles if each.time and each.name not in taken]
    return best_column(times, "updated_at", own=patterns()[choice.table.name]["own"])


def _what(kind: Kind, choice: Choice, join: Join | None) -> list[Entry]:
    found = choice.found
    note = f"guess: by its name and {len(choice.columns)} column(s)"
    if choice.also:
        note += f"; also like it: {', '.join(choice.also)}"
    if found.files is None and join:
        quote = Quote(kind)
        query = join.query(quote.table(found.name), [quote.table(each.name) for each in join.via], quote)
        return [Entry("query", query, f"{note}; {found.name} does not say its seller")]
    if found.files is None:
        return [Entry("table", found.name, note)]
    entries = [Entry("files", found.files, note)]
    # Of files that are joined all are read, since the others' rows may be in older ones.
    if found.file_day and not join:
        entries.append(Entry("new_files", True, f"guess: {found.file_count} file(s), each with its day in its name"))
        entries.append(Entry("file_day", found.file_day))
    return entries


def _changes(kind: Kind, choice: Choice, changed: Profile | None) -> list[Entry]:
    """How a change is recognised, and by what a large table is read in chunks."""
    if kind == "files":
        return []
    entries = []
    if changed and _says_all_changes(kind, changed):
        entries.append(Entry("updated_at", changed.name, f"guess: every change moves it; {described(changed)}"))
    elif changed:
        note = "not in all rows, or no type of times: changes would be missed, so all is read every time"
        entries.append(Entry("updated_at", changed.name, note, is_sure=False))
    key = choice.columns.get(choice.table.key[0])
    if key and key[0].is_whole and (choice.found.estimated_rows or 0) >= LARGE:
        entries.append(Entry("key", key[0].name, f"guess: about {choice.found.estimated_rows:,} rows"))
    return entries


def _says_all_changes(kind: Kind, changed: Profile) -> bool:
    """Whether every row has it, as a time that the source can compare: SQLite has texts for times."""
    unit = changed.time.unit if changed.time else ""
    return changed.filled == changed.rows and unit in (("typed", "text") if kind == "sqlite" else ("typed",))


def _parent(kind: Kind, choice: Choice, changed: Profile | None, parent: Choice | None) -> list[Entry]:
    """The parent as a comment: whether all changes of a row here also move the parent's time, nobody can see."""
    if kind == "files" or changed or not parent:
        return []
    key = PARENTS[choice.table.name][1]
    on = f"{{{choice.columns[key][0].name}: {parent.columns[key][0].name}}}"
    name = parent.table.name
    note = (
        f"with `on: {on}` only rows whose {name} changed are read: right if no row here changes or comes without that"
    )
    return [Entry("belongs_to", name, note, is_sure=False)]


def parent_of(kind: Kind, choice: Choice, choices: Mapping[str, Choice]) -> Choice | None:
    """The table whose rows a table's rows belong to, by what looks like a foreign key, if it tells its changes."""
    name, key = PARENTS.get(choice.table.name, ("", ""))
    parent = choices.get(name)
    if not parent or key not in choice.columns or key not in parent.columns:
        return None
    changed = changed_column(parent)
    return parent if changed and _says_all_changes(kind, changed) else None


def _own(kind: Kind, changed: Profile | None) -> dict[str, ColumnDraft]:
    if not changed or kind != "files":
        return {}
    return {"changed_at": ColumnDraft(changed.name, f"guess: when a row last changed; {described(changed)}")}


def _joined(join: Join, name: str, columns: Mapping[str, ColumnDraft]) -> ColumnDraft:
    if name == "seller_id":
        return ColumnDraft(join.columns[name], f"guess: {join.seller} of {join.via[-1].name}")
    what = " times ".join(each.name for each in join.sums[name])
    instead = f", since {columns[name].of} is of all sellers together" if name in columns else ""
    return ColumnDraft(join.columns[name], f"guess: {what} of {join.via[0].name}, added up{instead}")


def _several_sellers() -> str:
    return (
        "no column looks like it; write a query that joins the order (docs/sources.md) or, for one shop alone, a name "
        "for it: \"'shop-1'\""
    )
