"""Which nights a form or a command line asks for."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo

import pytest

from pipeline import steps
from pipeline.nights import Every, asked_nights, asked_waiver, has_landed_between, landed_by, nights_between
from tradeline.errors import BadInput
from tradeline.settings import Settings


def land(settings: Settings, *nights: str) -> None:
    for night in nights:
        folder = settings.landing / "sellers" / f"arrived_on={night}"
        folder.mkdir(parents=True)
        (folder / "sellers.csv").write_text("seller_id\n")


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        ("day", [date(2018, 1, 30), date(2018, 1, 31), date(2018, 2, 1)]),
        ("week", [date(2018, 1, 30)]),
        ("month", [date(2018, 1, 31)]),
    ],
)
def test_a_range_takes_every_day_week_or_month_end(every: Every, expected: list[date]) -> None:
    assert nights_between(date(2018, 1, 30), date(2018, 2, 1), every) == expected


def test_weeks_are_counted_from_the_first_night() -> None:
    nights = nights_between(date(2018, 1, 1), date(2018, 1, 22), "week")
    assert nights == [date(2018, 1, 1), date(2018, 1, 8), date(2018, 1, 15), date(2018, 1, 22)]


def test_twenty_months_have_twenty_month_ends() -> None:
    assert len(nights_between(date(2017, 1, 1), date(2018, 8, 31), "month")) == 20


def test_a_form_without_dates_asks_for_no_night_in_particular(settings: Settings) -> None:
    assert asked_nights(settings, {"as_of": None, "from": None, "to": None, "every": "day"}) == []


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"as_of": "2018-01-01", "from": "2018-01-01", "to": "2018-01-02"}, "exclude each other"),
        ({"from": "2018-01-02", "to": "2018-01-01"}, "swap them"),
        ({"from": "2018-01-01"}, "give from and to"),
        ({"as_of": "1.1.2018"}, "write YYYY-MM-DD"),
        ({"as_of": str(datetime.now(UTC).date() + timedelta(days=2))}, "still to come"),
        ({"from": "2018-01-01", "to": "2018-01-02", "every": "year"}, "none of day, week, month"),
        ({"from": "2018-01-01", "to": "2018-01-02", "every": "month"}, "no month ends"),
    ],
)
def test_fields_that_contradict_each_other_are_refused(settings: Settings, asked: dict[str, str], reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        asked_nights(settings, asked)


def test_without_a_wish_it_is_the_last_landed_night(settings: Settings) -> None:
    land(settings, "2018-01-01", "2018-01-03")
    assert landed_by(settings, []) == [date(2018, 1, 3)]


def test_a_night_before_anything_landed_is_refused(settings: Settings) -> None:
    with pytest.raises(BadInput, match="nothing has landed"):
        landed_by(settings, [])
    land(settings, "2018-01-02")
    with pytest.raises(BadInput, match="the first night is 2018-01-02"):
        landed_by(settings, [date(2018, 1, 1), date(2018, 1, 2)])


def test_a_quiet_night_after_the_first_is_a_night(settings: Settings) -> None:
    land(settings, "2018-01-01")
    assert landed_by(settings, [date(2018, 1, 2)]) == [date(2018, 1, 2)]
    assert not has_landed_between(settings, date(2018, 1, 2), date(2018, 1, 9))
    assert has_landed_between(settings, date(2018, 1, 1), date(2018, 1, 1))


def test_a_form_waives_one_expectation_of_its_night(settings: Settings) -> None:
    asked = {"as_of": "2018-08-31", "waive_expectation": " raw_in.orders.typical_amount ", "waive_reason": "Cars."}
    assert asked_waiver(settings, asked) == (date(2018, 8, 31), "raw_in.orders.typical_amount", "Cars.")
    assert asked_waiver(settings, {"as_of": "2018-08-31", "waive_expectation": None, "waive_reason": ""}) is None
    for name in ("waive_expectation", "waive_reason"):
        with pytest.raises(BadInput, match="both its fields"):
            asked_waiver(settings, asked | {name: None})
    with pytest.raises(BadInput, match="for one night"):
        asked_waiver(settings, asked | {"as_of": None, "from": "2018-08-30", "to": "2018-08-31"})


def test_the_form_without_dates_leaves_nights_alone_that_are_still_to_come(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    land(settings, "2018-01-30", "2999-01-01", "2999-01-02")
    assert landed_by(settings, []) == [date(2018, 1, 30)]
    assert "2 landed nights are still to come (arrived_on=2999-01-01 to 2999-01-02" in caplog.text


def test_what_is_still_to_come_is_no_first_night(settings: Settings) -> None:
    land(settings, "2999-01-01")
    with pytest.raises(BadInput, match=r"nothing has landed(.|\n)*still to come"):
        landed_by(settings, [])


def test_today_is_that_of_the_business_time_zone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Clock":
            return cls(2018, 1, 31, 20, tzinfo=UTC)

    monkeypatch.setattr("tradeline.business_days.datetime", Clock)
    land(settings, "2018-01-30", "2018-02-01")
    assert landed_by(settings, []) == [date(2018, 1, 30)]
    assert landed_by(settings.model_copy(update={"timezone": "Asia/Shanghai"}), []) == [date(2018, 2, 1)]


@pytest.mark.parametrize("step", [steps.raw_gate, steps.build_marts, steps.score, steps.decide, steps.publish])
def test_no_step_takes_a_night_that_is_still_to_come(
    settings: Settings, step: Callable[[Settings, str, list[date]], None]
) -> None:
    with pytest.raises(BadInput, match="2999-01-01 is still to come"):
        step(settings, "run", [date(2018, 1, 1), date(2999, 1, 1)])
    assert not settings.warehouse.exists() and not settings.published.exists()
