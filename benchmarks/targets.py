"""Seconds in which a publication reaches a real database: a table of so many sellers and some 30 columns.

``python -m benchmarks.targets --sellers 100000`` starts PostgreSQL and MariaDB from the system's packages.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

from serving.publish import publish
from serving.targets.deliver import deliver
from tests import databases
from tests.serving.built import build_night
from tradeline.contracts.publications import read_publications
from tradeline.settings import Settings

TABLE = "seller_credit_record"
Server = Callable[[], AbstractContextManager[str]]
SERVERS: dict[str, tuple[Server, Callable[[str], str]]] = {
    "postgres": (databases.postgres, databases.postgres_database),
    "mysql": (databases.mariadb, databases.mariadb_database),
}


def main() -> None:
    """A line for each database and each of two nights; the first one also makes the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sellers", type=int, default=100_000)
    sellers = parser.parse_args().sellers
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        nights = [date(2026, 1, 1), date(2026, 1, 2)]
        for night in nights:
            build_night(settings, night, f"run-{night}", sellers=sellers)
            publish(settings, [night], f"run-{night}")
        rows = read_publications(settings)[0].table(TABLE).row_count
        print(f"{TABLE}, {rows:,} rows a night; seconds of the first night and of a night beside it")
        settings.targets.mkdir()
        for kind, (server, database) in SERVERS.items():
            with server() as address:
                print(f"{kind:<10} {_seconds(settings, kind, database(address), nights)}", flush=True)


def _seconds(settings: Settings, kind: str, url: str, nights: list[date]) -> str:
    told = f"kind: {kind}\nurl: {url}\ntables: [{TABLE}]\n"
    (settings.targets / f"{kind}.yml").write_text(told)
    taken = []
    for night in nights:
        started = time.perf_counter()
        deliver(settings, kind, night)
        taken.append(f"{time.perf_counter() - started:.1f}")
    return " ".join(taken)


if __name__ == "__main__":
    main()
