"""### Land a source

**What**: reads what is new in one of the deployment's own sources (`sources/NAME.yml` in the home folder) up to the end
of the last business day, and lands it as files of the raw contract. Each source has a DAG of its own, which runs on the
schedule that its mapping names (01:00 in the business time zone by default), on an asset, or by hand. Once all required
sources have landed a night, `seller_marts` builds it; at the latest at 02:00, without those that have not.

**By hand**: trigger it with a form: the day up to whose end is landed, and whether everything is to land once more.

**Is a rerun safe?** Yes: a day that has landed stays as it is.

**When it fails**: a source that cannot be reached is tried again for an hour. Where the mapping or the source's rows
break the raw contract, the message names the line or the row and nothing lands: correct it and trigger the DAG again,
or try it first with `tradeline source check NAME`. What was missed lands with the next run.
"""

from collections.abc import Iterator
from typing import Any

from airflow.sdk import Param, dag, task

from pipeline import orchestration as o
from pipeline import schedules


def land(name: str, schedule: Any, waits_for_files: bool) -> None:
    @dag(
        dag_id=f"land_{name}",
        schedule=schedule,
        **o.DAG_DEFAULTS,
        params={
            "as_of": o.day_param("As-of date", "Land up to the end of this day. Empty: the last day that has ended."),
            "again": Param(
                False,
                title="Everything once more",
                description="Land all rows again, changed or not, as of that day.",
                type="boolean",
            ),
        },
        doc_md=__doc__,
        tags=["tradeline", "source"],
    )
    def land_source() -> None:
        @task.sensor(mode="reschedule", poke_interval=60, timeout=o.A_DAY, soft_fail=True)
        def wait_for_files() -> bool:
            """Wait until there is a file that was not read."""
            from pipeline import steps

            return o.call(steps.has_new_files, name)

        @task(outlets=[schedules.landed_asset(name)], retries=6, max_retry_delay=o.A_WHILE)
        def extract() -> Iterator[Any]:
            """Read what is new, validate it, land it, and announce the night."""
            from pipeline import steps

            report = o.call(steps.land_source, name, o.asked_day("as_of"), o.form()["again"])
            yield o.announce(schedules.landed_asset(name), as_ofs=[report.night.isoformat()])

        if waits_for_files:
            wait_for_files() >> extract()
        else:
            extract()

    land_source()


for source in schedules.sources():
    land(*source)
