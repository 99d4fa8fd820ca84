"""How much AUC a naive join would have claimed: outcomes joined to features as they are today.

The same loans, outcomes, recipe and split twice: with each seller's features as of the decision day, and with those of
the newest night, when the outcome had long worked on them. The credit record holds the outcome itself, which somebody
may notice; so a third time everything but the credit record is of today.

    python -m benchmarks.naive_join --home .tradeline    # a home with a training set: after make demo, or kept
"""

import argparse
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.truth_markets import Extract, extract_home
from ml.evaluation.evaluate import Evaluation
from ml.train import train
from ml.training_set import training_sets
from tradeline.contracts.features import read_catalogue
from tradeline.database import Limits, connect, scalar
from tradeline.settings import Settings
from tradeline.sql import identifier, literal

LABEL = ("seller_id", "as_of", "matures_on", "label_kind", "is_default", "is_indeterminate", "is_early_payment_default")


@dataclass(frozen=True)
class Join:
    """One way of joining; ``of_today``: the features that are of the newest night."""

    title: str
    of_today: tuple[str, ...]


def joins() -> tuple[Join, ...]:
    """The honest join, and two that look ahead."""
    features = read_catalogue()
    honest = tuple(feature.name for feature in features if feature.family == "credit")
    return (
        Join("as of the decision day", ()),
        Join("as of today", tuple(feature.name for feature in features)),
        Join("as of today, the credit record alone not", tuple(f.name for f in features if f.name not in honest)),
    )


def write_joined(extract: Extract, of_today: tuple[str, ...], target: Path) -> date:
    """The extract's training set with some features as they are today; sellers who are not there today have none.

    The day by which all outcomes are known.
    """
    taken = ", ".join(f"today.{identifier(name)} as {identifier(name)}" for name in of_today)
    replaced = f"replace ({taken})" if taken else ""
    joined = (
        f"select decided.* {replaced} from read_parquet({literal(extract.training)}) as decided "
        f"left join read_parquet({literal(extract.today)}) as today on today.seller_id = decided.seller_id "
        "order by decided.as_of, decided.seller_id"
    )
    with connect(Limits(threads=2)) as connection:
        connection.execute(f"copy ({joined}) to {literal(target)} (format parquet)")
        last_on = scalar(connection, "select max(matures_on) from read_parquet(?)", [str(target)])
    return date.fromisoformat(str(last_on)[:10])


def judge_join(extract: Extract, join: Join, folder: Path) -> tuple[str, Evaluation]:
    """Train with one way of joining, in ``folder``; how the version is evaluated, and the evaluation."""
    target = folder / "joined.parquet"
    last_on = write_joined(extract, join.of_today, target)
    with TemporaryDirectory(dir=folder) as home:
        version = train(Settings(home=Path(home)), target, last_on, "naive_join")
    return version.judged_by, version.evaluation


def show(extract: Extract, folder: Path) -> None:
    """Print the AUC of each way of joining, with its 95% interval."""
    for join in joins():
        judged_by, evaluation = judge_join(extract, join, folder)
        auc, rows = evaluation.metrics["auc"], evaluation.rows
        print(f"  {join.title:<42} AUC {auc}, {rows:,} evaluation rows, {judged_by}", flush=True)


def main() -> None:
    """Compare on a home that is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True, help="a home with a training set and features")
    settings = Settings(home=parser.parse_args().home)
    exported = training_sets(settings.models / "training")
    if not exported:
        sys.exit(f"{settings.models / 'training'} holds no training set: make demo, or tradeline run, first")
    with TemporaryDirectory(prefix="tradeline-bench-") as folder:
        print("the same loans and recipe, with the sellers' features")
        show(extract_home(settings, exported[-1], Path(folder) / "extract"), Path(folder))


if __name__ == "__main__":
    main()
