"""A run of a DAG's tasks in this process, without Airflow: the same names, tries and alerts."""

import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from pipeline.alerts import Alert, send_alert
from tradeline.errors import BadInput, Damaged, GateFailed, TradelineError
from tradeline.settings import Settings

Made = TypeVar("Made")

# The same input would fail the same way again, so that no task is tried again after one of these.
FINAL = (BadInput, GateFailed, Damaged)
# How long a task waits before it is tried again after any other error.
RETRY_SECONDS = (10, 20)

log = logging.getLogger(__name__)


def run_name(dag_id: str, run_id: str) -> str:
    """One name for all steps of a DAG run, which is also a safe file name."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", f"{dag_id}.{run_id}")


@dataclass(frozen=True)
class Run:
    """One run of a DAG; ``form`` is what its form in the web UI would say, ``run_id`` its name in the journal."""

    settings: Settings
    dag_id: str
    run_id: str
    form: Mapping[str, Any]

    @classmethod
    def by_hand(cls, settings: Settings, dag_id: str, form: Mapping[str, Any]) -> "Run":
        """A run that starts now, named as Airflow names one that a person triggers."""
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        return cls(settings, dag_id, run_name(dag_id, f"manual__{now}"), form)

    def task(self, task_id: str, step: Callable[..., Made], *arguments: Any) -> Made:
        """Do a step of ``pipeline.steps`` as this task of the DAG.

        Raises:
            TradelineError: it failed, again where another try could have helped; an alert is sent.
        """
        for seconds in (*RETRY_SECONDS, None):
            try:
                return step(self.settings, self.run_id, *arguments)
            except Exception as error:
                told = str(error) if isinstance(error, TradelineError) else f"{type(error).__name__}: {error}"
                if seconds is None or isinstance(error, FINAL):
                    send_alert(self.settings, Alert(self.dag_id, task_id, self.run_id, told, log_url=""))
                    raise error if isinstance(error, TradelineError) else TradelineError(told) from error
                log.warning("%s is tried again in %d s: %s", task_id, seconds, told)
                time.sleep(seconds)
        raise AssertionError("the last try returns or raises")
