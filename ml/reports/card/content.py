"""What a model card says, section by section: the content of ``models/<model_version>/card.json``.

Nothing in it is empty: where a version has no such figures they are left out, and the section's ``text`` says why.
"""

from datetime import date, datetime
from typing import Annotated, Literal, TypeVar

from pydantic import ConfigDict, Field

from ml.judging.contender import Choice
from ml.learning.split import JudgedBy
from ml.monitoring.fairness_figures import Calibrated
from ml.monitoring.stability import Drift
from ml.numbers.ranks import RankLoss
from ml.numbers.reliability import ReliabilityBin
from ml.promotion.gates import Contest, PromotionGate
from tradeline.checked import Frozen
from tradeline.estimates import Estimate

T = TypeVar("T")
Text = Annotated[str, Field(min_length=1)]
Several = Annotated[tuple[T, ...], Field(min_length=1)]

State = Literal["promoted", "promoted by force", "refused", "withdrawn", "not decided yet"]


class Section(Frozen):
    """``text``: what the figures come to, in sentences."""

    text: Several[Text]


class Summary(Frozen):
    """What a reader in a hurry needs; figures are the served algorithm's on the judged rows."""

    what: Text
    algorithm: str
    judged_by: JudgedBy
    rows: int
    bad_rows: int
    auc: Estimate
    calibration_error: Estimate
    calibration_error_by_chance: Estimate
    pd_ratio: Estimate
    state: State
    because: Text


class Event(Frozen):
    """What was decided on the version, and when (UTC)."""

    at: datetime
    what: Text


class Decision(Section):
    """``gates``: every condition with its numbers; ``contest``: challenger and champion on the same rows."""

    state: State
    gates: Several[PromotionGate]
    contest: Contest | None = None
    history: Several[Event] | None = None


class Source(Frozen):
    """A raw table; ``share``: of the rows, those for which it had landed by the decision day."""

    table: Text
    share: float


class DataPart(Frozen):
    """Rows of the training set that share a use."""

    name: Text
    rows: int
    bad_rows: int
    indeterminate_rows: int
    early_payment_defaults: int
    sellers: int
    decision_days: int
    first_on: date
    last_on: date


class Data(Section):
    """``origin``: fingerprint, run, code and libraries, all that it takes to make the version again."""

    sources: Several[Source]
    parts: Several[DataPart]
    origin: dict[str, Text]


class Term(Frozen):
    """One number of the label's definition."""

    name: Text
    value: Text
    reason: Text


class Label(Section):
    """``is_replayed``: no loan was observed."""

    is_replayed: bool
    terms: Several[Term]


class Exclusion(Frozen):
    """What the model did not learn from or is not judged by; ``rows``: how many, where they can be counted."""

    what: Text
    rows: int | None = None
    why: Text


class Exclusions(Section):
    """All of them."""

    exclusions: Several[Exclusion]


class Family(Frozen):
    """Its features by the direction in which they may move the pd; ``open``: left to the data."""

    name: Text
    features: int
    riskier: Several[Text] | None = None
    safer: Several[Text] | None = None
    open: Several[Text] | None = None


class Important(Frozen):
    """A feature of the trees; ``contribution``: mean absolute Shapley value, in log-odds."""

    feature: Text
    family: Text
    contribution: float


class PointsBin(Frozen):
    """Values of a characteristic that get the same points; ``bad_rate``: of the rows to learn from that are in it."""

    values: Text
    points: float
    row_share: float
    bad_rate: float | None = None


class Characteristic(Frozen):
    """A feature of the scorecard."""

    feature: Text
    family: Text
    bins: Several[PointsBin]


class Features(Section):
    """``characteristics``: of the scorecard, where it is more than the base rate; ``important``, ``parameters``: of the
    trees."""

    families: Several[Family]
    important: Several[Important] | None = None
    characteristics: Several[Characteristic] | None = None
    parameters: dict[str, float | int | str] | None = None


class Metric(Frozen):
    """A figure of each contender, under its name, on the same rows."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Estimate]

    name: Text
    meaning: Text


class OneFeature(Frozen):
    """Ranking by one feature alone; ``gain``: the served algorithm's AUC minus its."""

    feature: Text
    auc: Estimate
    gain: Estimate


