"""What has landed, been built, trained and published, and what failed; gathered without waiting for anybody."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, get_args

import duckdb
from filelock import FileLock, Timeout

from serving.manifest import attach, connect, marts_file
from tradeline.errors import TradelineError
from tradeline.journal import read_journal
from tradeline.settings import Settings
from tradeline.side_work import SIDE_WORK, unmade

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


def status(settings: Settings) -> Status:
    """Look at a home, an empty one included. A run in progress is neither waited for nor disturbed."""
    notices: list[str] = []
    landed = _landed(settings, notices)
    is_running, built = _built(settings, landed, notices)
    trained = _trained(settings)
    return Status(
        home=settings.home.resolve(),
        currency=settings.currency,
        is_running=is_running,
        landed=landed,
        built=built,
        trained=trained,
        first_model=_first_model(landed) if trained is None else None,
        published=_published(settings),
        failures=_failures(settings),
        unmade=_unmade(settings),
        notices=(*notices, *_gate_notices(settings)),
    )


def _landed(settings: Settings, notices: list[str]) -> Landed | None:
    from ingest.landing import landed_nights
    from ingest.quarantine import list_quarantined

    quarantined = len(list_quarantined(settings))
    try:
        nights = landed_nights(settings)
    except TradelineError as error:
        notices.append(str(error))
        return None
    if not nights and not quarantined:
        return None
    return Landed(len(nights), min(nights, default=None), max(nights, default=None), quarantined)


def _built(settings: Settings, landed: Landed | None, notices: list[str]) -> tuple[bool, Built | None]:
    """Whether a run is in progress and, if not, what the warehouse holds."""
    if not settings.warehouse.parent.is_dir():
        return False, None
    try:
        with FileLock(settings.warehouse.with_suffix(".lock")).acquire(timeout=0):
            nights, last_on = _ledger(settings)
            waiting, taken_up = _late_rows(settings)
    except Timeout:
        return True, None
    if not nights:
        return False, None
    return False, Built(nights, last_on, _pending_nights(settings, landed, notices), waiting, taken_up)


def _ledger(settings: Settings) -> tuple[int, date | None]:
    """How many nights are built, and the last one; the caller holds the lock."""
    if not settings.warehouse.exists():
        return 0, None
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
    if not settings.warehouse.exists():
        return 0, 0
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


def _pending_nights(settings: Settings, landed: Landed | None, notices: list[str]) -> int:
    """How many nights the next run would build."""
    from ingest.plan import plan_nights

    if landed is None or landed.last_on is None:
        return 0
    # Should a run take the lock just now, do not wait for it.
    impatient = settings.model_copy(update={"lock_timeout_seconds": 0.01})
    try:
        plan = plan_nights(impatient, landed.last_on)
    except TradelineError as error:
        notices.append(str(error))
        return 0
    return len(plan.nights) if plan else 0


def _trained(settings: Settings) -> Trained | None:
    champion = _json(settings.models / "champion.json")
    if champion is None:
        return None
    name = champion["champion"]
    version = _json(settings.models / name / "model.json") or {}
    contender = version.get("contenders", {}).get(version.get("algorithm"), {})
    auc = contender.get("evaluation", {}).get("metrics", {}).get("auc")
    (served,) = [entry for entry in champion["history"] if entry["model_version"] == name][-1:]
    interval = (auc["value"], auc["low"], auc["high"]) if auc else None
    return Trained(name, date.fromisoformat(served["trained_as_of"]), interval)


def _first_model(landed: Landed | None) -> str | None:
    from ml.outlook import outlook

    return outlook(landed.first_on, landed.last_on) if landed and landed.first_on and landed.last_on else None


def _published(settings: Settings) -> Published | None:
    if not marts_file(settings).exists():
        return None
    with connect(settings) as connection:
        attach(connection, marts_file(settings), "marts")
        row = connection.execute(
            """
            with latest as (
                select as_of, run_id, published_at from marts.publications
                where is_current order by as_of desc limit 1
            )
            select any_value(columns(latest.*)), count(*), count_if(is_eligible), coalesce(sum(limit_amount), 0)
            from latest cross join marts.loan_eligibility
            """
        ).fetchall()[0]
    return Published(*row)


def _failures(settings: Settings) -> tuple[Failure, ...]:
    """The last failed steps, newest first."""
    found: list[Failure] = []
    succeeded: dict[str, set[str]] = {}  # nights by step
    for entry in reversed(read_journal(settings)):
        if entry.step.startswith(SIDE_WORK):
            continue
        if entry.status == "failed":
            is_over = entry.step in succeeded and succeeded[entry.step].issuperset(entry.as_ofs)
            found.append(Failure(entry.step, entry.run_id, entry.ended_at, entry.message, is_over))
        else:
            succeeded.setdefault(entry.step, set()).update(entry.as_ofs)
    return tuple(found[:FAILURES_SHOWN])


def _unmade(settings: Settings) -> tuple[Failure, ...]:
    return tuple(
        Failure(entry.step.removeprefix(SIDE_WORK), entry.run_id, entry.ended_at, entry.message, is_over=False)
        for entry in unmade(settings)
    )


def _gate_notices(settings: Settings) -> list[str]:
    """What each gate found unmet when it last ran, or why that cannot be told."""
    from expectations.report import kept_reports
    from expectations.suite import Gate
    from expectations.waivers import read_waivers

    try:
        read_waivers(settings)
        newest = [report for gate in get_args(Gate) for report in islice(kept_reports(settings, gate), 1)]
    except TradelineError as error:
        return [str(error)]
    return [
        f"gate {report.gate} ({report.run_id}), {'waived' if result.is_waived else result.severity}: {result.told}"
        for report in newest
        for result in report.results
        if not result.is_met
    ]


def _json(path: Path) -> dict[str, Any] | None:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None
