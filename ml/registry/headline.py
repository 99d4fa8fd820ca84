"""The one figure of a version that a status shows; quick to import, for it reads no more of ``model.json``."""

from pydantic import BaseModel

from ml.registry.json_files import read_json
from tradeline.settings import Settings


class Interval(BaseModel):
    """An estimate with its 95% interval."""

    value: float
    low: float
    high: float


class HeadlineMetrics(BaseModel):
    """Of the metrics of an algorithm, the AUC; None where the evaluation rows did not allow one."""

    auc: Interval | None = None


class HeadlineEvaluation(BaseModel):
    """Of an evaluation, the metrics."""

    metrics: HeadlineMetrics


class HeadlineContender(BaseModel):
    """Of an algorithm of a version, its evaluation."""

    evaluation: HeadlineEvaluation


class Headline(BaseModel):
    """Of a version, what serves and how good it is."""

    algorithm: str
    contenders: dict[str, HeadlineContender]


def auc_of(settings: Settings, model_version: str) -> tuple[float, float, float] | None:
    """The AUC of a version on rows that it has not seen, with its interval's ends.

    Raises:
        BadModel: its ``model.json`` cannot be read.
    """
    version = read_json(settings.models / model_version / "model.json", Headline, "train again")
    auc = version and version.contenders[version.algorithm].evaluation.metrics.auc
    return (auc.value, auc.low, auc.high) if auc else None
