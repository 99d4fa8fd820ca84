"""The style of plots, and plots as SVG that needs nothing from the net and is the same in every run."""

import io
import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import wraps
from typing import Any, ParamSpec

import matplotlib
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, StrMethodFormatter
from numpy.typing import ArrayLike

from pages import palette
from tradeline.estimates import Estimate

Given = ParamSpec("Given")
INK, MUTED, GRID = palette.INK, palette.MUTED, palette.GRID
MAIN, ACCENT, PALE, GREEN = palette.MAIN, palette.ACCENT, palette.PALE, palette.GREEN
WIDE, HALF = (10.2, 2.7), (4.9, 2.7)
# Before any plot: Matplotlib has read a `matplotlibrc` where the folder that we were started in has one.
matplotlib.rcParams.update({name: value for name, value in matplotlib.rcParamsDefault.items() if name != "backend"})
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "tradeline",
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": "#999999",
    "axes.labelcolor": MUTED,
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlesize": 9,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.3,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}

DOTS: dict[str, Any] = {"fmt": "o", "markersize": 3.5, "elinewidth": 0.9}

_SIZES = ((1e6, " M"), (1e3, " k"), (1, ""))


def axes(*, wide: bool = False, x: str = "", y: str = "") -> Axes:
    """An empty plot, half a page wide or a whole one; ``x`` and ``y``: the labels of its axes."""
    plot = Figure(figsize=WIDE if wide else HALF, layout="constrained").add_subplot()
    plot.set_xlabel(x)
    plot.set_ylabel(y)
    return plot


def drawn(plot: Callable[Given, Axes | None]) -> Callable[Given, str]:
    """``plot`` as SVG, or "" where there is nothing to show; the same figures give the same bytes."""

    @wraps(plot)
    def draw(*args: Given.args, **kwargs: Given.kwargs) -> str:
        with matplotlib.rc_context(STYLE):
            found = plot(*args, **kwargs)
        return "" if found is None else svg(found)

    return draw


def by_date(plot: Axes) -> Axes:
    """The plot with dates along its x axis."""
    locator = AutoDateLocator(minticks=3, maxticks=9)  # type: ignore[no-untyped-call]
    plot.xaxis.set_major_locator(locator)
    plot.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    return plot


def thousands() -> StrMethodFormatter:
    """12,345."""
    return StrMethodFormatter("{x:,.0f}")


def percent() -> FuncFormatter:
    """0.12 as 12%, 0.004 as 0.4%."""
    return FuncFormatter(lambda share, _: f"{100 * share:.3g}%")


def short() -> FuncFormatter:
    """12 k, 3 M."""
    return FuncFormatter(lambda value, _: next(f"{value / d:g}{s}" for d, s in _SIZES if value >= d or d == 1))


def month_label(month: date) -> str:
    """The month, and in January the year below it."""
    return f"{month:%b}\n{month:%Y}" if month.month == 1 else f"{month:%b}"


def bars(plot: Axes, labels: list[str], heights: list[float], *, every: int = 1, color: str = MAIN) -> None:
    """Bars side by side; every ``every``-th has its label below it."""
    plot.bar(range(len(labels)), heights, color=color, width=0.72)
    plot.set_xticks(range(0, len(labels), every), labels[::every])
    plot.grid(visible=False, axis="x")


def error_bars(
    plot: Axes,
    at: ArrayLike,
    found: Sequence[Estimate],
    *,
    is_flat: bool = False,
    color: str = MAIN,
    **style: Any,
) -> None:
    """Values with their intervals at places along the x axis, or with ``is_flat`` along the y axis.

    ``style``: what ``Axes.errorbar`` takes besides.
    """
    values = [each.value for each in found]
    spread = [[each.value - each.low for each in found], [each.high - each.value for each in found]]
    if is_flat:
        plot.errorbar(values, at, xerr=spread, color=color, **DOTS | style)
    else:
        plot.errorbar(at, values, yerr=spread, color=color, **DOTS | style)


def svg(plot: Axes) -> str:
    """The plot as an SVG element to be put into a page: text is text, and no date or address is in it."""
    with matplotlib.rc_context(STYLE):
        written = io.StringIO()
        figure = plot.get_figure()
        assert isinstance(figure, Figure)
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    element = written.getvalue()
    element = element[element.index("<svg") :]
    element = re.sub(r"<metadata>.*?</metadata>", "", element, flags=re.DOTALL)
    element = re.sub(r' id="[A-Za-z0-9_.]+_\d+"', "", element)  # group names, the same in every plot of the page
    element = element.replace("'DejaVu Sans'", "system-ui, 'DejaVu Sans', sans-serif")
    return re.sub(r' xmlns(:xlink)?="[^"]*"| version="1.1"', "", element)
