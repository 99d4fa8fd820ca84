"""What has landed, been built, trained and published, and what failed; gathered without waiting for anybody."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar, get_args

from ingest.built import Built, built, pending_nights
from ingest.landing import Landing, scan, told_future
from ingest.quarantine import list_quarantined
from ingest.sources.listing import SourceStanding, list_sources
from ml.registry.headline import auc_of
from ml.registry.pointer import read_champion
from serving.champion_kept import check_champion_kept
from serving.latest import Latest, read_latest
from serving.setbacks import setbacks
from serving.targets.state import TargetState, read_state
from serving.targets.target import target_names
from tradeline.business_days import today_in
from tradeline.contracts.publications import Publication, read_publications
from tradeline.damage import damage_told
from tradeline.errors import TradelineError
from tradeline.journal import read_journal
from tradeline.lock import WarehouseBusy
from tradeline.settings import Settings
from tradeline.side_work import SIDE_WORK, unmade

Seen = TypeVar("Seen")
FAILURES_SHOWN = 3


@dataclass(frozen=True)
class Landed:
    """Nights in landing, and the files that failed validation."""

    nights: int
    first_on: date | None
    last_on: date | None
    quarantined_files: int


@dataclass(frozen=True)
class Trained:
    """The serving model; its AUC on rows that it has not seen, with the 95% interval."""

    model_version: str
    trained_as_of: date
    auc: tuple[float, float, float] | None


@dataclass(frozen=True)
class Failure:
    """A step that failed; ``is_over``: the same step has succeeded since, for each of its nights."""

    step: str
    run_id: str
    ended_at: str
    message: str
    is_over: bool


@dataclass(frozen=True)
class Status:
    """Everything at a glance; what does not exist yet is None. ``built`` is None too while a run is in progress.

    ``first_model``: where nothing is trained yet, when it can be. ``unmade``: pages, reports and the like that could
    not be made, until they are. ``targets``: what each was last given.
    """

    home: Path
    currency: str
    timezone: str
    is_running: bool
    sources: tuple[SourceStanding, ...]
    landed: Landed | None
    built: Built | None
    trained: Trained | None
    first_model: str | None
    published: Latest | None
    targets: dict[str, TargetState]
    failures: tuple[Failure, ...]
    unmade: tuple[Failure, ...]
    notices: tuple[str, ...]


def status(settings: Settings) -> Status:
    """Look at a home, an empty one included. A run in progress is neither waited for nor disturbed.

    What is damaged is a notice, and the rest is told all the same.
    """
    notices: list[str] = []

    def seen(look: Callable[[], Seen], otherwise: Seen) -> Seen:
        try:
            with damage_told(settings.home):
                return look()
        except TradelineError as error:
            notices.append(str(error))
            return otherwise

    quarantined = seen(lambda: len(list_quarantined(settings)), 0)
    landing = seen(lambda: scan(settings.landing), None)
    landed = seen(lambda: _landed(settings, landing, quarantined, notices), None) if landing else None
    nothing_known: tuple[SourceStanding, ...] = ()
    nothing_built: tuple[bool, Built | None] = (False, None)
    is_running, found = seen(lambda: _built(settings), nothing_built)
    if found and landing and landed and landed.last_on:
        until = min(landed.last_on, today_in(settings.timezone))
        found = replace(found, pending_nights=seen(lambda: pending_nights(_impatient(settings), until, landing), 0))
    trained = seen(lambda: _trained(settings), None)
    seen(lambda: check_champion_kept(settings), None)
    publications: list[Publication] = seen(lambda: read_publications(settings), [])
    published = seen(lambda: read_latest(settings, publications), None)
    targets = {name: seen(partial(read_state, settings, name), TargetState()) for name in target_names(settings)}
    failures: tuple[Failure, ...] = seen(lambda: _failures(settings, notices), ())
    not_made: tuple[Failure, ...] = seen(lambda: _unmade(settings, notices), ())
    seen(lambda: notices.extend(_gate_notices(settings)), None)
    return Status(
        home=settings.home.resolve(),
        currency=settings.currency,
        timezone=settings.timezone,
        is_running=is_running,
        sources=seen(lambda: tuple(list_sources(settings)), nothing_known),
        landed=landed,
        built=found,
        trained=trained,
        first_model=_first_model(landed) if trained is None else None,
        published=published,
        targets=targets,
        failures=failures,
        unmade=not_made,
        # The loudest first; and what several looks came upon, once.
        notices=tuple(dict.fromkeys([*_setbacks(settings, published, publications), *notices])),
    )


def _landed(settings: Settings, landing: Landing, quarantined: int, notices: list[str]) -> Landed | None:
    nights = sorted(landing.nights)
    if future := told_future(settings, nights):
        notices.append(future)
    if not nights and not quarantined:
        return None
    return Landed(len(nights), min(nights, default=None), max(nights, default=None), quarantined)


def _built(settings: Settings) -> tuple[bool, Built | None]:
    """Whether a run is in progress and, if not, what the warehouse holds."""
    try:
        found = built(_impatient(settings))
    except WarehouseBusy:
        return True, None
    return False, found if found.nights else None


def _impatient(settings: Settings) -> Settings:
    """A run in progress is not waited for."""
    return settings.model_copy(update={"lock_timeout_seconds": 0.01})


def _trained(settings: Settings) -> Trained | None:
    champion = read_champion(settings)
    entry = champion.serving() if champion else None
    return Trained(entry.model_version, entry.trained_as_of, auc_of(settings, entry.model_version)) if entry else None


def _first_model(landed: Landed | None) -> str | None:
    from ml.outlook import outlook

    return outlook(landed.first_on, landed.last_on) if landed and landed.first_on and landed.last_on else None


def _setbacks(settings: Settings, published: Latest | None, publications: list[Publication]) -> list[str]:
    return setbacks(settings, publications, published.as_of) if published else []


def _failures(settings: Settings, faults: list[str]) -> tuple[Failure, ...]:
    """The last failed steps, newest first."""
    found: list[Failure] = []
    succeeded: dict[str, set[str]] = {}  # nights by step
    for entry in reversed(read_journal(settings, faults)):
        if entry.step.startswith(SIDE_WORK):
            continue
        if entry.status == "failed":
            is_over = entry.step in succeeded and succeeded[entry.step].issuperset(entry.as_ofs)
            found.append(Failure(entry.step, entry.run_id, entry.ended_at, entry.message, is_over))
        else:
            succeeded.setdefault(entry.step, set()).update(entry.as_ofs)
    return tuple(found[:FAILURES_SHOWN])


def _unmade(settings: Settings, faults: list[str]) -> tuple[Failure, ...]:
    return tuple(
        Failure(entry.step.removeprefix(SIDE_WORK), entry.run_id, entry.ended_at, entry.message, is_over=False)
        for entry in unmade(settings, faults)
    )


def _gate_notices(settings: Settings) -> list[str]:
    """What each gate found unmet when it last ran."""
    from expectations.report import kept_reports
    from expectations.suite import GateName
    from expectations.waivers import read_waivers

    read_waivers(settings)
    newest = [report for gate in get_args(GateName) for report in islice(kept_reports(settings, gate), 1)]
    return [
        f"gate {report.gate} ({report.run_id}), {'waived' if result.is_waived else result.severity}: {result.told}"
        for report in newest
        for result in report.results
        if not result.is_met
    ]
