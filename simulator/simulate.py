"""``tradeline simulate``: a marketplace with a known truth, written into landing as its arrivals would have come."""

import logging
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingest import quarantine
from simulator.days import Days
from simulator.expand import MARKET_TABLES, Scale, Shard, Written
from simulator.faults import mend
from simulator.levels import LEVELS
from simulator.market import Market, first_night, record
from tradeline.progress import track
from tradeline.settings import Settings

log = logging.getLogger(__name__)

# The rows depend on neither of these, the names of the files on the shards: so they hang on the market alone.
SELLERS_PER_SHARD = 5_000
SHARDS_MAX = 2
BLOCK_ORDERS = 400_000
BLOCK_DAYS_MAX = 60
ORDERS_PER_SELLER = 0.45
MEMORY_MB = 1500  # of all shards' DuckDBs together


@dataclass(frozen=True)
class SimulationReport:
    """What was simulated: raw rows by table, files that are new or different, wall-clock seconds."""

    first_on: date
    last_on: date
    rows: dict[str, int]
    new_files: int
    seconds: float


def simulate(settings: Settings, market: Market) -> SimulationReport:
    """Write the market's nights into landing, and what is true but hidden into ``truth/``.

    Memory depends on the number of sellers and on the orders of a few weeks, not on how many nights there are. Files
    that are there already with the same bytes are left alone.

    Raises:
        BadInput: the numbers make no market, or the home holds other data.
    """
    started = time.monotonic()
    first_on = first_night(settings, market)
    days = Days(LEVELS, market.sellers, market.days, market.seed, first_on, is_payments_only=market.is_payments_only)
    settings.landing.mkdir(parents=True, exist_ok=True)
    rows: Counter[str] = Counter()
    new_files = 0
    with tempfile.TemporaryDirectory(prefix=".simulating-", dir=settings.landing) as scratch:
        scale = _scale(settings, market, first_on)
        shards = [Shard(number, scale, LEVELS, days.population, Path(scratch)) for number in range(scale.shards)]
        blocks = _blocks(market, scale, (market.until - first_on).days)
        record(settings, market, first_on, is_complete=False)
        with ThreadPoolExecutor(scale.shards) as pool:
            for written in track(_written(days, shards, blocks, pool), "simulating", len(blocks)):
                for each in written:
                    named = [table.name for table in MARKET_TABLES if table.name in each]
                    rows.update({name: each[name].rows for name in named})
                    new_files += sum(output.new_files for output in each.values())
        for shard in shards:
            shard.close()
    _settle_quarantine(settings)
    mend(settings)
    record(settings, market, first_on, is_complete=True)
    report = SimulationReport(first_on, market.until, dict(rows), new_files, time.monotonic() - started)
    _log(report)
    return report


def _written(
    days: Days, shards: list[Shard], blocks: list[tuple[int, int]], pool: ThreadPoolExecutor
) -> Iterator[list[dict[str, Written]]]:
    """Write block by block; while the shards write one, the next one's days pass."""
    running: list[Future[dict[str, Written]]] = []
    for first_day, last_day in [*blocks, (0, -1)]:
        block = days.block(first_day, last_day)
        if running:
            yield [future.result() for future in running]
        if block.last_day >= block.first_day:
            running = [pool.submit(shard.write, block) for shard in shards]


def _settle_quarantine(settings: Settings) -> None:
    """What was refused of the market's own files has just been landed again."""
    for entry in quarantine.list_quarantined(settings):
        if (settings.landing / entry.source).exists():
            quarantine.clear(settings, entry.table, entry.arrived_on, entry.name)


def _scale(settings: Settings, market: Market, first_on: date) -> Scale:
    shards = min(SHARDS_MAX, 1 + market.sellers // SELLERS_PER_SHARD)
    return Scale(
        settings.home.resolve(),
        settings.timezone,
        market.sellers,
        market.seed,
        first_on,
        shards,
        MEMORY_MB // shards,
    )


def _blocks(market: Market, scale: Scale, last_day: int) -> list[tuple[int, int]]:
    """First and last days of the blocks; a block has about as many orders whatever the market's size."""
    days = int(BLOCK_ORDERS * scale.shards / (ORDERS_PER_SELLER * market.sellers))
    step = max(1, min(BLOCK_DAYS_MAX, days))
    return [(day, min(day + step - 1, last_day)) for day in range(0, last_day + 1, step)]


def _log(report: SimulationReport) -> None:
    total = sum(report.rows.values())
    log.info(
        "simulated %s to %s: %s; %s rows, %s new files, %.1f s, %s rows/s",
        report.first_on,
        report.last_on,
        ", ".join(f"{count:,} {table}" for table, count in report.rows.items()),
        f"{total:,}",
        f"{report.new_files:,}",
        report.seconds,
        f"{total / report.seconds:,.0f}",
    )
