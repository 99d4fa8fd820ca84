"""From the hidden market's days to raw rows: DuckDB expands a block of days and writes one file a table and night."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.place import place_bytes
from simulator.days import Block
from simulator.levels import INDUSTRIES, REGIONS, Levels
from simulator.population import Population
from tradeline.contracts.raw import FX_RATES, TABLES
from tradeline.database import Limits, connect
from tradeline.sql import literal

SQL = Path(__file__).parent / "sql"
# The longest time from an order to the last that is heard of it; older facts are forgotten.
FACT_DAYS = 45
LEDGER_DAYS = 10
FILE_WRITERS = 4
BUYERS_PER_SELLER = 12
# A simulated market has one currency.
MARKET_TABLES = tuple(table for table in TABLES if table is not FX_RATES)


@dataclass(frozen=True)
class Output:
    """One kind of file: the query in ``sql/``, where its files go and what their nights are called."""

    query: str
    folder: str
    night: str = "arrived_on"


OUTPUTS = (
    *(Output(table.name, f"landing/{table.name}") for table in MARKET_TABLES),
    Output("fake_orders", "truth/fake_orders", "ordered_on"),
    Output("true_seller_days", "truth/seller_days", "as_of"),
    Output("true_loans", "truth/loans", "as_of"),
)
TEXTS_OF_FEW_VALUES = (
    "seller_id", "seller_type", "industry", "region", "status", "category", "buyer_region", "direction", "kind",
    "method", "reason",
)  # fmt: skip
CARRIED = ("loan_changes", "repayment_changes")
NO_BANK_SEES = ("orders", "refunds", "reviews")


@dataclass(frozen=True)
class Written:
    """What came of one output: rows, and files that are new or different from what was there."""

    rows: int
    new_files: int


@dataclass(frozen=True)
class Scale:
    """What every shard of a market shares; ``zone`` is the one by whose clocks it lives."""

    home: Path
    zone: str
    sellers: int
    seed: int
    first_on: date
    shards: int
    memory_mb: int


class Shard:
    """A part of the sellers, with all their rows; one thread works on it, so that rows come in one order."""

    def __init__(self, number: int, scale: Scale, levels: Levels, population: Population, scratch: Path) -> None:
        self._number, self._scale, self._home = number, scale, scale.home
        self._folder = scratch / f"shard-{number}"
        self._folder.mkdir(parents=True)
        self._until_day: dict[str, dict[str, int]] = {"facts": {}, "ledger": {}}
        self._connection = connect(Limits(1, f"{scale.memory_mb}MB"), spill=self._folder)
        self._set_variables(levels)
        self._connection.execute((SQL / "macros.sql").read_text())
        self._create_tables(population)

    def write(self, block: Block) -> dict[str, Written]:
        """Write the block's files into the home; what was written by query."""
        connection = self._connection
        self._set(
            first_day=block.first_day, last_day=block.last_day, from_second=block.first_day * 86_400,
            to_second=(block.last_day + 1) * 86_400 - 1,
        )  # fmt: skip
        for name, table in block.tables.items():
            mine = table.filter(pa.array(np.asarray(table["seller"]) % self._scale.shards == self._number))
            connection.register("incoming", mine)
            if name in CARRIED:
                connection.execute(f"create table if not exists {name} as from incoming limit 0")
                connection.execute(f"insert into {name} from incoming")
            else:
                connection.execute(f"create or replace temp table {name} as from incoming")
            connection.unregister("incoming")
        self._add("facts", block, FACT_DAYS)
        connection.execute(f"create or replace temp table money_moves as {_query('money')}")
        is_payments_only = "account_moves" in block.tables
        if is_payments_only:
            self._tell_as_a_bank()
        self._carry_balances(self._add("ledger", block, LEDGER_DAYS))
        told = [each for each in OUTPUTS if not (is_payments_only and each.query in NO_BANK_SEES)]
        return {output.query: self._write(output) for output in told}

    def close(self) -> None:
        """Let go of the scratch database."""
        self._connection.close()

    def _tell_as_a_bank(self) -> None:
        """Make of trade's movements those of accounts; overdrafts are charged for once balances are known."""
        connection = self._connection
        connection.execute(f"create or replace temp table bank_moves as {_query('bank_moves')}")
        connection.execute("create or replace temp table money_moves as from bank_moves")
        ledger = _query("ledger").replace("from balances", "from uncharged_balances")
        connection.execute(f"create or replace temp table uncharged as {ledger}")
        connection.execute(f"insert into money_moves {_query('overdraft_fees')}")
        self._carry_balances("uncharged", "uncharged_balances")

    def _add(self, name: str, block: Block, days: int) -> str:
        """Make the block's own table and let ``name`` be a view of all those that may still matter; the new one."""
        connection, table, until_day = self._connection, f"{name}_{block.first_day}", self._until_day[name]
        connection.execute(f"create table {table} as {_query(name)}")
        past = [each for each, last_day in until_day.items() if last_day < block.first_day]
        until_day[table] = block.last_day + days
        for each in past:
            del until_day[each]
        branches = " union all ".join(f"from {each}" for each in until_day)
        connection.execute(f"create or replace view {name} as {branches}")
        for each in past:
            connection.execute(f"drop table {each}")
        return table

    def _carry_balances(self, ledger: str, balances: str = "balances") -> None:
        self._connection.execute(
            f"""
            create or replace table {balances} as
            select seller, coalesce(last.balance_cents, {balances}.cents) as cents
            from {balances} left join (
                select seller, arg_max(balance_cents, row(second, step, number)) as balance_cents
                from {ledger} group by seller
            ) as last using (seller)
            """
        )

    def _write(self, output: Output) -> Written:
        ties = ", payment_id" if output.query == "payments" else ""
        rows: pa.Table = self._connection.sql(
            f"select * exclude (place) from ({_query(output.query)}) order by arrival, place{ties}"
        ).to_arrow_table()
        days, starts = np.unique(np.asarray(rows["arrival"]), return_index=True)
        rows, ends = rows.drop_columns("arrival"), [*starts, rows.num_rows][1:]

        def place_night(day: int, start: int, end: int) -> bool:
            night = self._scale.first_on + timedelta(days=day)
            path = self._home / output.folder / f"{output.night}={night}" / f"part-{self._number}.parquet"
            return place_bytes(path, _parquet(rows.slice(start, end - start)))

        # Files wait for the disk; several of them wait together.
        with ThreadPoolExecutor(FILE_WRITERS) as pool:
            placed = pool.map(place_night, days.tolist(), starts.tolist(), ends)
            return Written(rows.num_rows, sum(placed))

    def _set_variables(self, levels: Levels) -> None:
        first = datetime.combine(self._scale.first_on, datetime.min.time(), UTC)
        self._set(
            seed=self._scale.seed, buyers=self._scale.sellers * BUYERS_PER_SELLER,
            first_second=int(first.timestamp()), **asdict(levels),
        )  # fmt: skip
        self._connection.execute(f"set variable first_on = date '{self._scale.first_on}'")
        self._connection.execute(f"set variable zone = {literal(self._scale.zone)}")

    def _set(self, **values: float) -> None:
        for name, value in values.items():
            kind = "bigint" if isinstance(value, int) else "double"
            self._connection.execute(f"set variable {name} = {value}::{kind}")

    def _create_tables(self, population: Population) -> None:
        connection = self._connection
        for kind, names in (("industries", INDUSTRIES), ("regions", REGIONS)):
            rows = ", ".join(f"({number}, {literal(name)})" for number, name in enumerate(names))
            connection.execute(f"create table {kind} as select * from (values {rows}) as names(number, name)")
        number = np.arange(len(population.quality), dtype=np.int32)
        mine = number % self._scale.shards == self._number
        columns = {
            "seller": number, "owner": population.owner, "is_business": population.is_business,
            "industry": population.industry, "region": population.region, "price": population.price,
            "registered_day": population.registered_day, "partner": population.partner,
            "returning_share": population.returning_share, "opening_cents": population.opening_cents,
        }  # fmt: skip
        connection.register("incoming", pa.table({name: values[mine] for name, values in columns.items()}))
        connection.execute("create table sellers as from incoming")
        connection.execute("create table balances as select seller, opening_cents as cents from sellers")
        connection.execute("create table uncharged_balances as from balances")
        connection.unregister("incoming")


def _query(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()


def _parquet(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    few = [name for name in TEXTS_OF_FEW_VALUES if name in rows.column_names]
    pq.write_table(rows, sink, compression="snappy", use_dictionary=few, store_decimal_as_integer=True)
    content: bytes = sink.getvalue().to_pybytes()
    return content
