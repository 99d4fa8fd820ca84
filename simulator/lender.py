"""The lender before Tradeline: sellers apply when they need money, a rule approves, and loans are repaid or not."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa

from simulator.columns import Collected
from simulator.demand import Demand
from simulator.levels import Levels
from simulator.population import NEVER, Population
from simulator.risk import DECIDED_BEFORE_DAYS, INSTALLMENT_DAYS, TrueDefault, failing, log_odds, repaying_early
from simulator.seasons import is_stocking_up

DAY_SECONDS = 86_400
LATE_MAX_DAYS = 60
DECLINED_WAIT_DAYS = 30


@dataclass
class Cohort:
    """The loans disbursed on one day; ``is_running``: neither failed nor repaid."""

    loan: np.ndarray
    seller: np.ndarray
    terms: dict[str, np.ndarray]
    due_cents: np.ndarray  # of each installment but the last
    last_due_cents: np.ndarray
    odds: np.ndarray
    is_running: np.ndarray
    last_paid_day: np.ndarray


@dataclass
class LoanRows:
    """What the lender's book says, row by row, with the day on which the platform hears of it."""

    loans: Collected = field(
        default_factory=lambda: Collected(
            loan=pa.int64(), seller=pa.int32(), arrived_day=pa.int32(), status=pa.string(), applied_second=pa.int64(),
            decided_second=pa.int64(), principal_cents=pa.int64(), annual_rate=pa.float64(),
            disbursed_second=pa.int64(),
        )
    )  # fmt: skip
    repayments: Collected = field(
        default_factory=lambda: Collected(
            loan=pa.int64(), seller=pa.int32(), installment=pa.int32(), due_day=pa.int32(), due_cents=pa.int64(),
            paid_second=pa.int64(), paid_cents=pa.int64(), arrived_day=pa.int32(),
        )
    )  # fmt: skip
    truth: Collected = field(
        default_factory=lambda: Collected(loan=pa.int64(), seller=pa.int32(), day=pa.int32(), true_pd=pa.float64())
    )


