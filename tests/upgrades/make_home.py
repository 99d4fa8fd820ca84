"""Makes a small home: ``python -m tests.upgrades.make_home ARCHIVE`` in a checkout of the release that is to make it.

``home_750b1fe.tar.xz`` was made so at commit 750b1fe: a market of 24 sellers, landed but for its last four nights, with
the last landed night built, a model trained and the night published. What a run makes again is left out: dbt's files,
the features behind the mart, reports, the model's card.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from datetime import date, timedelta
from pathlib import Path

import duckdb

from tests.markets import ALL_TABLES, FIRST_ON, LAST_ON, MARKET

SELLERS = 24
KEPT_ORDERS = 8  # one in so many
HELD_BACK = 4  # nights
LEFT_OUT = (
    *("reports", "runs", "airflow", "cache", "models/training"),
    *("warehouse/dbt", "warehouse/dbt_manifests", "warehouse/admission"),
)


def write_market(folder: Path, first_on: date, last_on: date) -> None:
    """Write the nights of ``first_on`` to ``last_on`` as CSV files in the raw contract's layout."""
    with duckdb.connect() as connection:
        days = (LAST_ON - FIRST_ON).days
        connection.execute(MARKET.format(first_on=FIRST_ON, last_on=LAST_ON, sellers=SELLERS, days=days))
        for table in ("orders", "payments", "refunds", "reviews"):
            connection.execute(f"delete from {table} where hash(order_id) % {KEPT_ORDERS} > 0")
        for table in ALL_TABLES:
            (folder / table).mkdir(parents=True)
            connection.execute(
                f"copy (from {table} where arrived_on between '{first_on}' and '{last_on}' order by all) "
                f"to '{folder / table}' (format csv, partition_by (arrived_on), overwrite_or_ignore)"
            )


def make_home(home: Path, market: Path) -> None:
    """Land the market and let the command line build and publish its last night."""
    last_on = LAST_ON - timedelta(days=HELD_BACK)
    write_market(market, FIRST_ON, last_on)
    _run(home, "land", "files", str(market))
    _run(home, "run", "--as-of", str(last_on))


def shrink(home: Path) -> None:
    """Leave out what a run makes again."""
    for name in LEFT_OUT:
        shutil.rmtree(home / name, ignore_errors=True)
    for card in home.glob("models/*/card.*"):
        card.unlink()
    warehouse = home / "warehouse" / "tradeline.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("drop schema features cascade")
        connection.execute("drop schema training cascade")
    with duckdb.connect() as connection:
        # A file of its own, because DuckDB does not give back the room of what was dropped.
        connection.execute(f"attach '{warehouse}' as old (read_only)")
        connection.execute(f"attach '{warehouse}.new' as new")
        connection.execute("copy from database old to new")
    warehouse.with_name(f"{warehouse.name}.new").replace(warehouse)


def _run(home: Path, *arguments: str) -> None:
    environment = os.environ | {"TRADELINE_HOME": str(home)}
    subprocess.run([sys.executable, "-m", "cli", *arguments], env=environment, check=True)


def main(archive: Path) -> None:
    """Make the home and pack it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        make_home(home, Path(folder) / "market")
        shrink(home)
        with tarfile.open(archive, "w:xz", preset=9) as packed:
            packed.add(home, "home")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
