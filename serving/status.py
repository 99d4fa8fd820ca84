"""What has landed, been built, trained and published, and what failed; gathered without waiting for anybody."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, get_args

import duckdb
from pydantic import BaseModel, Field

from ingest.landing import landed_nights, told_future
from ingest.plan import plan_nights
from ingest.quarantine import list_quarantined
from serving.champion_kept import check_champion_kept
from serving.manifest import Publication, attach, connect, marts_file, read_publications
from serving.marts import latest_publication
from serving.setbacks import setbacks
from tradeline.business_days import today_in
from tradeline.checked import read_json
from tradeline.damage import damage_told
from tradeline.errors import TradelineError
from tradeline.journal import read_journal
from tradeline.lock import WarehouseBusy, shared_lock
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
class Built:
    """Nights in the warehouse; ``pending_nights`` have landed, or changed, since.

    ``waiting_rows`` name a seller or loan that is not known yet; ``taken_up_rows`` waited until it was.
    """

    nights: int
    last_on: date | None
    pending_nights: int
    waiting_rows: int = 0
    taken_up_rows: int = 0


@dataclass(frozen=True)
class Trained:
    """The serving model; its AUC on rows that it has not seen, with the 95% interval."""

    model_version: str
    trained_as_of: date
    auc: tuple[float, float, float] | None


@dataclass(frozen=True)
class Published:
    """The latest night that readers see; times are UTC."""

    as_of: date
    run_id: str
    published_at: datetime
    sellers: int
    eligible_sellers: int
    limit_total_amount: Decimal


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
    not be made, until they are.
    """

    home: Path
    currency: str
    is_running: bool
    landed: Landed | None
    built: Built | None
    trained: Trained | None
    first_model: str | None
    published: Published | None
    failures: tuple[Failure, ...]
    unmade: tuple[Failure, ...]
    notices: tuple[str, ...]


class Served(BaseModel):
    """Of an entry of ``champion.json``: which version, and from which night on."""

    model_version: str
    trained_as_of: date


class Pointer(BaseModel):
    """Of ``champion.json``: the version that serves the latest nights, and every one that ever served."""

    champion: str
    history: tuple[Served, ...] = Field(min_length=1)


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
    landed = seen(lambda: _landed(settings, quarantined, notices), None)
    nothing_built: tuple[bool, Built | None] = (False, None)
    is_running, built = seen(lambda: _built(settings), nothing_built)
    if built:
        pending = seen(lambda: _pending_nights(settings, landed), 0)
        built = replace(built, pending_nights=pending)
    trained = seen(lambda: _trained(settings), None)
    seen(lambda: check_champion_kept(settings), None)
    publications: list[Publication] = seen(lambda: read_publications(settings), [])
    published = seen(lambda: _published(settings, publications), None)
    failures: tuple[Failure, ...] = seen(lambda: _failures(settings, notices), ())
    not_made: tuple[Failure, ...] = seen(lambda: _unmade(settings, notices), ())
    seen(lambda: notices.extend(_gate_notices(settings)), None)
    return Status(
        home=settings.home.resolve(),
        currency=settings.currency,
        is_running=is_running,
        landed=landed,
        built=built,
        trained=trained,
        first_model=_first_model(landed) if trained is None else None,
        published=published,
        failures=failures,
        unmade=not_made,
        # The loudest first; and what several looks came upon, once.
        notices=tuple(dict.fromkeys([*_setbacks(settings, published, publications), *notices])),
    )


def _landed(settings: Settings, quarantined: int, notices: list[str]) -> Landed | None:
    nights = landed_nights(settings)
    if future := told_future(settings, nights):
        notices.append(future)
    if not nights and not quarantined:
        return None
    return Landed(len(nights), min(nights, default=None), max(nights, default=None), quarantined)


def _built(settings: Settings) -> tuple[bool, Built | None]:
    """Whether a run is in progress and, if not, what the warehouse holds."""
    if not settings.warehouse.exists():
        return False, None
    try:
        with shared_lock(_impatient(settings)):
            nights, last_on = _ledger(settings)
            waiting, taken_up = _late_rows(settings)
    except WarehouseBusy:
        return True, None
    return False, Built(nights, last_on, 0, waiting, taken_up) if nights else None


def _impatient(settings: Settings) -> Settings:
    """A run in progress is not waited for."""
    return settings.model_copy(update={"lock_timeout_seconds": 0.01})


def _ledger(settings: Settings) -> tuple[int, date | None]:
    """How many nights are built, and the last one; the caller holds the lock."""
    with connect(settings) as connection:
        attach(connection, settings.warehouse, "warehouse")
        try:
            return connection.execute(
                "select count(*), max(arrived_on) from warehouse.raw.nights where built_at is not null"
            ).fetchall()[0]
        except duckdb.CatalogException:
            return 0, None


def _late_rows(settings: Settings) -> tuple[int, int]:
    """How many rows wait for their seller or loan, and how many were taken up; the caller holds the lock."""
    with connect(settings) as connection:
        attach(connection, settings.warehouse, "warehouse")
        try:
            return connection.execute(
                """
                select count_if(coalesce(taken_up_on, replaced_on) is null), count(taken_up_on)
                from warehouse.raw.set_aside where waits_for is not null
                """
            ).fetchall()[0]
        except (duckdb.CatalogException, duckdb.BinderException):
            # Nothing is built yet, or by an earlier release.
            return 0, 0


def _pending_nights(settings: Settings, landed: Landed | None) -> int:
    """How many nights the next run would build."""
    if landed is None or landed.last_on is None:
        return 0
    plan = plan_nights(_impatient(settings), min(landed.last_on, today_in(settings.timezone)))
    return len(plan.nights) if plan else 0


def _trained(settings: Settings) -> Trained | None:
    pointer = read_json(settings.models / "champion.json", Pointer, "promote a version with `tradeline models promote`")
    if pointer is None:
        return None
    name = pointer.champion
    version = read_json(settings.models / name / "model.json", dict[str, Any], "train again") or {}
    contender = version.get("contenders", {}).get(version.get("algorithm"), {})
    auc = contender.get("evaluation", {}).get("metrics", {}).get("auc")
    served = [entry.trained_as_of for entry in pointer.history if entry.model_version == name]
    interval = (auc["value"], auc["low"], auc["high"]) if auc else None
    return Trained(name, served[-1], interval)


def _first_model(landed: Landed | None) -> str | None:
    from ml.outlook import outlook

    return outlook(landed.first_on, landed.last_on) if landed and landed.first_on and landed.last_on else None


def _published(settings: Settings, publications: list[Publication]) -> Published | None:
    latest = latest_publication(publications)
    if latest is None:
        return None
    with connect(settings) as connection:
        attach(connection, marts_file(settings), "marts")
        counts = connection.execute(
            "select count(*), count_if(is_eligible), coalesce(sum(limit_amount), 0) from marts.loan_eligibility"
        ).fetchall()[0]
    return Published(latest.as_of, latest.run_id, latest.published_at, *counts)


def _setbacks(settings: Settings, published: Published | None, publications: list[Publication]) -> list[str]:
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
    from expectations.suite import Gate
    from expectations.waivers import read_waivers

    read_waivers(settings)
    newest = [report for gate in get_args(Gate) for report in islice(kept_reports(settings, gate), 1)]
    return [
        f"gate {report.gate} ({report.run_id}), {'waived' if result.is_waived else result.severity}: {result.told}"
        for report in newest
        for result in report.results
        if not result.is_met
    ]
