"""That a night of a mart has passed its gate, kept in the warehouse beside it and good for that very build.

So offers that are asked for by hand need no second pass over features that have passed already. Kept with it is what
the verdict stands on: the build and its rows, the suite and the code behind it, the waivers, and what the night was
compared with. Where one of these has changed, the gate runs again.
"""

import hashlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import duckdb

from expectations.database import previous_tables
from expectations.fingerprints import fingerprint_sql
from expectations.suite import GateName, load_suite
from expectations.waivers import waivers_file
from tradeline.contracts.features import CATALOGUE
from tradeline.contracts.publications import Publication, read_publications
from tradeline.database import connect, scalar
from tradeline.files import digest_of
from tradeline.settings import PROJECT, Settings

PASSES = """
create schema if not exists gates;
create table if not exists gates.passes (
    gate varchar not null, as_of date not null, basis varchar not null, run_id varchar not null,
    primary key (gate, as_of)
);
"""
IS_THERE = "select 1 from duckdb_tables() where (schema_name, table_name) = ('gates', 'passes')"


def keep_pass(settings: Settings, gate: GateName, as_ofs: Iterable[date], run_id: str) -> None:
    """Keep that the nights have passed; the caller holds the warehouse lock."""
    with connect(settings, settings.warehouse) as connection:
        connection.execute(PASSES)
        for as_of, basis in _bases(settings, connection, gate, as_ofs).items():
            connection.execute("insert or replace into gates.passes values (?, ?, ?, ?)", [gate, as_of, basis, run_id])


def passed_by(settings: Settings, gate: GateName, as_ofs: Iterable[date]) -> dict[date, str]:
    """The run in which each night passed as it is now; without the nights that are to be gated."""
    with connect(settings, settings.warehouse, read_only=True) as connection:
        if scalar(connection, IS_THERE) is None:
            return {}
        passed = {
            as_of: scalar(
                connection,
                "select run_id from gates.passes where (gate, as_of, basis) = (?, ?, ?)",
                [gate, as_of, basis],
            )
            for as_of, basis in _bases(settings, connection, gate, as_ofs).items()
        }
    return {as_of: run_id for as_of, run_id in passed.items() if run_id}


def _bases(
    settings: Settings, connection: duckdb.DuckDBPyConnection, gate: GateName, as_ofs: Iterable[date]
) -> dict[date, str]:
    """By night, SHA-256 over what its verdict stands on."""
    rules = [*Path(__file__).parent.rglob("*.py"), *Path(__file__).parent.rglob("*.yml"), CATALOGUE]
    shared = [digest_of(rules, PROJECT), _content(waivers_file(settings))]
    current = [found for found in read_publications(settings) if found.is_current]
    tables = [suite.name for suite in load_suite(gate)]
    return {as_of: _basis(connection, gate, tables, as_of, [*shared, *_compared(current, as_of)]) for as_of in as_ofs}


def _basis(
    connection: duckdb.DuckDBPyConnection, gate: GateName, tables: list[str], as_of: date, shared: list[str]
) -> str:
    catalog = str(scalar(connection, "select current_database()"))
    rows = [str(scalar(connection, fingerprint_sql(gate, table, as_of, catalog))) for table in tables]
    built = (
        "select string_agg(concat_ws(' ', arrived_on, fingerprint, built_at), ' ' order by arrived_on) from raw.nights"
    )
    nights = str(scalar(connection, f"{built} where arrived_on <= ?", [as_of]))
    return hashlib.sha256("\0".join([*shared, *rows, nights]).encode()).hexdigest()


def _compared(current: list[Publication], as_of: date) -> list[str]:
    return [kept.content_hash for kept in previous_tables(current, as_of)]


def _content(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
