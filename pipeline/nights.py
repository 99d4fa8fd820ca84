"""Which nights a run is for: from a form, a command line, a schedule or what another run has made."""

import calendar
import logging
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Literal

from tradeline.business_days import today_in
from tradeline.errors import BadInput
from tradeline.settings import Settings

Every = Literal["day", "week", "month"]

log = logging.getLogger(__name__)


def nights_between(first: date, last: date, every: Every) -> list[date]:
    """Every day, every seventh day from ``first``, or every last day of a month, within the range.

    Raises:
        BadInput: the range is empty or holds no such night.
    """
    if first > last:
        raise BadInput(f"the range is empty: from {first} is after to {last}; swap them")
    days = (first + timedelta(days=step) for step in range((last - first).days + 1))
    keep: dict[Every, Callable[[date], bool]] = {
        "day": lambda day: True,
        "week": lambda day: (day - first).days % 7 == 0,
        "month": lambda day: day.day == calendar.monthrange(day.year, day.month)[1],
    }
    nights = [day for day in days if keep[every](day)]
    if not nights:
        raise BadInput(f"no month ends between {first} and {last}; widen the range or take every week or day")
    return nights


def asked_nights(settings: Settings, asked: Mapping[str, Any]) -> list[date]:
    """The nights that a form asks for by ``as_of`` or by ``from``, ``to`` and ``every``; empty where it does not say.

    Raises:
        BadInput: the fields contradict each other, are no dates, or speak of a day that has not ended.
    """
    as_of, first, last = (day_of(settings, asked, name) for name in ("as_of", "from", "to"))
    if as_of and (first or last):
        raise BadInput("as_of and a range (from, to) exclude each other: give one of them")
    if (first is None) != (last is None):
        raise BadInput("a range needs both its ends: give from and to")
    if first and last:
        return nights_between(first, last, _every(asked))
    return [as_of] if as_of else []


def asked_waiver(settings: Settings, asked: Mapping[str, Any]) -> tuple[date, str, str] | None:
    """The night, expectation and reason of a waiver that a form gives; None where it gives none.

    Raises:
        BadInput: one of the two fields is empty, or the form is not for one night by its as_of.
    """
    expectation, reason = (str(asked.get(name) or "").strip() for name in ("waive_expectation", "waive_reason"))
    if not expectation and not reason:
        return None
    if not expectation or not reason:
        raise BadInput("a waiver needs both its fields: give waive_expectation and waive_reason")
    as_of = day_of(settings, asked, "as_of")
    if as_of is None:
        raise BadInput("a waiver is for one night: give it as as_of; `tradeline gates list` shows which nights failed")
    return as_of, expectation, reason


def landed_by(settings: Settings, nights: list[date]) -> list[date]:
    """The same nights, once it is sure that something had landed by the first of them; without any, the last landed
    night that is not still to come.

    Raises:
        BadInput: nothing had.
    """
    from ingest.landing import landed_nights, told_future

    landed = landed_nights(settings)
    if future := told_future(settings, landed):
        log.warning("%s", future)
    landed = [night for night in landed if night <= today_in(settings.timezone)]
    if not landed:
        raise BadInput(f"nothing has landed in {settings.landing}: use `tradeline land`, or copy files there. {future}")
    if nights and min(nights) < landed[0]:
        raise BadInput(f"nothing had landed by {min(nights)}: the first night is {landed[0]}")
    return nights or [landed[-1]]


def has_landed_between(settings: Settings, first: date, last: date) -> bool:
    """Whether anything landed on one of these days, both included."""
    from ingest.landing import landed_nights

    return any(first <= night <= last for night in landed_nights(settings))


def day_of(settings: Settings, asked: Mapping[str, Any], name: str) -> date | None:
    """One date field; None where it is empty.

    Raises:
        BadInput: it is no date, or still to come.
    """
    value = asked.get(name)
    if not value:
        return None
    try:
        day = date.fromisoformat(str(value))
    except ValueError as error:
        raise BadInput(f"{name}: {value!r} is not a date; write YYYY-MM-DD") from error
    refuse_future(settings, day, f"{name}: ")
    return day


def refuse_future(settings: Settings, night: date, where: str = "") -> None:
    """Let nothing be made of a night that is later than today.

    Raises:
        BadInput: it is still to come.
    """
    if night > (today := today_in(settings.timezone)):
        raise BadInput(f"{where}{night} is still to come; today is {today} in {settings.timezone}")


def _every(asked: Mapping[str, Any]) -> Every:
    known: dict[str, Every] = {"day": "day", "week": "week", "month": "month"}
    every = str(asked.get("every") or "day")
    if every not in known:
        raise BadInput(f"every: {every!r} is none of {', '.join(known)}")
    return known[every]
