"""Publication: what was built and audited in the warehouse becomes what everybody reads."""

import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from serving.export import Run, export_night
from serving.marts import replace_marts
from serving.versions import archive_policy, code_version
from serving.waived import words_behind
from tradeline.contracts.publications import (
    Publication,
    added,
    attach,
    latest_publication,
    read_copied_publications,
    read_publications,
    withdrawn,
)
from tradeline.database import connect
from tradeline.errors import BadInput, Damaged
from tradeline.files import ensure_folder
from tradeline.settings import Settings

log = logging.getLogger(__name__)


def publish(settings: Settings, as_ofs: list[date], run_id: str) -> list[Publication]:
    """Publish the decided nights of a run; the caller holds the warehouse lock.

    All nights appear to readers at once, when ``marts.duckdb`` is replaced. Until then nothing that they see has
    changed, so that a crash leaves the previous version and a rerun starts afresh. Publishing a night again with
    the same ``run_id`` replaces that run's own publication; an older night only adds to the history.

    Raises:
        TradelineError: a night is not built and decided by this run, or its policy can no longer be kept.
    """
    if not as_ofs:
        return []
    started = time.perf_counter()
    with _aside(settings) as aside:
        committed = read_publications(settings)
        with connect(settings, spill=aside / "spill") as connection:
            attach(connection, settings.warehouse, "warehouse")
            waivers = words_behind(settings, connection, as_ofs)
            run = Run(run_id, code_version(), datetime.now(UTC).replace(tzinfo=None), waivers)
            new = [export_night(settings, connection, as_of, run, committed) for as_of in sorted(set(as_ofs))]
        for policy_version in sorted({publication.policy_version for publication in new}):
            archive_policy(settings, policy_version)
        publications = added(committed, new)
        replace_marts(settings, publications)
    _report(settings, new)
    log.info("%s, %.1f s", readers_see(publications), time.perf_counter() - started)
    return new


def withdraw(settings: Settings, as_of: date, reason: str, by: str) -> list[Publication]:
    """Take a night from readers, who see the night before again; the whole manifest then.

    No kept file is touched, so the night can still be replayed, and it can be published again. The caller holds the
    warehouse lock.

    Raises:
        BadInput: readers see nothing of that night.
        Damaged: a file of the night that would show again is not what was published.
    """
    at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    publications = withdrawn(read_publications(settings), as_of, at, by, reason)
    with _aside(settings):
        replace_marts(settings, publications)
    log.info("%s is withdrawn: %s", as_of, readers_see(publications))
    return publications


def restore(settings: Settings) -> list[Publication]:
    """Make ``marts.duckdb`` anew from the kept files; the whole manifest then.

    The manifest is its own where it can still be read, else the copy, which lacks a publication that died between the
    two. The caller holds the warehouse lock.

    Raises:
        BadInput: nothing was published.
        Damaged: the copy or a file of the latest night is missing or damaged.
    """
    try:
        publications = read_publications(settings)
    except Damaged:
        publications = read_copied_publications(settings)
    if not publications:
        raise BadInput(f"nothing is published in {settings.published}, so there is nothing to restore")
    with _aside(settings):
        replace_marts(settings, publications)
    return publications


def readers_see(publications: list[Publication]) -> str:
    """Which night readers find, in words."""
    latest = latest_publication(publications)
    return f"readers now see {latest.as_of} of run {latest.run_id}" if latest else "readers now see no night"


@contextmanager
def _aside(settings: Settings) -> Iterator[Path]:
    """An empty folder beside what is published, in which files become whole."""
    aside = settings.published / ".aside"
    shutil.rmtree(aside, ignore_errors=True)
    ensure_folder(aside)
    yield aside
    shutil.rmtree(aside)


def _report(settings: Settings, new: list[Publication]) -> None:
    for publication in new:
        rows = ", ".join(f"{kept.table_name} {kept.row_count:,}" for kept in publication.tables)
        waived = f", with {len(publication.waivers)} waivers" if publication.waivers else ""
        log.info("published %s: %s rows%s, kept under %s", publication.as_of, rows, waived, settings.published)
