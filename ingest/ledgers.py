"""The ledgers of an admission: which nights it holds, and how many rows of each table landed and were set aside."""

import logging
from datetime import UTC, datetime

import duckdb

from ingest.contract import Table
from ingest.landing import LandedFile, Landing, fingerprint, stat_fingerprint
from tradeline.definitions import definitions_fingerprint

log = logging.getLogger(__name__)


def write_nights(connection: duckdb.DuckDBPyConnection, landing: Landing) -> None:
    """Record each night's fingerprints and those of the SQL that builds it; reads every file once."""
    nights = sorted(landing.nights)
    files = {night: landing.on(night) for night in nights}
    connection.execute(
        "insert into raw.nights select unnest(?::date[]), unnest(?::varchar[]), unnest(?::varchar[]), ?, ?, null",
        [
            nights,
            [fingerprint(files[night]) for night in nights],
            [stat_fingerprint(files[night]) for night in nights],
            definitions_fingerprint(),
            datetime.now(UTC).replace(tzinfo=None),
        ],
    )


def count_arrivals(connection: duckdb.DuckDBPyConnection, table: Table, files: list[LandedFile]) -> None:
    """Count the table's files and rows by night, before any row is set aside."""
    connection.execute(
        f"""
        insert into raw.arrivals
        with files as (select unnest(?::varchar[]) as source_file, unnest(?::date[]) as arrived_on),
        counts as (select source_file, count(*) as row_count from raw.{table.name} group by 1)
        select arrived_on, '{table.name}', count(*), coalesce(sum(row_count), 0), 0
        from files left join counts using (source_file)
        group by arrived_on order by arrived_on
        """,
        [[file.source for file in files], [file.arrived_on for file in files]],
    )
    empty = connection.execute(
        "select arrived_on from raw.arrivals where table_name = ? and row_count = 0 order by 1", [table.name]
    ).fetchall()
    for (arrived_on,) in empty:
        log.warning("%s: the files of %s hold no rows", table.name, arrived_on)


def count_set_aside(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Complete ``count_arrivals`` once the rows with soft faults are set aside."""
    connection.execute(
        """
        update raw.arrivals set set_aside_row_count = (
            select count(*) from raw.set_aside
            where set_aside.arrived_on = arrivals.arrived_on and set_aside.table_name = arrivals.table_name
        ) where table_name = ?
        """,
        [table.name],
    )
