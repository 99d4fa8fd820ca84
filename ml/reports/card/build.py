"""A version's card, put together."""

from ml.reports.card import figures, inputs, limits, losses, origin, verdict, watched
from ml.reports.card.content import Card
from ml.reports.card.facts import Facts


def build_card(facts: Facts) -> Card:
    """Every section; the same version and decision give the same card."""
    version = facts.version
    return Card(
        model_version=version.model_version,
        trained_as_of=version.trained_as_of,
        summary=verdict.summary(facts),
        purpose=origin.purpose(facts),
        decision=verdict.decision(facts),
        limits=limits.limits(facts),
        data=origin.data(facts),
        label=origin.label(facts),
        exclusions=origin.exclusions(facts),
        features=inputs.features(facts),
        judging=figures.judging(facts),
        metrics=figures.metrics(facts),
        reliability=figures.reliability(facts),
        calibration=figures.calibration(facts),
        segments=figures.segments(facts),
        unseen_sellers=figures.unseen_sellers(facts),
        vintages=watched.vintages(facts),
        losses=losses.losses(facts),
        stability=watched.stability(facts),
        fairness=watched.fairness(facts),
        reasons=inputs.reasons(facts),
        score_scale=figures.score_scale(facts),
    )
