"""The manifest: what was published, from what, by what, and in which file it is kept."""

from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from tradeline.damage import damage_told, damaged
from tradeline.database import connect
from tradeline.errors import BadInput, TradelineError
from tradeline.files import content_hash
from tradeline.settings import Settings
from tradeline.sql import literal

# In the order of their making. A publication from before a table existed does not have it.
TABLES = ("seller_features", "credit_scores", "loan_eligibility", "seller_credit_record", "adverse_actions")
# What is published is written as DuckDB 1.2 and every later one reads it; by default only 2.x could. Clients of 1.x,
# which business intelligence tools bring along, are everywhere.
STORAGE_VERSION = "v1.2.0"
# What tells the rows of a table's night apart, where it is more than the seller.
KEYS = {"adverse_actions": ("seller_id", "position")}

CREATE_PUBLICATIONS = """
    create table publications (
        as_of date not null,
        run_id varchar not null,
        model_version varchar,
        policy_version varchar not null,
        code_version varchar not null,
        input_fingerprint varchar not null,
        published_at timestamp not null,
        is_current boolean not null,
        waivers varchar[] not null,
        table_name varchar not null,
        row_count bigint not null,
        path varchar not null,
        content_hash varchar not null,
        withdrawn_at timestamp,
        withdrawn_by varchar,
        withdrawn_reason varchar,
        primary key (as_of, run_id, table_name)
    );
    comment on table publications is 'The manifest: one row per (as_of, run_id, table_name) that was ever published.'
"""


@dataclass(frozen=True)
class KeptTable:
    """One published table's Parquet file; ``path`` is relative to ``published/``."""

    table_name: str
    row_count: int
    path: str
    content_hash: str


@dataclass(frozen=True)
class Publication:
    """What one run published for one night.

    ``model_version`` is None for a night on which no model served. ``is_current``: no later run has published
    this night again, and nobody has withdrawn it. ``waivers``: the words of people on which data behind it passed a
    gate. ``withdrawn_*``: who took it from readers, when and why; None of one that was not withdrawn. Where the same
    run has published the night again since, ``is_current`` holds beside them. Times are UTC.
    """

    as_of: date
    run_id: str
    model_version: str | None
    policy_version: str
    code_version: str
    input_fingerprint: str
    published_at: datetime
    is_current: bool
    waivers: tuple[str, ...]
    tables: tuple[KeptTable, ...]
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_reason: str | None = None

    @property
    def withdrawal(self) -> str:
        """Who took it from readers, when and why, in words; empty where it was not withdrawn."""
        if self.withdrawn_at is None:
            return ""
        return f"withdrawn by {self.withdrawn_by} at {self.withdrawn_at:%Y-%m-%d %H:%M} UTC: {self.withdrawn_reason}"

    def table(self, name: str) -> KeptTable:
        """The kept table of that name; ``KeyError`` if there is none."""
        return {table.table_name: table for table in self.tables}[name]


HEADER = tuple(field.name for field in fields(Publication) if field.name != "tables")
# What a manifest that was last written by an earlier release does not have yet; the next publication adds it.
LATER = {"waivers": "[]", "withdrawn_at": "null", "withdrawn_by": "null", "withdrawn_reason": "null"}
COLUMNS = HEADER + tuple(field.name for field in fields(KeptTable))


def marts_file(settings: Settings) -> Path:
    """The DuckDB file that readers open; its manifest says what is published."""
    return settings.published / "marts.duckdb"


def manifest_copy(settings: Settings) -> Path:
    """The copy of the manifest for readers without DuckDB, and for the day on which the file itself is lost."""
    return settings.published / "publications.parquet"


def attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str, *, is_writable: bool = False) -> None:
    """Attach a DuckDB file: unlike a second ``connect``, this sees a file that was replaced meanwhile.

    ``is_writable``: a new file, to be published.
    """
    access = f"read_write, storage_version {literal(STORAGE_VERSION)}" if is_writable else "read_only"
    connection.execute(f"attach {literal(path)} as {name} ({access})")


def read_publications(settings: Settings) -> list[Publication]:
    """All publications, oldest night first, a night's runs by time; empty before the first.

    Raises:
        Damaged: the manifest cannot be read, or is missing though something was published.
    """
    if not marts_file(settings).exists():
        if manifest_copy(settings).exists():
            raise damaged(settings.home, marts_file(settings), "is missing, though something was published")
        return []
    with damage_told(settings.home), connect(settings) as connection:
        attach(connection, marts_file(settings), "marts")
        return _read(connection, "marts.publications")


