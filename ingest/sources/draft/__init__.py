"""A first mapping of a source, from what it has: every guess in it is marked."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ingest.sources.draft.choose import choose_tables
from ingest.sources.draft.forms import Entry, Form, forms_of
from ingest.sources.draft.joins import Join, find_join
from ingest.sources.draft.profile import Profile
from ingest.sources.draft.survey import Survey, open_survey
from ingest.sources.draft.table import changed_column, draft_table, parent_of
from ingest.sources.draft.text import Draft, draft_text
from ingest.sources.mapping import Kind
from ingest.sources.names import meant_from_here, new_path
from tradeline.errors import BadInput
from tradeline.files import write_whole
from tradeline.settings import Settings

# Kinds whose url may be a path.
PATHS = ("files", "sqlite", "duckdb")


def write_draft(
    settings: Settings, name: str, kind: Kind, url: str | None, connection: str | None, *, replace: bool = False
) -> Path:
    """Write ``sources/NAME.yml`` from the names, types and first rows of what the source has; its path.

    What is required and was not found is a line that the file's reading refuses, with what to do beside it. Nothing
    that could be personal is written: of such values the shape alone.

    Raises:
        BadInput: there is a mapping of that name and not ``replace``, or no such source.
        TradelineError: the source cannot be reached.
    """
    path = new_path(settings, name, replace=replace)
    if url is None and connection is None:
        raise BadInput("say where the source is: by --url, by --connection or by both")
    url = meant_from_here(settings, url) if url and kind in PATHS else url
    with open_survey(settings, name, kind, url, connection) as survey:
        draft = _draft(survey, name, kind, {"url": url, "connection": connection})
    write_whole(path, draft_text(draft))
    return path


def _draft(survey: Survey, name: str, kind: Kind, address: Mapping[str, str | None]) -> Draft:
    choices = {choice.table.name: choice for choice in choose_tables(survey)}
    changed = {table: changed_column(choice) for table, choice in choices.items()}
    joins = {table: find_join(survey, choices, choice) for table, choice in choices.items()}
    forms = forms_of({table: (choice, _beside(changed[table], joins[table])) for table, choice in choices.items()})
    return Draft(
        name=name,
        origin=[Entry("kind", kind), *(Entry(key, value) for key, value in address.items() if value)],
        usual=_usual(forms),
        forms=forms,
        tables=[
            draft_table(kind, choice, changed[table], joins[table], parent_of(kind, choice, choices))
            for table, choice in choices.items()
        ],
        found=survey.found,
    )


def _beside(changed: Profile | None, join: Join | None) -> list[Profile]:
    """Columns that are used beside those of the contract."""
    return ([changed] if changed else []) + [
        each for factors in (join.sums.values() if join else ()) for each in factors
    ]


def _usual(forms: Mapping[str, Form]) -> Form:
    """The dialect of most tables, which so is the source's; of several the one that says most."""
    counted = Counter(forms.values())
    return max(counted, key=lambda form: (counted[form], len(form)), default=())
