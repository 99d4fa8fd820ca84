"""The page docs/simulator.md, made from levels.py and statistics.yml: ``python -m simulator.levels_page``."""

from pathlib import Path

from pages.markdown import table
from simulator.levels import LEVELS
from simulator.report import figure
from simulator.statistics import Definition, Subject, definitions

PAGE = Path(__file__).resolve().parents[1] / "docs" / "simulator.md"
HEAD = """# The simulated market

Made from `simulator/levels.py` and `simulator/statistics.yml` by
`python -m simulator.levels_page`; change it there.

`tradeline simulate --sellers 2000 --days 400 --seed 1 --until 2026-06-30` lands a marketplace whose true probabilities
of default are known: all seven raw tables, night by night, as [the raw contract](raw_contract.md) says. The same
numbers give the same rows. `--report` adds one HTML page of plots and of the statistics below, on which a person sees
whether it looks like a market.

Levels set the market's traits, and a test holds them to ranges: it simulates 2,000 sellers over 400 days, measures what
has landed by SQL, and fails if a statistic leaves its range. The ranges are wide enough for the published figures that
fit the simulated kind of market, a Chinese one of small shops; "assumption" marks a range for which no published figure
was found, or none that fits. Figures differ in what they count; the range says what is taken from them.

## How it works

Two layers. The **hidden market** (`days.py`, NumPy, day by day) knows each seller's quality, a condition that wanders
(the seller's, the industry's and the region's demand, and a cushion that luck in sales fills or drains; half of any
shock is left after 60 days), reputation (quality with a lag), who fakes orders and when, and how many orders each day
brings. An earlier lender's rule decides about applications from the sales that it sees, fakes included. The **raw
rows** (`sql/`, DuckDB, some weeks at a time) follow from it: every order's whole life at once, then what arrives on
each night. Each random number depends on what it is for (an order, a seller's day), so the rows depend neither on the
size of the blocks nor on how sellers are shared out, and `--until` a later day adds nights without changing the earlier
ones. Memory grows with sellers and with the orders of some weeks, not with history.

All times of the market are local times of the business time zone (`TRADELINE_TIMEZONE`): the same numbers give the same
days and the same times there, landed in UTC. A day on which clocks change is stretched or shortened as a whole.

**Payments only.** With `--payments-only` the same market is told as a bank sees it (`accounts.py`,
`sql/bank_moves.sql`): sellers, payments, loans and repayments, no order named. The sales of a business come in as one
settlement a day, those of individuals partly in cash; everybody pays rent month by month, four individuals in ten get a
salary that fails to come the more often the worse their condition is, and a day that ends below zero after one that did
not costs a fee. These levels are assumptions, and no loan is decided otherwise for them: the true pds are the same.

**The truth.** At each installment a borrower fails with a probability that depends on quality, fakes, the loan's size
against true sales, and the condition at that time; who fails does not catch up. As the condition is an autoregressive
process, the probability of default of a loan is an expectation over three days, computed exactly by recursion on a grid
(`risk.py`). It is the best possible prediction on the day before the application, and the landed rows do not fully
reveal it: `truth/seller_days/as_of=*/` has it for every open seller and day (for a loan of one month of the sales that
are seen), `truth/loans/` for every loan as it was made, `truth/fake_orders/` which orders are fake. No pipeline, gate
or feature reads them; tests and benchmarks do, and so does the report of the market.

**Limits.** A default is permanent, a shop with an open loan does not close of itself unless it has failed to repay, all
loans run 90 days in three installments, buyers have no history of their own beyond their shops, and nobody buys more
because of a loan.

**Set by** names the levels behind a statistic. Numbers in brackets are the sources below.
"""


def page() -> str:
    """The page as Markdown."""
    known = definitions()
    numbers = {source: number for number, source in enumerate(known.sources, start=1)}
    sources = "\n".join(f"{numbers[source]}. {text}" for source, text in known.sources.items())
    return "\n".join([HEAD, *(_section(group, numbers) for group in known.groups), f"## Sources\n{sources}\n"])


def _section(group: Subject, numbers: dict[str, int]) -> str:
    rows = [(one.title, _range(one), _levels(one), _published(one, numbers)) for one in group.statistics]
    return f"## {group.group}\n\n{table(('what', 'range', 'set by', 'published'), rows)}"


def _range(one: Definition) -> str:
    low, high = figure(one.low, one.unit), figure(one.high, one.unit)
    unit = "" if one.unit in ("share", "amount", "slope", "correlation") else f" {one.unit}"
    return low if low == high else f"{low} to {high}{unit}"


def _levels(one: Definition) -> str:
    return "<br>".join(f"`{name}` {figure(getattr(LEVELS, name))}" for name in one.set_by)


def _published(one: Definition, numbers: dict[str, int]) -> str:
    cited = "".join(f"[{numbers[source]}]" for source in one.sources)
    figures = one.published[:1].upper() + one.published[1:]
    return " ".join(part for part in (figures, cited, "(assumption)" * one.is_assumed) if part)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
