"""The steps that the DAGs put in order. Each is safe to rerun, journaled, and alone at the warehouse while it runs.

``as_ofs`` are the nights in question, ``run_id`` is one name for all steps of a run.
"""

from expectations.suite import WarehouseGate
from pipeline.steps.gates import gate, waive
from pipeline.steps.marts import build_marts, newest_features_night, raw_gate
from pipeline.steps.model import build_training_set, promote, train
from pipeline.steps.offers import decide, publish, score
from pipeline.steps.publications import restore, withdraw
from pipeline.steps.sources import has_new_files, land_source
from pipeline.steps.targets import deliver

__all__ = [
    "WarehouseGate",
    "build_marts",
    "build_training_set",
    "decide",
    "deliver",
    "gate",
    "has_new_files",
    "land_source",
    "newest_features_night",
    "promote",
    "publish",
    "raw_gate",
    "restore",
    "score",
    "train",
    "waive",
    "withdraw",
]
