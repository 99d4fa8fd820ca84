"""A night of a million sellers scored: without reasons, with reasons where they are owed, with reasons for all.

The night is a home's newest one, its sellers copied until there are enough; the champion and, to compare with, the
other contender of the same version score it as a run does: read from DuckDB, encoded, scored, written back, drift
recorded. Each way runs in a process of its own.

    python -m benchmarks.scoring --home PATH --sellers 1000000
"""

import argparse
import multiprocessing
import resource
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from ml.learning.booster import BoosterRecipe, Trees
from ml.registry import store as registry
from ml.registry.champion import append_champion, serving_model
from ml.registry.version import ModelVersion, name_version
from ml.score import score
from tradeline.database import connect
from tradeline.settings import Settings
from tradeline.sql import literal

WAYS: dict[str, dict[str, float]] = {
    "without reasons": {"all_rows_up_to": 0, "from_pd": 1.0},
    "reasons where they are owed": {"all_rows_up_to": 0},
    "reasons for everyone": {"all_rows_up_to": 10**9},
}


def main() -> None:
    """Measure all ways on a home that has a champion."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--sellers", type=int, default=1_000_000)
    asked = parser.parse_args()
    compare(Settings(home=asked.home), asked.sellers)


def compare(settings: Settings, sellers: int) -> None:
    """Print a line for each algorithm and way: seconds, peak memory, how many sellers were explained."""
    champion = serving_model(settings, date.max)
    if champion is None:
        print("scoring: no model serves in this home, nothing to measure")
        return
    rounds = champion.part(Trees.section, BoosterRecipe).rounds
    print(f"scoring {sellers:,} sellers, {len(champion.features)} features, {rounds} trees")
    print(f"{'':<44} {'seconds':>8} {'peak MB':>8} {'explained':>10}")
    with TemporaryDirectory(prefix="tradeline-bench-", dir=settings.home) as folder:
        scratch = Settings(home=Path(folder))
        as_of = _enlarge(settings, scratch, sellers)
        names = ("judged.parquet", *registry.algorithm_files(champion))
        for title, version in _versions(champion):
            files = {name: registry.read_file(settings, champion, name) for name in names}
            registry.save(scratch, version, files)
            append_champion(scratch, version, datetime.now(UTC))
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                seconds, peak_mb = pool.apply(_measured, (scratch, as_of))
            print(f"{title:<44} {seconds:>8.1f} {peak_mb:>8,.0f} {_explained(scratch):>10,}", flush=True)


def _enlarge(settings: Settings, scratch: Settings, sellers: int) -> date:
    """The newest night of a home's mart in another's, with copies of its sellers until there are ``sellers``."""
    scratch.warehouse.parent.mkdir(parents=True)
    with connect(scratch, scratch.warehouse) as connection:
        connection.execute(f"attach {literal(settings.warehouse)} as home (read_only); create schema marts")
        [(as_of, rows)] = connection.execute(
            "select as_of, count(*) from home.marts.seller_features group by as_of order by as_of desc limit 1"
        ).fetchall()
        connection.execute(
            "create table marts.seller_features as "
            "select night.* replace (copies.range || '-' || night.seller_id as seller_id) "
            "from home.marts.seller_features as night cross join range(?) as copies where night.as_of = ? limit ?",
            [-(-sellers // rows), as_of, sellers],
        )
    return date.fromisoformat(str(as_of))


def _versions(champion: ModelVersion) -> Iterator[tuple[str, ModelVersion]]:
    for algorithm in sorted(champion.contenders, key=lambda name: name != champion.algorithm):
        for title, change in WAYS.items():
            reasons = champion.reasons.model_copy(update=change)
            version = champion.model_copy(update={"algorithm": algorithm, "reasons": reasons, "run_id": "benchmark"})
            name = name_version(version.model_dump(mode="json"))
            yield f"{algorithm}, {title}", version.model_copy(update={"model_version": name})


def _measured(settings: Settings, as_of: date) -> tuple[float, float]:
    started = time.perf_counter()
    score(settings, [as_of], "benchmark")
    return time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _explained(settings: Settings) -> int:
    with connect(settings, settings.warehouse, read_only=True) as connection:
        [(count,)] = connection.execute("select count(*) from ml.scores where len(reasons) > 0").fetchall()
    return int(count)


if __name__ == "__main__":
    main()
