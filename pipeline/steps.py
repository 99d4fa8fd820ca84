"""The steps that the DAGs put in order. Each is safe to rerun, journaled, and alone at the warehouse while it runs.

``as_ofs`` are the nights in question, ``run_id`` is one name for all steps of a run.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipeline.nights import refuse_future
from tradeline import dbt
from tradeline.business_days import today_in
from tradeline.errors import BadInput, TradelineError
from tradeline.journal import Outcome, journaled, named_nights
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings
from tradeline.side_work import never_stops
from tradeline.surroundings import own_surroundings

if TYPE_CHECKING:
    from expectations.waivers import Waiver
    from ingest.plan import NightPlan

WarehouseGate = Literal["features_out", "scores_out", "offers_out"]

log = logging.getLogger(__name__)


def raw_gate(settings: Settings, run_id: str, as_ofs: list[date], force_from: date | None = None) -> None:
    """Admit what has landed and is not built yet, gate it and hand it to ``build_marts``; the warehouse stays the same.

    ``force_from``: build the arrivals from this night on again, changed or not.

    Raises:
        BadInput: a landed file broke the contract and is in quarantine.
        GateFailed: a hard expectation failed.
    """
    with _step(settings, run_id, "raw_gate", as_ofs) as outcome:
        plan, waivers = _plan_and_admit(settings, run_id, as_ofs, force_from)
        if plan is None:
            return outcome.skip("nothing new has landed")
        admitted = f"arrivals of {plan.arrived_from} to {plan.arrived_to} admitted"
        outcome.message = "; ".join([admitted, *(waiver.told for waiver in waivers)])


def build_marts(settings: Settings, run_id: str, as_ofs: list[date], force_from: date | None = None) -> None:
    """Load what was admitted and build the marts of the nights in one pass.

    The plan is that of ``raw_gate``; where it no longer holds, as after another run's build, the nights are planned,
    admitted and gated here. A night counts as built once dbt is done: if this step dies on the way, a retry or the next
    run builds the same nights again.
    """
    with _step(settings, run_id, "build_marts", as_ofs) as outcome:
        from ingest.admission import admission_file
        from ingest.handover import forget, taken_over
        from ingest.load import is_first_night, load, mark_built
        from pipeline.mart_columns import take_up_mart_columns

        handed = taken_over(settings, run_id, max(as_ofs), force_from)
        plan = handed.plan if handed else _plan_and_admit(settings, run_id, as_ofs, force_from)[0]
        if plan is not None:
            load(settings, admission_file(settings, run_id))
        is_from_scratch = plan is not None and is_first_night(settings, plan.arrived_from)
        if not is_from_scratch:
            take_up_mart_columns(settings, "seller_features")
        nights = {
            "arrived_from": plan.arrived_from.isoformat() if plan else None,
            "arrived_to": plan.arrived_to.isoformat() if plan else None,
            "as_ofs": _iso(as_ofs),
        }
        dbt.build(settings, run_id, "seller_marts", nights, is_from_scratch)
        if plan is not None:
            mark_built(settings, plan)
        forget(settings, run_id)
        outcome.message = _counted(settings, "seller_features", as_ofs)


def gate(settings: Settings, run_id: str, name: WarehouseGate, as_ofs: list[date]) -> None:
    """Run one of the warehouse's gates: features_out, scores_out or offers_out.

    Raises:
        GateFailed: a hard expectation failed.
    """
    with _step(settings, run_id, name, as_ofs) as outcome:
        from expectations.gate import run_gate
        from expectations.kept_passes import keep_pass

        report = run_gate(settings, name, settings.warehouse, run_id, as_ofs)
        if name == "features_out":
            keep_pass(settings, name, as_ofs, run_id)
        outcome.message = "; ".join(waiver.told for waiver in report.waivers)


def waive(settings: Settings, run_id: str, as_of: date, expectation: str, reason: str, by: str) -> str:
    """Keep a person's word that one night is right although it does not meet an expectation; the word in a line.

    Raises:
        BadInput: it cannot be waived, or did not fail; the message says what can.
    """
    with journaled(settings, run_id, "waive", [as_of]) as outcome:
        from expectations.waive import waive as keep_word

        outcome.message = keep_word(settings, as_of, expectation, reason, by).told
    return outcome.message


def build_training_set(settings: Settings, run_id: str, as_of: date) -> Path:
    """Build what a model may learn from as of ``as_of`` and export it as Parquet.

    Raises:
        TradelineError: arrivals up to ``as_of`` have landed but are not built yet.
    """
    with _step(settings, run_id, "training_set", [as_of]) as outcome:
        from ingest.plan import plan_nights
        from ml.training_set import export_training_set

        if plan := plan_nights(settings, as_of):
            raise TradelineError(
                f"the arrivals of {plan.arrived_from} to {plan.arrived_to} are not built yet: "
                f"run seller_marts as of {as_of} first"
            )
        dbt.build(settings, run_id, "training", {"training_as_of": as_of.isoformat(), "spine_kind": "training"})
        path = export_training_set(settings, run_id)
        outcome.message = str(path)
    return path


def train(settings: Settings, run_id: str, as_of: date, training_set: Path) -> str | None:
    """Train and judge a model version and return its name; None where there is not enough data yet.

    It reads only the exported training set, so it leaves the warehouse to others meanwhile.
    """
    with _outside_the_warehouse(settings, run_id, "train", [as_of]) as outcome:
        from ingest.landing import landed_nights
        from ml.errors import NotEnoughData
        from ml.outlook import outlook
        from ml.train import train as train_model

        try:
            version = train_model(settings, training_set, as_of, run_id)
        except NotEnoughData as error:
            first_on = min(landed_nights(settings), default=as_of)
            outcome.skip(f"{error}; {outlook(first_on, as_of)}")
            return None
        outcome.message = f"{version.model_version}, {version.algorithm}, AUC {version.evaluation.metrics['auc']}"
        return version.model_version


def promote(settings: Settings, run_id: str, as_of: date, model_version: str, is_forced: bool) -> bool:
    """Let the version serve if it is sound and better than the one that serves; ``is_forced``: in any case.

    Its model card tells of the decision, either way; neither card nor MLflow can stop it.
    """
    with _outside_the_warehouse(settings, run_id, "promote", [as_of]) as outcome:
        from ml.promotion.promote import promote_or_keep
        from ml.reports.card.write import write_card_or_go_on
        from ml.reports.mlflow.tracking import log_if_tracked
        from serving.champion_kept import check_champion_kept

        check_champion_kept(settings)  # a promotion by hand may begin anew, one by rule may not
        promotion = promote_or_keep(settings, model_version, is_forced)
        outcome.message = (
            f"{model_version} {'serves' if promotion.is_promoted else 'is kept aside'}: {promotion.reason}"
        )
        write_card_or_go_on(settings, run_id, model_version)
        log_if_tracked(settings, run_id, model_version)
        return promotion.is_promoted


def score(settings: Settings, run_id: str, as_ofs: list[date]) -> None:
    """Score the nights with the models that serve them, and build ``credit_scores``.

    Where a model served and the pointer to it is lost, nothing is scored.

    Offers can be asked for by hand, also for a night whose features have failed their gate or changed since: features
    that have not passed as they are go through it here.

    Raises:
        GateFailed: a hard expectation of the features failed.
    """
    if not_passed := _not_passed(settings, as_ofs):
        gate(settings, run_id, "features_out", not_passed)
    with _step(settings, run_id, "score", as_ofs) as outcome:
        from ml.score import score as score_nights
        from pipeline.mart_columns import take_up_mart_columns
        from serving.champion_kept import check_champion_kept

        check_champion_kept(settings)
        score_nights(settings, as_ofs, run_id)
        take_up_mart_columns(settings, "credit_scores")
        dbt.build(settings, run_id, "credit_scores", {"as_ofs": _iso(as_ofs)})
        outcome.message = _counted(settings, "credit_scores", as_ofs)


def decide(settings: Settings, run_id: str, as_ofs: list[date]) -> None:
    """Decide who is offered how much at what price, by the policy in dbt's seeds."""
    from ingest.kept_settings import check_settings_kept
    from pipeline.mart_columns import take_up_mart_columns

    with _step(settings, run_id, "decide", as_ofs) as outcome:
        check_settings_kept(settings)
        take_up_mart_columns(settings, "loan_eligibility", "seller_credit_record", "adverse_actions")
        dbt.build(settings, run_id, "loan_eligibility", {"as_ofs": _iso(as_ofs)})
        outcome.message = f"{_counted(settings, 'loan_eligibility', as_ofs)}: {_offered(settings, as_ofs)}"


