"""How the texts of a source are written, by all columns that were matched: what becomes a ``Dialect``."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.sources.draft.choose import Choice
from ingest.sources.draft.numbers import NumberForm, common_form
from ingest.sources.draft.profile import Profile
from ingest.sources.draft.times import TimeForm

AMOUNTS = ("amount", "rate", "exchange_rate")


@dataclass(frozen=True)
class Entry:
    """A line of YAML; one that is not ``is_sure`` is written as a comment, since somebody has to choose."""

    key: str
    value: str | int | tuple[str, ...] | None
    note: str | None = None
    is_sure: bool = True


Form = tuple[Entry, ...]


def forms_of(choices: Mapping[str, tuple[Choice, Sequence[Profile]]]) -> dict[str, Form]:
    """The dialect of each table, which tables of files that are laid out alike share where one suits them all.

    ``choices``: by table what was chosen and the columns that are used beside those of the contract.
    """
    alike: dict[Form, list[str]] = defaultdict(list)
    for name, (choice, _) in choices.items():
        alike[_layout(choice)].append(name)
    forms: dict[str, Form] = {}
    for layout, names in alike.items():
        group = [choices[name] for name in names]
        joint = _joint(group)
        for name in names:
            forms[name] = layout + (joint if joint is not None else _joint([choices[name]]) or _mixed())
    return {name: forms[name] for name in choices}


def _layout(choice: Choice) -> Form:
    form = choice.found.form
    if form is None:
        return ()
    note = f"guess: {form.encoding_note}" if form.encoding_note else "guess: its first bytes say so"
    entries = [Entry("encoding", form.encoding, note)] if form.encoding != "utf-8" else []
    if form.delimiter != ",":
        entries.append(Entry("delimiter", form.delimiter, "guess: it cuts the lines into equally many fields"))
    if not form.quote:
        entries.append(Entry("quote", "", "guess: quotes stand inside of values, so they are signs like others"))
    if form.skip_lines:
        entries.append(Entry("skip_lines", form.skip_lines, "guess: lines before the header"))
    return tuple(entries)


def _joint(group: Sequence[tuple[Choice, Sequence[Profile]]]) -> Form | None:
    """The lines that suit all tables of a group; None where no way to write numbers does."""
    columns = [
        profile for choice, beside in group for profile in [*(each for each, _ in choice.columns.values()), *beside]
    ]
    amounts = [
        choice.columns[column.name][0]
        for choice, _ in group
        for column in choice.table.columns
        if column.type in AMOUNTS and column.name in choice.columns
    ]
    numbers = _numbers([each for each in amounts if each.is_text and each.numbers])
    return None if numbers is None else numbers + _times(columns)


def _mixed() -> Form:
    note = "required: the amounts are written in several ways; make each plain in `columns`, by replace() for instance"
    return (Entry("decimal", ",", note, is_sure=False),)


def _numbers(columns: Sequence[Profile]) -> Form | None:
    if not columns:
        return ()
    form, is_ambiguous = common_form([(column.numbers, column.values) for column in columns])
    if form is None:
        return None
    shown = next((value for column in columns for value in column.values if not value.isdigit()), "")
    if is_ambiguous:
        note = f"required: {shown} may have thousands or decimals: write which signs are which"
        return (Entry("decimal", form.decimal, note, False), Entry("thousands", form.thousands, is_sure=False))
    if form == NumberForm(".", ""):
        return ()
    decimal = Entry("decimal", form.decimal, f"guess: by amounts such as {shown}")
    return (decimal, Entry("thousands", form.thousands, "guess: likewise")) if form.thousands else (decimal,)


def _times(columns: Sequence[Profile]) -> Form:
    forms = [each.time for each in columns if each.is_text and each.time and each.time.formats]
    needing = [form for form in forms if form.unit in ("formats", "days")]
    # Where one column leaves open what comes first, day or month, another one may tell.
    certain = {day for form in needing if len(form.formats) == 1 for day in form.formats}
    chosen: dict[str, None] = {}
    for form in [*needing, *(form for form in forms if form.unit == "text")] if needing else []:
        possible = [day for day in form.formats if day in certain] or list(form.formats)
        if len(possible) > 1 and form.unit != "text":
            return (_ambiguous(form, possible, tuple(chosen)),)
        chosen.update(dict.fromkeys(form.formats[possible[0]]))
    if not chosen:
        return ()
    examples = list(dict.fromkeys(form.examples[0] for form in needing if form.examples))[:3]
    return (Entry("time_formats", tuple(chosen), f"guess: by times such as {'; '.join(examples)}"),)


def _ambiguous(form: TimeForm, possible: Sequence[str], others: tuple[str, ...]) -> Entry:
    shown = form.examples[0] if form.examples else "a time"
    note = f"required: ambiguous: {shown} may be {' or '.join(possible)}, and no value tells: choose"
    return Entry("time_formats", (*others, *form.formats[possible[0]]), note, is_sure=False)
