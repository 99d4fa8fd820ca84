"""Which nights to build: from the first that is new or has changed, everything after it in one pass."""

import logging
from dataclasses import dataclass
from datetime import date

from ingest import quarantine
from ingest.kept_settings import check_kept
from ingest.landing import LandedFile, Landing, fingerprint, scan, stat_fingerprint
from ingest.raw_schema import has_raw_table
from tradeline.database import connect
from tradeline.definitions import definitions_fingerprint
from tradeline.errors import TradelineError
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class NightPlan:
    """The range of arrival days to build, both ends included, and the nights in it that have landed."""

    arrived_from: date
    arrived_to: date
    nights: list[date]


@dataclass(frozen=True)
class LoadedNight:
    """A night as the warehouse has it; a run that died may have left it loaded, but not built."""

    fingerprint: str
    stat_fingerprint: str
    definitions_fingerprint: str
    is_built: bool


def plan_nights(
    settings: Settings, as_of: date, force_from: date | None = None, landing: Landing | None = None
) -> NightPlan | None:
    """The nights to build so that everything landed up to ``as_of`` is in the warehouse; None if it is already.

    The range starts at the first night up to ``as_of`` that was never built, has other content than when it was
    built, was admitted by other rules, built by other SQL or in another time zone, has vanished, waits in
    quarantine, or was loaded by a run that died; at ``force_from`` if that is earlier. It ends at the later of
    ``as_of`` and the last built night, because partitions after a changed night no longer telescope. ``landing``: what
    has landed, where it is known.

    Raises:
        BadInput: landing is not laid out as it should be.
        Damaged: the warehouse was built with a currency or a time zone that the settings have lost.
        TradelineError: ``force_from`` is after ``as_of``.
    """
    if force_from is not None and force_from > as_of:
        raise TradelineError(f"cannot rebuild from {force_from}: it is after the as-of date {as_of}")
    loaded, definitions = loaded_nights(settings), definitions_fingerprint(settings)
    built = {night: found for night, found in loaded.items() if found.is_built}
    landing = landing or scan(settings.landing)
    waiting = {file.arrived_on for file in quarantine.unresolved(settings, landing)}
    nights = landing.nights | waiting
    changed = sorted(
        night
        for night in nights | loaded.keys()
        if night <= as_of and (night in waiting or _has_changed(landing.on(night), built.get(night), definitions))
    )
    starts = changed[:1] + ([force_from] if force_from is not None else [])
    if not starts:
        return None
    _log_reasons(changed, nights, loaded, definitions)
    arrived_from, arrived_to = min(starts), max([as_of, *built])
    return NightPlan(arrived_from, arrived_to, sorted(night for night in nights if arrived_from <= night <= arrived_to))


def loaded_nights(settings: Settings) -> dict[date, LoadedNight]:
    """The nights that the warehouse has, by arrival day.

    Raises:
        Damaged: as ``check_settings_kept``.
    """
    with warehouse_lock(settings):
        if not settings.warehouse.exists():
            return {}
        with connect(settings, settings.warehouse, read_only=True) as connection:
            check_kept(connection, settings)
            if not has_raw_table(connection, settings.warehouse.stem, "nights"):
                return {}
            rows = connection.execute(
                "select arrived_on, fingerprint, stat_fingerprint, definitions_fingerprint, built_at is not null"
                " from raw.nights"
            ).fetchall()
    return {arrived_on: LoadedNight(*found) for arrived_on, *found in rows}


def _has_changed(files: list[LandedFile], built: LoadedNight | None, definitions: str) -> bool:
    if built is None or not files or built.definitions_fingerprint != definitions:
        return True
    return stat_fingerprint(files) != built.stat_fingerprint and fingerprint(files) != built.fingerprint


def _log_reasons(changed: list[date], nights: set[date], loaded: dict[date, LoadedNight], definitions: str) -> None:
    unfinished = [night for night in changed if night in loaded and not loaded[night].is_built]
    again = [night for night in changed if night in loaded and night in nights and night not in unfinished]
    redefined = [night for night in again if loaded[night].definitions_fingerprint != definitions]
    for reason, found in (
        ("new", [night for night in changed if night not in loaded]),
        ("loaded by a run that did not end", unfinished),
        ("built by another contract, other SQL or in another time zone, so they are built again", redefined),
        ("landed again", sorted(set(again) - set(redefined))),
        ("vanished from landing", sorted(set(changed) - nights - set(unfinished))),
    ):
        if found:
            log.info("%s: %s nights, the first is %s", reason, f"{len(found):,}", found[0])
