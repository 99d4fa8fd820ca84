"""Plots as small SVG elements, made by hand: a page holds some four hundred of them and must stay light."""

from collections.abc import Iterable, Sequence
from html import escape

from ml.numbers.auc import Auc
from ml.reports.features.statistics import Bin, Distribution, Group, figure
from tradeline.estimates import wilson

WIDTH, HEIGHT = 330, 122
TOP, BOTTOM, LEFT = 14, 94, 2
NAMES, NAMED_LEFT, NAMED_WIDTH = 12, 84, 170


def histogram(distribution: Distribution) -> str:
    """How many sellers have which value; the median is marked, a zero on a logarithmic scale stands apart."""
    if distribution.counts:
        return _counts(distribution.counts)
    if not distribution.bins:
        return ""
    bins = distribution.bins
    tallest = max(each.sellers for each in bins) or 1
    step = (WIDTH - 2 * LEFT) / len(bins)
    bars = "".join(_bar(LEFT + step * n, step, each, each.sellers / tallest) for n, each in enumerate(bins))
    scale = ", logarithmic" if distribution.is_log else ""
    first, last = bins[0], bins[-1]
    labels = [_text(LEFT, BOTTOM + 12, figure(first.low)), _text(WIDTH - LEFT, BOTTOM + 12, figure(last.high), "end")]
    if distribution.is_log and first.low == first.high:
        labels.insert(1, _text(LEFT + step, BOTTOM + 12, f"{figure(bins[1].low)}"))
        labels[0] = _text(LEFT + step / 2, BOTTOM + 12, "0", "middle") if step > 12 else ""
    labels.append(_text(WIDTH / 2, BOTTOM + 12, f"sellers by value{scale}", "middle"))
    return _svg(WIDTH, HEIGHT, f"{_floor()}{bars}{''.join(labels)}", "histogram")


def sparkline(distribution: Distribution) -> str:
    """The histogram without words, to stand in a table."""
    heights = [each.sellers for each in distribution.bins] or [count for _, count in distribution.counts]
    if not heights:
        return ""
    step, tallest = 96 / len(heights), max(heights)
    bars = "".join(
        f"M{_n(step * n)} 20v{_n(-18 * height / tallest)}h{_n(max(step - 0.8, 0.8))}V20z"
        for n, height in enumerate(heights)
        if height
    )
    return _svg(96, 20, f'<path class="bar" d="{bars}"/>', "sparkline")


def rates(groups: Iterable[Group], base_rate: float, *, is_named: bool = False) -> str:
    """The share of bad loans in each group with its 95% interval (Wilson 1927); the dashes are that of all loans."""
    groups = list(groups)
    if not groups:
        return ""
    known = [each.rate for each in groups if not each.is_missing]
    top = min(1.0, max(0.02, 3 * base_rate, *(1.15 * rate for rate in known)))
    if is_named:
        return _named_rates(groups, base_rate, top)
    step = (WIDTH - 2 * LEFT) / len(groups)
    bars = "".join(_rate(each, LEFT + step * n, step, top) for n, each in enumerate(groups))
    y = _n(_height(base_rate, top))
    return _svg(WIDTH, HEIGHT, f'{_floor()}{bars}<path class="base" d="M0 {y}H{WIDTH}"/>', "rates")


def interval(auc: Auc) -> str:
    """An AUC and its interval on a scale from 0.2 to 0.8, to stand in a table."""
    low, value, high = (min(max((each - 0.2) / 0.6, 0), 1) * 146 + 2 for each in (auc.low, auc.value, auc.high))
    return _svg(
        150,
        16,
        f'<path class="axis" d="M75 0V16"/><path class="whisker" d="M{_n(low)} 8H{_n(high)}"/>'
        f'<circle cx="{_n(value)}" cy="8" r="3.2"/>',
        f"interval {_side(auc)}",
    )


def overview(aucs: Iterable[tuple[str, Auc]]) -> str:
    """Every feature's AUC and interval, sorted; each leads to its feature."""
    ordered = sorted(aucs, key=lambda one: (one[1].value, one[0]))
    if not ordered:
        return ""
    low = min(0.4, *(auc.low for _, auc in ordered))
    high = max(0.6, *(auc.high for _, auc in ordered))
    step, width, height = (1010 - 36) / len(ordered), 1010, 300

    def y(value: float) -> str:
        return _n(10 + (high - value) / (high - low) * (height - 24))

    ticks = [tenth / 10 for tenth in range(11) if low <= tenth / 10 <= high]
    lines = "".join(
        f'<path class="{"axis" if tick == 0.5 else "grid"}" d="M34 {y(tick)}H{width}"/>'
        + _text(28, float(y(tick)) + 3.5, f"{tick:.1f}", "end")
        for tick in ticks
    )
    marks = "".join(
        f'<a href="#{name}" class="{_side(auc)}"><title>{name}: {auc}</title>'
        f'<path class="hit" d="M{_n(x)} 0V{height}" stroke-width="{_n(step)}"/>'
        f'<path class="whisker" d="M{_n(x)} {y(auc.low)}V{y(auc.high)}"/>'
        f'<circle cx="{_n(x)}" cy="{y(auc.value)}" r="2.6"/></a>'
        for x, (name, auc) in ((36 + step * (n + 0.5), one) for n, one in enumerate(ordered))
    )
    return _svg(width, height, lines + marks, "overview")


