"""Plots of sales, service and arrivals; None where what a plot shows has not landed."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from pages.charts import (
    ACCENT,
    GRID,
    MAIN,
    PALE,
    axes,
    bars,
    by_date,
    month_label,
    percent,
    short,
    thousands,
)
from simulator.landed_market import Connection, columns

WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def sales(connection: Connection) -> Axes | None:
    """Orders by day."""
    found = columns(
        connection,
        """
        select
            ordered_on, orders,
            median(orders) over (
                order by ordered_on range between interval 14 days preceding and interval 13 days following
            )
        from order_days, nights where ordered_on between first_on and last_on order by ordered_on
        """,
    )
    if not found:
        return None
    days, orders, smooth = found
    plot = axes(wide=True, y="orders a day")
    plot.plot(days, orders, color=PALE, linewidth=1, label="day")
    plot.plot(days, smooth, color=MAIN, label="median of 4 weeks")
    for day, count in zip(days, orders, strict=True):
        if (day.month, day.day) == (11, 11):
            plot.annotate(
                f"11.11: {count:,}", (day, count), xytext=(8, -4), textcoords="offset points", color=ACCENT, va="center"
            )
    plot.set_ylim(bottom=0)
    plot.yaxis.set_major_formatter(thousands())
    plot.legend(loc="upper left", ncols=2)
    return by_date(plot)


def sizes(connection: Connection) -> Axes | None:
    """Sales by rank."""
    found = columns(
        connection,
        """
        select rank, amount, slope, intercept, 0.1 * sellers as upper
        from seller_sales, (
            select regr_slope(ln(amount), ln(rank)) as slope, regr_intercept(ln(amount), ln(rank)) as intercept
            from seller_sales where rank <= 0.1 * sellers and amount > 0
        )
        where amount > 0 and (rank <= 20 or floor(40 * log10(rank)) > floor(40 * log10(greatest(rank - 1, 1))))
        order by rank
        """,
    )
    if not found:
        return None
    rank, amount, (slope, *_), (intercept, *_), (upper, *_) = found
    plot = axes(x="rank of the seller", y="sales")
    plot.loglog(rank, amount, ".", color=MAIN, markersize=4)
    if slope is not None and math.isfinite(slope):
        line = np.array([1, float(upper)])
        plot.plot(line, np.exp(intercept) * line**slope, color=ACCENT, label=f"slope {slope:.2f} of the largest 10%")
        plot.legend(loc="lower left")
    for axis in (plot.xaxis, plot.yaxis):
        axis.set_major_formatter(short())
        axis.set_minor_formatter(NullFormatter())
    return plot


def week(connection: Connection) -> Axes | None:
    """Orders by weekday."""
    found = columns(
        connection,
        "select isodow(ordered_on) as weekday, median(orders) from order_days group by weekday order by weekday",
    )
    if not found:
        return None
    weekdays, orders = found
    return _beside_mean([WEEKDAYS[weekday - 1] for weekday in weekdays], orders)


def year(connection: Connection) -> Axes | None:
    """Orders by month."""
    found = columns(
        connection,
        """
        select date_trunc('month', ordered_on)::date as month, avg(orders)
        from order_days, nights where ordered_on between first_on and last_on
        group by month having count(*) >= 15 order by month
        """,
    )
    return _beside_mean([month_label(month) for month in found[0]], found[1]) if found else None


def _beside_mean(labels: list[str], orders: np.ndarray) -> Axes:
    """By how much each value is above or below the mean of all."""
    plot = axes(y="beside the mean")
    bars(plot, labels, list(orders / orders.mean() - 1), every=1 + len(labels) // 15)
    plot.axhline(0, color=GRID, linewidth=0.8)
    plot.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:+.0%}" if share else "0%"))
    return plot


def hours(connection: Connection) -> Axes | None:
    """Orders by hour."""
    found = columns(
        connection, "select hour(ordered_at), count(*) / sum(count(*)) over () from orders group by 1 order by 1"
    )
    if not found:
        return None
    hours, shares = found
    plot = axes(x="hour of the day in the business time zone", y="share of orders")
    plot.bar(hours, shares, color=MAIN, width=0.72)
    plot.set_xticks(range(0, 24, 3))
    plot.grid(visible=False, axis="x")
    plot.yaxis.set_major_formatter(percent())
    return plot


def _over_sellers(connection: Connection, value: str, condition: str, most: float, x: str) -> Axes | None:
    """How a value is spread over sellers, with its median; what is above ``most`` stands at the edge."""
    found = columns(connection, f"select {value}::double from seller_quality where {condition}")
    if not found:
        return None
    plot = axes(x=x, y="sellers")
    values = np.minimum(found[0], most)
    plot.hist(values, bins=min(30, 5 + len(values) // 5), color=MAIN, rwidth=0.9)
    plot.axvline(float(np.median(values)), color=ACCENT, linewidth=1.2)
    plot.grid(visible=False, axis="x")
    plot.yaxis.set_major_formatter(thousands())
    return plot


def refunds(connection: Connection) -> Axes | None:
    """Refund rates over sellers."""
    if not columns(connection, "select 1 from refunds limit 1"):
        return None
    plot = _over_sellers(
        connection, "refund_rate", "settled >= 20", 0.3, "share of a seller's orders that were refunded"
    )
    if plot is not None:
        plot.xaxis.set_major_formatter(percent())
    return plot


def ratings(connection: Connection) -> Axes | None:
    """Ratings over sellers."""
    return _over_sellers(connection, "rating", "reviews >= 10", 5, "mean rating of a seller, stars")


def ratings_over_time(connection: Connection) -> Axes | None:
    """Ratings by week."""
    found = columns(
        connection,
        """
        select date_trunc('week', reviewed_at)::date as week, avg(rating)::double
        from reviews, nights where reviewed_at::date >= first_on group by week having count(*) >= 20 order by week
        """,
    )
    if not found:
        return None
    weeks, ratings = found
    plot = axes(y="mean rating of the week, stars")
    plot.plot(weeks, ratings, color=MAIN)
    middle = float(np.median(ratings))
    plot.set_ylim(middle - 0.5, min(5, middle + 0.5))
    return by_date(plot)


def lateness(connection: Connection) -> Axes | None:
    """Rows by days late."""
    days, shares = columns(
        connection,
        """
        select late, coalesce(sum(rows), 0) / (select sum(rows) from arrival_days)
        from range(1, 15) as days(late) left join arrival_days on days_late = late group by late order by late
        """,
    )
    plot = axes(x="days after the event", y="share of rows")
    plot.bar(days, shares.astype(float), color=MAIN, width=0.72)
    plot.set_xticks(range(1, 15))
    plot.grid(visible=False, axis="x")
    plot.yaxis.set_major_formatter(percent())
    return plot
