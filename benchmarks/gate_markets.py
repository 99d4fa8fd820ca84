"""Markets for the benchmark of gates: each a DuckDB file with the schema ``raw`` of some hundred admitted nights."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.admission import admit
from ingest.landing import scan
from ingest.olist import land_olist
from ingest.plan import plan_nights
from ingest.raw_schema import LEDGERS, ensure_raw_schema
from simulator.market import UNTIL, Market
from simulator.simulate import simulate
from tradeline.contracts.raw import TABLES
from tradeline.database import Limits, connect
from tradeline.files import written_aside
from tradeline.settings import Settings
from tradeline.sql import literal

Floats = NDArray[np.float64]
LIMITS = Limits(threads=2)

DAYS = 400
NAMES = [table.name for table in TABLES]
THINNED_TO = 20
# The book: accounts whose payments differ by orders of magnitude, between them and from one to the next.
ACCOUNTS, LATER_ACCOUNTS, JOIN_ON_DAY = 350, 40, 250
PAYMENTS_A_NIGHT, WEEKEND_SHARE, MONTH_END_TIMES = 25, 0.2, 3


@dataclass(frozen=True)
class Nights:
    """A market's nights; ``path``: the DuckDB file."""

    name: str
    path: Path

    @property
    def home(self) -> Path:
        """The home of a simulated market or of Olist."""
        return self.path.with_suffix(".home")


def markets(sizes: list[tuple[int, int]], olist: Path | None, books: int, keep: Path) -> Iterator[Nights]:
    """The simulated markets of so many sellers and seeds, Olist where there is one, and payments alone."""
    for sellers, seed in sizes:
        whole = _kept(keep, simulated_name(sellers, seed), partial(_simulated, sellers, seed))
        yield whole
        if sellers <= 300:
            yield _kept(keep, f"{whole.name}, payments only", partial(_payments_only, whole))
    if olist:
        whole = _kept(keep, "Olist", partial(_olist, olist))
        yield whole
        yield _kept(keep, "Olist, a twentieth of its sellers", partial(_thinned, whole))
    for seed in range(1, books + 1):
        yield _kept(keep, f"book of {ACCOUNTS} accounts, seed {seed}", partial(_book, seed))


def simulated_name(sellers: int, seed: int) -> str:
    """What a simulated market is called."""
    return f"{sellers} sellers, seed {seed}"


def _kept(keep: Path, name: str, make: Callable[[Path], None]) -> Nights:
    path = keep / (name.replace(",", "").replace(" ", "-").lower() + ".duckdb")
    if not path.exists():
        with written_aside(path, is_durable=False) as aside:
            make(aside)
    return Nights(name, path)


def _simulated(sellers: int, seed: int, path: Path) -> None:
    settings = Settings(home=path.with_suffix(".home"))
    simulate(settings, Market(sellers, DAYS, seed, UNTIL))
    _admitted(settings, path)


def _olist(archive: Path, path: Path) -> None:
    settings = Settings(home=path.with_suffix(".home"))
    land_olist(settings, archive)
    _admitted(settings, path)


def _admitted(settings: Settings, path: Path) -> None:
    """All that has landed, admitted in one pass and copied, so that each night can be looked at alone."""
    plan = plan_nights(settings, max(scan(settings.landing).nights))
    if plan is None:
        raise SystemExit(f"nothing has landed in {settings.landing}")
    admission = admit(settings, plan, "gates")
    _copy(admission, path, dict.fromkeys([*NAMES, *LEDGERS], "true"))


def _payments_only(whole: Nights, path: Path) -> None:
    payments = "table_name in ('sellers', 'payments')"
    kept = {"sellers": "true", "payments": "true", "nights": "true", "arrivals": payments, "set_aside": payments}
    _copy(whole.path, path, kept)


def _thinned(whole: Nights, path: Path) -> None:
    """Every twentieth seller with all that is theirs; what was set aside is left out."""
    names = [table.name for table in TABLES if "seller_id" in [column.name for column in table.columns]]
    chosen = dict.fromkeys(names, f"hash(seller_id) % {THINNED_TO} = 0") | {"nights": "true"}
    _copy(whole.path, path, chosen)
    with connect(LIMITS, path) as connection:
        for name in names:
            connection.execute(
                f"insert into raw.arrivals select arrived_on, '{name}', 1, count(*), 0 from raw.{name} group by all"
            )


def _copy(source: Path, path: Path, kept: dict[str, str]) -> None:
    with connect(LIMITS, path) as connection:
        ensure_raw_schema(connection)
        connection.execute(f"attach {literal(source)} as source (read_only)")
        for name, where in kept.items():
            connection.execute(
                f"insert into raw.{name} by name from source.raw.{name} where {where} order by arrived_on"
            )


def _book(seed: int, path: Path) -> None:
    """Payments of accounts between firms: a fifth of the weekday's at weekends, more and larger at the month's end, and
    a group of accounts with other prices that joins on one day."""
    random = np.random.default_rng(seed)
    accounts = ACCOUNTS + LATER_ACCOUNTS
    level = random.normal(np.log(800), 2, accounts) - np.where(np.arange(accounts) < ACCOUNTS, 0, np.log(30))
    weight = random.lognormal(0, 1, accounts)
    nights = [UNTIL - timedelta(days=DAYS - 1 - day) for day in range(DAYS)]
    rows = [_night(random, level, weight, day, night) for day, night in enumerate(nights)]
    payments = pd.concat(rows, ignore_index=True)
    payments["payment_id"] = "p" + payments.index.astype(str)
    with connect(LIMITS, path) as connection:
        ensure_raw_schema(connection)
        connection.execute(
            f"insert into raw.sellers by name select 'a' || i as seller_id, 'business' as seller_type, "
            f"timestamp '2020-01-01' as registered_at, date '{nights[0]}' as arrived_on, 'f' as source_file "
            f"from range({accounts}) as r(i)"
        )
        connection.execute(
            "insert into raw.payments by name select * replace (amount::decimal(18, 2) as amount), 'in' as direction, "
            "'sale' as kind, arrived_on::timestamp as occurred_at, 'f' as source_file from payments order by arrived_on"
        )
        connection.execute(
            "insert into raw.nights select unnest(?::date[]), 'f', 's', 'd', now()::timestamp, null", [nights]
        )
        connection.execute(
            "insert into raw.arrivals select arrived_on, 'payments', 1, count(*), 0 from raw.payments group by 1"
        )


def _night(random: np.random.Generator, level: Floats, weight: Floats, day: int, night: date) -> pd.DataFrame:
    is_month_end = (night + timedelta(days=1)).day == 1
    usual = PAYMENTS_A_NIGHT * (WEEKEND_SHARE if night.weekday() > 4 else 1) * (MONTH_END_TIMES if is_month_end else 1)
    there = len(level) if day >= JOIN_ON_DAY else ACCOUNTS
    chosen = random.choice(there, random.poisson(usual), p=weight[:there] / weight[:there].sum())
    amounts = np.exp(random.normal(level[chosen] + (np.log(3) if is_month_end else 0), 1.5))
    return pd.DataFrame(
        {"seller_id": [f"a{i}" for i in chosen], "amount": amounts.round(2) + 0.01, "arrived_on": night}
    )
