"""``tradeline simulate``: a marketplace with a known truth, written into landing as its arrivals would have come."""

import json
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from ingest import quarantine
from ingest.contract import BY_NAME
from ingest.landing import scan
from ingest.progress import track
from ingest.simulator.days import Days
from ingest.simulator.expand import Scale, Shard, Written
from ingest.simulator.faults import mend
from ingest.simulator.levels import LEVELS
from tradeline.errors import BadInput
from tradeline.settings import Settings

log = logging.getLogger(__name__)

RECORD = "_simulation.json"
UNTIL = date(2026, 6, 30)
SELLERS_PER_SHARD = 5_000
SHARDS_MAX = 2
BLOCK_ORDERS = 400_000
BLOCK_DAYS_MAX = 60
ORDERS_PER_SELLER = 0.45


@dataclass(frozen=True)
class Market:
    """Which market: the same four values always give the same rows.

    ``days``: nights before and with the first ``until``; ``until``: the last night. A market that is there already can
    be taken further by a later ``until``; its first night stays.
    """

    sellers: int = 2_000
    days: int = 400
    seed: int = 1
    until: date = UNTIL


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
    first_on = _first_night(settings, market)
    days = Days(LEVELS, market.sellers, market.days, market.seed, first_on)
    settings.landing.mkdir(parents=True, exist_ok=True)
    rows: Counter[str] = Counter()
    new_files = 0
    with tempfile.TemporaryDirectory(prefix=".simulating-", dir=settings.landing) as scratch:
        scale = _scale(settings, market, first_on)
        shards = [Shard(number, scale, LEVELS, days.population, Path(scratch)) for number in range(scale.shards)]
        blocks = _blocks(market, scale, (market.until - first_on).days)
        _record(settings, market, first_on, is_complete=False)
        with ThreadPoolExecutor(scale.shards) as pool:
            for written in track(_written(days, shards, blocks, pool), "simulating", len(blocks)):
                for each in written:
                    rows.update({table: each[table].rows for table in BY_NAME})
                    new_files += sum(output.new_files for output in each.values())
        for shard in shards:
            shard.close()
    _settle_quarantine(settings)
    mend(settings)
    _record(settings, market, first_on, is_complete=True)
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


def market_of(settings: Settings, numbers: dict[str, int], until: date | None = None) -> Market:
    """The market that is asked for; what is not said is as in the home's market, or else the default."""
    known = _known(settings)
    there = asdict(known.market) if known else {}
    return Market(**there | numbers | ({"until": until} if until else {}))


def is_simulated(settings: Settings) -> bool:
    """Whether the home holds a simulated market, whole or broken off."""
    return _known(settings) is not None


def is_there(settings: Settings, market: Market) -> bool:
    """Whether the home has just this market already, all of it."""
    known = _known(settings)
    return known is not None and known.market == market and known.is_complete


def truth_folder(settings: Settings) -> Path:
    """Where the truth is kept; tests, benchmarks and the market's report read it, no pipeline does."""
    return settings.home.resolve() / "truth"


@dataclass(frozen=True)
class Known:
    """The market that a home holds; ``is_complete`` unless its simulation was broken off."""

    market: Market
    first_on: date
    is_complete: bool


def _known(settings: Settings) -> Known | None:
    record = settings.landing / RECORD
    if not record.exists():
        return None
    content = json.loads(record.read_text())
    first_on, until = date.fromisoformat(content.pop("first_on")), date.fromisoformat(content.pop("until"))
    is_complete = content.pop("is_complete")
    return Known(Market(until=until, **content), first_on, is_complete)


def _first_night(settings: Settings, market: Market) -> date:
    """The market's first night; refuses numbers that make no market and homes that hold something else."""
    if market.sellers < 1 or market.days < 1 or market.seed < 0:
        raise BadInput(
            f"{_numbers(market)} make no market: give at least one seller and one day, and a seed of 0 or more"
        )
    known = _known(settings)
    if known is None:
        if scan(settings.landing).files:
            raise BadInput(
                f"{settings.landing} holds other data; simulate into a home of its own: --home or TRADELINE_HOME"
            )
        return market.until - timedelta(days=market.days - 1)
    if _numbers(market) != _numbers(known.market):
        raise BadInput(
            f"{settings.landing} holds the market {_numbers(known.market)}, not {_numbers(market)}: simulate that one "
            "further, or this one into another home: --home PATH"
        )
    if market.until < known.market.until:
        raise BadInput(f"the market has reached {known.market.until}: --until cannot be before that")
    return known.first_on


def _numbers(market: Market) -> str:
    return f"--sellers {market.sellers} --days {market.days} --seed {market.seed}"


def _record(settings: Settings, market: Market, first_on: date, *, is_complete: bool) -> None:
    content = asdict(market) | {"first_on": first_on, "is_complete": is_complete}
    aside = settings.landing / f".{RECORD}"
    aside.write_text(json.dumps(content, default=str, indent=1) + "\n")
    aside.replace(settings.landing / RECORD)


def _scale(settings: Settings, market: Market, first_on: date) -> Scale:
    shards = min(SHARDS_MAX, 1 + market.sellers // SELLERS_PER_SHARD)
    return Scale(settings.home.resolve(), market.sellers, market.seed, first_on, shards, 1500 // shards)


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
