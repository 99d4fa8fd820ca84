"""Replay: a past night decided again from what its publication kept, and compared to the bit."""

import logging
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from serving.marts import described
from serving.versions import DBT_PROJECT, code_version, verified_policy
from tradeline.checked import yaml_of
from tradeline.contracts.publications import KEYS, Publication, attach, find_publication, verified
from tradeline.database import connect
from tradeline.dbt import run_dbt
from tradeline.settings import Settings
from tradeline.sql import identifier, literal

log = logging.getLogger(__name__)

# Made again, from the kept features, the recorded model and the kept policy.
REPLAYED = ("credit_scores", "loan_eligibility", "adverse_actions")
# The credit record repeats what was decided, beside loans from raw tables; a publication keeps no raw tables.
NOT_REPLAYED = ("credit_record_loans", "seller_credit_record")
# Left out for a publication from before them, whose policy has no reasons.yml.
ADVERSE = ("adverse_causes", "adverse_actions")
DIFFERENCES_KEPT = 20


@dataclass(frozen=True)
class ReplayDifference:
    """One value that came out differently; a column that changed its type has no ``seller_id``."""

    table_name: str
    seller_id: str | None
    column_name: str
    published: str | None
    replayed: str | None


@dataclass(frozen=True)
class ReplayReport:
    """What a replay found; ``differences`` holds the first of ``difference_count``."""

    publication: Publication
    code_version: str
    difference_count: int
    differences: tuple[ReplayDifference, ...]

    @property
    def is_equal(self) -> bool:
        """Whether every row and column came out as published."""
        return self.difference_count == 0

    @property
    def verdict(self) -> str:
        """The outcome in a sentence."""
        published = self.publication
        what = f"{published.as_of} of run {published.run_id}"
        if self.is_equal:
            return f"{what}: {published.table('loan_eligibility').row_count:,} decisions came out the same"
        code = "" if self.code_version == published.code_version else f"; the code was {published.code_version} then"
        return f"{what}: {self.difference_count:,} values differ{code}"


def replay(settings: Settings, as_of: date, run_id: str | None = None) -> ReplayReport:
    """Decide a published night again (by default its current publication) and compare with what was published.

    The same steps run in a home of their own, with the kept features, the recorded model and the kept policy, so
    that the warehouse is neither needed nor touched. The code is today's: where it differs from the publication's
    ``code_version``, so may the outcome.

    Raises:
        TradelineError: there is no such publication, or a kept file, the model or the policy is not what it was.
    """
    publication = find_publication(settings, as_of, run_id)
    kept = {table.table_name: verified(settings, table) for table in publication.tables}
    policy = verified_policy(settings, publication.policy_version)
    with tempfile.TemporaryDirectory(prefix="tradeline-replay-") as folder:
        scratch = settings.model_copy(update={"home": Path(folder), "engine": "duckdb"})  # of one night, on any engine
        _preload(scratch, kept["seller_features"], policy)
        _decide(settings, scratch, publication, policy)
        with connect(settings, spill=Path(folder)) as connection:
            attach(connection, scratch.warehouse, "warehouse")
            replayed = [table for table in REPLAYED if table in kept]
            found = [each for table in replayed for each in _differences(connection, table, kept[table])]
    report = ReplayReport(publication, code_version(), len(found), tuple(found[:DIFFERENCES_KEPT]))
    log.info("replay of %s", report.verdict)
    return report


def _preload(scratch: Settings, features: Path, policy: Path) -> None:
    """Put the kept features and policy where dbt's models look for them."""
    scratch.warehouse.parent.mkdir(parents=True)
    seeds = yaml_of(DBT_PROJECT / "seeds" / "_seeds.yml")["seeds"]
    types = {seed["name"]: seed["config"]["column_types"] for seed in seeds}
    with connect(scratch, scratch.warehouse) as warehouse:
        warehouse.execute("create schema marts; create schema policy")
        warehouse.execute(
            f"create table marts.seller_features as from read_parquet({literal(features)}, hive_partitioning = false)"
        )
        # Features that came later are unknown of that night.
        for column in described("seller_features")[0]["columns"]:
            added = f"add column if not exists {identifier(column['name'])} {column['data_type']}"
            warehouse.execute(f"alter table marts.seller_features {added}")
        for seed, columns in types.items():
            path = literal(policy / f"{seed}.csv")
            warehouse.execute(
                f"create table policy.{seed} as from read_csv({path}, header = true, types = {_struct(columns)})"
            )


def _struct(values: dict[str, str]) -> str:
    """A DuckDB struct literal."""
    return "{" + ", ".join(f"{literal(name)}: {literal(value)}" for name, value in values.items()) + "}"


def _decide(settings: Settings, scratch: Settings, publication: Publication, policy: Path) -> None:
    """Score and decide in the scratch home, with the recorded model, under the names of the recorded run."""
    from ml.score import score

    if publication.model_version is not None:
        _serve(settings, scratch, publication.model_version)
    score(scratch, [publication.as_of], publication.run_id)
    has_adverse_actions = "adverse_actions" in {table.table_name for table in publication.tables}
    left_out = NOT_REPLAYED if has_adverse_actions else NOT_REPLAYED + ADVERSE
    selection = ["--select", "credit_scores", "path:models/decisions", "--exclude", *left_out]
    run_dbt(scratch, publication.run_id, ["run", *selection], {"as_ofs": [publication.as_of.isoformat()]}, policy)


def _serve(settings: Settings, scratch: Settings, model_version: str) -> None:
    """Let the recorded model serve the scratch home, whichever serves today."""
    from ml.registry import store as registry
    from ml.registry.champion import append_champion

    scratch.models.mkdir()
    (scratch.models / model_version).symlink_to(settings.models / model_version)
    append_champion(scratch, registry.describe(scratch, model_version), datetime.now(UTC))


def _differences(connection: duckdb.DuckDBPyConnection, table: str, kept: Path) -> Iterator[ReplayDifference]:
    """Every value of the kept table that is not the replayed one's; columns that came later were not published."""
    published, replayed = f"read_parquet({literal(kept)}, hive_partitioning = false)", f"warehouse.marts.{table}"
    before, after = _types(connection, published), _types(connection, replayed)
    using = ", ".join(KEYS.get(table, ("seller_id",)))
    for column in before:
        if before[column] != after.get(column):
            yield ReplayDifference(table, None, column, before[column], after.get(column))
            continue
        rows = connection.execute(
            f"""
            select seller_id, p."{column}"::varchar, r."{column}"::varchar
            from {published} as p full join {replayed} as r using ({using})
            where p."{column}" is distinct from r."{column}"
            order by {using}
            """
        )
        for seller_id, value, again in rows.fetchall():
            yield ReplayDifference(table, seller_id, column, value, again)


def _types(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    return {name: type_name for name, type_name, *_ in connection.execute(f"describe from {relation}").fetchall()}
