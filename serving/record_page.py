"""One seller's credit record as an HTML page that needs nothing from the net."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from pages import charts
from pages.html import render
from serving.record import Record, RecordNight
from serving.record_words import LOAN_HEADINGS, NIGHT_HEADINGS, history, installment_row, loan_row, standing
from tradeline.files import write_whole

TEMPLATE = Path(__file__).parent / "templates" / "record.html.j2"


@dataclass(frozen=True)
class RecordPlot:
    """One plot: its heading, what it shows, and its SVG element, or None and what ``absent`` says in its place."""

    title: str
    caption: str
    svg: str | None
    absent: str


def write_record_page(record: Record, target: Path) -> None:
    """Write the page; the same record gives the same bytes."""
    page = render(
        TEMPLATE,
        record=record,
        standing=standing(record),
        plots=_plots(record),
        loans=record.latest["loans"] or [],
        loan_row=loan_row,
        installment_row=installment_row,
        loan_headings=LOAN_HEADINGS,
        history=history(record),
        night_headings=NIGHT_HEADINGS,
    )
    write_whole(target, page)


def _plots(record: Record) -> list[RecordPlot]:
    currency = record.currency
    return [
        _plot(record, "Turnover", f"Sales of 30 days, {currency}; triangles are loans paid out.", _turnover),
        _plot(record, "Score", "350 is the worst, 950 the best.", _score),
        _plot(record, "Days past due", "Of the oldest unpaid installment.", _days_past_due),
        _plot(record, "Offer and debt", f"What could be borrowed, and what is owed, {currency}.", _offer),
    ]


def _plot(record: Record, title: str, caption: str, draw: Callable[[Record], Axes | None]) -> RecordPlot:
    with matplotlib.rc_context(charts.STYLE):
        plot = draw(record)
    if plot is None:
        return RecordPlot(title, caption, None, "Nothing is known of it yet.")
    if len(record.nights) == 1:  # the axis would make up years around it
        return RecordPlot(title, caption, None, "One night is known; a plot needs two.")
    return RecordPlot(title, caption, charts.svg(charts.by_date(plot)), "")


def _from_zero(plot: Axes, room: float = 1.0) -> None:
    """The y axis from 0 to 1 at least: nothing but zeros would be shown in thousandths."""
    plot.set_ylim(bottom=0, top=room * max(plot.get_ylim()[1], 1))


def _values(record: Record, column: str) -> list[float] | None:
    """A column by night, with gaps where it is null; None where it always is."""
    values = [night[column] for night in record.nights]
    return (
        [float("nan" if value is None else value) for value in values] if any(v is not None for v in values) else None
    )


def _line(
    plot: Axes, nights: tuple[RecordNight, ...], values: list[float], color: str, label: str | None = None
) -> None:
    """A line by night; single nights show as dots."""
    marker = "." if len(nights) < 40 else None
    plot.plot([night["as_of"] for night in nights], values, color=color, label=label, marker=marker)


def _turnover(record: Record) -> Axes | None:
    sales = _values(record, "sales_amount_30d")
    if sales is None:
        return None
    plot = charts.axes(y="sales")
    _line(plot, record.nights, sales, charts.MAIN)
    paid_out = {loan["disbursed_on"] for loan in record.latest["loans"] or []}
    at = [
        (night["as_of"], sold) for night, sold in zip(record.nights, sales, strict=True) if night["as_of"] in paid_out
    ]
    if at:
        plot.plot(*zip(*at, strict=True), "^", color=charts.ACCENT, markersize=7)
    _from_zero(plot)
    plot.yaxis.set_major_locator(MaxNLocator("auto", integer=True))
    plot.yaxis.set_major_formatter(charts.thousands())
    return plot


def _score(record: Record) -> Axes | None:
    scores = _values(record, "score")
    if scores is None:
        return None
    plot = charts.axes(y="score")
    _line(plot, record.nights, scores, charts.MAIN)
    plot.set_ylim(350, 950)
    return plot


def _days_past_due(record: Record) -> Axes | None:
    days = _values(record, "current_days_past_due")
    if days is None:
        return None
    plot = charts.axes(y="days past due")
    _line(plot, record.nights, days, charts.ACCENT)
    _from_zero(plot)
    plot.yaxis.set_major_locator(MaxNLocator("auto", integer=True))
    return plot


def _offer(record: Record) -> Axes | None:
    limits, owed = _values(record, "limit_amount"), _values(record, "outstanding_amount")
    if limits is None:
        return None
    plot = charts.axes(y="amount")
    _line(plot, record.nights, limits, charts.GREEN, "offer")
    if owed is not None:
        _line(plot, record.nights, owed, charts.ACCENT, "owed")
    _from_zero(plot, room=1.25)  # for the legend
    plot.yaxis.set_major_locator(MaxNLocator("auto", integer=True))
    plot.yaxis.set_major_formatter(charts.thousands())
    plot.legend(loc="upper left", ncols=2)
    return plot
