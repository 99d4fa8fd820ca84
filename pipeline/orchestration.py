"""What the DAG files share: assets, defaults, forms, and the way from a DAG run to a step's arguments.

Imported whenever a DAG file is parsed, so it imports nothing heavy.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from airflow.sdk import (
    Asset,
    ExceptionRetryPolicy,
    Metadata,
    Param,
    RetryAction,
    RetryRule,
    get_current_context,
)
from airflow.sdk.exceptions import AirflowSkipException

from pipeline.alerts import alert_on_failure
from pipeline.choice import asked_or_newest, choose_nights
from pipeline.nights import asked_nights, day_of, has_landed_between, landed_by
from pipeline.readiness import night_at_the_deadline, night_that_is_ready
from pipeline.runs import FINAL, RETRY_SECONDS, run_name
from tradeline.account import account
from tradeline.business_days import day_in
from tradeline.errors import TradelineError
from tradeline.lock import WAREHOUSE_POOL as WAREHOUSE_POOL
from tradeline.settings import Settings

# Not our own logger: at a terminal, the command line prints the message at its end.
log = logging.getLogger("airflow.task")

SELLER_FEATURES = Asset("seller_features", uri="tradeline://warehouse/seller_features")
CREDIT_MODEL = Asset("credit_model", uri="tradeline://models/champion")
CREDIT_SCORES = Asset("credit_scores", uri="tradeline://published/credit_scores")
LOAN_ELIGIBILITY = Asset("loan_eligibility", uri="tradeline://published/loan_eligibility")
CREDIT_RECORD = Asset("seller_credit_record", uri="tradeline://published/seller_credit_record")
ADVERSE_ACTIONS = Asset("adverse_actions", uri="tradeline://published/adverse_actions")
PUBLISHED = (CREDIT_SCORES, LOAN_ELIGIBILITY, CREDIT_RECORD, ADVERSE_ACTIONS)

SLOW = timedelta(hours=4)
A_WHILE, A_DAY = timedelta(minutes=20), timedelta(hours=20).total_seconds()
BACKFILL = (
    " A backfill ignores this and the range: it makes the nights of its own dates. Its runs start at 02:00, so give "
    "the last date 02:00 or later (the form puts 23:59), or its night is left out."
)
Made = TypeVar("Made")


class TaskFailed(SystemExit):
    """An expected failure: Airflow ends the task without the stack trace that it logs of any other exception.

    The message goes to the task's log, line by line.
    """

    def __init__(self, message: str) -> None:
        super().__init__(1)
        self.message = message
        for line in message.splitlines():
            log.error("%s", line)

    def __str__(self) -> str:
        """What failed and what to do, for alerts."""
        return self.message


class TaskRefused(TaskFailed):
    """The same input would fail the same way again, so the task is not retried."""


DEFAULT_ARGS: dict[str, Any] = {
    "owner": "tradeline",
    "retries": len(RETRY_SECONDS),
    "retry_delay": timedelta(seconds=RETRY_SECONDS[0]),
    "retry_exponential_backoff": RETRY_SECONDS[1] / RETRY_SECONDS[0],
    "max_retry_delay": timedelta(minutes=5),
    "retry_policy": ExceptionRetryPolicy(
        [RetryRule([TaskRefused], RetryAction.FAIL, reason="the same input fails the same way again")]
    ),
    "execution_timeout": timedelta(hours=2),
    "on_failure_callback": alert_on_failure,
}

DAG_DEFAULTS: dict[str, Any] = {
    "start_date": datetime(2016, 1, 1, tzinfo=UTC),
    "catchup": False,
    "max_active_runs": 1,
    "is_paused_upon_creation": False,
    "default_args": DEFAULT_ARGS,
}


def day_param(title: str, description: str) -> Param:
    """A date field of a form that may stay empty."""
    return Param(None, title=title, description=description, type=["null", "string"], format="date")


def night_params(backfill: str = "") -> dict[str, Param]:
    """The fields by which a form asks for one night or a range of nights; ``backfill``: what to know of backfills."""
    return {
        "as_of": day_param("As-of date", f"Make this one night. Empty: the latest night, or a range.{backfill}"),
        "from": day_param("Range: from", "First night of a range; give 'to' as well, and no as-of date."),
        "to": day_param("Range: to", "Last night of the range; the whole range is made in one pass."),
        "every": Param(
            "day",
            title="Range: every",
            description="Every day, every seventh day from the first, or the last day of each month.",
            type="string",
            enum=["day", "week", "month"],
        ),
    }


def waiver_params() -> dict[str, Param]:
    """The fields by which a form lets a night through that a gate stopped at."""
    return {
        "waive_expectation": Param(
            None,
            title="Waive: expectation",
            description="As the failed gate named it. It counts for the as-of date and the data that was checked.",
            type=["null", "string"],
        ),
        "waive_reason": Param(
            None,
            title="Waive: reason",
            description="Why the data is right all the same; kept with your name in journal, manifest and Data Docs.",
            type=["null", "string"],
        ),
    }


def step_arguments() -> tuple[Settings, str]:
    """Settings and the name of this run, the first two arguments of every step."""
    context = get_current_context()
    return Settings(), run_name(context["dag"].dag_id, context["run_id"])


def call(step: Callable[..., Made], *arguments: Any) -> Made:
    """Do a step of ``pipeline.steps`` in this run.

    Raises:
        TaskRefused, TaskFailed: it failed with an error that is for the user.
    """
    with without_stack_trace():
        return step(*step_arguments(), *arguments)


@contextmanager
def without_stack_trace() -> Iterator[None]:
    """Let an error that is for the user end the task with its message alone."""
    try:
        yield
    except FINAL as error:
        raise TaskRefused(str(error)) from None
    except TradelineError as error:
        raise TaskFailed(str(error)) from None


def form() -> dict[str, Any]:
    """What the form of this run says."""
    return get_current_context()["params"]


def forced_from() -> date | None:
    """The night from which the form asks for all arrivals to be built again.

    Raises:
        BadInput: it is no date, or still to come.
    """
    return day_of(Settings(), form(), "force_from")


def announce(asset: Asset, **extra: Any) -> Metadata:
    """What a task yields once it has made ``asset``; ``extra`` travels with the event."""
    return Metadata(asset, extra)


def day(text: str) -> date:
    """A date out of what a task hands to another."""
    return date.fromisoformat(text)


def days(texts: Iterable[str]) -> list[date]:
    """Dates out of what tasks hand to each other."""
    return [date.fromisoformat(text) for text in texts]


def nights_to_build() -> list[str]:
    """The nights of this run of seller_marts.

    A run that sources triggered is for the night that they have landed, once all that are required have. Scheduled and
    backfilled runs are for the night that their data interval starts with, whatever else has landed since. A scheduled
    night on which nothing landed is skipped (the extract is late, or there is none), and so is one that is built.
    """

    def choose(settings: Settings) -> list[date] | str:
        context = get_current_context()
        run_type = context["dag_run"].run_type
        if run_type == "asset_triggered":
            events = [event for found in context["triggering_asset_events"].values() for event in found]
            return night_that_is_ready(settings, max(day(night) for event in events for night in event.extra["as_ofs"]))
        if run_type not in ("scheduled", "backfill"):
            return landed_by(settings, asked_nights(settings, context["params"]))
        night, _ = _interval(settings)
        return night_at_the_deadline(settings, night) if run_type == "scheduled" else [night]

    return _chosen(choose)


def day_to_train() -> str:
    """The day as of which this run of credit_model trains: the last of its month, as asked, or the latest built."""

    def choose(settings: Settings) -> list[date] | str:
        context = get_current_context()
        if context["dag_run"].run_type not in ("scheduled", "backfill"):
            return asked_or_newest(settings, context["params"])
        first, last = _interval(settings)
        if not has_landed_between(settings, first, last):
            return f"nothing has landed from {first} to {last}; there is nothing new to train on"
        return [last]

    return _chosen(choose)[0]


def nights_to_decide() -> list[str]:
    """The nights of this run of loan_eligibility.

    The assets that triggered it name them: new features are scored as of their own nights, and a newly promoted model
    scores the latest night that is built. Without either, what the form asks for, or the latest night.
    """

    def choose(settings: Settings) -> list[date] | str:
        context = get_current_context()
        events = context["triggering_asset_events"]
        # Listed before anything is looked up: looking up an asset that did not trigger the run adds it.
        triggered_by = {asset.name for asset in events}
        nights: set[date] = set()
        if SELLER_FEATURES.name in triggered_by:
            nights |= {day(night) for event in events[SELLER_FEATURES] for night in event.extra["as_ofs"]}
        if not triggered_by or CREDIT_MODEL.name in triggered_by:
            nights |= set(asked_or_newest(settings, context["params"]))
        return sorted(nights)

    return _chosen(choose)


def _chosen(choose: Callable[[Settings], list[date] | str]) -> list[str]:
    """The nights that ``choose`` names; where it gives a reason instead, the run is skipped."""
    chosen = call(choose_nights, form(), _who_triggered(), choose)
    if isinstance(chosen, str):
        raise AirflowSkipException(chosen)
    return [night.isoformat() for night in chosen]


def _who_triggered() -> str:
    """The user of the web UI or the API behind this run; without one, whoever runs this process."""
    return get_current_context()["dag_run"].triggering_user_name or account()


def _interval(settings: Settings) -> tuple[date, date]:
    context = get_current_context()
    start, end = context["data_interval_start"], context["data_interval_end"]
    assert start and end
    return business_days(settings.timezone, start, end)


def business_days(zone: str, start: datetime, end: datetime) -> tuple[date, date]:
    """First and last business day of a data interval, whose ends are some hours into the day after."""
    return day_in(zone, start), day_in(zone, end) - timedelta(days=1)


def asked_day(name: str) -> date | None:
    """A day that the form of this run gives.

    Raises:
        TaskRefused: it is no date, or still to come.
    """
    with without_stack_trace():
        return day_of(Settings(), form(), name)
