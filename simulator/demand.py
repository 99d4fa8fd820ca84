"""Sellers from day to day: condition, reputation, entry and exit, campaigns of fake orders, and how many orders."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from simulator.levels import INDUSTRIES, REGIONS, Levels
from simulator.population import NEVER, Population
from simulator.seasons import promotion, season


@dataclass(frozen=True)
class DayOfSales:
    """One day's orders by seller, shape (sellers,): true ones, fake ones, and how many would have been expected."""

    orders: np.ndarray
    fake_orders: np.ndarray
    expected_orders: np.ndarray


class Demand:
    """The hidden state of all sellers, moved on by one day at a time."""

    def __init__(self, levels: Levels, population: Population, random: np.random.Generator) -> None:
        sellers = len(population.quality)
        self._levels, self._population = levels, population
        self._seller = random.normal(0, levels.seller_demand_spread, sellers)
        self._industry = random.normal(0, levels.industry_demand_spread, len(INDUSTRIES))
        self._region = random.normal(0, levels.region_demand_spread, len(REGIONS))
        self._cushion = random.normal(0, levels.cushion_spread, sellers)
        self._campaign_until = np.full(sellers, -1, np.int32)
        self.exit_day = np.full(sellers, NEVER, np.int32)
        self.reputation = population.quality.copy()
        # What a lender sees, as of the eve: daily orders, smoothed over about 45 days; the second without fakes.
        self.seen_orders = np.where(population.registered_day < 0, population.daily_orders, 0.0)
        self.true_orders = self.seen_orders.copy()
        self.known_buyers = population.daily_orders * np.maximum(-population.registered_day, 0)

    @property
    def condition(self) -> np.ndarray:
        """What, beside quality, decides whether a seller can pay; grows with demand and with luck in sales."""
        return self._demand() + self._cushion

    @property
    def service(self) -> np.ndarray:
        """Today's quality of service: quality, and care that fades when business is bad."""
        return self._population.quality + 0.4 * self._seller

    def is_open(self, day: int) -> np.ndarray:
        """Who sells on that day."""
        return (self._population.entry_day <= day) & (day < self.exit_day)

    def begin_campaign(self, sellers: np.ndarray, until_day: int | np.ndarray) -> None:
        """Let these sellers fake orders until that day."""
        self._campaign_until[sellers] = np.maximum(self._campaign_until[sellers], until_day)

    def pass_day(self, day: int, on: date, random: np.random.Generator) -> DayOfSales:
        """Draw the day's orders and let them work on the sellers' state."""
        levels, people = self._levels, self._population
        self._shake(random)
        is_open = self.is_open(day)
        age = np.maximum(day - people.registered_day, 0)
        trend = np.exp((np.log1p(levels.market_growth_rate) + people.growth_rate) * day / 365.25)
        usual = people.daily_orders * trend * np.exp(levels.demand_effect * self._demand())
        usual = usual * (1 - 0.8 * np.exp(-age / 45)) * is_open
        expected = usual * season(on)[people.industry] * promotion(on)
        orders = random.poisson(expected)
        luck = (orders - expected) / np.sqrt(np.maximum(expected, 1e-3))
        self._cushion = levels.demand_memory_daily * self._cushion + levels.cushion_step * luck
        fakes = self._fake(day, usual, is_open, random)
        self._remember(orders, fakes)
        return DayOfSales(orders, fakes, expected)

    def _demand(self) -> np.ndarray:
        people = self._population
        return np.asarray(self._seller + self._industry[people.industry] + self._region[people.region])

    def _shake(self, random: np.random.Generator) -> None:
        levels = self._levels
        memory, step = levels.demand_memory_daily, (1 - levels.demand_memory_daily**2) ** 0.5
        for state, spread in (
            (self._seller, levels.seller_demand_spread),
            (self._industry, levels.industry_demand_spread),
            (self._region, levels.region_demand_spread),
        ):
            state *= memory
            state += random.normal(0, spread * step, len(state))

    def _fake(self, day: int, usual: np.ndarray, is_open: np.ndarray, random: np.random.Generator) -> np.ndarray:
        levels, fakers = self._levels, np.flatnonzero(self._population.is_faker)
        begin = fakers[random.random(len(fakers)) < levels.campaign_daily_rate]
        self.begin_campaign(begin, day + levels.campaign_days)
        at_it = fakers[is_open[fakers] & (self._campaign_until[fakers] >= day)]
        fakes = np.zeros(len(usual), np.int64)
        fakes[at_it] = random.poisson(levels.fake_orders_ratio * usual[at_it] + 0.15)
        return fakes

    def _remember(self, orders: np.ndarray, fakes: np.ndarray) -> None:
        share = 1 / self._levels.reputation_memory_days
        self.reputation += share * (self.service - self.reputation)
        self.seen_orders += share * (orders + fakes - self.seen_orders)
        self.true_orders += share * (orders - self.true_orders)
        self.known_buyers += orders