def publish(settings: Settings, run_id: str, as_ofs: list[date]) -> None:
    """Make the decided nights visible to readers, all at once, and warn of decisions that breach a gate of fairness."""
    from serving.decision_fairness import warn_of_breaches

    with _step(settings, run_id, "publish", as_ofs) as outcome:
        from serving.publish import publish as publish_nights
        from serving.setbacks import setbacks
        from tradeline.contracts.publications import read_publications

        publications = publish_nights(settings, as_ofs, run_id)
        published = [publication.as_of for publication in publications]
        said = [f"{named_nights(published)} published: {_offered(settings, published)}"]
        manifest = read_publications(settings)
        for setback in (setback for as_of in published for setback in setbacks(settings, manifest, as_of)):
            log.warning("%s", setback)
            said.insert(0, setback)
        outcome.message = "; ".join(said)
    for as_of in published:
        remedy = f"see `tradeline models fairness --as-of {as_of}`"
        with never_stops(settings, run_id, f"fairness of {as_of}", remedy):
            warn_of_breaches(settings, as_of)


def withdraw(settings: Settings, run_id: str, as_of: date, reason: str, by: str) -> str:
    """Take a published night from readers, on a person's word; what came of it in a line.

    Raises:
        BadInput: readers see nothing of that night, or the reason says nothing; neither is a failed step.
    """
    from expectations.waive import refuse_empty
    from serving.publish import readers_see
    from serving.publish import withdraw as take_back
    from tradeline.contracts.publications import find_publication

    refuse_empty(reason=reason, by=by)
    find_publication(settings, as_of)
    # Of a night that is still to come too: it is one of those that must not be read.
    with _outside_the_warehouse(settings, run_id, "withdraw", [as_of]) as outcome, warehouse_lock(settings):
        publications = take_back(settings, as_of, reason, by)
        outcome.message = f"{as_of} is withdrawn by {by}: {reason}; {readers_see(publications)}"
    return outcome.message


