"""When a market is old enough for its first model, so that nobody has to guess how long to wait."""

import calendar
from datetime import date, timedelta

from ml.config import load_config
from tradeline.contracts.label import LabelDefinition, load_label

# Sales of so many days before a decision day are what a replayed loan is sized by (replay_labels.sql).
REPLAY_HISTORY_DAYS = 90


def first_model_on(first_on: date, label: LabelDefinition) -> date:
    """The first day as of which the cash flow can be replayed, where ``first_on`` is the first night that landed.

    Decision days are month ends with 90 days of history before them; each needs the term of a loan after it.
    """
    return _first_decision_on(first_on) + timedelta(days=label.replay_term_days)


def outlook(first_on: date, as_of: date) -> str:
    """What a market without a model can expect as of ``as_of``, in a sentence."""
    label, needed = load_label(), load_config().cross_validation
    ready_on = first_model_on(first_on, label)
    loans = (
        f"with loans of your own, once {label.loans_minimum_matured:,} of them have been watched for "
        f"{label.performance_window_days} days"
    )
    if as_of < ready_on:
        return (
            f"the first model can be trained as of {ready_on}: {label.replay_term_days} days of sales or income after "
            f"{_first_decision_on(first_on)}, the first month's end {REPLAY_HISTORY_DAYS} days or more after the first "
            f"night, {first_on}, if {needed.rows:,} sellers have {label.replay_minimum_orders} orders or more in "
            f"{REPLAY_HISTORY_DAYS} days by then (half as many need a month more, a tenth of them nine months more); "
            f"or {loans}"
        )
    return (
        f"each month's end adds a row for each seller with {label.replay_minimum_orders} orders or more in "
        f"{REPLAY_HISTORY_DAYS} days, until there are {needed.rows:,} rows with {needed.class_rows} of each class, "
        f"of {needed.class_sellers} sellers or more; or "
        f"{loans}"
    )


def _first_decision_on(first_on: date) -> date:
    earliest = first_on + timedelta(days=REPLAY_HISTORY_DAYS)
    return earliest.replace(day=calendar.monthrange(earliest.year, earliest.month)[1])
