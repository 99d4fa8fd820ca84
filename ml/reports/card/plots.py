"""The plots of a card; each is None where there is nothing to show."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ml.evaluation.segments import Segment
from ml.learning.registered import registered
from ml.monitoring.fairness import GroupOutcome
from ml.monitoring.stability import Drift
from ml.numbers.reliability import ReliabilityBin
from ml.reports.card.words import plain, reason_name, title_of
from pages import charts
from tradeline.estimates import Estimate, wilson

ROW_INCHES = 0.21
MIN_ROWS = 4
AIR_SHOWN = 0.7
MONTHS_NAMED = 10
SHOWN_REASONS = 20
SHADED_SHARE = 0.02  # smaller bins do not stretch the colours


def colour_of(algorithm: str) -> str:
    """Of an algorithm's curves; grey where ``ml/model.yml`` has it no longer."""
    found = registered().get(algorithm)
    return found.colour if found else charts.MUTED


@charts.drawn
def reliability(bins: Mapping[str, Sequence[ReliabilityBin]], algorithm: str) -> Axes:
    """Rate of bad against mean pd, bin by bin; every algorithm on the same scale."""
    plot, own = charts.axes(x="mean pd", y="rate of bad"), bins[algorithm]
    rates = [each.bad_rate for each in own]
    charts.error_bars(plot, [each.mean_pd for each in own], rates, color=colour_of(algorithm))
    highest = max(max(each.mean_pd, each.bad_rate.high) for found in bins.values() for each in found)
    plot.plot([0, highest], [0, highest], color=charts.MUTED, linewidth=0.8, linestyle="--")
    return _shares(plot, plot.xaxis, plot.yaxis)


@charts.drawn
def caught(found: Sequence[Mapping[str, float]]) -> Axes:
    """Share of the bad rows among the riskiest rows, by algorithm: those that declining them would avoid."""
    plot = charts.axes(x="rows declined, the riskiest first", y="bad rows among them")
    declined = [each["declined_share"] for each in found]
    for name in (name for name in found[0] if name != "declined_share"):
        plot.plot(declined, [each[name] for each in found], color=colour_of(name), label=title_of(name))
    plot.plot([0, 1], [0, 1], color=charts.MUTED, linewidth=0.8, linestyle="--")
    plot.legend(loc="lower right")
    return _shares(plot, plot.xaxis, plot.yaxis)


@charts.drawn
def scores(bands: Sequence[Mapping[str, int]]) -> Axes:
    """Where good and bad rows lie on the scale."""
    plot = charts.axes(x="score", y="share of the rows")
    edges = [*(each["low"] for each in bands), bands[-1]["high"]]
    for name, colour in (("good", charts.MAIN), ("bad", charts.ACCENT)):
        counts = [each[f"{name}_rows"] for each in bands]
        total = sum(counts) or 1
        plot.stairs([each / total for each in counts], edges, color=colour, fill=True, alpha=0.25)
        plot.stairs([each / total for each in counts], edges, color=colour, label=name)
    plot.legend(loc="upper left")
    return _shares(plot, plot.yaxis)


