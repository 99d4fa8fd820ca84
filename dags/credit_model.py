"""### The credit model, every month

**What**: builds the training set as of a day, trains XGBoost and a scorecard, tests both on loans not seen, lets the
better serve if it is sound and proven better than the champion, and writes the model card. On the first of each month
at 04:00 in the business time zone (`TRADELINE_TIMEZONE`), as of the end of the month before, where the data suffice.

**By hand**: trigger it with a form: the day, and whether to promote whatever the comparison says.

**Is a rerun safe?** Yes: the same data gives the same version, and a decision once made stands.

**When it fails**: `training_set` says so where nights are not built yet: run `seller_marts` first. The serving model
stays. The card of each version is `models/<model_version>/card.html` in the home folder.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from airflow.sdk import Param, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from pipeline import orchestration as o
from pipeline import schedules


@dag(
    schedule=schedules.monthly(),
    **o.DAG_DEFAULTS,
    params={
        "as_of": o.day_param("As-of date", "Train with what was known on this day. Empty: the latest night built."),
        "force_promotion": Param(
            False,
            title="Promote in any case",
            description="Let the new version serve whatever speaks against it; this is recorded.",
            type="boolean",
        ),
    },
    doc_md=__doc__,
    tags=["tradeline", "model"],
)
def credit_model() -> None:
    @task(pool=o.WAREHOUSE_POOL)
    def day() -> str:
        """Work out the day as of which to train, and check the form."""
        return o.day_to_train()

    @task(pool=o.WAREHOUSE_POOL, execution_timeout=o.SLOW)
    def training_set(as_of: str) -> str:
        """Build one row per seller and decision day with its label, and export it."""
        from pipeline import steps

        return str(o.call(steps.build_training_set, o.day(as_of)))

    @task(execution_timeout=o.SLOW)
    def train(as_of: str, training_set: str) -> str:
        """Train a challenger and evaluate it out of time; the warehouse is free meanwhile."""
        from pipeline import steps

        model_version = o.call(steps.train, o.day(as_of), Path(training_set))
        if model_version is None:
            raise AirflowSkipException("not enough data to train on; the serving model stays")
        return model_version

    @task(outlets=[o.CREDIT_MODEL])
    def promote(as_of: str, model_version: str) -> Iterator[Any]:
        """Let the challenger serve or keep the champion, and write its card; only a promotion is announced."""
        from pipeline import steps

        is_forced = o.form()["force_promotion"]
        if not o.call(steps.promote, o.day(as_of), model_version, is_forced):
            raise AirflowSkipException("the champion stays")
        yield o.announce(o.CREDIT_MODEL, as_of=as_of, model_version=model_version)

    as_of: Any = day()
    path: Any = training_set(as_of)
    model_version: Any = train(as_of, path)
    promote(as_of, model_version)


credit_model()
