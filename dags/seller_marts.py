"""### Seller features, every night

**What**: checks what has landed, loads it and builds one row of features per seller and night.
Every night at 02:00, for the day that has just ended; both are those of the business time zone (`TRADELINE_TIMEZONE`,
UTC by default). A night on which nothing landed is skipped. Where the deployment has sources (`land_...`), as soon as
all required ones have landed that day, and at 02:00 at the latest; one that lands later has its night built again.
A run for day D sees only what had arrived by D, whenever it runs.

**By hand**: trigger it with a form (one night, or a range in one pass), or start a backfill of past nights. A backfill
makes the nights of its own date range and ignores the form's night and range. Runs start at 02:00: leave its times at
00:00 and 23:59, as the form puts them; a range that ends before 02:00 leaves its last night out.

**Is a rerun safe?** Yes, of any task and at any time: it gives the same rows again.

**When it fails**: `raw_gate` names the file, row and column; mend and land that file again
(`tradeline quarantine list`). `features_gate` names the expectation; its report is in `reports/gates/` of the home
folder. Neither is retried, and what is published stays as it was. Everything but damaged files is retried twice.
"""

from collections.abc import Iterator
from typing import Any

from airflow.sdk import dag, task

from pipeline import orchestration as o
from pipeline import schedules


@dag(
    schedule=schedules.nightly(),
    **o.DAG_DEFAULTS,
    params=o.night_params(o.BACKFILL)
    | o.waiver_params()
    | {"force_from": o.day_param("Rebuild from", "Build all arrivals from this night on again, changed or not.")},
    doc_md=__doc__,
    tags=["tradeline", "marts"],
)
def seller_marts() -> None:
    @task
    def nights() -> list[str]:
        """Work out which nights to make, and check the form."""
        return o.nights_to_build()

    @task(pool=o.WAREHOUSE_POOL)
    def raw_gate(as_ofs: list[str]) -> None:
        """Validate what has landed; quarantine bad files; stop before the warehouse is touched."""
        from pipeline import steps

        o.call(steps.raw_gate, o.days(as_ofs), o.forced_from())

    @task(pool=o.WAREHOUSE_POOL, execution_timeout=o.SLOW)
    def build_marts(as_ofs: list[str]) -> None:
        """Load the arrivals and build the features of all nights in one pass of dbt."""
        from pipeline import steps

        o.call(steps.build_marts, o.days(as_ofs), o.forced_from())

    @task(pool=o.WAREHOUSE_POOL, outlets=[o.SELLER_FEATURES])
    def features_gate(as_ofs: list[str]) -> Iterator[Any]:
        """Hold the features against their expectations, then announce the nights."""
        from pipeline import steps

        o.call(steps.gate, "features_out", o.days(as_ofs))
        yield o.announce(o.SELLER_FEATURES, as_ofs=as_ofs)

    as_ofs: Any = nights()
    raw_gate(as_ofs) >> build_marts(as_ofs) >> features_gate(as_ofs)


seller_marts()
