"""One publication of a night: seconds and peak memory.

python -m benchmarks.publication --sellers 3000
"""

import argparse
import multiprocessing
import resource
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from serving.publish import publish
from serving.query import query
from tests.serving.built import build_night
from tradeline.settings import Settings

NIGHT = date(2018, 8, 31)


def main() -> None:
    """Publish made-up marts in a home that is thrown away, and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sellers", type=int, default=3000)
    sellers = parser.parse_args().sellers
    with TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        # In a process of its own, so that its memory does not count.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            pool.apply(build_night, (settings, NIGHT, "benchmark"), {"sellers": sellers})
        started = time.perf_counter()
        publish(settings, [NIGHT], "benchmark")
        seconds = time.perf_counter() - started
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        columns = len(query(settings, "describe seller_features").rows)
        published_mb = sum(path.stat().st_size for path in settings.published.rglob("*") if path.is_file()) / 2**20
    print(f"publication, {sellers:,} sellers, {columns} columns in seller_features")
    print(f"  seconds      {seconds:.2f}")
    print(f"  peak memory  {peak_mb:,.0f} MB")
    print(f"  on disk      {published_mb:,.1f} MB")


if __name__ == "__main__":
    main()
