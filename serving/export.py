"""One night's marts, from the warehouse to the Parquet files that are kept."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from serving.marts import described
from tradeline.contracts.publications import KEYS, TABLES, KeptTable, Publication
from tradeline.errors import TradelineError
from tradeline.files import content_hash, put_file
from tradeline.settings import Settings
from tradeline.sql import identifier, literal

# A published row is about a seller and nobody else.
PERSONAL_COLUMNS = frozenset({"buyer_id", "owner_id", "counterparty_id", "order_id", "payment_id", "review_id"})
# Who must be in the tables that came after the decision: everybody, and whoever is declined.
EXPECTED = {
    "seller_credit_record": "seller_features where as_of = $as_of",
    "adverse_actions": "loan_eligibility where as_of = $as_of and not is_eligible",
}


@dataclass(frozen=True)
class Run:
    """What all publications of one run share; ``waivers`` are by night."""

    run_id: str
    code_version: str
    published_at: datetime
    waivers: Mapping[date, tuple[str, ...]]


def export_night(
    settings: Settings, connection: duckdb.DuckDBPyConnection, as_of: date, run: Run, committed: list[Publication]
) -> Publication:
    """Keep one night's tables as Parquet; they count once the manifest names them.

    ``connection`` has the warehouse attached as ``warehouse``; ``committed`` is the manifest so far.

    Raises:
        TradelineError: the night is not built and decided by this run, or a table holds personal data.
    """
    policy_version, model_version = _decided_by(connection, as_of, run.run_id)
    for table, expected in EXPECTED.items():
        _check_recorded(connection, table, expected, as_of, run.run_id)
    return Publication(
        as_of=as_of,
        run_id=run.run_id,
        model_version=model_version,
        policy_version=policy_version,
        code_version=run.code_version,
        input_fingerprint=_input_fingerprint(connection, as_of),
        published_at=run.published_at,
        is_current=True,
        waivers=run.waivers[as_of],
        tables=tuple(_keep(settings, connection, table, as_of, run.run_id, committed) for table in TABLES),
    )


def _decided_by(connection: duckdb.DuckDBPyConnection, as_of: date, run_id: str) -> tuple[str, str | None]:
    """The policy and model version of the night's decision, which must be whole and this run's own."""
    query = """
        select
            count(*),
            (select count(*) from warehouse.marts.seller_features where as_of = $as_of),
            list(distinct run_id),
            list(distinct policy_version),
            coalesce(list(distinct model_version) filter (model_version is not null), [null])
        from warehouse.marts.loan_eligibility where as_of = $as_of
    """
    decided, sellers, *sources = connection.execute(query, {"as_of": as_of}).fetchall()[0]
    again = f"run `tradeline run --as-of {as_of}`"
    if not decided:
        raise TradelineError(f"the warehouse has no offers for {as_of}: {again}")
    if decided != sellers:
        raise TradelineError(f"{as_of}: {sellers:,} sellers have features but {decided:,} a decision: {again} again")
    runs, policies, models = sources
    if runs != [run_id] or len(policies) > 1 or len(models) > 1:
        raise TradelineError(
            f"the offers for {as_of} are not those of run {run_id} alone, but of runs {runs}, policies {policies} "
            f"and models {models}: {again} again"
        )
    return policies[0], models[0]


def _check_recorded(connection: duckdb.DuckDBPyConnection, table: str, expected: str, as_of: date, run_id: str) -> None:
    """Make sure that the run has added everyone whom a table must have that night."""
    query = f"""
        select count(*) from warehouse.marts.{expected} and seller_id not in (
            select seller_id from warehouse.marts.{table} where as_of = $as_of and run_id = $run_id
        )
    """
    again = f"run `tradeline run --as-of {as_of}` again"
    try:
        (missing,) = connection.execute(query, {"as_of": as_of, "run_id": run_id}).fetchall()[0]
    except duckdb.CatalogException as error:
        raise TradelineError(f"the night {as_of} was decided before there was a table {table}: {again}") from error
    if missing:
        raise TradelineError(f"{as_of}: run {run_id} left {missing:,} sellers out of {table}: {again}")


def _keep(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    table: str,
    as_of: date,
    run_id: str,
    committed: list[Publication],
) -> KeptTable:
    """Export one table of one night, the columns of its contract; the same rows give the same bytes."""
    found = connection.execute(f"describe warehouse.marts.{table}").fetchall()
    columns = [name for name, *_ in found]
    nested = {name for _, type_name, *_ in found for name in re.findall(r"\w+", type_name)}
    if personal := PERSONAL_COLUMNS & {*columns, *nested}:
        raise TradelineError(f"marts.{table} holds personal data ({', '.join(sorted(personal))}): take it out")
    aside = settings.published / ".aside" / f"{table}.parquet"
    own = f"and run_id = {literal(run_id)}" if "run_id" in columns else ""
    order = ", ".join(KEYS.get(table, ("seller_id",)))
    # The credit record keeps columns that its contract has no more.
    contract = {column["name"] for column in described(table)[0]["columns"]}
    names = ", ".join(identifier(name) for name in columns if name in contract)
    rows = f"select {names} from warehouse.marts.{table} where as_of = {literal(as_of)}::date {own} order by {order}"
    (row_count,) = connection.execute(
        f"copy ({rows}) to {literal(aside)} (format parquet, compression zstd)"
    ).fetchall()[0]
    digest = content_hash(aside)
    path = _path(table, as_of, run_id, digest, committed)
    put_file(aside, settings.published / path, is_read_only=True)
    return KeptTable(table, row_count, path.as_posix(), digest)


def _path(table: str, as_of: date, run_id: str, digest: str, committed: list[Publication]) -> Path:
    """Where to keep the file: never over one that the manifest names with other content, or a crash would tear it."""
    folder = Path(table) / f"as_of={as_of}"
    path = folder / f"{run_id}.parquet"
    hashes = {kept.path: kept.content_hash for publication in committed for kept in publication.tables}
    return path if hashes.get(path.as_posix(), digest) == digest else folder / f"{run_id}.{digest[:12]}.parquet"


def _input_fingerprint(connection: duckdb.DuckDBPyConnection, as_of: date) -> str:
    """SHA-256 over the fingerprints of all nights that had landed by ``as_of``."""
    nights = connection.execute(
        "select arrived_on, fingerprint from warehouse.raw.nights where arrived_on <= ? order by arrived_on", [as_of]
    ).fetchall()
    lines = "".join(f"{arrived_on} {fingerprint}\n" for arrived_on, fingerprint in nights)
    return hashlib.sha256(lines.encode()).hexdigest()