class Lender:
    """Applications, decisions and repayments, day by day."""

    def __init__(
        self, levels: Levels, population: Population, true_default: TrueDefault, random: np.random.Generator
    ) -> None:
        sellers = len(population.quality)
        self._levels, self._population, self._true_default = levels, population, true_default
        self._busy_until = np.zeros(sellers, np.int32)
        # When lending begins, many fakers are at it already.
        begun = levels.lending_from_day + random.integers(0, levels.before_application_days, sellers, dtype=np.int32)
        self._planned_day = np.where(population.is_faker & (random.random(sellers) < 0.6), begun, -1)
        self._repaid_loans = np.zeros(sellers, np.int32)
        self._cohorts: dict[int, Cohort] = {}
        self._next_loan = 1
        self.rows = LoanRows()

    def is_free(self, day: int) -> np.ndarray:
        """Who neither owes anything nor is about to apply; only they close their shops of themselves."""
        return (self._busy_until <= day) & (self._planned_day < day)

    def inflation(self, demand: Demand) -> np.ndarray:
        """Sales as the lender sees them over true sales: above 1 where orders are faked."""
        return np.clip(demand.seen_orders / np.maximum(demand.true_orders, 1e-6), 1, 5)

    def pass_day(self, day: int, on: date, demand: Demand, random: np.random.Generator) -> None:
        """Applications, and decisions about the installments due soon, on what is known on the eve."""
        if day >= self._levels.lending_from_day:
            self._apply(day, self._applicants(day, on, demand, random), demand, random)
        for installment in range(1, self._levels.installments + 1):
            cohort = self._cohorts.get(day + DECIDED_BEFORE_DAYS - installment * INSTALLMENT_DAYS)
            if cohort is not None:
                self._repay(day, cohort, installment, demand, random)
        self._cohorts.pop(day - self._levels.term_days, None)

    def _applicants(self, day: int, on: date, demand: Demand, random: np.random.Generator) -> np.ndarray:
        """Who applies today; fakers first make their sales look better for some weeks."""
        levels = self._levels
        need = np.exp(-0.35 * demand.condition) * (1.8 if is_stocking_up(on) else 1)
        need = need * np.minimum(30 * demand.seen_orders / 6, 1) ** 2  # who hardly sells hardly needs stock
        chance = levels.application_daily_rate * need * np.where(self._repaid_loans > 0, 1.4, 1)
        is_open = demand.is_open(day)
        wants = is_open & self.is_free(day) & (random.random(len(chance)) < chance)
        plans = np.flatnonzero(wants & self._population.is_faker)
        self._planned_day[plans] = day + levels.before_application_days
        demand.begin_campaign(plans, day + levels.before_application_days)
        return np.flatnonzero(is_open & ((wants & ~self._population.is_faker) | (self._planned_day == day)))

    def _apply(self, day: int, sellers: np.ndarray, demand: Demand, random: np.random.Generator) -> None:
        count = len(sellers)
        loan = np.arange(self._next_loan, self._next_loan + count)
        self._next_loan += count
        applied = day * DAY_SECONDS + random.integers(9 * 3600, 23 * 3600, count)
        is_slow = random.random(count) < 0.08
        decided = np.where(is_slow, (day + 1) * DAY_SECONDS + 36_000, applied + random.integers(2, 40, count))
        monthly = 30 * demand.seen_orders[sellers] * self._population.price[sellers]
        principal = self._principal(day, sellers, monthly, demand, random)
        approved = self._approves(day, sellers, principal, demand, random)
        self.rows.loans.add(
            loan=loan[is_slow], seller=sellers[is_slow], arrived_day=day, status="applied",
            applied_second=applied[is_slow], decided_second=None, principal_cents=None, annual_rate=None,
            disbursed_second=None,
        )  # fmt: skip
        declined = ~approved
        self.rows.loans.add(
            loan=loan[declined], seller=sellers[declined], arrived_day=decided[declined] // DAY_SECONDS,
            status="declined", applied_second=applied[declined], decided_second=decided[declined],
            principal_cents=None, annual_rate=None, disbursed_second=None,
        )  # fmt: skip
        self._busy_until[sellers[declined]] = day + DECLINED_WAIT_DAYS
        months = principal[approved] / np.maximum(monthly[approved], 1)
        self._disburse(day, loan[approved], sellers[approved], principal[approved], months,
                       applied[approved], decided[approved], demand)  # fmt: skip

    def _principal(
        self, day: int, sellers: np.ndarray, monthly: np.ndarray, demand: Demand, random: np.random.Generator
    ) -> np.ndarray:
        """What the rule would lend: about a month of the sales it sees, more to those whom it knows."""
        age = day - self._population.registered_day[sellers]
        months = 0.6 + 0.2 * (age > 365) + 0.2 * (demand.reputation[sellers] > 0)
        months = (months + 0.2 * (self._repaid_loans[sellers] > 0)) * np.exp(random.normal(0, 0.15, len(sellers)))
        return np.asarray(np.minimum(np.floor(months * monthly / 100) * 100, self._levels.principal_max_amount))

    def _approves(
        self, day: int, sellers: np.ndarray, principal: np.ndarray, demand: Demand, random: np.random.Generator
    ) -> np.ndarray:
        """The rule, and the one in twelve that its clerks decide against it."""
        passes = (
            (day - self._population.registered_day[sellers] >= 60)
            & (30 * demand.seen_orders[sellers] >= 4)
            & (demand.reputation[sellers] > -1.1)
        )
        approved = passes ^ (random.random(len(sellers)) < 1 / 12)
        return np.asarray(approved & (principal >= self._levels.principal_min_amount))

    def _disburse(
        self, day: int, loan: np.ndarray, sellers: np.ndarray, principal: np.ndarray, months: np.ndarray,
        applied: np.ndarray, decided: np.ndarray, demand: Demand,
    ) -> None:  # fmt: skip
        levels, people = self._levels, self._population
        odds = log_odds(levels, people.quality[sellers], people.is_faker[sellers], months,
                        self.inflation(demand)[sellers])  # fmt: skip
        true_pd = self._true_default(odds, demand.condition[sellers])
        self.rows.truth.add(loan=loan, seller=sellers, day=np.full(len(loan), day - 1), true_pd=true_pd)
        rate = levels.annual_rate + 0.06 * (day - people.registered_day[sellers] < 180)
        disbursed = np.minimum(decided + 120, (decided // DAY_SECONDS + 1) * DAY_SECONDS - 1)
        cents = np.round(principal * 100).astype(np.int64)
        owed = np.round(cents * (1 + rate * levels.term_days / 365 * 2 / 3)).astype(np.int64)
        due = owed // levels.installments
        terms = {
            "applied_second": applied, "decided_second": decided, "principal_cents": cents, "annual_rate": rate,
            "disbursed_second": disbursed,
        }  # fmt: skip
        cohort = Cohort(loan, sellers, terms, due, owed - due * (levels.installments - 1), odds,
                        np.ones(len(loan), bool), disbursed // DAY_SECONDS)  # fmt: skip
        self._busy_until[sellers] = NEVER
        self._cohorts[day] = cohort
        self._book(cohort, np.ones(len(loan), bool), "disbursed", disbursed // DAY_SECONDS)
        for installment in range(1, levels.installments + 1):
            self.rows.repayments.add(
                loan=loan, seller=sellers, installment=installment, due_day=day + installment * INSTALLMENT_DAYS,
                due_cents=self._due(cohort, installment), paid_second=None, paid_cents=np.zeros(len(loan), np.int64),
                arrived_day=disbursed // DAY_SECONDS,
            )  # fmt: skip

    def _repay(self, day: int, cohort: Cohort, installment: int, demand: Demand, random: np.random.Generator) -> None:
        """Decide about one installment of every running loan of a cohort."""
        levels, is_last = self._levels, installment == self._levels.installments
        count, sellers, due_day = len(cohort.loan), cohort.seller, day + DECIDED_BEFORE_DAYS
        condition = demand.condition[sellers]
        fails = cohort.is_running & (random.random(count) < failing(levels, cohort.odds, condition))
        pays = cohort.is_running & ~fails
        pays_all = pays & ((random.random(count) < repaying_early(levels, condition)) | is_last)
        day_paid = np.maximum(due_day + self._lateness(sellers, condition, random), cohort.last_paid_day)
        paid_second = day_paid * DAY_SECONDS + random.integers(8 * 3600, 22 * 3600, count)
        cohort.last_paid_day = np.where(pays, day_paid, cohort.last_paid_day)
        self._pay(cohort, pays, installment, paid_second)
        for later in range(installment + 1, levels.installments + 1):
            self._pay(cohort, pays_all, later, paid_second)
        self._book(cohort, pays_all, "repaid", cohort.last_paid_day)
        self._busy_until[sellers[pays_all]] = cohort.last_paid_day[pays_all] + 3
        self._repaid_loans[sellers[pays_all]] += 1
        self._fail(cohort, fails, installment, due_day, demand, random)
        cohort.is_running &= ~fails & ~pays_all

    def _lateness(self, sellers: np.ndarray, condition: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Days from the due day to the payment, of those who pay: some early, most in time, some late."""
        count = len(sellers)
        chance = 1 / (1 + np.exp(1.7 - 0.6 * self._population.tardiness[sellers] + 0.3 * condition))
        late = np.minimum(random.geometric(1 / 9, count), LATE_MAX_DAYS)
        early = -random.integers(1, DECIDED_BEFORE_DAYS, count) * (random.random(count) < 0.3)
        return np.where(random.random(count) < chance, late, early)

    def _fail(
        self, cohort: Cohort, fails: np.ndarray, installment: int, due_day: int, demand: Demand,
        random: np.random.Generator,
    ) -> None:  # fmt: skip
        """Some pay a part, then nothing comes; many close their shops; the lender writes off."""
        count, sellers = len(cohort.loan), cohort.seller
        share, some_day = random.uniform(0.1, 0.6, count), due_day + random.integers(2, 40, count)
        some_second = some_day * DAY_SECONDS + random.integers(8 * 3600, 22 * 3600, count)
        partly = fails & (random.random(count) < 0.35)
        self._pay(cohort, partly, installment, some_second, share)
        self._book(cohort, fails, "written_off", np.full(count, due_day + self._levels.write_off_days))
        closes = sellers[fails & (random.random(count) < 0.6)]
        leaving = due_day + random.integers(15, 80, len(closes)).astype(np.int32)
        demand.exit_day[closes] = np.minimum(demand.exit_day[closes], leaving)

    def _pay(
        self, cohort: Cohort, who: np.ndarray, installment: int, second: np.ndarray, share: np.ndarray | None = None
    ) -> None:
        due = self._due(cohort, installment)
        paid = due if share is None else np.floor(due * share).astype(np.int64)
        disbursed_day = cohort.terms["applied_second"] // DAY_SECONDS
        self.rows.repayments.add(
            loan=cohort.loan[who], seller=cohort.seller[who], installment=installment,
            due_day=(disbursed_day + installment * INSTALLMENT_DAYS)[who], due_cents=due[who],
            paid_second=second[who], paid_cents=paid[who], arrived_day=(second // DAY_SECONDS)[who],
        )  # fmt: skip

    def _book(self, cohort: Cohort, who: np.ndarray, status: str, arrived_day: np.ndarray) -> None:
        terms = {name: values[who] for name, values in cohort.terms.items()}
        self.rows.loans.add(
            loan=cohort.loan[who], seller=cohort.seller[who], arrived_day=arrived_day[who], status=status, **terms
        )

    def _due(self, cohort: Cohort, installment: int) -> np.ndarray:
        return cohort.last_due_cents if installment == self._levels.installments else cohort.due_cents
