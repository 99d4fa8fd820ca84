"""Publication: what was built and audited in the warehouse becomes what everybody reads."""

import logging
import shutil
import time
from datetime import UTC, date, datetime

from serving.export import Run, export_night
from serving.files import ensure_folder
from serving.manifest import Publication, added, attach, connect, read_publications
from serving.marts import latest_publication, replace_marts
from serving.versions import archive_policy, code_version
from serving.waived import words_behind
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
    aside = settings.published / ".aside"
    shutil.rmtree(aside, ignore_errors=True)
    ensure_folder(aside)
    committed = read_publications(settings)
    with connect(settings, aside / "spill") as connection:
        attach(connection, settings.warehouse, "warehouse")
        waivers = words_behind(settings, connection, as_ofs)
        run = Run(run_id, code_version(), datetime.now(UTC).replace(tzinfo=None), waivers)
        new = [export_night(settings, connection, as_of, run, committed) for as_of in sorted(set(as_ofs))]
    for policy_version in sorted({publication.policy_version for publication in new}):
        archive_policy(settings, policy_version)
    publications = added(committed, new)
    replace_marts(settings, publications)
    shutil.rmtree(aside)
    _report(settings, new, latest_publication(publications), time.perf_counter() - started)
    return new


def _report(settings: Settings, new: list[Publication], latest: Publication, seconds: float) -> None:
    """One line for each night, one for the whole."""
    for publication in new:
        rows = ", ".join(f"{kept.table_name} {kept.row_count:,}" for kept in publication.tables)
        waived = f", on the word of {len(publication.waivers)} waivers" if publication.waivers else ""
        log.info("published %s: %s rows%s, kept under %s", publication.as_of, rows, waived, settings.published)
    log.info("readers now see %s of run %s, %.1f s", latest.as_of, latest.run_id, seconds)
