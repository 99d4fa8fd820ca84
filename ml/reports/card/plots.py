"""The plots of a card, where people would rather look than read: each an SVG element, or empty for nothing to show."""

from collections.abc import Callable, Sequence

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ml.learning.registered import registered
from ml.reports.card.content import Card
from ml.reports.card.words import reason_name
from pages import charts
from tradeline.estimates import Estimate, wilson

ROW_INCHES = 0.21
MIN_ROWS = 4
AIR_SHOWN = 0.7
MONTHS_NAMED = 10
SHOWN_REASONS = 20
SHADED_SHARE = 0.02  # smaller bins do not stretch the colours


def draw(plot: Callable[[Card], Axes | None], card: Card) -> str:
    """One of the plots below as SVG; the same card gives the same bytes."""
    with matplotlib.rc_context(charts.STYLE):
        drawn = plot(card)
    return "" if drawn is None else charts.svg(drawn)


def title_of(algorithm: str) -> str:
    """What people read of an algorithm; its name where ``ml/model.yml`` has it no longer."""
    found = registered().get(algorithm)
    return found.title if found else algorithm


def colour_of(algorithm: str) -> str:
    """Of its curves."""
    found = registered().get(algorithm)
    return found.colour if found else charts.MUTED


def reliability(card: Card, algorithm: str) -> Axes:
    """Rate of bad against mean pd, bin by bin; all contenders on the same scale."""
    plot = charts.axes(x="mean pd", y="rate of bad")
    bins = card.reliability.bins[algorithm]
    rates = [each.bad_rate for each in bins]
    charts.error_bars(plot, [each.mean_pd for each in bins], rates, color=colour_of(algorithm))
    highest = max(max(each.mean_pd, each.bad_rate.high) for own in card.reliability.bins.values() for each in own)
    plot.plot([0, highest], [0, highest], color=charts.MUTED, linewidth=0.8, linestyle="--")
    for axis in (plot.xaxis, plot.yaxis):
        axis.set_major_formatter(charts.percent())
    return plot


def caught(card: Card) -> Axes:
    """How many of the bad rows are avoided where so many of all rows are declined."""
    plot = charts.axes(x="rows declined, the riskiest first", y="bad rows among them")
    shares = [each.declined_share for each in card.metrics.caught]
    for name in card.reliability.bins:
        found = [getattr(each, name) for each in card.metrics.caught]
        plot.plot(shares, found, color=colour_of(name), label=title_of(name))
    plot.plot([0, 1], [0, 1], color=charts.MUTED, linewidth=0.8, linestyle="--")
    for axis in (plot.xaxis, plot.yaxis):
        axis.set_major_formatter(charts.percent())
    plot.legend(loc="lower right")
    return plot


def scores(card: Card) -> Axes:
    """Where good and bad rows lie on the scale."""
    bands = card.score_scale.bands
    plot = charts.axes(x="score", y="share of the rows")
    edges = [*(each.low for each in bands), bands[-1].high]
    for name, counts, colour in (
        ("good", [each.good_rows for each in bands], charts.MAIN),
        ("bad", [each.bad_rows for each in bands], charts.ACCENT),
    ):
        total = sum(counts) or 1
        plot.stairs([each / total for each in counts], edges, color=colour, fill=True, alpha=0.25)
        plot.stairs([each / total for each in counts], edges, color=colour, label=name)
    plot.yaxis.set_major_formatter(charts.percent())
    plot.legend(loc="upper left")
    return plot


