"""Who fails an installment, and the true probability of default that follows from it.

A seller's condition is an autoregressive process of first order. At each decision about an installment the seller fails
with a probability that depends on the condition then; who fails once never catches up. The probability of default of a
loan is therefore an expectation over the conditions at three days, computed on a grid by backward recursion.
"""

import numpy as np

from simulator.levels import Levels

# A decision about an installment is taken this many days before it is due, so that it can be paid early.
DECIDED_BEFORE_DAYS = 5
INSTALLMENT_DAYS = 30
ODDS = np.linspace(-12, 6, 73)
CONDITIONS = np.linspace(-6, 6, 241)


def failing(levels: Levels, log_odds: np.ndarray, condition: np.ndarray) -> np.ndarray:
    """Probability of failing an installment, elementwise."""
    return np.asarray(1 / (1 + np.exp(-log_odds - levels.default_condition_effect * condition)))


def repaying_early(levels: Levels, condition: np.ndarray) -> np.ndarray:
    """Probability that who pays an installment pays all the later ones with it."""
    return np.asarray(levels.repay_early_share / (1 + np.exp(-condition)))


def log_odds(
    levels: Levels, quality: np.ndarray, is_faker: np.ndarray, loan_months: np.ndarray | float, inflation: np.ndarray
) -> np.ndarray:
    """Log-odds of failing one installment in a neutral condition, elementwise.

    ``loan_months``: principal in months of the sales that the lender sees; ``inflation``: those sales over true ones.
    """
    return np.asarray(
        levels.default_intercept
        + levels.default_quality_effect * quality
        + levels.default_fake_effect * is_faker
        + levels.default_leverage_effect * np.log(loan_months * inflation)
    )


class TrueDefault:
    """The true probability of default as a function of log-odds and of the condition on the eve of the application."""

    def __init__(self, levels: Levels) -> None:
        steps = [_transition(levels, INSTALLMENT_DAYS) for _ in range(levels.installments - 1)]
        first = _transition(levels, INSTALLMENT_DAYS - DECIDED_BEFORE_DAYS)
        stays = 1 - repaying_early(levels, CONDITIONS)
        fails = failing(levels, ODDS[:, None], CONDITIONS[None, :])
        later = np.zeros_like(fails)
        for step in [*steps, None]:
            later = fails + (1 - fails) * stays * later
            later = later @ (first if step is None else step).T
        self._table = later

    def __call__(self, log_odds: np.ndarray, condition: np.ndarray) -> np.ndarray:
        """Probability that the loan is 90 days past due or written off in 180 days, elementwise."""
        row, row_share = _place(log_odds, ODDS)
        column, column_share = _place(condition, CONDITIONS)
        table = self._table
        low = table[row, column] * (1 - column_share) + table[row, column + 1] * column_share
        high = table[row + 1, column] * (1 - column_share) + table[row + 1, column + 1] * column_share
        return np.asarray(low * (1 - row_share) + high * row_share)


def _transition(levels: Levels, days: int) -> np.ndarray:
    """Row i: the distribution over the grid of the condition ``days`` after ``CONDITIONS[i]``."""
    memory = levels.demand_memory_daily**days
    spread = levels.condition_spread * (1 - memory**2) ** 0.5
    density = np.exp(-0.5 * ((CONDITIONS[None, :] - memory * CONDITIONS[:, None]) / spread) ** 2)
    return np.asarray(density / density.sum(axis=1, keepdims=True))


def _place(values: np.ndarray, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The grid cell of each value and how far into it the value lies, 0 to 1; beyond the grid, its edge."""
    position = (np.clip(values, grid[0], grid[-1]) - grid[0]) / (grid[1] - grid[0])
    cell = np.minimum(position.astype(np.int32), len(grid) - 2)
    return cell, position - cell
