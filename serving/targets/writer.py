"""What each kind of target does with publications."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from typing import Protocol

from serving.targets.target import Target
from tradeline.contracts.publications import KeptTable, Publication, latest_publication
from tradeline.settings import Settings

# A publication's place in the manifest: its night and run.
Key = tuple[date, str]


class Writer(Protocol):
    """An open target. Whatever breaks off leaves its readers with what they had."""

    def missing(self, publications: list[Publication]) -> list[Publication]:
        """Which publications of the whole manifest the target lacks, or has with other content; the oldest first."""

    def write(self, publication: Publication, publications: list[Publication]) -> None:
        """Let readers see one publication, its own rows replaced, and nothing that the manifest no longer shows.

        The latest night is that of the manifest, as far as the target has its publications.
        """

    def follow(self, publications: list[Publication]) -> None:
        """Take from readers what the manifest no longer shows; nothing is added."""


def open_writer(settings: Settings, name: str, target: Target, told: dict[str, str]) -> AbstractContextManager[Writer]:
    """Open a target by its kind; ``told``: what a target without a memory of its own was told, which it adds to.

    Raises:
        TradelineError: on entry, it cannot be reached, or refuses.
    """
    if target.kind == "postgres":
        from serving.targets.postgres import open_postgres

        return open_postgres(settings, name, target)
    if target.kind == "mysql":
        from serving.targets.mysql import open_mysql

        return open_mysql(settings, name, target)
    if target.kind == "files":
        from serving.targets.files import open_files

        return open_files(settings, name, target)
    from serving.targets.webhook import Webhook

    return nullcontext(Webhook(settings, name, target, told))


def key_of(publication: Publication) -> Key:
    """What tells a publication from all others."""
    return publication.as_of, publication.run_id


def shown(target: Target, publications: list[Publication]) -> list[Publication]:
    """What readers of the target are to see, the oldest first: every night, or the latest alone."""
    latest = latest_publication(publications)
    return [found for found in publications if found.is_current and (target.history or found is latest)]


def lacking(target: Target, publications: list[Publication], there: Mapping[Key, str]) -> list[Publication]:
    """Of what readers are to see, what is not ``there`` with the same content, which is as ``content_of`` says."""
    return [found for found in shown(target, publications) if there.get(key_of(found)) != content_of(target, found)]


def content_of(target: Target, publication: Publication) -> str:
    """A hash over what a target gets of a publication."""
    return hash_of_tables(target, publication.tables)


def hash_of_tables(target: Target, tables: Iterable[KeptTable]) -> str:
    """A hash over kept files, those of them that the target gets."""
    chosen = sorted((kept.table_name, kept.content_hash) for kept in tables if kept.table_name in target.tables)
    return hashlib.sha256(json.dumps(chosen).encode()).hexdigest()