def read_copied_publications(settings: Settings) -> list[Publication]:
    """What ``publications.parquet`` says, the copy that is written right after the manifest itself.

    Raises:
        Damaged: it is missing or cannot be read.
    """
    if not manifest_copy(settings).exists():
        raise damaged(settings.home, manifest_copy(settings), "is missing")
    with damage_told(settings.home), connect(settings) as connection:
        return _read(connection, f"read_parquet({literal(manifest_copy(settings))})")


def _read(connection: duckdb.DuckDBPyConnection, manifest: str) -> list[Publication]:
    there = {column for column, *_ in connection.execute(f"describe from {manifest}").fetchall()}
    names = [name if name in there or name not in LATER else f"{LATER[name]} as {name}" for name in COLUMNS]
    query = f"select {', '.join(names)} from {manifest} order by as_of, published_at, run_id"
    return [
        _publication(list(group)) for _, group in groupby(connection.execute(query).fetchall(), lambda row: row[:2])
    ]


def latest_publication(publications: list[Publication]) -> Publication | None:
    """The current publication of the latest night; None where every one is withdrawn."""
    return max((found for found in publications if found.is_current), key=lambda found: found.as_of, default=None)


def find_publication(settings: Settings, as_of: date, run_id: str | None = None) -> Publication:
    """The publication of a night by a run, or the night's current one.

    Raises:
        TradelineError: there is none.
    """
    nights = [found for found in read_publications(settings) if found.as_of == as_of]
    for publication in nights:
        if publication.run_id == run_id or (run_id is None and publication.is_current):
            return publication
    runs = ", ".join(" ".join(filter(None, (found.run_id, found.withdrawal))) for found in nights) or "none"
    wanted = f" by run {run_id}" if run_id else ""
    raise TradelineError(
        f"nothing is published for {as_of}{wanted} (runs of that night: {runs}): "
        f"choose another night from `tradeline sql 'from publications'`, or run `tradeline run --as-of {as_of}`"
    )


def added(before: list[Publication], new: list[Publication]) -> list[Publication]:
    """The manifest once ``new`` is in it: a run replaces its own, and is the current one of its nights.

    That a run's publication was withdrawn before it published the night again stays in the manifest.
    """
    nights = {publication.as_of for publication in new}
    keys = {(publication.as_of, publication.run_id) for publication in new}
    withdrawals = {(found.as_of, found.run_id): _withdrawal(found) for found in before}
    new = [replace(found, **withdrawals.get((found.as_of, found.run_id), {})) for found in new]
    kept = [
        replace(publication, is_current=publication.is_current and publication.as_of not in nights)
        for publication in before
        if (publication.as_of, publication.run_id) not in keys
    ]
    return sorted(kept + new, key=lambda publication: (publication.as_of, publication.published_at))


def withdrawn(before: list[Publication], as_of: date, at: datetime, by: str, reason: str) -> list[Publication]:
    """The manifest once the current publication of a night is taken from readers; an earlier one does not come back.

    Raises:
        BadInput: the night has no current publication.
    """
    current = [found for found in before if found.is_current and found.as_of == as_of]
    if not current:
        said = [
            f"{found.run_id} was {found.withdrawal}" for found in before if found.as_of == as_of and found.withdrawal
        ]
        raise BadInput("; ".join([f"readers see nothing of {as_of}, so there is nothing to withdraw", *said]))
    return [
        replace(found, is_current=False, withdrawn_at=at, withdrawn_by=by, withdrawn_reason=reason)
        if found in current
        else found
        for found in before
    ]


def _withdrawal(publication: Publication) -> dict[str, Any]:
    return {name: getattr(publication, name) for name in HEADER if name.startswith("withdrawn_")}


def as_rows(publications: list[Publication]) -> list[dict[str, Any]]:
    """The rows of ``publications``: one for each publication and table."""
    return [
        {name: getattr(publication, name) for name in HEADER} | asdict(table)
        for publication in publications
        for table in publication.tables
    ]


def verified(settings: Settings, kept: KeptTable) -> Path:
    """The kept file, if its content is what was published.

    Raises:
        TradelineError: the file is missing or has been changed.
    """
    path = settings.published / kept.path
    if not path.exists():
        raise damaged(settings.home, path, "is missing")
    with damage_told(settings.home):
        digest = content_hash(path)
    if digest != kept.content_hash:
        problem = f"is not the file that was published (its SHA-256 is not the manifest's {kept.content_hash[:12]}...)"
        raise damaged(settings.home, path, problem)
    return path


def _publication(rows: list[tuple[Any, ...]]) -> Publication:
    """One publication from its rows in the manifest, which differ only in the kept table."""
    header: dict[str, Any] = dict(zip(HEADER, rows[0], strict=False))
    header["waivers"] = tuple(header["waivers"])
    tables = [KeptTable(*row[len(HEADER) :]) for row in rows]
    return Publication(**header, tables=tuple(sorted(tables, key=lambda kept: TABLES.index(kept.table_name))))
