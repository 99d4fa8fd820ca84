"""One tool in a process of its own: `python -m benchmarks.alternatives.tools --tool polars ...`."""

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path

from benchmarks.alternatives.core import Task

NAMES = {
    "tradeline": "Tradeline, the night's rows and partials",
    "floor": "the floor, the partials added up once",
    "duckdb": "DuckDB, one FILTER a window and measure",
    "polars": "Polars, streaming",
    "pandas": "pandas",
    "spark": "Spark local",
}


def tool_of(name: str) -> Callable[[Task], None]:
    """What writes the features of a task; only its own libraries are imported."""
    if name in ("tradeline", "floor"):
        from benchmarks.alternatives import with_tradeline

        return with_tradeline.run if name == "tradeline" else with_tradeline.run_floor
    if name == "duckdb":
        from benchmarks.alternatives import with_duckdb

        return with_duckdb.run
    if name == "polars":
        from benchmarks.alternatives import with_polars

        return with_polars.run
    if name == "pandas":
        from benchmarks.alternatives import with_pandas

        return with_pandas.run
    from benchmarks.alternatives import with_spark

    return with_spark.run


def main() -> None:
    """Run one tool once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", choices=NAMES, required=True)
    parser.add_argument("--landing", type=Path, required=True)
    parser.add_argument("--as-of", type=date.fromisoformat, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--memory-limit", required=True)
    asked = parser.parse_args()
    tool_of(asked.tool)(Task(asked.landing, asked.as_of, asked.folder, asked.threads, asked.memory_limit))


if __name__ == "__main__":
    main()
