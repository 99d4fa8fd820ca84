"""The hidden market, day by day; what each block of days hands to the SQL that makes its rows."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from simulator.accounts import Accounts
from simulator.columns import Collected
from simulator.demand import DayOfSales, Demand
from simulator.lender import Lender
from simulator.levels import Levels
from simulator.population import Population, draw_population
from simulator.risk import TrueDefault, log_odds

SUSPENDED_DAILY_RATE = 0.0002


@dataclass(frozen=True)
class Block:
    """Some days of the market; tables as ``Days`` collects them, days counted from the first night."""

    first_day: int
    last_day: int
    tables: dict[str, pa.Table]


class Days:
    """The market's state, moved on from day to day; the same seed goes the same way, however far."""

    def __init__(
        self, levels: Levels, sellers: int, days: int, seed: int, first_on: date, *, is_payments_only: bool = False
    ) -> None:
        self._levels, self._seed, self._first_on = levels, seed, first_on
        self.population: Population = draw_population(levels, sellers, days, self._random(0))
        self.demand = Demand(levels, self.population, self._random(1))
        self._true_default = TrueDefault(levels)
        self.lender = Lender(levels, self.population, self._true_default, self._random(3))
        self._accounts = Accounts(self.population, self._random(4)) if is_payments_only else None
        self._week_orders = np.zeros((2, sellers))
        self._seller_days = Collected(
            seller=pa.int32(), day=pa.int32(), orders=pa.int32(), fake_orders=pa.int32(), service=pa.float32(),
            reputation=pa.float32(), known_buyers=pa.int32(),
        )  # fmt: skip
        self._settlements = Collected(
            seller=pa.int32(), day=pa.int32(), purchase_cents=pa.int64(), fee_cents=pa.int64(),
            target_cents=pa.int64(),
        )  # fmt: skip
        self._sellers = Collected(seller=pa.int32(), arrived_day=pa.int32(), status=pa.string())
        self._truth = Collected(seller=pa.int32(), day=pa.int32(), true_pd=pa.float64())

    def block(self, first_day: int, last_day: int) -> Block:
        """Pass these days, both included."""
        for day in range(first_day, last_day + 1):
            self._pass_day(day)
        book = self.lender.rows
        collected = {
            "seller_days": self._seller_days, "settlements": self._settlements, "seller_changes": self._sellers,
            "loan_changes": book.loans, "repayment_changes": book.repayments, "true_loans": book.truth,
            "true_seller_days": self._truth,
        }  # fmt: skip
        if self._accounts:
            collected["account_moves"] = self._accounts.moves
        return Block(first_day, last_day, {name: rows.take() for name, rows in collected.items()})

    def _random(self, *stream: int) -> np.random.Generator:
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([self._seed, *stream])))

    def _pass_day(self, day: int) -> None:
        on, random = self._first_on + timedelta(days=day), self._random(2, day)
        self.lender.pass_day(day, on, self.demand, random)
        self._leave(day, random)
        self._meet(day)
        sales = self.demand.pass_day(day, on, random)
        self._show(day, sales)
        self._settle(day, sales, random)
        self._tell_truth(day)
        if self._accounts:
            self._accounts.pass_day(day, self.demand, self._random(5, day))

    def _leave(self, day: int, random: np.random.Generator) -> None:
        """Shops close, mostly bad ones; the marketplace suspends a few who fake orders."""
        demand, people = self.demand, self.population
        chance = self._levels.exit_daily_rate * np.exp(-0.5 * demand.condition)
        goes = (random.random(len(chance)) < chance) & self.lender.is_free(day) & demand.is_open(day)
        demand.exit_day[goes] = day
        caught = people.is_faker & (random.random(len(chance)) < SUSPENDED_DAILY_RATE) & demand.is_open(day)
        demand.exit_day[caught] = day
        leaves = (demand.exit_day == day) & (people.entry_day < day)
        self._sellers.add(
            seller=np.flatnonzero(leaves), arrived_day=day, status=np.where(caught, "suspended", "closed")[leaves]
        )

    def _meet(self, day: int) -> None:
        comes = np.flatnonzero(self.population.entry_day == day)
        self._sellers.add(seller=comes, arrived_day=day, status="active")

    def _show(self, day: int, sales: DayOfSales) -> None:
        sold = np.flatnonzero(sales.orders + sales.fake_orders)
        demand = self.demand
        self._seller_days.add(
            seller=sold, day=day, orders=sales.orders[sold], fake_orders=sales.fake_orders[sold],
            service=demand.service[sold], reputation=demand.reputation[sold],
            known_buyers=demand.known_buyers[sold].astype(np.int32),
        )  # fmt: skip

    def _settle(self, day: int, sales: DayOfSales, random: np.random.Generator) -> None:
        """Once a week each seller buys stock, pays fees and takes out what exceeds the balance that it keeps."""
        people, demand = self.population, self.demand
        self._week_orders += sales.orders, sales.orders + sales.fake_orders
        due = (people.payout_weekday == day % 7) & (self._week_orders[1] > 0)
        closing = demand.exit_day == day + 1
        sellers = np.flatnonzero(due | closing)
        true_cents, seen_cents = np.round(self._week_orders[:, sellers] * people.price[sellers] * 100)
        self._week_orders[:, sellers] = 0
        bought = people.cost_share[sellers] * true_cents * np.exp(random.normal(0, 0.25, len(sellers)))
        kept_weeks = 0.4 * np.exp(0.25 * people.quality[sellers] + 0.6 * demand.condition[sellers])
        target = np.round(kept_weeks * 7 * demand.true_orders[sellers] * people.price[sellers] * 100)
        self._settlements.add(
            seller=sellers, day=day, purchase_cents=np.round(bought).astype(np.int64),
            fee_cents=np.round(self._levels.fee_rate * seen_cents).astype(np.int64),
            target_cents=np.where(closing[sellers], 0, target).astype(np.int64),
        )  # fmt: skip

    def _tell_truth(self, day: int) -> None:
        """The probability that a loan of one month's sales, applied for tomorrow, would default."""
        sellers = np.flatnonzero(self.demand.is_open(day + 1) & (self.population.entry_day <= day))
        people = self.population
        odds = log_odds(self._levels, people.quality[sellers], people.is_faker[sellers], 1.0,
                        self.lender.inflation(self.demand)[sellers])  # fmt: skip
        true_pd = self._true_default(odds, self.demand.condition[sellers])
        self._truth.add(seller=sellers, day=day, true_pd=true_pd)
