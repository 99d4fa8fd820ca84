"""Whole nights, from what has landed to what is published: what ``tradeline run`` does."""

import logging
from datetime import UTC, date, datetime, time, timedelta

from pipeline.crons import MONTHLY
from pipeline.nights import asked_nights, landed_by
from pipeline.walks import walk
from tradeline.settings import Settings

log = logging.getLogger(__name__)


def run_nights(settings: Settings, asked: dict[str, str], force_from: str | None = None) -> list[date]:
    """Features, models where one is due, and offers of the nights that are asked for, as a form would; the nights.

    Features and offers of a range are made in one pass each. Models come between them, in the order of time: a night
    is scored with the model that had been trained by then, so later ones do no harm. ``force_from`` is the night from
    which all arrivals are built again.

    Raises:
        TradelineError: a step failed; the message is the step's. ``NotDelivered`` if it was the delivery to targets
            alone: the nights are published.
    """
    from serving.champion_kept import check_champion_kept

    as_ofs = landed_by(settings, asked_nights(settings, asked))
    check_champion_kept(settings)
    form = asked or {"as_of": as_ofs[0].isoformat()}
    walk(settings, "seller_marts", form | ({"force_from": force_from} if force_from else {}))
    firsts = {last_training(as_of): as_of for as_of in sorted(as_ofs, reverse=True)}
    for as_of in sorted(firsts.values()):
        if _is_training_due(settings, as_of):
            walk(settings, "credit_model", {"as_of": as_of.isoformat()})
    walk(settings, "loan_eligibility", form)
    return as_ofs


def last_training(as_of: date, cron: str = MONTHLY) -> datetime:
    """When ``credit_model``'s schedule last began before the end of a night; nights between two trainings share it."""
    from croniter import croniter

    ended = datetime.combine(as_of + timedelta(days=1), time(), UTC)
    # What begins at that moment has begun.
    last: datetime = croniter(cron, ended + timedelta(microseconds=1)).get_prev(datetime)
    return last


def _is_training_due(settings: Settings, as_of: date) -> bool:
    """Whether no model serves the night, one that cannot be read or score does, or none is of its training period."""
    from ml.errors import BadModel
    from ml.registry.champion import serving_model
    from ml.registry.store import trained_days
    from tradeline.contracts.features import read_catalogue

    trained = [day for day in trained_days(settings) if day <= as_of]
    try:
        serves = serving_model(settings, as_of)
    except BadModel as error:
        log.warning("%s", error)
        return True
    known = {feature.name for feature in read_catalogue()}
    if serves and (gone := [feature.name for feature in serves.features if feature.name not in known]):
        log.warning("%s needs %s, which are no features any more", serves.model_version, ", ".join(gone))
        return True
    return serves is None or last_training(max(trained)) != last_training(as_of)