@charts.drawn
def months(found: Sequence[Segment]) -> Axes:
    """Rate of bad and mean pd by month of decision."""
    plot = charts.axes()
    places, every = list(range(len(found))), -(-len(found) // MONTHS_NAMED)
    rates = [wilson(each.base_rate, each.rows) for each in found]
    charts.error_bars(plot, places, rates, color=charts.ACCENT, label="rate of bad", fmt="s")
    plot.plot(places, [each.mean_pd for each in found], color=charts.MAIN, label="mean pd", marker="o", markersize=3)
    plot.set_xticks(places[::every], [each.name.replace("-", "\n") for each in found[::every]])
    plot.set_xlim(-0.6, max(len(found) - 0.4, 0.6))
    plot.set_ylim(bottom=0)
    plot.legend(loc="upper left", ncols=2)
    return _shares(plot, plot.yaxis)


@charts.drawn
def segments(found: Iterable[Segment], all_rows: Estimate) -> Axes | None:
    """AUC by segment, beside that of all rows."""
    plot = _forest([(f"{plain(each.by)}: {each.name}", each.auc, charts.INK) for each in found if each.auc], "AUC")
    if plot:
        plot.axvspan(all_rows.low, all_rows.high, color=charts.PALE, alpha=0.35, linewidth=0)
        plot.axvline(all_rows.value, color=charts.MAIN, linewidth=0.9)
        plot.axvline(0.5, color=charts.MUTED, linewidth=0.8, linestyle="--")
    return plot


@charts.drawn
def vintages(cohorts: Sequence[Mapping[str, Any]], window_days: int) -> Axes | None:
    """Share of bad loans by age, a line for each cohort."""
    if not cohorts:
        return None
    plot = charts.axes(wide=True, x="days since disbursement", y="bad loans")
    shades = matplotlib.colormaps["viridis_r"]
    for place, cohort in enumerate(cohorts):
        colour = shades(0.05 + 0.95 * place / max(len(cohorts) - 1, 1))
        ages = [0, *(age["age_days"] for age in cohort["ages"])]
        rates = [0.0, *(age["bad_share"] for age in cohort["ages"])]
        is_named = place in (0, len(cohorts) // 2, len(cohorts) - 1)
        plot.plot(ages, rates, color=colour, linewidth=1, label=f"{cohort['cohort_on']:%Y-%m}" if is_named else None)
        plot.plot(ages[-1], rates[-1], ".", color=colour, markersize=4)
    plot.axvline(window_days, color=charts.MUTED, linewidth=0.8, linestyle="--")
    plot.set_ylim(bottom=0)
    plot.legend(loc="upper left")
    return _shares(plot, plot.yaxis)


@charts.drawn
def impact(groups: Iterable[GroupOutcome], gates: Iterable[float]) -> Axes | None:
    """Adverse impact ratio by group; ``gates``: the ratios that are asked for."""
    colours = {True: charts.ACCENT, False: charts.MAIN}
    found = [
        (f"{plain(each.by)}: {each.group}", each.adverse_impact_ratio, colours[each.is_less_approved])
        for each in groups
        if each.adverse_impact_ratio
    ]
    plot = _forest(found, "share whose pd passes over the highest group's", wide=True)
    if plot:
        plot.axvline(1, color=charts.MUTED, linewidth=0.8)
        for gate in sorted(set(gates)):
            plot.axvline(gate, color=charts.ACCENT, linewidth=0.9, linestyle="--")
        low, high = plot.get_xlim()
        plot.set_xlim(max(0, min(low, AIR_SHOWN)), max(high, 1.05))
    return plot


@charts.drawn
def drift(found: Sequence[Drift]) -> Axes | None:
    """PSI of the pd and of the features that moved most, beside what chance explains."""
    if not found:
        return None
    colours = {"stable": charts.PALE, "watch": charts.MAIN, "alarm": charts.ACCENT}
    plot = _bars([(each.name, each.psi) for each in found], "PSI", [colours[each.band] for each in found], wide=True)
    plot.plot([each.critical for each in found], range(len(found)), "|", color=charts.INK, markersize=9)
    plot.axvline(0.1, color=charts.MUTED, linewidth=0.8, linestyle="--")
    if plot.get_xlim()[1] > 0.2:
        plot.axvline(0.25, color=charts.ACCENT, linewidth=0.8, linestyle="--")
    return plot


@charts.drawn
def important(found: Sequence[Mapping[str, Any]]) -> Axes | None:
    """The trees' most important features."""
    shown = [(each["feature"], each["contribution"]) for each in found]
    return _bars(shown, "mean |contribution|, log-odds") if shown else None


@charts.drawn
def reasons(found: Sequence[Mapping[str, Any]], explained_rows: int) -> Axes:
    """How often each reason is the first, the most frequent ones."""
    shown = [each for each in found if each["first_rows"]][:SHOWN_REASONS] or found[:1]
    shares = [(reason_name(each["code"]), each["first_rows"] / (explained_rows or 1)) for each in shown]
    plot = _bars(shares, "first reason of", wide=True)
    return _shares(plot, plot.xaxis)


@charts.drawn
def points(characteristics: Sequence[Mapping[str, Any]]) -> Axes | None:
    """Points of each bin of the scorecard, the characteristics that weigh most first."""
    shown = [
        (each["feature"], [bin_ for bin_ in each["bins"] if bin_["bad_rate"] is not None]) for each in characteristics
    ]
    if not shown:
        return None
    shown.sort(key=lambda one: min(bin_["points"] for bin_ in one[1]) - max(bin_["points"] for bin_ in one[1]))
    plot = _rows([name for name, _ in shown], x="points")
    rates = [bin_["bad_rate"] for _, bins in shown for bin_ in bins if bin_["row_share"] >= SHADED_SHARE]
    shade = matplotlib.colors.Normalize(min(rates), max(rates), clip=True)
    for place, (_, bins) in enumerate(shown):
        values = [bin_["points"] for bin_ in bins]
        plot.plot([min(values), max(values)], [place, place], color=charts.PALE, linewidth=1.2, zorder=1)
        colours = [matplotlib.colormaps["RdYlBu_r"](shade(bin_["bad_rate"])) for bin_ in bins]
        sizes = [12 + 120 * bin_["row_share"] for bin_ in bins]
        plot.scatter(values, [place] * len(values), sizes, colours, edgecolors=charts.INK, linewidths=0.4, zorder=2)
    return plot


def _forest(found: Sequence[tuple[str, Estimate, str]], x: str, wide: bool = False) -> Axes | None:
    """Figures with their intervals below each other, of (name, figure, colour)."""
    if not found:
        return None
    plot = _rows([name for name, _, _ in found], x, wide)
    for place, (_, each, colour) in enumerate(found):
        charts.error_bars(plot, [place], [each], is_flat=True, color=colour, elinewidth=1.1)
    return plot


def _bars(
    found: Sequence[tuple[str, float]], x: str, colours: str | Sequence[str] = charts.MAIN, wide: bool = False
) -> Axes:
    plot = _rows([name for name, _ in found], x, wide)
    plot.barh(range(len(found)), [value for _, value in found], color=colours, height=0.7)
    plot.grid(visible=False, axis="y")
    return plot


def _rows(names: Sequence[str], x: str, wide: bool = False) -> Axes:
    """An empty plot with a line for each name, the first on top."""
    plot = charts.axes(wide=wide, x=x)
    figure = plot.get_figure()
    assert isinstance(figure, Figure)
    figure.set_figheight(0.75 + ROW_INCHES * max(len(names), MIN_ROWS))
    plot.set_yticks(range(len(names)), names)
    plot.set_ylim(max(len(names), MIN_ROWS) - 0.4, -0.6)
    return plot


def _shares(plot: Axes, *along: Any) -> Axes:
    for axis in along:
        axis.set_major_formatter(charts.percent())
    return plot
