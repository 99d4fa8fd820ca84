"""Simulated markets, each cut down to what a comparison with the truth needs.

Of a home of 2.5 GB, 30 MB are kept: the training set, the sellers' features on the newest night, and the hidden traits
behind each loan. Kept extracts are used again, whatever the recipe, as long as the features stay what they are.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.truth_traits import hidden_traits
from pipeline import steps
from simulator.market import Market
from simulator.simulate import simulate
from tradeline.database import Limits, connect
from tradeline.files import put_folder
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings
from tradeline.sql import literal


@dataclass(frozen=True)
class Extract:
    """What is kept of one market, as Parquet in ``folder``.

    ``training``: as exported; ``today``: marts.seller_features of the newest night; ``truth``: ``hidden_traits``.
    """

    folder: Path

    @property
    def training(self) -> Path:
        """The training set."""
        return self.folder / "training.parquet"

    @property
    def today(self) -> Path:
        """Features after all outcomes are known, one row per seller."""
        return self.folder / "today.parquet"

    @property
    def truth(self) -> Path:
        """The true pd and what it follows from, one row per loan."""
        return self.folder / "truth.parquet"


def extract_home(settings: Settings, training_set: Path, folder: Path) -> Extract:
    """Copy a home's training set and the newest night of its features into a new folder."""
    extract = Extract(folder)
    folder.mkdir(parents=True)
    shutil.copyfile(training_set, extract.training)
    newest = steps.newest_features_night(settings)
    with warehouse_lock(settings), connect(settings, settings.warehouse) as connection:
        connection.execute(
            f"copy (from marts.seller_features where as_of = date '{newest}' order by seller_id) "
            f"to {literal(extract.today)} (format parquet, compression zstd)"
        )
    return extract


def extract_markets(markets: Iterator[Market], keep: Path) -> Iterator[Extract]:
    """Extract by extract, with a line of progress each; what ``keep`` holds already is not made again."""
    for market in markets:
        started = time.monotonic()
        name = f"sellers-{market.sellers}-days-{market.days}-until-{market.until}-seed-{market.seed}"
        extract = Extract(keep / (f"{name}-payments-only" if market.is_payments_only else name))
        if not extract.folder.exists():
            # A process of its own leaves no memory behind.
            with ProcessPoolExecutor(1, get_context("spawn")) as apart:
                apart.submit(make_extract, market, extract).result()
        seconds = time.monotonic() - started
        print(f"  market of seed {market.seed}: {loans_of(extract):,} loans, {seconds:.0f} s", flush=True)
        yield extract


def make_extract(market: Market, extract: Extract) -> None:
    """Simulate a market and build its features in a home that is thrown away."""
    keep = extract.folder.parent
    keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".market-", dir=keep) as scratch:
        settings = Settings(home=Path(scratch) / "home")
        simulate(settings, market)
        steps.build_marts(settings, "truth", [market.until])
        training_set = steps.build_training_set(settings, "truth", market.until)
        aside = extract_home(settings, training_set, Path(scratch) / "extract")
        hidden_traits(market).to_parquet(aside.truth, index=False)
        put_folder(aside.folder, extract.folder)


def gather(extracts: Iterator[Extract], loans: int) -> list[Extract]:
    """As many extracts as it takes to have so many matured loans."""
    gathered, found = [], 0
    for extract in extracts:
        gathered.append(extract)
        found += loans_of(extract)
        if found >= loans:
            break
    return gathered


def loans_of(extract: Extract) -> int:
    """How many loans the training set has."""
    return int(pq.read_metadata(extract.training).num_rows)


def write_pool(learned: Sequence[Path], evaluated: Mapping[int, Path], first_on: date, target: Path) -> int:
    """Write one training set of the loans of ``learned`` markets that had matured by ``first_on``, and the loans of
    ``evaluated`` markets, by seed, that were decided from that day on; the number of the former.

    The split by time then trains on the former and evaluates on the latter. Sellers get their market's name in front,
    as in ``of_market``, since each market numbers them anew.
    """
    parts = [
        _part(path, f"pool-{number}", f"matures_on <= date '{first_on}'") for number, path in enumerate(learned)
    ] + [_part(path, of_market(seed, ""), f"as_of >= date '{first_on}'") for seed, path in evaluated.items()]
    with connect(Limits(threads=2), spill=target.parent) as connection:
        connection.execute(
            f"copy (select * from ({' union all by name '.join(parts)}) order by as_of, seller_id) "
            f"to {literal(target)} (format parquet)"
        )
        [(count,)] = connection.execute(
            f"select count(*) from {literal(target)} where matures_on <= date '{first_on}'"
        ).fetchall()
    return int(count)


def of_market(seed: int, seller_id: str) -> str:
    """The name in the pool of a seller of an evaluated market."""
    return f"seed-{seed}-{seller_id}"


def _part(path: Path, prefix: str, condition: str) -> str:
    own_ids = f"select * replace ({literal(prefix)} || seller_id as seller_id)"
    return f"{own_ids} from read_parquet({literal(path)}) where {condition}"
