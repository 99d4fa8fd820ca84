"""How the processor's seconds of a night's stages grow with sellers and with nights of history.

Markets of all sizes with the shortest history, and of the smallest size with all histories: each is simulated, caught
up in one pass, and then its last night is run. Seconds are the processor's, since other programs stretch the clock's.
Exponents are fitted by least squares of logarithms: 1 where twice the size takes twice as long, 0 where it takes no
longer. What was measured is kept beside the plot, line by line, so that a benchmark that was stopped goes on where it
was.

    python -m benchmarks.growth --keep growth --sellers 10000 100000 1000000 --nights 90 365 730
"""

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from benchmarks.market import BYTES_PER_SELLER_NIGHT, UNTIL, check_space
from benchmarks.runs import START, landed_rows, run_command, run_night
from benchmarks.table import StageTable
from pages import charts
from tradeline.settings import Settings

Size = tuple[int, int]  # sellers, nights
Measured = dict[Size, dict[str, float]]  # seconds by stage
SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
SHOWN_SECONDS = 0.5  # stages that take less at every size are left out


def main() -> None:
    """Measure the sizes that are not measured yet, print exponents and write the plots."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sellers", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--nights", type=int, nargs="+", default=[90, 365, 730])
    parser.add_argument("--keep", type=Path, required=True, help="folder of what was measured, and of the plots")
    asked = parser.parse_args()
    if min(asked.nights) < 2 or min(asked.sellers) < 1:
        parser.exit(2, "growth is measured from 1 seller and 2 nights on\n")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the folder goes, however this ends
    asked.keep.mkdir(parents=True, exist_ok=True)
    kept = asked.keep / "growth.jsonl"
    for size in sizes(asked.sellers, asked.nights):
        if size not in read_measured(kept):
            check_space(parser, Path(tempfile.gettempdir()), size[0] * size[1] * BYTES_PER_SELLER_NIGHT)
            seconds = measure_night(*size)
            with kept.open("a") as lines:
                lines.write(json.dumps({"sellers": size[0], "nights": size[1], "seconds": seconds}) + "\n")
    measured = read_measured(kept)
    for name, axis, fixed in (("sellers", 0, min(asked.nights)), ("nights", 1, min(asked.sellers))):
        along = {size[axis]: seconds for size, seconds in measured.items() if size[1 - axis] == fixed}
        show(name, along)
        (asked.keep / f"growth_{name}.svg").write_text(as_file(plot(name, along)), encoding="utf-8")


def sizes(sellers: Sequence[int], nights: Sequence[int]) -> list[Size]:
    """All sizes with the shortest history, then the smallest market with the longer ones."""
    shortest, *longer = sorted(set(nights))
    return [(size, shortest) for size in sorted(set(sellers))] + [(min(sellers), history) for history in longer]


def measure_night(sellers: int, nights: int) -> dict[str, float]:
    """The processor's seconds of each stage of the last of ``nights``, all those before it caught up in one pass."""
    with tempfile.TemporaryDirectory(prefix="tradeline-growth-") as folder:
        settings, table = Settings(home=Path(folder) / "home"), StageTable()
        market = ("--sellers", str(sellers), "--days", str(nights), "--seed", "1", "--until", str(UNTIL))
        run_command(table, settings, Path(folder), f"simulate {sellers:,} x {nights:,}", "simulate", *market)
        landed = landed_rows(settings)
        run_night(table, settings, Path(folder), max(landed.caught_up), sum(landed.caught_up.values()))
        stages = run_night(table, settings, Path(folder), landed.last_on, landed.rows[landed.last_on])
    seconds: dict[str, float] = {}
    for title, cost in stages:
        if title != START:
            seconds[title] = seconds.get(title, 0) + cost.cpu_seconds
    return seconds | {"all stages": sum(seconds.values())}


def read_measured(kept: Path) -> Measured:
    """What was measured before, the latest of a size."""
    lines = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    return {(line["sellers"], line["nights"]): line["seconds"] for line in lines}


def exponent(along: dict[int, float]) -> float:
    """The slope of the logarithm of seconds over that of the size, by least squares; of two sizes or more."""
    sizes_, seconds = np.array(sorted(along.items()), float).T
    slope, _ = np.polyfit(np.log(sizes_), np.log(np.maximum(seconds, 1e-3)), 1)
    return float(slope)


def curves(along: dict[int, dict[str, float]]) -> Iterator[tuple[str, dict[int, float]]]:
    """Seconds by size of each stage that every size has and that takes long enough to be told from noise."""
    for stage in next(iter(along.values()), {}):
        seconds = {size: found[stage] for size, found in sorted(along.items()) if stage in found}
        if len(seconds) == len(along) and max(seconds.values()) >= SHOWN_SECONDS:
            yield stage, seconds


def show(name: str, along: dict[int, dict[str, float]]) -> None:
    """Print a table for the documentation: seconds of each stage by size, and the exponent."""
    if len(along) < 2:
        print(f"\n{name}: one size alone has no growth")
        return
    print(f"\n| seconds of the processor by {name} | {' | '.join(f'{size:,}' for size in sorted(along))} | exponent |")
    print(f"| --- |{' --- |' * (len(along) + 1)}")
    for stage, seconds in curves(along):
        columns = " | ".join(f"{each:.1f}" for each in seconds.values())
        print(f"| {stage} | {columns} | {exponent(seconds):.2f} |")


def as_file(element: str) -> str:
    """An SVG element as a file of its own, with the namespaces that it goes without in a page."""
    return element.replace("<svg", f'<svg xmlns="{SVG}" xmlns:xlink="{XLINK}"', 1)


@charts.drawn
def plot(name: str, along: dict[int, dict[str, float]]) -> Axes:
    """Seconds of each stage by size, both axes in logarithms."""
    drawn = charts.axes(wide=True, x=name, y="processor seconds of a night")
    for stage, seconds in curves(along):
        drawn.plot(list(seconds), list(seconds.values()), marker="o", markersize=3, label=stage)
    drawn.set_xscale("log")
    drawn.set_yscale("log")
    drawn.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return drawn


if __name__ == "__main__":
    main()
