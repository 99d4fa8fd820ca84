"""The plots of the report, in their order on the page."""

from collections.abc import Callable
from dataclasses import dataclass

import matplotlib
from matplotlib.axes import Axes

from pages.charts import STYLE, svg
from simulator import market_plots, money_plots
from simulator.landed_market import Connection


@dataclass(frozen=True)
class MarketPlot:
    """One plot: its heading, what a person should look for in it, and who draws it."""

    name: str
    title: str
    caption: str
    draw: Callable[[Connection], Axes | None]
    is_wide: bool = False


def rendered(plot: MarketPlot, connection: Connection) -> str | None:
    """The plot as an SVG element; None where there is nothing to show."""
    with matplotlib.rc_context(STYLE):
        drawn = plot.draw(connection)
    return None if drawn is None else svg(drawn)


PLOTS: tuple[MarketPlot, ...] = (
    MarketPlot(
        "sales",
        "Sales over time",
        "Growth, weeks, and promotion days; 11.11 stands out.",
        market_plots.sales,
        is_wide=True,
    ),
    MarketPlot("sizes", "Sizes of sellers", "Logarithmic axes; a line means that few sell most.", market_plots.sizes),
    MarketPlot("refunds", "Refunds", "Sellers with 20 orders or more; the line is the median.", market_plots.refunds),
    MarketPlot("week", "Week", "Median day of each weekday beside the mean of all.", market_plots.week),
    MarketPlot("year", "Year", "Months with 15 days or more, beside the mean of all.", market_plots.year),
    MarketPlot("hours", "Hour of the day", "Times are those of the business time zone.", market_plots.hours),
    MarketPlot("ratings", "Ratings", "Sellers with 10 reviews or more; the line is the median.", market_plots.ratings),
    MarketPlot(
        "ratings_over_time", "Ratings over time", "Weeks with 20 reviews or more.", market_plots.ratings_over_time
    ),
    MarketPlot("lateness", "Late arrivals", "Rows that arrive after the day they speak of.", market_plots.lateness),
    MarketPlot("loans", "Loans", "Applications, and those that the earlier lender paid out.", money_plots.loans),
    MarketPlot("defaults", "Default", "90 days past due within 180; 95% intervals.", money_plots.defaults),
    MarketPlot(
        "balance",
        "One seller's balance",
        "A seller of middling size, at each day's end.",
        money_plots.balance,
        is_wide=True,
    ),
)
