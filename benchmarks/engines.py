"""The window features by the project's rings, by filters in DuckDB, by Polars and by Spark: same values, ratios.

All read the same Parquet and write Parquet, each in a process of its own with the same number of threads. Before any
figure is printed, every value of every engine is compared with the rings'.

    python -m benchmarks.engines --home .tradeline
    python -m benchmarks.engines --home .tradeline --copies 100 --engines rings filters
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.measure import measure
from benchmarks.window_engines import FEATURES, sql_type
from benchmarks.windows import MEASURES, WINDOWS, compiled_rings
from tradeline.database import connect
from tradeline.lock import warehouse_lock
from tradeline.settings import PROJECT, Settings
from tradeline.sql import literal

ROUNDS = 3
KEYS = ("seller_id", "as_of")
# Where the Makefile puts the other engines; only their own processes see them.
EXTRA = PROJECT / ".venv" / "bench"
NAMES = {
    "rings": "DuckDB, the project's rings",
    "filters": "DuckDB, one FILTER a window and measure",
    "polars": "Polars, streaming, conditional sums",
    "spark": "Spark local, the same FILTERs, warm",
}


@dataclass
class Figures:
    """What one engine took: seconds of each round, of its start (Spark's session), and peak memory in MB."""

    seconds: list[float] = field(default_factory=list)
    start_seconds: float = 0.0
    peak_mb: float = 0.0


def main() -> None:
    """Compare the engines on the partials of a built home."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True, help="a home whose marts are built")
    parser.add_argument("--copies", type=int, default=1, help="how often the partials are repeated, as other sellers'")
    parser.add_argument("--engines", nargs="+", choices=NAMES, default=list(NAMES), help="rings among them")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tradeline-engines-") as folder:
        compare(Settings(home=asked.home), Path(folder), asked.engines, asked.copies)


def compare(settings: Settings, folder: Path, engines: Sequence[str] = tuple(NAMES), copies: int = 1) -> None:
    """Print seconds, ratios and peak memory of those engines that can run here, the rings first.

    ``copies``: how often the home's partials are repeated under other sellers' names.

    Raises:
        SystemExit: an engine failed, or gave another value than the rings; the message shows the first such row.
    """
    rows, sellers = export_inputs(settings, folder, copies)
    (folder / "rings.sql").write_text(compiled_rings(settings))
    print(f"windows: {rows:,} seller-days of {sellers:,} sellers, {len(MEASURES)} measures, {len(WINDOWS)} windows")
    engines = [engine for engine in NAMES if engine in {"rings", *engines} and _can_run(engine)]
    figures = {engine: Figures() for engine in engines}
    for _ in range(ROUNDS):  # by turns, so that all meet the same machine
        for engine in engines:
            if engine != "spark":
                _run(settings, folder, engine, figures[engine], rounds=1)
    if "spark" in engines:
        _run(settings, folder, "spark", figures["spark"], rounds=ROUNDS)
    expected = read_result(folder / "rings.parquet")
    for engine in engines[1:]:
        if difference := first_difference(expected, read_result(folder / f"{engine}.parquet")):
            raise SystemExit(f"{engine} differs from rings: {difference}")
    _print(figures)


def export_inputs(settings: Settings, folder: Path, copies: int = 1) -> tuple[int, int]:
    """Write days.parquet and spine.parquet of the last night that is built, repeated; their row counts."""
    copied, seller = f"cross join range({copies}) as copies(copy)", "seller_id || '-' || copy as seller_id"
    measures = ", ".join(f"cast({name} as {sql_type(name)}) as {name}" for name in MEASURES)
    with warehouse_lock(settings), connect(settings, settings.warehouse, read_only=True) as connection:
        connection.execute("set preserve_insertion_order = false")
        days = _export(
            connection,
            f"select {seller}, event_on, arrived_on, {measures} from intermediate.int_order_days {copied}",
            folder / "days.parquet",
        )
        features = "marts.seller_features"
        newest = f"select {seller}, as_of from {features} {copied} where as_of = (select max(as_of) from {features})"
        return days, _export(connection, newest, folder / "spine.parquet")


def read_result(path: Path) -> pa.Table:
    """An engine's features in one order and in exact types."""
    types = {"seller_id": pa.string(), "as_of": pa.date32()}
    amounts = {name: pa.decimal128(18, 2) for name in FEATURES if sql_type(name) != "bigint"}
    schema = pa.schema([(name, (types | amounts).get(name, pa.int64())) for name in (*KEYS, *FEATURES)])
    table = pq.read_table(path, columns=schema.names).cast(schema)
    return table.sort_by([(key, "ascending") for key in KEYS]).combine_chunks()


def first_difference(expected: pa.Table, found: pa.Table) -> str | None:
    """The first row that differs, and in which columns; None where the tables are equal."""
    if expected.equals(found):
        return None
    common = min(len(expected), len(found))
    differing = {}
    for name in expected.column_names:
        first, second = expected[name][:common], found[name][:common]
        is_same = pc.or_(pc.fill_null(pc.equal(first, second), False), pc.and_(pc.is_null(first), pc.is_null(second)))
        differing[name] = pc.index(is_same, False).as_py()
    places = [place for place in differing.values() if place >= 0]
    if not places:
        return f"{len(found):,} rows instead of {len(expected):,}"
    row = min(places)
    columns = [*KEYS, *(name for name, place in differing.items() if place == row and name not in KEYS)]
    return f"{_shown(expected, row, columns)} became {_shown(found, row, columns)}"


def _shown(table: pa.Table, row: int, columns: list[str]) -> str:
    return ", ".join(f"{name} {table[name][row].as_py()}" for name in columns)


def _export(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    [(rows,)] = connection.execute(f"copy ({query}) to {literal(path)} (format parquet)").fetchall()
    if not rows:
        raise SystemExit("the home holds no order partials: land and run something first")
    return int(rows)


def _run(settings: Settings, folder: Path, engine: str, figures: Figures, rounds: int) -> None:
    command = [sys.executable, "-m", "benchmarks.window_engines", "--folder", str(folder), "--engine", engine]
    command += ["--rounds", str(rounds), "--threads", str(settings.threads), "--memory-limit", settings.memory_limit]
    threads = {"POLARS_MAX_THREADS": str(settings.threads), "PYSPARK_PYTHON": sys.executable}
    threads["PYTHONPATH"] = os.pathsep.join([str(EXTRA), os.environ.get("PYTHONPATH", "")])
    log = folder / f"{engine}.log"
    cost = measure(command + (["--warm-up"] if engine == "spark" else []), os.environ | threads, log)
    said = json.loads([line for line in log.read_text().splitlines() if line.startswith("{")][-1])
    figures.seconds += said["seconds"]
    figures.start_seconds = said["start_seconds"]
    figures.peak_mb = max(figures.peak_mb, cost.peak_mb)


def _print(figures: dict[str, Figures]) -> None:
    print(f"  {'engine, best of ' + str(ROUNDS):<42} {'seconds':>8} {'times ours':>11} {'peak MB':>8}")
    ours = min(figures["rings"].seconds)
    for engine, took in figures.items():
        best = min(took.seconds)
        print(f"  {NAMES[engine]:<42} {best:>8.2f} {best / ours:>11.1f} {took.peak_mb:>8,.0f}")
    print(f"  same values in all {len(figures)}: {len(FEATURES)} columns, to the last digit")
    if "spark" in figures:
        print(f"  Spark's session took {figures['spark'].start_seconds:.1f} s to start, which is not counted above")


def _can_run(engine: str) -> bool:
    reason = why_not_here(engine)
    if reason:
        print(f"  {NAMES[engine]}: left out, {reason}")
    return reason is None


def why_not_here(engine: str) -> str | None:
    """Why an engine cannot run on this machine; None where it can."""
    package = {"polars": "polars", "spark": "pyspark"}.get(engine)
    if package and not (EXTRA / package).is_dir():
        return f"{package} is not installed; `make bench SELLERS=N` installs it"
    return _why_no_java() if engine == "spark" else None


def _why_no_java() -> str | None:
    """Why Spark would find no Java that it can use; None where it does."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if java is None:
        where = f"in JAVA_HOME, {home}" if home else "on the PATH"
        return f"there is no Java {where}; it needs Java 17 (Debian: apt install openjdk-17-jre-headless)"
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    if not version or int(version[1]) < 17:
        return f"{java} is Java {version[1] if version else 'of an unknown version'}; it needs 17"
    return None


if __name__ == "__main__":
    main()
