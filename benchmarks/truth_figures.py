"""The figures of one market, and tables of several: a line each, then their mean and spread."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from benchmarks.truth_traits import expected_auc
from ml.config import load_config
from ml.numbers.bootstrap import Floats, Ranking
from ml.numbers.metrics import Metrics
from ml.registry.version import ModelVersion

# Columns of pds in the evaluation rows, in the order in which they are shown.
COMPARED = ("served", "scorecard", "pooled", "true_pd")


def figures(rows: pd.DataFrame) -> dict[str, float]:
    """Figures of one market's evaluation rows: is_default and the columns of pds.

    Per column of pds ``auc.<name>`` on the outcomes and ``expected.<name>`` on the true pd; of the served model
    ``ece``, ``of_truth`` (mean pd over mean true pd) and ``of_outcomes`` (over the rate of default).
    """
    is_bad = rows["is_default"].to_numpy(bool)
    pds = {name: rows[name].to_numpy(np.float64) for name in COMPARED}
    served = pds["served"]
    evaluated = Metrics(is_bad, served, load_config().evaluation.bins)(np.ones(len(rows)))
    return {
        **{f"auc.{name}": _auc(is_bad, risk) for name, risk in pds.items()},
        **{f"expected.{name}": expected_auc(pds["true_pd"], risk) for name, risk in pds.items()},
        "ece": evaluated["ece"],
        "of_truth": float(served.mean() / pds["true_pd"].mean()),
        "of_outcomes": evaluated["pd_ratio"],
    }


def summary(by_seed: pd.DataFrame) -> pd.DataFrame:
    """Two rows for all seeds, ``mean`` and ``spread``, the standard deviation over seeds; columns as in ``by_seed``."""
    return pd.DataFrame({"mean": by_seed.mean(), "spread": by_seed.std()}).T


def matched(rows: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Both frames' columns for each of the ``rows``, which are loans: (seller_id, as_of).

    Raises:
        SystemExit: the others lack one of the loans.
    """
    found = rows.merge(others, on=["seller_id", "as_of"], validate="one_to_one")
    if len(found) < len(rows):
        raise SystemExit(
            f"{len(rows) - len(found):,} of {len(rows):,} evaluation loans are missing: more sellers are needed"
        )
    return found


def show_figures(markets: Mapping[int, tuple[ModelVersion, pd.DataFrame]], pooled: ModelVersion) -> None:
    """Print training and evaluation rows, the AUCs of each ranking, and the calibration of the served model.

    ``markets``: by seed, the served version and its evaluation rows, as ``figures`` takes them.
    """
    print(f"\n  seed {'trained on':>16} {'out of time':>16}  served by")
    for seed, (version, rows) in markets.items():
        fitted = version.split.fitted
        learned, evaluated = (f"{n:,} ({bad:,})" for n, bad in ((fitted.rows, fitted.bad_rows), _rows_and_bad(rows)))
        print(f"  {seed:>4} {learned:>16} {evaluated:>16}  {version.algorithm}")
    fitted = pooled.split.fitted
    print(f"  pool {f'{fitted.rows:,} ({fitted.bad_rows:,})':>16} {'':>16}  {pooled.algorithm}    loans (bad ones)")
    by_seed = pd.DataFrame({seed: figures(rows) for seed, (_, rows) in markets.items()}).T
    _show_aucs(by_seed, "auc", "AUC out of time, by what became of the loans")
    _show_aucs(
        by_seed, "expected", "the same rankings' expected AUC, from the true pd: without the luck of single outcomes"
    )
    print(
        f"\ncalibration out of time of the served model\n  seed {'ECE':>8} {'pd / true pd':>14} {'pd / bad rate':>14}"
    )
    for name, row in pd.concat([by_seed, summary(by_seed)]).iterrows():
        print(f"  {name!s:<6}{row['ece']:>7.3f} {row['of_truth']:>14.3f} {row['of_outcomes']:>14.3f}")


def _show_aucs(by_seed: pd.DataFrame, kind: str, title: str) -> None:
    aucs = by_seed[[f"{kind}.{name}" for name in COMPARED]].set_axis(COMPARED, axis=1)
    aucs["behind"] = aucs["pooled"] - aucs["served"]
    print(f"\n{title}")
    print(f"  seed {'served':>8} {'scorecard':>10} {'pool':>8} {'true pd':>8} {'pool - served':>14}")
    for name, row in pd.concat([aucs, summary(aucs)]).iterrows():
        served, scorecard, pooled, true_pd, behind = row
        print(f"  {name!s:<6}{served:>7.3f} {scorecard:>10.3f} {pooled:>8.3f} {true_pd:>8.3f} {behind:>14.3f}")


def _rows_and_bad(rows: pd.DataFrame) -> tuple[int, int]:
    return len(rows), int(rows["is_default"].sum())


def _auc(is_bad: np.ndarray, risk: Floats) -> float:
    return Ranking(is_bad, risk).auc_and_ks(np.ones(len(risk)))[0]
