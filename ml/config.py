"""The settings of the model, read from ``ml/model.yml``."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tradeline.errors import TradelineError

CONFIG = Path(__file__).with_name("model.yml")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SplitConfig(_Section):
    """How the decision days are cut into train, validation and out-of-time."""

    out_of_time_days: int = Field(ge=1)
    validation_share: float = Field(gt=0, lt=1)
    young: tuple[str, ...]
    young_out_of_time_share: float = Field(gt=0, lt=1)


class Minimum(_Section):
    """The fewest rows, and rows of each class, with which a model is trained."""

    train_rows: int = Field(ge=1)
    train_class_rows: int = Field(ge=1)
    validation_class_rows: int = Field(ge=1)
    out_of_time_class_rows: int = Field(ge=1)


class BoosterConfig(_Section):
    """Length of training and the parameters handed to XGBoost as they are."""

    rounds_max: int = Field(ge=1)
    early_stopping_rounds: int = Field(ge=1)
    parameters: dict[str, float]


class SmallConfig(_Section):
    """How training goes where validation holds fewer than ``validation_bad_rows``: cross-validation over ``folds``."""

    validation_bad_rows: int = Field(ge=0)
    folds: int = Field(ge=2)
    rounds_max: int = Field(ge=1)


class EvaluationConfig(_Section):
    """Bootstrap resamples behind each interval."""

    resamples: int = Field(ge=2)


class ScoreConfig(_Section):
    """The scale of the score."""

    base_score: float
    base_odds: float = Field(gt=0)
    points_to_double_odds: float = Field(gt=0)


class ReasonsConfig(_Section):
    """How many reasons a seller gets, and who is explained on a night of many sellers."""

    at_most: int = Field(ge=1)
    all_rows_up_to: int = Field(ge=0)
    from_pd: float = Field(ge=0, le=1)


class PromotionConfig(_Section):
    """When a challenger takes the champion's place."""

    auc_margin: float = Field(ge=0)
    pd_ratio_min: float = Field(gt=0)
    pd_ratio_max: float = Field(gt=0)


class ModelConfig(_Section):
    """Everything in ``model.yml``."""

    seed: int
    split: SplitConfig
    minimum: Minimum
    booster: BoosterConfig
    small: SmallConfig
    evaluation: EvaluationConfig
    score: ScoreConfig
    reasons: ReasonsConfig
    promotion: PromotionConfig


def load_config(path: Path = CONFIG) -> ModelConfig:
    """Read and check the file.

    Raises:
        TradelineError: a setting is missing, unknown or out of bounds.
    """
    try:
        return ModelConfig.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise TradelineError(f"{path}: {error}") from error
