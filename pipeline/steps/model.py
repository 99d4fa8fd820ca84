"""From the marts to a model that serves: training set, training, promotion."""

from datetime import date
from pathlib import Path

from pipeline.steps.step import outside_the_warehouse, step
from tradeline import dbt
from tradeline.errors import TradelineError
from tradeline.settings import Settings


def build_training_set(settings: Settings, run_id: str, as_of: date) -> Path:
    """Build what a model may learn from as of ``as_of`` and export it as Parquet.

    Raises:
        TradelineError: arrivals up to ``as_of`` have landed but are not built yet.
    """
    with step(settings, run_id, "training_set", [as_of]) as outcome:
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
    """Train and evaluate a model version and return its name; None where there is not enough data yet.

    It reads only the exported training set, so it leaves the warehouse to others meanwhile.
    """
    with outside_the_warehouse(settings, run_id, "train", [as_of]) as outcome:
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

    The decision, either way, is in its model card; neither card nor MLflow can stop it.
    """
    with outside_the_warehouse(settings, run_id, "promote", [as_of]) as outcome:
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
