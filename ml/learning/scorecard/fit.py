"""Fitting a scorecard: which features, cut how, weighed how much."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ml.config import ScorecardConfig
from ml.encode import Matrix
from ml.features import ModelFeature
from ml.learning.scorecard.binning import DECIMALS, bin_feature
from ml.learning.scorecard.card import Characteristic, Column, Scorecard, evidence
from ml.numbers.bootstrap import Floats, Mask, Ranking

# Bins, and the training rows' weights of evidence: shape (rows,).
Evidence = tuple[Characteristic, Floats]


def fit_scorecard(
    values: Matrix, is_bad: Mask, features: Sequence[ModelFeature], config: ScorecardConfig, seed: int
) -> Scorecard:
    """Fit on ``values`` (rows, features) and ``is_bad`` (rows,); the same rows give the same scorecard, to the byte.

    1. The ``candidates`` features that alone rank best, in the direction of their sign, are cut into bins.
    2. Those with ``information_value_min`` are taken, the highest first, unless their weights of evidence correlate
       with a taken one's above ``correlation_max`` or ``family_max`` of their family are in; up to ``features_max``,
       and one per ``bad_rows_per_feature`` rows of the rarer class.
    3. Logistic regression weighs them. One that counts the wrong way beside the others leaves, the worst first.

    Where none is left, or all rows are of one class, the scorecard is the log-odds of the base rate.
    """
    bad = int(is_bad.sum())
    rarer = min(bad, len(is_bad) - bad)
    at_most = min(config.features_max, rarer // config.bad_rows_per_feature)
    chosen = _choose(_binned(values, is_bad, features, config), at_most, config) if at_most else []
    return _weigh(chosen, is_bad, config, seed)


def _binned(values: Matrix, is_bad: Mask, features: Sequence[ModelFeature], config: ScorecardConfig) -> list[Evidence]:
    """The candidates with enough information, the most informative first."""
    power = [_power(values[:, position], is_bad, feature) for position, feature in enumerate(features)]
    best = np.argsort(-np.array(power), kind="stable")[: config.candidates].tolist()
    found: list[Evidence] = []
    for position in best:
        column, feature = values[:, position], features[position]
        bins = bin_feature(column, is_bad, feature, config) if power[position] > 0 else None
        if bins and bins.information_value >= config.information_value_min:
            found.append((bins, evidence(bins, column, feature)))
    return sorted(found, key=lambda each: -each[0].information_value)


def _power(column: Column, is_bad: Mask, feature: ModelFeature) -> float:
    """How well the feature alone ranks: of all pairs of a good and a bad row, the share that it puts the right way
    round less the share that it puts the wrong way; pairs with a missing value are neither (Somers' D)."""
    known = ~np.isnan(column)
    values, is_bad_known = column[known].astype(np.float64), is_bad[known]
    if feature.is_category and len(values):
        codes = values.astype(np.intp)
        values = (np.bincount(codes, is_bad_known) / np.maximum(np.bincount(codes), 1))[codes]
    bad = int(is_bad_known.sum())
    pairs = bad * (len(values) - bad) / (is_bad.sum() * (~is_bad).sum())
    if not pairs:
        return 0.0
    auc, _ = Ranking(is_bad_known, values).auc_and_ks(np.ones(len(values)))
    gini = float((2 * auc - 1) * pairs)
    return {"+": gini, "-": -gini, None: abs(gini)}[feature.expected_sign]


def _choose(binned: list[Evidence], at_most: int, config: ScorecardConfig) -> list[Evidence]:
    chosen: list[Evidence] = []
    families: Counter[str] = Counter()
    for bins, woe in binned:
        if len(chosen) == at_most:
            break
        if families[bins.family] < config.family_max and not _repeats(woe, chosen, config.correlation_max):
            chosen.append((bins, woe))
            families[bins.family] += 1
    return chosen


def _repeats(woe: Floats, chosen: list[Evidence], correlation_max: float) -> bool:
    return any(abs(np.corrcoef(woe, other)[0, 1]) > correlation_max for _, other in chosen)


def _weigh(chosen: list[Evidence], is_bad: Mask, config: ScorecardConfig, seed: int) -> Scorecard:
    from sklearn.linear_model import LogisticRegression

    while chosen:
        woe = np.column_stack([column for _, column in chosen])
        model = LogisticRegression(C=config.regularisation, solver="newton-cholesky", random_state=seed)
        coefficients = model.fit(woe, is_bad).coef_[0].round(DECIMALS)
        if coefficients.min() > 0:
            weighed = zip(chosen, coefficients.tolist(), strict=True)
            return Scorecard(
                intercept=round(float(model.intercept_[0]), DECIMALS),
                characteristics=tuple(bins.model_copy(update={"coefficient": weight}) for (bins, _), weight in weighed),
            )
        chosen = [each for place, each in enumerate(chosen) if place != coefficients.argmin()]
    bad = int(is_bad.sum())
    odds = max(bad, 0.5) / max(len(is_bad) - bad, 0.5)
    return Scorecard(intercept=round(float(np.log(odds)), DECIMALS), characteristics=())
