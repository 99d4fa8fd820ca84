"""The model against the simulator's truth: how near it comes to what can be known, and what holds it back.

Markets of about 20,000 matured loans, one per seed. On the out-of-time loans of each, four rankings: the served model,
the scorecard, the same recipe trained on 200,000 loans of other markets, and the true pd, which no model can beat. A
market takes two minutes and the whole about an hour and a half; KEEP leaves the extracts for another run.

    python -m benchmarks.truth --seeds 5 --keep PATH
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path

import pandas as pd

from benchmarks import naive_join, small_data
from benchmarks.truth_figures import matched, show_figures
from benchmarks.truth_markets import Extract, extract_markets, gather, of_market, write_pool
from benchmarks.truth_shown import show_what_is_hidden
from ml.evaluation.scored_rows import read_scored_rows
from ml.registry.store import read_file
from ml.registry.version import ModelVersion
from ml.train import train
from simulator.market import UNTIL, Market
from tradeline.settings import Settings

SELLERS, DAYS = 10_000, 760  # about 20,000 matured loans
POOL_LOANS = 200_000
POOL_FROM_SEED = 101  # no market of the pool is evaluated


@dataclass(frozen=True)
class TrainedMarket:
    """A market's served version; ``rows``: its evaluation loans with is_default, true_pd and the contenders' pds."""

    seed: int
    extract: Extract
    version: ModelVersion
    rows: pd.DataFrame


def main() -> None:
    """Compare on as many markets as asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, help="how many markets are evaluated, from seed 1 on")
    parser.add_argument("--keep", type=Path, help="a folder for the extracts of the markets, used again if there")
    parser.add_argument("--sellers", type=int, default=SELLERS)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--pool-loans", type=int, default=POOL_LOANS)
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the folder goes, however this ends
    with tempfile.TemporaryDirectory(prefix="tradeline-bench-") as folder:
        run(asked, asked.keep or Path(folder) / "extracts", Path(folder))


def run(asked: argparse.Namespace, keep: Path, folder: Path) -> None:
    """Print the figures of every market, what holds the model back, and what a naive join would have claimed."""

    def markets(seeds: Iterator[int]) -> Iterator[Extract]:
        return extract_markets((Market(asked.sellers, asked.days, seed, UNTIL) for seed in seeds), keep)

    print(f"{asked.seeds} markets of {asked.sellers:,} sellers and {asked.days} nights, up to {UNTIL}")
    seeds = range(1, asked.seeds + 1)
    trained = [train_one(seed, extract, folder) for seed, extract in zip(seeds, markets(iter(seeds)), strict=True)]
    first_on = max(each.version.split.judged.first_on for each in trained)
    print(
        f"other markets, until {asked.pool_loans:,} of their loans have matured; trained on those known by {first_on}"
    )
    pool = gather(markets(count(POOL_FROM_SEED)), asked.pool_loans)
    version, pooled = train_pooled(trained, pool, first_on, folder)
    show_figures({each.seed: (each.version, matched(each.rows, pooled)) for each in trained}, version)
    show_what_is_hidden([each.extract for each in trained], pool, version.features, first_on, Settings().threads)
    small_data.show([each.extract for each in trained], folder)
    print("\nmarket of seed 1: the same loans and recipe, with the sellers' features")
    naive_join.show(trained[0].extract, folder)


def train_one(seed: int, extract: Extract, folder: Path) -> TrainedMarket:
    """Train on one market as its ``credit_model`` DAG would.

    Raises:
        SystemExit: the market is too small for a split by time.
    """
    settings = Settings(home=folder / f"seed-{seed}")
    version = _train(settings, extract.training)
    rows = matched(evaluated_rows(settings, version), pd.read_parquet(extract.truth))
    rows["seller_id"] = rows["seller_id"].map(lambda name: of_market(seed, name))
    return TrainedMarket(seed, extract, version, rows)


def train_pooled(
    trained: Sequence[TrainedMarket], pool: Sequence[Extract], first_on: date, folder: Path
) -> tuple[ModelVersion, pd.DataFrame]:
    """The same recipe on the pool: its version, and of all evaluation loans seller_id, as_of and its pd, ``pooled``."""
    target = folder / "pool.parquet"
    evaluated = {each.seed: each.extract.training for each in trained}
    write_pool([extract.training for extract in pool], evaluated, first_on, target)
    settings = Settings(home=folder / "pool")
    version = _train(settings, target)
    rows = evaluated_rows(settings, version)
    return version, rows[["seller_id", "as_of", "served"]].rename(columns={"served": "pooled"})


def evaluated_rows(settings: Settings, version: ModelVersion) -> pd.DataFrame:
    """A version's out-of-time loans: seller_id, as_of, is_default, and the pds ``served`` and ``scorecard``."""
    content = read_file(settings, version, "judged.parquet")
    rows, served = read_scored_rows(content, version.algorithm)
    _, scorecard = read_scored_rows(content, "scorecard")
    return rows[["seller_id", "as_of", "is_default"]].assign(served=served[0], scorecard=scorecard[0])


def _train(settings: Settings, training_set: Path) -> ModelVersion:
    version = train(settings, training_set, UNTIL, "truth")
    if version.judged_by != "out_of_time":
        raise SystemExit(f"{training_set} is too small for a split by time, so there is nothing to compare out of time")
    return version


if __name__ == "__main__":
    main()