def restore(settings: Settings, run_id: str) -> str:
    """Make ``marts.duckdb`` anew from what is kept beside it; what came of it in a line."""
    with _step(settings, run_id, "restore", []) as outcome:
        from serving.publish import readers_see
        from serving.publish import restore as make_anew

        publications = make_anew(settings)
        outcome.message = (
            f"marts.duckdb is made anew with {len(publications):,} publications; {readers_see(publications)}"
        )
    return outcome.message


def newest_features_night(settings: Settings) -> date:
    """The latest night that seller_features holds, today's at the latest.

    Raises:
        BadInput: it holds none yet.
    """
    import duckdb

    with warehouse_lock(settings):
        if settings.warehouse.exists():
            with duckdb.connect(str(settings.warehouse)) as connection:
                try:
                    found = connection.execute(
                        "select max(as_of) from marts.seller_features where as_of <= ?", [today_in(settings.timezone)]
                    ).fetchone()
                except duckdb.CatalogException:
                    found = None
            if found and found[0]:
                return date.fromisoformat(str(found[0]))
    raise BadInput("no night is built yet: run seller_marts first")


@contextmanager
def _step(settings: Settings, run_id: str, step: str, as_ofs: list[date]) -> Iterator[Outcome]:
    with _outside_the_warehouse(settings, run_id, step, as_ofs) as outcome:
        for as_of in as_ofs:
            refuse_future(settings, as_of)
        with warehouse_lock(settings):
            yield outcome


@contextmanager
def _outside_the_warehouse(settings: Settings, run_id: str, step: str, as_ofs: list[date]) -> Iterator[Outcome]:
    with own_surroundings(settings.home), journaled(settings, run_id, step, as_ofs) as outcome:
        yield outcome


def _plan_and_admit(
    settings: Settings, run_id: str, as_ofs: list[date], force_from: date | None
) -> tuple["NightPlan | None", "Sequence[Waiver]"]:
    """Plan the nights, admit and gate what they bring, and keep the plan for the steps to come."""
    from expectations.gate import run_gate
    from ingest.admission import admit
    from ingest.handover import forget, hand_over
    from ingest.landing import scan
    from ingest.plan import plan_nights

    forget(settings, run_id)
    landing = scan(settings.landing)
    plan = plan_nights(settings, max(as_ofs), force_from, landing)
    report = None
    if plan is not None:
        admission = admit(settings, plan, run_id, landing)
        report = run_gate(settings, "raw_in", admission, run_id, as_ofs)
    hand_over(settings, run_id, max(as_ofs), force_from, plan)
    return plan, report.waivers if report else ()


def _not_passed(settings: Settings, as_ofs: list[date]) -> list[date]:
    """The nights whose features have not passed their gate as they are."""
    from expectations.kept_passes import passed_by

    if not settings.warehouse.exists():
        return as_ofs
    with warehouse_lock(settings):
        passed = passed_by(settings, "features_out", as_ofs)
    if passed:
        log.info(
            "features_out: %s passed in run %s", named_nights(list(passed)), ", ".join(sorted(set(passed.values())))
        )
    return [as_of for as_of in as_ofs if as_of not in passed]


def _counted(settings: Settings, mart: str, as_ofs: list[date]) -> str:
    import duckdb

    with duckdb.connect(str(settings.warehouse)) as connection:
        [(count,)] = connection.execute(
            f"select count(*) from marts.{mart} where list_contains(?::date[], as_of)", [as_ofs]
        ).fetchall()
    return f"{mart}: {count:,} rows {named_nights(as_ofs)}"


def _offered(settings: Settings, as_ofs: list[date]) -> str:
    """How many sellers are offered how much in the nights; of several nights, in the last one."""
    import duckdb

    with duckdb.connect(str(settings.warehouse)) as connection:
        [(offers, amount)] = connection.execute(
            "select count(*), coalesce(sum(limit_amount), 0) from marts.loan_eligibility"
            " where is_eligible and as_of = ?",
            [max(as_ofs)],
        ).fetchall()
    of_last = f" as of {max(as_ofs)}" if len(as_ofs) > 1 else ""
    return f"{offers:,} offers of {amount:,.2f} {settings.currency} in all{of_last}"


def _iso(as_ofs: list[date]) -> list[str]:
    return [as_of.isoformat() for as_of in as_ofs]
