"""Seconds in which a home's latest night reaches a real database: ``python -m benchmarks.targets --home H``.

PostgreSQL and MariaDB are started from the system's packages and thrown away; nothing in the home changes. The seconds
of the processor are this program's, without the server's.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks import servers
from serving.targets.deliver import deliver
from tradeline.contracts.publications import Publication, latest_publication, read_publications
from tradeline.errors import BadInput
from tradeline.settings import Settings

TABLE = "seller_credit_record"
Server = Callable[[], AbstractContextManager[str]]
SERVERS: dict[str, tuple[Server, Callable[[str], str]]] = {
    "postgres": (servers.postgres, servers.postgres_database),
    "mysql": (servers.mariadb, servers.mariadb_database),
}


def main() -> None:
    """A line for each database: the first delivery, which makes the table, and the same night again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    home = Settings(home=parser.parse_args().home)
    latest = latest_publication(read_publications(home))
    if latest is None:
        raise BadInput(f"nothing is published in {home.home}: give the home of `make bench SELLERS=N KEEP=PATH`")
    print(f"{TABLE}, {latest.table(TABLE).row_count:,} rows: first delivery, the same again; seconds (of processor)")
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        settings.published.symlink_to(home.published)
        settings.targets.mkdir()
        for kind, (server, database) in SERVERS.items():
            with server() as address:
                print(f"{kind:<10} {_seconds(settings, kind, database(address), latest)}", flush=True)


def _seconds(settings: Settings, kind: str, url: str, latest: Publication) -> str:
    told = f"kind: {kind}\nurl: {url}\ntables: [{TABLE}]\nhistory: false\n"
    (settings.targets / f"{kind}.yml").write_text(told)
    taken = []
    for _ in range(2):
        started, spent = time.perf_counter(), time.process_time()
        deliver(settings, kind, latest.as_of)
        taken.append(f"{time.perf_counter() - started:.1f} ({time.process_time() - spent:.2f})")
    return ", ".join(taken)


if __name__ == "__main__":
    main()
