"""### Scores and loan offers, published

**What**: scores the sellers of a night, decides who is offered how much at what price by the policy in dbt's seeds,
adds to each seller's credit record, publishes, and delivers what is published to the deployment's targets. It runs for
the nights whose features `seller_marts` has made, and for the latest one when `credit_model` has promoted a model. No
night is scored with a model trained after it.

**By hand**: trigger it with a form, for instance after a change of policy: one night, or a range.

**Is a rerun safe?** Yes: it gives the same offers again. Readers see the old or the new version, never a mixture.

**When it fails**: nothing is published, and readers keep the version that they have. `scores_gate` and `offers_gate`
name the expectation; their reports are in `reports/gates/` of the home folder. Without a serving model every seller is
declined for want of a score: run `credit_model`. When `deliver` alone fails, the night is published, and the targets
that it does not name have it.
"""

from collections.abc import Iterator
from typing import Any

from airflow.sdk import AssetAny, dag, task

from pipeline import orchestration as o


@task
def deliver() -> None:
    """Bring to the deployment's targets what is published, and what an earlier delivery could not bring."""
    from pipeline import steps

    o.call(steps.deliver)


@dag(
    schedule=AssetAny(o.SELLER_FEATURES, o.CREDIT_MODEL),
    **o.DAG_DEFAULTS,
    params=o.night_params() | o.waiver_params(),
    doc_md=__doc__,
    tags=["tradeline", "offers"],
)
def loan_eligibility() -> None:
    @task(pool=o.WAREHOUSE_POOL)
    def nights() -> list[str]:
        """Read the nights from the assets that triggered this run, or from the form."""
        return o.nights_to_decide()

    @task(pool=o.WAREHOUSE_POOL)
    def score(as_ofs: list[str]) -> None:
        """Probability of default, score and reasons of every seller."""
        from pipeline import steps

        o.call(steps.score, o.days(as_ofs))

    @task(pool=o.WAREHOUSE_POOL)
    def scores_gate(as_ofs: list[str]) -> None:
        """Hold the scores against their expectations."""
        from pipeline import steps

        o.call(steps.gate, "scores_out", o.days(as_ofs))

    @task(pool=o.WAREHOUSE_POOL)
    def decide(as_ofs: list[str]) -> None:
        """Knock-outs, limit, price and reasons, by the policy."""
        from pipeline import steps

        o.call(steps.decide, o.days(as_ofs))

    @task(pool=o.WAREHOUSE_POOL)
    def offers_gate(as_ofs: list[str]) -> None:
        """Hold the offers against their expectations."""
        from pipeline import steps

        o.call(steps.gate, "offers_out", o.days(as_ofs))

    @task(pool=o.WAREHOUSE_POOL, outlets=[*o.PUBLISHED])
    def publish(as_ofs: list[str]) -> Iterator[Any]:
        """Replace what readers see, at once, and keep the nights as Parquet."""
        from pipeline import steps

        o.call(steps.publish, o.days(as_ofs))
        for table in o.PUBLISHED:
            yield o.announce(table, as_ofs=as_ofs)

    as_ofs: Any = nights()
    decided = score(as_ofs) >> scores_gate(as_ofs) >> decide(as_ofs)
    decided >> offers_gate(as_ofs) >> publish(as_ofs) >> deliver()


loan_eligibility()
