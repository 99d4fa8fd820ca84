"""Days of the business time zone in admission's SQL, as dbt_project/macros/business_days.sql has them in dbt's."""

from tradeline.sql import literal

# What follows a text's clock where it has a zone: an offset, Z or a name, and not only digits.
ZONED_TEXT = "'[0-9]:[0-9.,:]*\\s*[^0-9.,:\\s]'"


def local_time(moment: str, zone: str) -> str:
    """SQL of what clocks in ``zone`` show at a moment, a timestamp in UTC."""
    return moment if zone == "UTC" else f"timezone({literal(zone)}, timezone('UTC', {moment}))"


def in_utc(local: str, zone: str) -> str:
    """SQL of the moment at which clocks in ``zone`` show a time; one that they skip is taken as if they had not."""
    return local if zone == "UTC" else f"timezone('UTC', timezone({literal(zone)}, {local}))"


def shown(moment: str, text: str | None, is_zoned: bool, zone: str) -> str:
    """SQL of the time that a date column's value shows: of a moment with a zone the local one, of others their own.

    ``moment``: the value as a timestamp in UTC; ``text``: SQL of what was written, None where the type is one of
    times, and ``is_zoned`` whether of times with a zone.
    """
    if zone == "UTC" or (text is None and not is_zoned):
        return moment
    local = local_time(moment, zone)
    return local if text is None else f"if(regexp_matches({text}, {ZONED_TEXT}), {local}, {moment})"


def begun(moment: str, text: str | None, is_day: bool, zone: str) -> str:
    """SQL of the moment that a column of times names: of a day without a clock, its beginning in ``zone``.

    ``moment``: the value as a timestamp in UTC; ``text``: SQL of what was written, None where the type is one of
    times, and ``is_day`` whether of days.
    """
    if zone == "UTC" or (text is None and not is_day):
        return moment
    beginning = in_utc(moment, zone)
    return beginning if text is None else f"if(strlen({text}) <= {len('2018-05-01')}, {beginning}, {moment})"


def is_after_arrival(moment: str, zone: str) -> str:
    """SQL, true where a moment is after the business day ``arrived_on``."""
    is_late = f"{moment} >= arrived_on + interval 1 day"
    if zone == "UTC":
        return is_late
    # No zone is a day ahead of UTC or behind it, so most moments need no look at the zone, which takes long.
    return f"""case
        when {moment} < arrived_on then false
        when {moment} >= arrived_on + interval 2 day then true
        else {local_time(moment, zone)} >= arrived_on + interval 1 day
    end"""


def told(moment: str, zone: str) -> str:
    """SQL of a moment in words: in UTC, and as clocks in the zone show it."""
    minutes = "'%Y-%m-%d %H:%M'"
    locally = f" || ' (' || strftime({local_time(moment, zone)}, {minutes}) || {literal(f' in {zone})')}"
    return f"strftime({moment}, {minutes}) || ' UTC'{'' if zone == 'UTC' else locally}"


def remedy(zone: str) -> str:
    """What to do about a moment after the day of arrival."""
    return (
        f"correct the row, or land it under the day on which it became known; where that day has not ended at that "
        f"moment, set TRADELINE_TIMEZONE (now {zone}) to the marketplace's time zone and land the file again"
    )
