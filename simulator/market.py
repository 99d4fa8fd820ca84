"""Which simulated market: its numbers, and what a home remembers of the one that it holds."""

import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from ingest.landing import scan
from tradeline.errors import BadInput
from tradeline.files import write_whole
from tradeline.settings import Settings

RECORD = "_simulation.json"
UNTIL = date(2026, 6, 30)


@dataclass(frozen=True)
class Market:
    """Which market: the same values always give the same rows.

    ``days``: nights before and with the first ``until``; ``until``: the last night. A market that is there already can
    be taken further by a later ``until``; its first night stays. ``is_payments_only``: told by a bank that sees the
    accounts and no order, with rents, salaries, settlements, cash and fees of overdrafts.
    """

    sellers: int = 2_000
    days: int = 400
    seed: int = 1
    until: date = UNTIL
    is_payments_only: bool = False


@dataclass(frozen=True)
class Known:
    """The market that a home holds; ``is_complete`` unless its simulation was broken off."""

    market: Market
    first_on: date
    is_complete: bool


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


def _known(settings: Settings) -> Known | None:
    record = settings.landing / RECORD
    if not record.exists():
        return None
    content = json.loads(record.read_text())
    first_on, until = date.fromisoformat(content.pop("first_on")), date.fromisoformat(content.pop("until"))
    is_complete = content.pop("is_complete")
    return Known(Market(until=until, **content), first_on, is_complete)


def first_night(settings: Settings, market: Market) -> date:
    """The market's first night in this home.

    Raises:
        BadInput: the numbers make no market, or the home holds other data or another market.
    """
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
    numbers = f"--sellers {market.sellers} --days {market.days} --seed {market.seed}"
    return f"{numbers} --payments-only" if market.is_payments_only else numbers


def record(settings: Settings, market: Market, first_on: date, *, is_complete: bool) -> None:
    """Remember which market the home holds."""
    content = asdict(market) | {"first_on": first_on, "is_complete": is_complete}
    write_whole(settings.landing / RECORD, json.dumps(content, default=str, indent=1) + "\n")
