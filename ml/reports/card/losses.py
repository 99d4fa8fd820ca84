"""What a loan that goes bad costs: the loss given default that was observed, beside the one that prices assume."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ml.config import ModelConfig
from ml.numbers.bootstrap import Floats, bootstrap, percentile_estimate
from ml.reports.card.content import Losses
from ml.reports.card.facts import Facts
from ml.reports.card.words import count, percent, share_interval
from tradeline.contracts.policy import loss_given_default
from tradeline.estimates import Estimate

SELLERS_MIN = 10  # resampling fewer sellers gives no interval to go by


def losses(facts: Facts) -> Losses:
    """The mean share of principal that bad loans did not bring back, and whether the interval holds the policy's."""
    found, assumed = facts.losses, loss_given_default()
    sellers = found["seller_id"].nunique()
    observed = observed_loss_given_default(found, facts.config) if sellers >= SELLERS_MIN else None
    is_outside = observed is not None and not observed.low <= assumed <= observed.high
    return Losses(
        text=tuple(_told(facts, observed, assumed)),
        loans=len(found),
        sellers=sellers,
        assumed=assumed,
        observed=observed,
        is_outside=is_outside,
    )


def observed_loss_given_default(losses: pd.DataFrame, config: ModelConfig) -> Estimate:
    """The mean of ``lost_share`` over loans; the interval is of whole sellers resampled."""
    shares = losses["lost_share"].to_numpy(np.float64)

    def mean(weights: Floats) -> dict[str, float]:
        return {"lost_share": float(np.average(shares, weights=weights))}

    drawn = bootstrap(losses["seller_id"], mean, config.evaluation.resamples, config.seed)
    return percentile_estimate(float(shares.mean()), drawn["lost_share"])


def warning(observed: Estimate, assumed: float) -> str:
    """What an assumption outside the interval does to prices."""
    prices = "too low" if assumed < observed.value else "too high"
    return (
        f"Warning: the policy prices with a loss given default of {percent(assumed)}, outside the observed "
        f"{share_interval(observed)}: its prices are {prices} for such losses. Set loss_given_default in "
        "policy_parameters.csv, or say there why the next loans will lose another share."
    )


def _told(facts: Facts, observed: Estimate | None, assumed: float) -> Iterator[str]:
    found = facts.losses
    if observed is None:
        yield (
            f"Not observed: {count(len(found), 'loans')} that went bad and ran the performance window, of fewer than "
            f"{SELLERS_MIN} sellers. The policy assumes that {percent(assumed)} of the principal is lost."
        )
        return
    by_amount = float(np.average(found["lost_share"], weights=found["principal_amount"].astype(float)))
    yield (
        f"Of {count(len(found), 'loans')} that went bad and ran the performance window, {share_interval(observed)} of "
        f"the principal had not come back by {facts.version.trained_as_of}: the mean over loans of the principal less "
        f"all that was paid, interest too. Weighted by principal it is {percent(by_amount)}. Later payments lower it."
    )
    if observed.low <= assumed <= observed.high:
        yield f"The policy prices with {percent(assumed)}, which is within this interval."
    else:
        yield warning(observed, assumed)
