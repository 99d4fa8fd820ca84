"""Days of the business time zone (``TRADELINE_TIMEZONE``): a moment belongs to the day that clocks there show."""

from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

# Names of zone files that are no place's time: the machine's own setting, and a stand-in for none.
NO_PLACES = frozenset({"localtime", "Factory"})


def known_zone(name: str) -> str:
    """The name itself, if it is an IANA time zone's.

    Raises:
        ValueError: there is none of that name; the message has the nearest ones.
    """
    if name == "UTC" or name in _zones():
        return name
    place = name.replace(" ", "_").rpartition("/")[2].lower()
    near = [zone for zone in sorted(_zones()) if place and zone.rpartition("/")[2].lower() == place]
    near = near or get_close_matches(name, sorted(_zones()), 3)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise ValueError(
        f"{name!r} is no time zone of the IANA database{hint} Write a name such as Asia/Shanghai, America/New_York "
        "or UTC; an abbreviation such as CST names several zones"
    )


def day_in(zone: str, moment: datetime) -> date:
    """The day of a moment with an offset, in a zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def today_in(zone: str) -> date:
    """The day that a zone has now."""
    return day_in(zone, datetime.now(UTC))


def day_end(zone: str, day: date) -> datetime:
    """The moment at which a day ends in a zone, in UTC and without an offset."""
    following = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    return following.astimezone(UTC).replace(tzinfo=None)


@lru_cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) - NO_PLACES
