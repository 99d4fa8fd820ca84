"""The settings of the model, read from ``ml/model.yml``."""

from pathlib import Path

from pydantic import Field

from tradeline.checked import Frozen, read_yaml
from tradeline.contracts.policy import limited_from_pd

CONFIG = Path(__file__).with_name("model.yml")


class SplitConfig(Frozen):
    """How many decision days are out-of-time, and into how many folds of sellers the train rows are dealt."""

    out_of_time_days: int = Field(ge=1)
    folds: int = Field(ge=2)


class Minimum(Frozen):
    """The fewest rows, and rows of each class, with which rows are split by time."""

    train_rows: int = Field(ge=1)
    train_class_rows: int = Field(ge=1)
    out_of_time_class_rows: int = Field(ge=1)


class CrossValidationConfig(Frozen):
    """How a model is evaluated without a split by time; below ``rows``, or ``class_rows`` of ``class_sellers`` in
    either class, there is none.

    Up to ``repeats_up_to_rows`` the folds are drawn ``repeats`` times, above once.
    """

    rows: int = Field(ge=1)
    class_rows: int = Field(ge=1)
    class_sellers: int = Field(ge=1)
    repeats: int = Field(ge=1)
    repeats_up_to_rows: int = Field(ge=0)


class ScreeningConfig(Frozen):
    """Above which rank correlation with the decision day a feature is left out, as it follows the calendar."""

    calendar_correlation_max: float = Field(gt=0, le=1)


class BoosterConfig(Frozen):
    """Length of training and the parameters handed to XGBoost as they are.

    ``small_parameters`` take their place where fewer than ``small_bad_rows`` cross-validated rows are bad.
    """

    rounds_max: int = Field(ge=1)
    early_stopping_rounds: int = Field(ge=1)
    parameters: dict[str, float]
    small_parameters: dict[str, float]
    small_bad_rows: int = Field(ge=0)


class SearchConfig(Frozen):
    """A bounded search: ``trials`` draws from the ranges, each evaluated on ``folds`` held-out folds, if these have
    ``bad_rows`` bad rows."""

    trials: int = Field(ge=0)
    folds: int = Field(ge=1)
    bad_rows: int = Field(ge=1)
    max_depth: tuple[int, int]
    min_child_weight: tuple[float, float]
    subsample: tuple[float, float]
    colsample_bytree: tuple[float, float]
    reg_lambda: tuple[float, float]
    reg_alpha: tuple[float, float]


class ScorecardConfig(Frozen):
    """How features are chosen and binned; ``regularisation`` is scikit-learn's C."""

    candidates: int = Field(ge=1)
    features_max: int = Field(ge=1)
    bins_max: int = Field(ge=2)
    bin_share_min: float = Field(gt=0, lt=0.5)
    bin_bad_rows_min: int = Field(ge=1)
    family_max: int = Field(ge=1)
    bad_rows_per_feature: int = Field(ge=1)
    correlation_max: float = Field(gt=0, le=1)
    information_value_min: float = Field(gt=0)
    regularisation: float = Field(gt=0)


class ChallengeConfig(Frozen):
    """By how much an algorithm must rank better than a simpler one to serve; below so many bad rows it must be proven
    better."""

    auc_margin: float = Field(ge=0)
    proven_below_bad_rows: int = Field(ge=0)


class CalibrationConfig(Frozen):
    """From how many bad rows on calibration is isotonic; Platt's scaling below."""

    isotonic_bad_rows: int = Field(ge=1)


class EvaluationConfig(Frozen):
    """Bootstrap resamples behind each interval, bins of reliability, and the least a segment is ranked with."""

    resamples: int = Field(ge=2)
    bins: int = Field(ge=2)
    segment_bad_rows: int = Field(ge=1)


class StabilityConfig(Frozen):
    """Bins and thresholds of the population stability index, and shifts that are worth a warning."""

    bins: int = Field(ge=2)
    sampled_rows: int = Field(ge=100)
    confidence: float = Field(gt=0, lt=1)
    psi_watch: float = Field(gt=0)
    psi_alarm: float = Field(gt=0)
    missing_share_shift: float = Field(gt=0, le=1)
    unseen_share: float = Field(gt=0, le=1)


class ScoreConfig(Frozen):
    """The scale of the score."""

    base_score: float
    base_odds: float = Field(gt=0)
    points_to_double_odds: float = Field(gt=0)


class ReasonsConfig(Frozen):
    """How many reasons a seller gets, and who is explained on a night of many sellers.

    ``from_pd`` is the policy's, of the day on which a version is trained: from there on it lends less, or nothing.
    """

    at_most: int = Field(ge=1)
    all_rows_up_to: int = Field(ge=0)
    from_pd: float = Field(default_factory=limited_from_pd, ge=0, le=1)


class PromotionConfig(Frozen):
    """When a version may serve, and when it takes the champion's place."""

    auc_margin: float = Field(ge=0)
    pd_ratio_min: float = Field(gt=0)
    pd_ratio_max: float = Field(gt=0)
    ece_share_max: float = Field(gt=0)
    fresh_bad_rows: int = Field(ge=2)
    champion_days_max: int = Field(ge=1)


class ModelConfig(Frozen):
    """Everything in ``model.yml``. ``algorithms``: ``module:Class`` of each; the last is the simplest, by which the
    others are measured."""

    seed: int
    algorithms: tuple[str, ...] = Field(min_length=2)
    split: SplitConfig
    minimum: Minimum
    cross_validation: CrossValidationConfig
    screening: ScreeningConfig
    booster: BoosterConfig
    search: SearchConfig
    scorecard: ScorecardConfig
    challenge: ChallengeConfig
    calibration: CalibrationConfig
    evaluation: EvaluationConfig
    stability: StabilityConfig
    score: ScoreConfig
    reasons: ReasonsConfig
    promotion: PromotionConfig


def load_config(path: Path | None = None) -> ModelConfig:
    """Read and check the file, ``ml/model.yml`` unless another is named.

    Raises:
        TradelineError: a setting is missing, unknown or out of bounds.
    """
    return read_yaml(path or CONFIG, ModelConfig)