class Caught(Frozen):
    """Share of the bad rows among the riskiest ``declined_share`` of all rows, by each contender under its name."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, float]

    declined_share: float


class Metrics(Section):
    """All contenders and the choice between them."""

    metrics: Several[Metric]
    baselines: Several[OneFeature] | None = None
    caught: Several[Caught]
    choice: Choice


class Reliability(Section):
    """Bins of equal size by rising pd."""

    bins: dict[str, Several[ReliabilityBin]]


class Calibrating(RankLoss):
    """How one contender's margins became pds, and what that cost in rank; ``bad_rows``: of those calibrated on."""

    method: Literal["platt", "isotonic"]
    bad_rows: int


class CalibrationSection(Section):
    """All contenders."""

    contenders: dict[str, Calibrating]


class SegmentRow(Frozen):
    """As ``ml.judging.segments.Segment``."""

    by: Text
    name: Text
    detail: Text | None = None
    rows: int
    bad_rows: int
    base_rate: float
    mean_pd: float
    auc: Estimate | None = None
    pd_ratio: Estimate | None = None


class Segments(Section):
    """The served algorithm by kinds of sellers and by the month of the decision."""

    segments: Several[SegmentRow] | None = None
    months: Several[SegmentRow]


class Unseen(Section):
    """Rows of sellers that it did not learn from."""

    segment: SegmentRow | None = None


class Age(Frozen):
    """A whole cohort at one age."""

    age_days: int
    bad_loans: int
    bad_share: float
    early_payment_default_share: float


class Cohort(Frozen):
    """The loans disbursed in the month that begins on ``cohort_on``."""

    cohort_on: date
    loans: int
    ages: Several[Age]


class Vintages(Section):
    """``judged_age_days``: the age at which a loan is good or bad."""

    judged_age_days: int
    cohorts: Several[Cohort] | None = None


class Losses(Section):
    """Loss given default of ``loans`` of ``sellers``: ``observed``, beside what the policy ``assumed``."""

    loans: int
    sellers: int
    assumed: float
    observed: Estimate | None = None
    is_outside: bool


class StabilitySection(Section):
    """Judged rows against those that it learned from: the pd, and the features that moved most."""

    pd: Drift | None = None
    features: Several[Drift] | None = None


class GroupRow(Frozen):
    """As ``ml.monitoring.fairness.GroupOutcome``."""

    by: Text
    group: Text
    detail: Text | None = None
    sellers: int
    approved_share: Estimate | None = None
    is_reference: bool
    adverse_impact_ratio: Estimate | None = None
    is_less_approved: bool
    rows: int
    bad_rows: int
    mean_pd: float
    default_rate: Estimate
    calibration: Calibrated | None = None


class PolicyGate(Frozen):
    """What the groups of one column are held to."""

    by: Text
    adverse_impact_ratio_min: float
    action: Text


class FairnessSection(Section):
    """``note``, ``source`` and ``gates`` are the jurisdiction's."""

    jurisdiction: Text
    note: Text
    source: Text
    gates: Several[PolicyGate] | None = None
    groups: Several[GroupRow] | None = None


class ReasonRow(Frozen):
    """A reason as a seller is told of it; ``first_rows``: judged rows of which it is the first."""

    code: Text
    basis: Text
    sentence: Text
    advice: Text | None = None
    first_rows: int


class Reasons(Section):
    """``explained_rows``: judged rows that were explained to count first reasons."""

    explained_rows: int
    reasons: Several[ReasonRow]


class ScorePoint(Frozen):
    """One pd on the scale; ``odds``: good to one bad."""

    pd: float
    odds: float
    score: int


class ScoreBand(Frozen):
    """Judged rows with a score from ``low`` to below ``high``."""

    low: int
    high: int
    good_rows: int
    bad_rows: int


class ScoreScale(Section):
    """The scale at some pds, and the judged rows along it."""

    points: Several[ScorePoint]
    bands: Several[ScoreBand]


class Card(Frozen):
    """A whole card, its sections in the order of the page."""

    model_version: Text
    trained_as_of: date
    summary: Summary
    purpose: Section
    decision: Decision
    limits: Section
    data: Data
    label: Label
    exclusions: Exclusions
    features: Features
    judging: Section
    metrics: Metrics
    reliability: Reliability
    calibration: CalibrationSection
    segments: Segments
    unseen_sellers: Unseen
    vintages: Vintages
    losses: Losses
    stability: StabilitySection
    fairness: FairnessSection
    reasons: Reasons
    score_scale: ScoreScale
