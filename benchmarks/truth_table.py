"""The comparison as tables, a line per market, then their mean and spread."""

from collections.abc import Mapping

import pandas as pd

from benchmarks.truth_figures import COMPARED, figures, summary
from ml.registry.version import ModelVersion


def show_figures(markets: Mapping[int, tuple[ModelVersion, pd.DataFrame]], pooled: ModelVersion) -> None:
    """Print what was learned from and judged, the AUCs of each ranking, and the calibration of the served model.

    ``markets``: by seed, the served version and its judged rows, as ``truth_figures.figures`` takes them.
    """
    print(f"\n  seed {'learned from':>16} {'out of time':>16}  served by")
    for seed, (version, rows) in markets.items():
        fitted = version.split.fitted
        learned, judged = (f"{n:,} ({bad:,})" for n, bad in ((fitted.rows, fitted.bad_rows), _counts(rows)))
        print(f"  {seed:>4} {learned:>16} {judged:>16}  {version.algorithm}")
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


def _counts(rows: pd.DataFrame) -> tuple[int, int]:
    return len(rows), int(rows["is_default"].sum())
