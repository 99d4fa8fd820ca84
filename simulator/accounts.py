"""What moves on accounts of a market that a bank sees, beside trade: rent month by month, and salaries.

Rent is a fixed part of what a seller of its size usually takes in, so it weighs the more the worse business is. Some
individuals have an employer, who pays later, and at times not at all, the worse their condition is.
"""

import numpy as np
import pyarrow as pa

from simulator.columns import Collected
from simulator.demand import Demand
from simulator.population import Population

MONTH_DAYS = 30
EMPLOYED_SHARE = 0.4  # of individuals
RENT_MONTHS, SALARY_MONTHS = 0.2, 0.6  # of usual monthly sales
UNPAID_LOG_ODDS = -3.5  # of a month without its salary, in a neutral condition


class Accounts:
    """Who pays rent and gets a salary on which day of a month of 30 days; ``moves`` collects them, signed cents."""

    def __init__(self, population: Population, random: np.random.Generator) -> None:
        sellers = len(population.quality)
        self._population = population
        self._usual_cents = np.round(100 * MONTH_DAYS * population.daily_orders * population.price)
        self._rent_day, self._salary_day = random.integers(0, MONTH_DAYS, (2, sellers))
        self._rent_share = RENT_MONTHS * np.exp(random.normal(0, 0.4, sellers))
        self._is_employed = ~population.is_business & (random.random(sellers) < EMPLOYED_SHARE)
        self.moves = Collected(seller=pa.int32(), day=pa.int32(), kind=pa.string(), cents=pa.int64())

    def pass_day(self, day: int, demand: Demand, random: np.random.Generator) -> None:
        """Add the day's rents and salaries; a late salary is drawn on the day on which it was due."""
        is_open = demand.is_open(day)
        rent = np.flatnonzero(is_open & (self._rent_day == day % MONTH_DAYS))
        self.moves.add(seller=rent, day=day, kind="purchase", cents=-self._cents(rent, self._rent_share[rent]))
        due = np.flatnonzero(is_open & self._is_employed & (self._salary_day == day % MONTH_DAYS))
        missed = 1 / (1 + np.exp(-UNPAID_LOG_ODDS + demand.condition[due]))
        paid = due[random.random(len(due)) >= missed]
        self.moves.add(seller=paid, day=day, kind="salary", cents=self._cents(paid, SALARY_MONTHS))

    def _cents(self, sellers: np.ndarray, share: np.ndarray | float) -> np.ndarray:
        return np.asarray(np.maximum(np.round(self._usual_cents[sellers] * share), 100).astype(np.int64))
