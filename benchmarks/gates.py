"""How often the gates stop or warn on honest nights, and how often they find a night in cents.

Every night of simulated markets, of Olist whole and thinned, and of payments alone is checked by ``raw_in`` against the
28 nights before it. The gates of features, scores and offers need marts: they check every tenth night of the markets
named by ``--marts``. What is kept is used again.

    python -m benchmarks.gates --olist PATH --keep PATH
    python -m benchmarks.gates --sizes 300:1 --marts 300:1
"""

import argparse
import tempfile
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from scipy.stats import beta

from benchmarks import gate_marts, gate_nights
from benchmarks.gate_markets import Nights, markets, simulated_name
from benchmarks.gate_nights import Found

SIZES = "50:1,50:2,50:3,300:1,2000:1"
ROWS = (5, 10, 20, 30, 60)
HEADING = (
    f"{'market':<36} {'nights':>6} {'stops':>5} {'at most':>8} {'warned':>6}  in cents, with so many sales: "
    + "  ".join(f"{label:>9}" for label in ("below 5", "5 on", "10 on", "20 on", "30 on", "60 on"))
)


def main() -> None:
    """Check market by market: a line of figures for each, and its warnings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=SIZES, help="simulated markets, sellers:seed with commas between")
    parser.add_argument("--marts", default="300:1", help="those of them whose marts are checked too; '' for none")
    parser.add_argument("--books", type=int, default=3, help="how many books of payments between firms")
    parser.add_argument("--olist", type=Path, help="the Olist archive")
    parser.add_argument("--keep", type=Path, help="a folder for the markets, used again if there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tradeline-bench-") as folder:
        keep = asked.keep or Path(folder)
        keep.mkdir(parents=True, exist_ok=True)
        run(_sizes(asked.sizes), _sizes(asked.marts), asked.books, asked.olist, keep)


def run(
    sizes: list[tuple[int, int]], with_marts: list[tuple[int, int]], books: int, olist: Path | None, keep: Path
) -> None:
    """Print the table of raw_in, then that of the other gates."""
    print(HEADING)
    evaluated: list[Nights] = []
    stops = nights = 0
    for market in markets(sizes, olist, books, keep):
        found = gate_nights.evaluate(market)
        show(market.name, found)
        evaluated.append(market)
        stops, nights = stops + found.stops, nights + found.nights
    print(f"{'all of them':<36} {nights:>6} {stops:>5} {upper_limit(stops, nights):>8.2%}", flush=True)
    for market in evaluated:
        if market.name in {simulated_name(sellers, seed) for sellers, seed in with_marts}:
            for gate, found in gate_marts.evaluate(market).items():
                show(f"{gate}, {market.name}", found)


def show(name: str, found: Found) -> None:
    """A line of figures, and one for each expectation that was not met."""
    warned = len(set().union(*found.soft.values()))
    print(
        f"{name:<36} {found.nights:>6} {found.stops:>5} {upper_limit(found.stops, found.nights):>8.2%} {warned:>6}"
        f"{'':<31} {'  '.join(f'{told:>9}' for told in _cents(found.cents))}",
        flush=True,
    )
    for kind, nights_by_expectation in (("stops", found.hard), ("warns", found.soft)):
        for expectation, nights in nights_by_expectation.items():
            print(f"    {kind} {len(nights):>3}  {expectation:.90}, first on {min(nights)}", flush=True)


def upper_limit(stops: int, nights: int) -> float:
    """What the rate of stops is below, with 95% confidence (Clopper and Pearson 1934)."""
    return float(beta.ppf(0.95, stops + 1, nights - stops)) if stops < nights else 1.0


def _cents(cents: Iterable[tuple[object, int, bool]]) -> list[str]:
    """Nights found of those checked, by their sales; empty where there are none."""
    ends = (0, *ROWS, 10**12)
    told = []
    for low, high in pairwise(ends):
        found = [is_found for _, sales, is_found in cents if max(low, 1) <= sales < high]
        told.append(f"{sum(found)}/{len(found)}" if found else "")
    return told


def _sizes(text: str) -> list[tuple[int, int]]:
    pairs = [pair.partition(":") for pair in text.split(",") if pair]
    return [(int(sellers), int(seed)) for sellers, _, seed in pairs]


if __name__ == "__main__":
    main()
