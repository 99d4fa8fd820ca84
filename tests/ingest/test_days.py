"""The business time zone at admission: what is after the day of arrival, and which day a moment names."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.ingest.extract import NIGHT, admitted, ask, land, row
from tradeline.contracts.raw import BY_NAME
from tradeline.errors import BadInput
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


# Behind UTC, far behind, ahead by an odd offset, far ahead.
ZONES = ["UTC", "America/New_York", "Pacific/Pago_Pago", "Asia/Kathmandu", "Pacific/Kiritimati"]
LATE = "is after the day on which the file arrived"


def in_zone(settings: Settings, zone: str) -> Settings:
    return settings.model_copy(update={"timezone": zone})


def refusal(settings: Settings) -> str:
    with pytest.raises(BadInput) as refused:
        admitted(settings)
    return str(refused.value)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", ["part-0.csv", "part-0.parquet"])
def test_the_last_second_of_the_business_day_is_admitted_and_the_next_is_not(
    settings: Settings, zone: str, name: str
) -> None:
    here = in_zone(settings, zone)
    midnight = datetime(NIGHT.year, NIGHT.month, NIGHT.day, tzinfo=ZoneInfo(zone)) + timedelta(days=1)
    next_day = midnight.astimezone(UTC).replace(tzinfo=None)
    last_second = next_day - timedelta(seconds=1)
    land(here, "sellers")
    land(here, "orders", row("orders", ordered_at=str(last_second), amount="1"), name=name)
    assert ask(admitted(here), "select ordered_at from raw.orders") == [(last_second,)]
    land(here, "orders", row("orders", ordered_at=str(next_day), amount="1"), name=name)
    assert LATE in refusal(here)


@pytest.mark.parametrize(
    ("zone", "text", "told"),
    [
        ("UTC", "2018-05-01T21:30:00-04:00", "2018-05-02 01:30 UTC"),
        (
            "America/New_York",
            "2018-05-02T00:30:00-04:00",
            "2018-05-02 04:30 UTC (2018-05-02 00:30 in America/New_York)",
        ),
        ("Asia/Kathmandu", "2018-05-01T18:30:00Z", "2018-05-01 18:30 UTC (2018-05-02 00:15 in Asia/Kathmandu)"),
    ],
)
def test_a_moment_after_the_day_is_told_in_utc_and_locally(settings: Settings, zone: str, text: str, told: str) -> None:
    here = in_zone(settings, zone)
    land(here, "sellers")
    land(here, "orders", row("orders"), row("orders", order_id="o2", ordered_at=text))
    message = refusal(here)
    assert f"part-0.csv row 2, column ordered_at: '{text}' {LATE}: it is {told}: " in message
    assert f"TRADELINE_TIMEZONE (now {zone})" in message


def test_the_evening_of_the_day_is_admitted_where_it_is_that_day(settings: Settings) -> None:
    here = in_zone(settings, "America/New_York")
    land(here, "sellers")
    land(here, "orders", row("orders", ordered_at="2018-05-01T21:30:00-04:00"))
    assert ask(admitted(here), "select ordered_at from raw.orders") == [(datetime(2018, 5, 2, 1, 30),)]


@pytest.mark.parametrize("table", BY_NAME)
def test_every_event_is_held_against_the_business_day(settings: Settings, table: str) -> None:
    here = in_zone(settings, "America/New_York")
    for name in ("sellers", "orders", "loans"):
        land(here, name)
    for column in (column for column in BY_NAME[table].columns if column.is_event):
        late = "2018-05-02" if column.type == "date" else "2018-05-02 04:00:00"
        land(here, table, row(table, **{column.name: late}))
        assert f"column {column.name}: '{late}' {LATE}" in refusal(here)


@pytest.mark.parametrize(
    ("zone", "value", "day", "name"),
    [
        ("UTC", "2018-06-01T20:00:00-04:00", date(2018, 6, 2), "part-0.csv"),
        ("America/New_York", "2018-06-01T00:00:00-04:00", date(2018, 6, 1), "part-0.csv"),
        ("America/New_York", "2018-06-01T04:00:00Z", date(2018, 6, 1), "part-0.csv"),
        ("Asia/Kathmandu", "2018-06-01T18:15:00+00:00", date(2018, 6, 2), "part-0.parquet"),
        ("Asia/Kathmandu", datetime(2018, 6, 1, 18, 15, tzinfo=UTC), date(2018, 6, 2), "part-0.parquet"),
        # Without a zone it is a day as it is written, whatever the zone.
        ("America/New_York", "2018-06-01", date(2018, 6, 1), "part-0.csv"),
        ("America/New_York", "2018-06-01 00:00:00", date(2018, 6, 1), "part-0.csv"),
        ("America/New_York", date(2018, 6, 1), date(2018, 6, 1), "part-0.parquet"),
        ("Asia/Kathmandu", datetime(2018, 6, 1), date(2018, 6, 1), "part-0.parquet"),
    ],
)
def test_midnight_in_a_column_of_days_is_the_business_day(
    settings: Settings, zone: str, value: Any, day: date, name: str
) -> None:
    here = in_zone(settings, zone)
    for table in ("sellers", "orders", "loans"):
        land(here, table)
    land(here, "repayments", row("repayments", due_on=value, installment_no=1), name=name)
    assert ask(admitted(here), "select due_on from raw.repayments") == [(day,)]


@pytest.mark.parametrize(
    ("zone", "value", "moment", "name"),
    [
        ("UTC", "2018-05-01", datetime(2018, 5, 1), "part-0.csv"),
        ("America/New_York", "2018-05-01", datetime(2018, 5, 1, 4), "part-0.csv"),
        ("America/New_York", "2018/5/1", datetime(2018, 5, 1, 4), "part-0.csv"),
        ("Asia/Shanghai", date(2018, 5, 1), datetime(2018, 4, 30, 16), "part-0.parquet"),
        # With a clock it is a moment, midnight or not.
        ("America/New_York", "2018-05-01 00:00", datetime(2018, 5, 1), "part-0.csv"),
        ("America/New_York", datetime(2018, 5, 1), datetime(2018, 5, 1), "part-0.parquet"),
    ],
)
def test_a_day_in_a_column_of_times_is_the_beginning_of_the_business_day(
    settings: Settings, zone: str, value: Any, moment: datetime, name: str
) -> None:
    here = in_zone(settings, zone)
    land(here, "sellers")
    land(here, "orders", row("orders", ordered_at=value), name=name)
    assert ask(admitted(here), "select ordered_at from raw.orders") == [(moment,)]


def test_a_zone_that_duckdb_does_not_know_is_refused_with_another_name(settings: Settings) -> None:
    here = in_zone(settings, "Mars/Olympus_Mons")
    land(here, "sellers")
    land(here, "orders")
    with pytest.raises(BadInput, match=r"does not know TRADELINE_TIMEZONE Mars/Olympus_Mons.*take another name"):
        admitted(here)
