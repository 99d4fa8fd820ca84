"""Which waivers are behind what is published: those of data that is in the warehouse as it was checked."""

from collections.abc import Iterable
from datetime import date

import duckdb

from expectations.fingerprints import fingerprint_sql
from expectations.suite import gate_of
from expectations.waivers import Waiver, read_waivers
from tradeline.settings import Settings


def words_behind(
    settings: Settings, connection: duckdb.DuckDBPyConnection, as_ofs: Iterable[date]
) -> dict[date, tuple[str, ...]]:
    """For each night the waivers of its own marts, and of every raw night that had arrived by then.

    ``connection`` has the warehouse attached as ``warehouse``. A waiver that was withdrawn once its data had passed is
    shown as withdrawn.

    Raises:
        TradelineError: the file of waivers is damaged.
    """
    nights = sorted(set(as_ofs))
    words = [word for word in read_waivers(settings).last if _is_of(word, nights) and _is_there(connection, word)]
    return {night: tuple(word.told for word in words if _is_of(word, [night])) for night in nights}


def _is_of(word: Waiver, nights: list[date]) -> bool:
    return word.as_of <= nights[-1] if gate_of(word.expectation) == "raw_in" else word.as_of in nights


def _is_there(connection: duckdb.DuckDBPyConnection, word: Waiver) -> bool:
    gate, table = gate_of(word.expectation), word.expectation.split(".")[1]
    query = fingerprint_sql(gate, table, word.as_of) if gate else "select null"
    return connection.execute(query).fetchall() == [(word.fingerprint,)]