def _counts(counts: Sequence[tuple[str, int]]) -> str:
    rows = [(name, count / counts[0][1], f"{count:,}", "bar") for name, count in counts[:NAMES]]
    return _svg(WIDTH, HEIGHT, _named_bars(rows), "histogram")


def _named_rates(groups: Sequence[Group], base_rate: float, top: float) -> str:
    rows = [
        (
            each.label,
            each.rate / top,
            f"{100 * each.rate:.1f}% of {each.loans:,}",
            "bar missing" if each.is_missing else "bar",
        )
        for each in groups[:NAMES]
    ]
    x = _n(NAMED_LEFT + NAMED_WIDTH * base_rate / top)
    return _svg(WIDTH, HEIGHT, f'{_named_bars(rows)}<path class="base" d="M{x} 0V{HEIGHT}"/>', "rates")


def _named_bars(rows: Sequence[tuple[str, float, str, str]]) -> str:
    """Bars that lie, of (name, length as a share, figure, class)."""
    step = (HEIGHT - 4) / max(len(rows), 5)
    drawn = ""
    for n, (name, share, words, kind) in enumerate(rows):
        y, length = 2 + step * n, NAMED_WIDTH * min(share, 1)
        drawn += f'<path class="{kind}" d="M{NAMED_LEFT} {_n(y)}h{_n(length)}v{_n(step * 0.72)}H{NAMED_LEFT}z"/>'
        drawn += _text(NAMED_LEFT - 6, y + step * 0.36 + 3.2, name, "end")
        drawn += _text(NAMED_LEFT + length + 4, y + step * 0.36 + 3.2, words)
    return drawn


def _bar(x: float, step: float, each: Bin, share: float) -> str:
    if not each.sellers:
        return ""
    height = max(share * (BOTTOM - TOP), 0.6)
    label = figure(each.low) if each.low == each.high else f"{figure(each.low)} to {figure(each.high)}"
    gap = min(1.2, step * 0.15)
    return (
        f'<path class="bar" d="M{_n(x)} {BOTTOM}v{_n(-height)}h{_n(step - gap)}V{BOTTOM}z">'
        f"<title>{label}: {each.sellers:,} sellers</title></path>"
    )


def _rate(group: Group, x: float, step: float, top: float) -> str:
    share = wilson(group.rate, group.loans)
    low, high = (_n(_height(each, top)) for each in (share.low, share.high))
    middle, width = x + step / 2, min(step * 0.7, 44)
    kind = "bar missing" if group.is_missing else "bar"
    left, right, height = _n(middle - width / 2), _n(width), _n(_height(group.rate, top))
    return (
        f'<path class="{kind}" d="M{left} {BOTTOM}V{height}h{right}V{BOTTOM}z">'
        f"<title>{escape(group.label)}: {group.bad_loans} of {group.loans:,} bad</title></path>"
        f'<path class="whisker" d="M{_n(middle)} {low}V{high}"/>'
        + _text(middle, 10, f"{100 * group.rate:.1f}%", "middle")
        + _range(middle, group.label)
    )


def _range(x: float, label: str) -> str:
    """A group's range below its bar, on two lines where it has two ends."""
    low, is_range, high = label.partition(" to ")
    return _text(x, BOTTOM + 12, low, "middle") + (_text(x, BOTTOM + 23, f"to {high}", "middle") if is_range else "")


def _height(rate: float, top: float) -> float:
    return BOTTOM - min(rate / top, 1) * (BOTTOM - TOP - 2)


def _side(auc: Auc) -> str:
    return ("riskier" if auc.value > 0.5 else "safer") if auc.is_told_apart else "unclear"


def _floor() -> str:
    return f'<path class="axis" d="M0 {BOTTOM}H{WIDTH}"/>'


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}">{escape(words)}</text>'


def _svg(width: int, height: int, content: str, kind: str) -> str:
    return f'<svg class="{kind}" viewBox="0 0 {width} {height}" role="img">{content}</svg>'


def _n(value: float) -> str:
    """A length, as short as it can be said."""
    return f"{value:.1f}".removesuffix(".0")
