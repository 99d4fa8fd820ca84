"""Which features are null without a raw table or an optional column: `python -m benchmarks.needs`.

The features of one simulated market are built with everything, and once more without each optional table and column;
those that then are null for every seller go to ``tradeline/contracts/needs.yml``, which `tradeline source check` reads.
"""

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import yaml

from cli.simulation import run_simulation
from ingest.admission import admission_file, admit
from ingest.landing import scan
from ingest.load import load
from ingest.plan import plan_nights
from tradeline import dbt
from tradeline.contracts.features import read_catalogue
from tradeline.contracts.needs import PATH
from tradeline.contracts.raw import TABLES
from tradeline.database import connect
from tradeline.progress import track
from tradeline.settings import Settings
from tradeline.sql import identifier, literal
from tradeline.surroundings import own_surroundings

SELLERS, DAYS = 150, 420
HEADER = (
    "# What each feature needs: without the raw table or column it is null for every seller.\n"
    "# Written by `python -m benchmarks.needs`; do not edit.\n"
)


def main() -> None:
    """Measure and write the file."""
    with tempfile.TemporaryDirectory() as folder:
        market = Settings(home=Path(folder) / "market")
        run_simulation(market, {"sellers": SELLERS, "days": DAYS})
        always = null_features(market)
        needs: dict[str, list[str]] = defaultdict(list)
        without = list(_left_out(market))
        for table, column in track(without, "building without", len(without)):
            poorer = Settings(home=Path(folder) / "poorer")
            shutil.rmtree(poorer.home, ignore_errors=True)
            _copy_without(market, poorer, table, column)
            for feature in null_features(poorer) - always:
                needs[feature].append(f"{table}.{column}" if column else table)
    order = [feature.name for feature in read_catalogue()]
    listed = {name: sorted(needs[name]) for name in order if name in needs}
    PATH.write_text(HEADER + yaml.safe_dump(listed, sort_keys=False, default_flow_style=None, width=118))
    print(f"{PATH.name}: {len(listed)} of {len(order)} features need something that is optional")


def null_features(settings: Settings) -> set[str]:
    """The features of the last landed night that are null for every seller."""
    night = max(scan(settings.landing).nights)
    with own_surroundings(settings.home):
        plan = plan_nights(settings, night)
        assert plan
        admit(settings, plan, "needs")
        load(settings, admission_file(settings, "needs"))
        nights = {"arrived_from": str(plan.arrived_from), "arrived_to": str(plan.arrived_to), "as_ofs": [str(night)]}
        dbt.build(settings, "needs", "seller_marts", nights, is_from_scratch=True)
    names = [feature.name for feature in read_catalogue()]
    with connect(settings, settings.warehouse, read_only=True) as connection:
        counts = ", ".join(f"count({identifier(name)})" for name in names)
        (found,) = connection.execute(f"select {counts} from marts.seller_features").fetchall()
    return {name for name, count in zip(names, found, strict=True) if not count}


def _left_out(market: Settings) -> Iterator[tuple[str, str | None]]:
    """Each table that a deployment may lack, and each optional column that the market has."""
    for table in TABLES:
        files = [file.path for file in scan(market.landing).files if file.table == table.name]
        if not files:
            continue
        there = {name for name, *_ in duckdb_columns(files[0])}
        if table.name != "sellers":
            yield table.name, None
        yield from ((table.name, each.name) for each in table.columns if not each.is_required and each.name in there)


def duckdb_columns(path: Path) -> list[tuple[str, str]]:
    """Names and types of a Parquet file's columns."""
    with connect(Settings()) as connection:
        described = connection.execute(f"describe from read_parquet({literal(path)})").fetchall()
    return [(name, kind) for name, kind, *_ in described]


def _copy_without(market: Settings, poorer: Settings, table: str, column: str | None) -> None:
    """Copy landing without a table or without a column of it."""
    with connect(Settings()) as connection:
        for file in scan(market.landing).files:
            target = poorer.landing / file.source
            if file.table == table and column is None:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            if file.table == table:
                landed = f"read_parquet({literal(file.path)}, hive_partitioning = false)"
                rows = f"select * exclude ({identifier(column or '')}) from {landed}"
                connection.execute(f"copy ({rows}) to {literal(target)} (format parquet)")
            else:
                target.hardlink_to(file.path)


if __name__ == "__main__":
    main()
