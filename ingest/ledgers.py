"""The ledgers of an admission: which nights it holds, and how many rows of each table landed and were set aside."""

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import duckdb

from ingest.landing import LandedFile, Landing, fingerprint, stat_fingerprint
from tradeline.contracts.raw import Table
from tradeline.definitions import definitions_fingerprint
from tradeline.settings import Settings

log = logging.getLogger(__name__)


def write_nights(connection: duckdb.DuckDBPyConnection, landing: Landing, settings: Settings) -> None:
    """Record each night's fingerprints and those of what builds it; reads every file once."""
    nights = sorted(landing.nights)
    files = [landing.on(night) for night in nights]
    with ThreadPoolExecutor(settings.threads) as pool:
        fingerprints = list(pool.map(fingerprint, files))
    connection.execute(
        "insert into raw.nights select unnest(?::date[]), unnest(?::varchar[]), unnest(?::varchar[]), ?, ?, null",
        [
            nights,
            fingerprints,
            [stat_fingerprint(landed) for landed in files],
            definitions_fingerprint(settings),
            datetime.now(UTC).replace(tzinfo=None),
        ],
    )


def write_arrivals(
    connection: duckdb.DuckDBPyConnection, table: Table, files: list[LandedFile], row_counts: Counter[date]
) -> None:
    """Record the table's files and rows by night, and how many of these are in ``raw.set_aside``."""
    file_counts = Counter(file.arrived_on for file in files)
    nights = sorted(file_counts)
    connection.execute(
        """
        insert into raw.arrivals
        with nights as (
            select unnest($1::date[]) as arrived_on, unnest($2::integer[]) as file_count,
                unnest($3::bigint[]) as row_count
        )
        select arrived_on, $4, file_count, row_count, count(aside.row_number)
        from nights left join (from raw.set_aside where table_name = $4) as aside using (arrived_on)
        group by all order by arrived_on
        """,
        [nights, [file_counts[night] for night in nights], [row_counts[night] for night in nights], table.name],
    )
    for night in nights:
        if not row_counts[night]:
            log.warning("%s: the files of %s hold no rows", table.name, night)
