"""What each night's drift was, in ``ml.stability`` of the warehouse.

A model is trained on loans that were taken and scores every seller: these differ from the start. A night is therefore
compared with the first that the same model scored, kept in ``ml.stability_baselines``; whether later loans are like
those that it was trained on is measured when it is trained (``stability`` of the version).
"""

import logging
from collections.abc import Callable, Sequence
from datetime import date
from typing import Literal

import duckdb
import numpy as np

from ml.config import StabilityConfig
from ml.monitoring.stability import WORST_NAMED, Baseline, Drift, Stability, compare
from ml.monitoring.stability_index import bin_number
from ml.numbers.bootstrap import Floats
from tradeline.checked import Frozen
from tradeline.database import connect
from tradeline.errors import TradelineError
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings

log = logging.getLogger(__name__)

Kind = Literal["pd", "publication", "feature"]

STABILITY_TABLE = """
create schema if not exists ml;
create table if not exists ml.stability (
    as_of date not null, kind varchar not null, name varchar not null, model_version varchar not null,
    psi double not null, critical double not null, is_significant boolean not null, band varchar not null,
    missing_share_before double not null, missing_share double not null, has_missing_shift boolean not null,
    unseen_share double not null, has_unseen boolean not null,
    rows_before integer not null, rows integer not null, before_as_of date, before_model_version varchar not null,
    is_new boolean not null, run_id varchar not null
)
;
create table if not exists ml.stability_baselines (
    model_version varchar not null, as_of date not null, baseline varchar not null
)
"""


class NightDrift(Drift):
    """A row of ``ml.stability``.

    ``kind``: the pd or a feature against the first night that the model scored, or the pd against the last scored night
    before; that night is ``before_as_of`` (None in rows from before there were baselines: the training rows),
    scored by ``before_model_version``. ``is_new``: reported, and was not the night before.
    """

    as_of: date
    kind: Kind
    model_version: str
    rows_before: int
    rows: int
    before_as_of: date | None
    before_model_version: str
    is_new: bool
    run_id: str


class SettledBaseline(Frozen):
    """The first night that a model scored."""

    as_of: date
    baseline: Baseline


class PublicationDrift(Frozen):
    """Tonight's pds against those of the scored night ``as_of``; ``model_version`` had scored that one."""

    as_of: date
    model_version: str
    rows_before: int
    rows: int
    pd: Drift


def settled_baseline(
    connection: duckdb.DuckDBPyConnection, as_of: date, model_version: str, of_tonight: Callable[[], Baseline]
) -> SettledBaseline:
    """What the nights of a model are held against; a model without it gets that ``of_tonight``."""
    found = connection.execute(
        "select as_of, baseline from ml.stability_baselines where model_version = ?", [model_version]
    ).fetchone()
    if found:
        return SettledBaseline(as_of=found[0], baseline=Baseline.model_validate_json(found[1]))
    settled = SettledBaseline(as_of=as_of, baseline=of_tonight())
    connection.execute(
        "insert into ml.stability_baselines values (?, ?, ?)",
        [model_version, as_of, settled.baseline.model_dump_json()],
    )
    return settled


def publication_drift(
    connection: duckdb.DuckDBPyConnection, as_of: date, pd_: Floats, config: StabilityConfig
) -> PublicationDrift | None:
    """How the pds of ``as_of``, shape (rows,), differ from the last earlier night's in ``ml.scores``, if there is one.

    Mostly the same sellers are in both, so chance explains less than the critical value allows for.
    """
    found = connection.execute(
        "select as_of, min(model_version) from ml.scores where as_of = "
        "(select max(as_of) from ml.scores where as_of < ?) group by as_of",
        [as_of],
    ).fetchone()
    if found is None or not len(pd_):
        return None
    pds = connection.execute("select pd from ml.scores where as_of = ?", found[:1]).fetchnumpy()["pd"]
    before, noise = bin_number("pd", np.asarray(pds, np.float64), config.bins), 1 / len(pds) + 1 / len(pd_)
    moved = compare(before, pd_, noise, config.confidence, config)
    return PublicationDrift(as_of=found[0], model_version=found[1], rows_before=len(pds), rows=len(pd_), pd=moved)


