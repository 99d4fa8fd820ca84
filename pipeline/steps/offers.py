"""From the features of a night to its published offers: score, decide, publish."""

import logging
from datetime import date

from pipeline.steps.gates import gate, not_passed
from pipeline.steps.step import counted, iso, offered, step
from tradeline import dbt
from tradeline.journal import named_nights
from tradeline.settings import Settings
from tradeline.side_work import never_stops

log = logging.getLogger(__name__)


def score(settings: Settings, run_id: str, as_ofs: list[date]) -> None:
    """Score the nights with the models that serve them, and build ``credit_scores``.

    Where a model served and the pointer to it is lost, nothing is scored.

    Offers can be asked for by hand, also for a night whose features have failed their gate or changed since: features
    that have not passed as they are go through it here.

    Raises:
        GateFailed: a hard expectation of the features failed.
    """
    if to_gate := not_passed(settings, as_ofs):
        gate(settings, run_id, "features_out", to_gate)
    with step(settings, run_id, "score", as_ofs) as outcome:
        from ml.score import score as score_nights
        from pipeline.mart_columns import take_up_mart_columns
        from serving.champion_kept import check_champion_kept

        check_champion_kept(settings)
        score_nights(settings, as_ofs, run_id)
        take_up_mart_columns(settings, "credit_scores")
        dbt.build(settings, run_id, "credit_scores", {"as_ofs": iso(as_ofs)})
        outcome.message = counted(settings, "credit_scores", as_ofs)


def decide(settings: Settings, run_id: str, as_ofs: list[date]) -> None:
    """Decide who is offered how much at what price, by the policy in dbt's seeds."""
    from ingest.kept_settings import check_settings_kept
    from pipeline.mart_columns import take_up_mart_columns

    with step(settings, run_id, "decide", as_ofs) as outcome:
        check_settings_kept(settings)
        take_up_mart_columns(settings, "loan_eligibility", "seller_credit_record", "adverse_actions")
        dbt.build(settings, run_id, "loan_eligibility", {"as_ofs": iso(as_ofs)})
        outcome.message = f"{counted(settings, 'loan_eligibility', as_ofs)}: {offered(settings, as_ofs)}"


def publish(settings: Settings, run_id: str, as_ofs: list[date]) -> None:
    """Make the decided nights visible to readers, all at once, and warn of decisions that breach a gate of fairness."""
    from serving.decision_fairness import warn_of_breaches

    with step(settings, run_id, "publish", as_ofs) as outcome:
        from serving.publish import publish as publish_nights
        from serving.setbacks import setbacks
        from tradeline.contracts.publications import read_publications

        publications = publish_nights(settings, as_ofs, run_id)
        published = [publication.as_of for publication in publications]
        said = [f"{named_nights(published)} published: {offered(settings, published)}"]
        manifest = read_publications(settings)
        for setback in (setback for as_of in published for setback in setbacks(settings, manifest, as_of)):
            log.warning("%s", setback)
            said.insert(0, setback)
        outcome.message = "; ".join(said)
    for as_of in published:
        remedy = f"see `tradeline models fairness --as-of {as_of}`"
        with never_stops(settings, run_id, f"fairness of {as_of}", remedy):
            warn_of_breaches(settings, as_of)
