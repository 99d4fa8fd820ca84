"""One page on which a person sees at a glance whether the landed market looks like a market."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

import duckdb

from pages.html import render
from simulator.landed_market import landed_market
from simulator.plots import PLOTS, MarketPlot, rendered
from simulator.statistics import Statistic, measure
from tradeline.files import write_whole
from tradeline.settings import Settings

log = logging.getLogger(__name__)

TEMPLATE = Path(__file__).parent / "templates" / "report.html.j2"
HEADLINE = """
with sale_payments as (from payments where kind = 'sale' and direction = 'in')
select
    (select sellers from landed) as sellers, (select is_drawn from landed) as is_drawn,
    (select count(*) from sellers) as sellers_drawn, (select count(*) from orders) as orders,
    (select count(*) from sale_payments) as sale_payments,
    coalesce((select nullif(sum(amount), 0) from seller_sales), (select sum(amount) from sale_payments), 0)
        as sales_amount,
    (select count(*) from loans where disbursed_at is not null) as loans,
    (select count(*) from loans) as applications,
    (select count(*) filter (is_default) from matured) as bad_loans, (select count(*) from matured) as matured_loans,
    (select first_on from nights) as first_on, (select last_on from nights) as last_on
"""


@dataclass(frozen=True)
class Drawn:
    """A plot and its SVG element, None where what it shows has not landed."""

    plot: MarketPlot
    svg: str | None


def write_report(settings: Settings, target: Path, truth: Path | None = None) -> Path:
    """Write the landed market's report to ``target`` and return it: one HTML page that needs nothing from the net.

    The same landing gives the same bytes. The shares of fake orders are on it if the folder ``truth`` is given.

    Raises:
        BadInput: no sellers, or neither orders nor payments, have landed as Parquet.
    """
    with landed_market(settings, truth) as connection:
        statistics = measure(connection)
        page = _page(settings, connection, statistics)
    write_whole(target, page)
    measured = [one for one in statistics if one.is_met is not None]
    log.info(
        "report: %s of %s statistics in their ranges, %s",
        sum(one.is_met is True for one in measured),
        len(measured),
        target,
    )
    return target


def _page(settings: Settings, connection: duckdb.DuckDBPyConnection, statistics: tuple[Statistic, ...]) -> str:
    result = connection.execute(HEADLINE)
    headline = dict(zip((column[0] for column in result.description), result.fetchall()[0], strict=True))
    return render(
        TEMPLATE,
        filters={"figure": partial(figure, currency=settings.currency)},
        currency=settings.currency,
        headline=headline,
        groups=[(name, list(group)) for name, group in groupby(statistics, lambda one: one.group)],
        met=_count(statistics, is_met=True),
        unmet=[one for one in statistics if one.is_met is False],
        plots=[Drawn(plot, rendered(plot, connection)) for plot in PLOTS],
    )


def _count(statistics: Iterable[Statistic], *, is_met: bool) -> int:
    return sum(one.is_met is is_met for one in statistics)


def figure(value: float | None, unit: str = "", currency: str = "") -> str:
    """A number as a person reads it: shares in percent, 3 digits, thousands set apart, amounts with their currency."""
    if value is None:
        return "not landed"
    if unit == "share":
        return f"{100 * value:.3g}%" if value < 0.995 else f"{100 * value:.6g}%"
    short = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{short} {currency}".rstrip() if unit == "amount" else short