def record_night(
    connection: duckdb.DuckDBPyConnection,
    as_of: date,
    model_version: str,
    run_id: str,
    stability: Stability,
    since: date,
    publication: PublicationDrift | None,
) -> None:
    """Replace the night's rows of ``ml.stability``, and warn of what drifts tonight and did not the night before.

    ``since``: the night that ``stability`` compares with. A market that has outgrown it differs from it every night:
    that is recorded, and warned of once.
    """
    connection.execute(STABILITY_TABLE)
    connection.execute("delete from ml.stability where as_of = ?", [as_of])
    told = _told_before(connection, as_of, model_version)

    def row(kind: Kind, found: Drift, rows: tuple[int, int], before: tuple[date, str]) -> NightDrift:
        return NightDrift(
            **found.model_dump(),
            as_of=as_of,
            kind=kind,
            model_version=model_version,
            rows_before=rows[0],
            rows=rows[1],
            before_as_of=before[0],
            before_model_version=before[1],
            is_new=found.is_worth_telling and (kind, found.name) not in told,
            run_id=run_id,
        )

    sizes, first = (stability.rows_before, stability.rows), (since, model_version)
    night = [row("pd", stability.pd, sizes, first)]
    night += [row("feature", each, sizes, first) for each in stability.features]
    if publication:
        last = (publication.as_of, publication.model_version)
        night.append(row("publication", publication.pd, (publication.rows_before, publication.rows), last))
    _insert(connection, night)
    _warn(night)


def forget_night(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Remove the night's rows, and a baseline that it was: it is scored again, or by no model."""
    connection.execute(STABILITY_TABLE)
    connection.execute("delete from ml.stability where as_of = ?", [as_of])
    connection.execute("delete from ml.stability_baselines where as_of = ?", [as_of])


def read_night(settings: Settings, as_of: date | None = None) -> tuple[NightDrift, ...]:
    """The rows of a night, the latest by default: the pd, then the publication, then features, the worst first.

    Raises:
        TradelineError: the night has none, or the warehouse is busy.
    """
    if not settings.warehouse.exists():
        raise TradelineError(f"no night is scored yet in {settings.home}: run `tradeline run --as-of DATE`")
    names = ", ".join(NightDrift.model_fields)
    with warehouse_lock(settings), connect(settings, settings.warehouse, read_only=True) as connection:
        try:
            rows = connection.execute(
                f"select {names} from ml.stability "
                "where as_of = coalesce(?::date, (select max(as_of) from ml.stability)) "
                "order by array_position(['pd', 'publication', 'feature'], kind), psi desc, name",
                [as_of],
            ).fetchall()
        except duckdb.CatalogException:
            rows = []
    if not rows:
        raise TradelineError(f"no model has scored {as_of or 'a night'} yet: run `tradeline run --as-of DATE`")
    return tuple(NightDrift(**dict(zip(NightDrift.model_fields, row, strict=True))) for row in rows)


def _told_before(connection: duckdb.DuckDBPyConnection, as_of: date, model_version: str) -> set[tuple[str, str]]:
    """Kind and name of what was worth telling on the last night before that the same model scored."""
    rows = connection.execute(
        "select kind, name from ml.stability where model_version = ? and as_of = "
        "(select max(as_of) from ml.stability where as_of < ? and model_version = ?) "
        "and (band != 'stable' or has_missing_shift or has_unseen)",
        [model_version, as_of, model_version],
    ).fetchall()
    return set(rows)


def _insert(connection: duckdb.DuckDBPyConnection, night: Sequence[NightDrift]) -> None:
    names = NightDrift.model_fields
    holes = ", ".join("?" for _ in names)
    rows = [[getattr(each, name) for name in names] for each in night]
    connection.executemany(f"insert into ml.stability ({', '.join(names)}) values ({holes})", rows)


def _warn(night: Sequence[NightDrift]) -> None:
    new = sorted((each for each in night if each.is_new), key=lambda each: (each.kind == "feature", -each.psi))
    if not new:
        return
    head = new[0]
    worst = "; ".join(f"{_against(each)}{each}" for each in new[:WORST_NAMED])
    count = f"{len(new)} of {len(night)} figures"
    log.warning("%s: newly drifted under %s (%s): %s", head.as_of, head.model_version, count, worst)


def _against(each: NightDrift) -> str:
    return f"since {each.before_as_of} (scored by {each.before_model_version}) " if each.before_as_of else ""
