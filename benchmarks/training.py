"""Training on one exported training set: seconds, peak memory and the out-of-time metrics.

python -m benchmarks.training --training-set .tradeline/models/training/RUN.parquet
"""

import argparse
import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from ml.learning.booster import BoosterRecipe, Trees
from ml.train import train
from tradeline.settings import Settings


def main() -> None:
    """Train once in a home that is thrown away, and print what it cost and gave."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--training-set", type=Path, required=True, help="Parquet that the training_set step exported")
    path = parser.parse_args().training_set
    found = duckdb.execute("select max(matures_on) from read_parquet(?)", [str(path)]).fetchone()
    if not found or found[0] is None:
        parser.exit(1, f"{path} has no rows\n")
    with TemporaryDirectory() as home:
        started = time.monotonic()
        version = train(Settings(home=Path(home)), path, found[0], "benchmark")
        seconds = time.monotonic() - started
    judged = version.evaluation
    print(
        f"training, {version.split.fitted.rows:,} rows to learn from, {len(version.features)} features, "
        f"{version.part(Trees.section, BoosterRecipe).rounds} trees, {version.algorithm} serves"
    )
    print(f"  seconds      {seconds:.1f}")
    print(f"  peak memory  {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
    print(f"  judged       {version.judged_by}, {judged.rows:,} rows")
    print(f"  base rate    {judged.base_rate:.1%}, label {version.label_kind}")
    for name, contender in version.contenders.items():
        print(f"  AUC          {contender.evaluation.metrics['auc']} (95% interval), {name}")
    for baseline, metrics in judged.baselines.items():
        print(f"  {baseline:<20} AUC {metrics['auc']}, the model gains {judged.auc_gains[baseline]}")


if __name__ == "__main__":
    main()