def months(card: Card) -> Axes:
    """Rate of bad and mean pd by month of decision."""
    found = card.segments.months
    plot = charts.axes()
    places, every = list(range(len(found))), -(-len(found) // MONTHS_NAMED)
    rates = [wilson(each.base_rate, each.rows) for each in found]
    charts.error_bars(plot, places, rates, color=charts.ACCENT, label="rate of bad", fmt="s")
    plot.plot(places, [each.mean_pd for each in found], color=charts.MAIN, label="mean pd", marker="o", markersize=3)
    plot.set_xticks(places[::every], [each.name.replace("-", "\n") for each in found[::every]])
    plot.set_xlim(-0.6, max(len(found) - 0.4, 0.6))
    plot.set_ylim(bottom=0)
    plot.yaxis.set_major_formatter(charts.percent())
    plot.legend(loc="upper left", ncols=2)
    return plot


def segments(card: Card) -> Axes | None:
    """AUC by segment."""
    found = [(_named(each.by, each.name), each.auc) for each in card.segments.segments or () if each.auc]
    if not found:
        return None
    plot = _forest(found, x="AUC")
    auc = card.summary.auc
    plot.axvspan(auc.low, auc.high, color=charts.PALE, alpha=0.35, linewidth=0)
    plot.axvline(auc.value, color=charts.MAIN, linewidth=0.9)
    plot.axvline(0.5, color=charts.MUTED, linewidth=0.8, linestyle="--")
    return plot


def vintages(card: Card) -> Axes | None:
    """Share of bad loans by age, a line for each cohort."""
    cohorts = card.vintages.cohorts
    if cohorts is None:
        return None
    plot = charts.axes(wide=True, x="days since disbursement", y="bad loans")
    shades = matplotlib.colormaps["viridis_r"]
    for place, cohort in enumerate(cohorts):
        colour = shades(0.05 + 0.95 * place / max(len(cohorts) - 1, 1))
        ages, rates = [0], [0.0]
        for age in cohort.ages:
            ages.append(age.age_days)
            rates.append(age.bad_share)
        is_named = place in (0, len(cohorts) // 2, len(cohorts) - 1)
        plot.plot(ages, rates, color=colour, linewidth=1, label=f"{cohort.cohort_on:%Y-%m}" if is_named else None)
        plot.plot(ages[-1], rates[-1], ".", color=colour, markersize=4)
    plot.axvline(card.vintages.judged_age_days, color=charts.MUTED, linewidth=0.8, linestyle="--")
    plot.set_ylim(bottom=0)
    plot.yaxis.set_major_formatter(charts.percent())
    plot.legend(loc="upper left")
    return plot


def impact(card: Card) -> Axes | None:
    """Adverse impact ratio by group."""
    found = [
        (_named(each.by, each.group), each.adverse_impact_ratio, each.is_less_approved)
        for each in card.fairness.groups or ()
        if each.adverse_impact_ratio
    ]
    if not found:
        return None
    plot = _forest(
        [(name, ratio) for name, ratio, _ in found],
        "share whose pd passes over the highest group's",
        wide=True,
        colours=[charts.ACCENT if is_less else charts.MAIN for _, _, is_less in found],
    )
    plot.axvline(1, color=charts.MUTED, linewidth=0.8)
    for gate in sorted({gate.adverse_impact_ratio_min for gate in card.fairness.gates or ()}):
        plot.axvline(gate, color=charts.ACCENT, linewidth=0.9, linestyle="--")
    low, high = plot.get_xlim()
    plot.set_xlim(max(0, min(low, AIR_SHOWN)), max(high, 1.05))
    return plot


def drift(card: Card) -> Axes | None:
    """PSI of the pd and of the features that moved most, beside what chance explains."""
    found = card.stability.features
    if card.stability.pd is None or found is None:
        return None
    rows = [card.stability.pd, *found]
    colours = {"stable": charts.PALE, "watch": charts.MAIN, "alarm": charts.ACCENT}
    plot = _rows([each.name for each in rows], "PSI", wide=True)
    _bars(plot, [each.psi for each in rows], [colours[each.band] for each in rows])
    plot.plot([each.critical for each in rows], range(len(rows)), "|", color=charts.INK, markersize=9)
    plot.axvline(0.1, color=charts.MUTED, linewidth=0.8, linestyle="--")
    if plot.get_xlim()[1] > 0.2:
        plot.axvline(0.25, color=charts.ACCENT, linewidth=0.8, linestyle="--")
    return plot


def important(card: Card) -> Axes | None:
    """What the trees make most of."""
    found = card.features.important
    if not found:
        return None
    plot = _rows([each.feature for each in found], "mean |contribution|, log-odds")
    _bars(plot, [each.contribution for each in found], charts.MAIN)
    return plot


def reasons(card: Card) -> Axes:
    """How often each reason is the first, the most frequent ones."""
    found = [each for each in card.reasons.reasons if each.first_rows][:SHOWN_REASONS] or card.reasons.reasons[:1]
    total = card.reasons.explained_rows or 1
    plot = _rows([reason_name(each.code) for each in found], "first reason of", wide=True)
    _bars(plot, [each.first_rows / total for each in found], charts.MAIN)
    plot.xaxis.set_major_formatter(charts.percent())
    return plot


def points(card: Card) -> Axes | None:
    """Points of each bin of the scorecard, the characteristics that weigh most first."""
    shown = [
        (each.feature, [(bin_, bin_.bad_rate) for bin_ in each.bins if bin_.bad_rate is not None])
        for each in card.features.characteristics or ()
    ]
    if not shown:
        return None
    shown.sort(key=lambda one: min(bin_.points for bin_, _ in one[1]) - max(bin_.points for bin_, _ in one[1]))
    plot = _rows([name for name, _ in shown], x="points")
    rates = [rate for _, bins in shown for bin_, rate in bins if bin_.row_share >= SHADED_SHARE]
    shade = matplotlib.colors.Normalize(min(rates), max(rates), clip=True)
    for place, (_, bins) in enumerate(shown):
        values = [bin_.points for bin_, _ in bins]
        plot.plot([min(values), max(values)], [place, place], color=charts.PALE, linewidth=1.2, zorder=1)
        colours = [matplotlib.colormaps["RdYlBu_r"](shade(rate)) for _, rate in bins]
        sizes = [12 + 120 * bin_.row_share for bin_, _ in bins]
        plot.scatter(values, [place] * len(values), sizes, colours, edgecolors=charts.INK, linewidths=0.4, zorder=2)
    return plot


def _forest(
    found: Sequence[tuple[str, Estimate]], x: str, colours: Sequence[str] | None = None, wide: bool = False
) -> Axes:
    plot = _rows([name for name, _ in found], x, wide)
    for place, (_, each) in enumerate(found):
        colour = colours[place] if colours else charts.INK
        charts.error_bars(plot, [place], [each], is_flat=True, color=colour, elinewidth=1.1)
    return plot


def _bars(plot: Axes, values: Sequence[float], colours: str | Sequence[str]) -> None:
    plot.barh(range(len(values)), values, color=colours, height=0.7)
    plot.grid(visible=False, axis="y")


def _named(by: str, group: str) -> str:
    return f"{by.replace('_', ' ')}: {group}"


def _rows(names: Sequence[str], x: str, wide: bool = False) -> Axes:
    """An empty plot with a line for each name, the first on top."""
    plot = charts.axes(wide=wide, x=x)
    figure = plot.get_figure()
    assert isinstance(figure, Figure)
    figure.set_figheight(0.75 + ROW_INCHES * max(len(names), MIN_ROWS))
    plot.set_yticks(range(len(names)), names)
    plot.set_ylim(max(len(names), MIN_ROWS) - 0.4, -0.6)
    return plot
